"""The committed code tables beside PNCP's own: what differs, and how the files are brought up to date."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from baliza.errors import BalizaError, MixedSourcesError
from baliza.pncp.client import Client, Question, RequestFailedError
from baliza.pncp.job import Server
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Progress, Silent
from baliza.warehouse.page import PageReader
from baliza.warehouse.raw_table import Field, RawTable
from dataflows import code_tables

INSTALLED = Path(code_tables.__file__).with_name("domains")
"""The folder of the committed tables, in the source that runs."""

Verdict = Literal["equal", "different", "unanswered", "not checkable"]
Kind = Literal["new", "gone", "label", "status"]

_API = "/api/pncp"
_COLUMNS = ("codigo", "rotulo", "ativo")
_ATTEMPTS = 4
"""Someone waits for the answer, and a dozen small tables are not worth insisting on."""

_ROW = RawTable(
    name="domain",
    key=("id",),
    fields=(Field("id", "VARCHAR"), Field("nome", "VARCHAR"), Field("statusAtivo", "BOOLEAN")),
)


@dataclass(frozen=True)
class Code:
    """What a table says of one code; `active` is None where PNCP does not say."""

    label: str
    active: bool | None


Codes = Mapping[str, Code]


@dataclass(frozen=True)
class Difference:
    """A code of which the file and PNCP do not say the same; None on the side that has it not."""

    kind: Kind
    code: str
    here: Code | None
    at_pncp: Code | None


@dataclass(frozen=True)
class Comparison:
    """One committed table beside PNCP's.

    Attributes:
        path: where PNCP serves it; None where it does not.
        codes: how many the file has.
        reason: why PNCP's answer is not known.
    """

    table: str
    path: str | None
    verdict: Verdict
    codes: int
    differences: list[Difference] = field(default_factory=list)
    reason: str | None = None


@dataclass(frozen=True)
class Check:
    """Every committed table beside PNCP's.

    Attributes:
        source: "pncp", or "simulator" when the answers say so.
        tables: in order of name.
    """

    source: str
    tables: list[Comparison]

    def of(self, verdict: Verdict) -> list[Comparison]:
        """The tables of which this was found."""
        return [table for table in self.tables if table.verdict == verdict]


class UnansweredError(Exception):
    """Raised when PNCP gave no usable answer about a table; `ends_all` when it will give none at all."""

    def __init__(self, reason: str, *, ends_all: bool = False) -> None:
        super().__init__(reason)
        self.ends_all = ends_all


def check(server: Server, folder: Path = INSTALLED, progress: Progress | None = None) -> Check:
    """Ask PNCP for every table it serves, one at a time, and compare.

    Args:
        server: whom to ask.
        folder: of the CSV files.
        progress: told of each table asked for, and of each wait.
    """
    return asyncio.run(_check(server, folder, progress or Silent()))


async def _check(server: Server, folder: Path, progress: Progress) -> Check:
    tables: list[Comparison] = []
    over: UnansweredError | None = None
    requests = len(code_tables.API_PATHS)
    progress.planned(requests=requests, seconds=requests / server.max_rps if server.max_rps else 0)
    async with _client(server, progress) as client:
        for name in code_tables.committed():
            here, path = read(folder, name), code_tables.API_PATHS.get(name)
            if path is None:
                tables.append(Comparison(name, None, "not checkable", len(here)))
                continue
            try:
                if over is not None:
                    raise over
                there = await _ask(client, f"{_API}{path}", here)
                progress.page(records=len(there), rate=server.max_rps)
            except UnansweredError as error:
                over = error if error.ends_all else None
                tables.append(Comparison(name, path, "unanswered", len(here), reason=str(error)))
                continue
            differences = compare(here, there)
            verdict = "different" if differences else "equal"
            tables.append(Comparison(name, path, verdict, len(here), differences))
        return Check(client.source, tables)


def _client(server: Server, progress: Progress) -> Client:
    return Client(
        server.url,
        pace=Pace(max_rps=server.max_rps, max_in_flight=1),
        first_request_id=1,
        progress=progress,
        transport=server.transport,
    )


async def _ask(client: Client, path: str, here: Codes) -> dict[str, Code]:
    """PNCP's rows of a table.

    Raises:
        UnansweredError.
    """
    there = await _rows(client, path, {})
    if not there:
        raise UnansweredError("PNCP answered without a single code")
    if set(here) - set(there):
        # No manual says whether the plain listing holds the inactive ones, and those are not gone.
        there = await _rows(client, path, {"statusAtivo": "false"}) | there
    return there


async def _rows(client: Client, path: str, params: Mapping[str, str]) -> dict[str, Code]:
    reader = PageReader(_ROW, day_field=None, shape="array")
    question = Question("domains", path, params, reader, attempts=_ATTEMPTS)
    try:
        answer = await client.page(question, evidence=[])
    except RequestFailedError as error:
        raise UnansweredError(error.reason, ends_all=error.kind in {"unreachable", "down"}) from error
    if answer.page is None:
        return {}
    unreadable = [defect.reason for defect in answer.page.defects]
    unreadable += [f"{row.id} has no nome" for row in answer.page.records if not (row.nome or "").strip()]
    if unreadable:
        raise UnansweredError(f"a row cannot be read: {unreadable[0]}")
    # Names come padded ("Lei 14.133/2021, Art. 28, II ").
    return {str(row.id): Code(row.nome.strip(), row.statusAtivo) for row in answer.page.records}


def compare(here: Codes, there: Codes) -> list[Difference]:
    """What differs, in the order of the codes.

    A code that PNCP no longer lists and that is inactive here is no difference: that is how it is kept.
    """
    found = []
    for code in in_order({*here, *there}):
        ours, theirs = here.get(code), there.get(code)
        kinds: list[Kind] = []
        if ours is None:
            kinds = ["new"]
        elif theirs is None:
            kinds = ["gone"] if ours.active else []
        else:
            if ours.label.split() != theirs.label.split():
                kinds.append("label")
            if theirs.active is not None and ours.active != theirs.active:
                kinds.append("status")
        found += [Difference(kind, code, ours, theirs) for kind in kinds]
    return found


def updated(here: Codes, differences: Iterable[Difference]) -> dict[str, Code]:
    """The table as PNCP has it, with the codes it no longer lists marked inactive: old records use them."""
    codes = dict(here)
    for one in differences:
        known = codes.get(one.code)
        if one.at_pncp is None:
            codes[one.code] = Code(known.label if known else "", active=False)
        elif known is None:
            codes[one.code] = replace(one.at_pncp, active=one.at_pncp.active is not False)
        elif one.kind == "label":
            codes[one.code] = replace(known, label=one.at_pncp.label)
        else:
            codes[one.code] = replace(known, active=one.at_pncp.active)
    return {code: codes[code] for code in in_order(codes)}


def update(check_: Check, folder: Path = INSTALLED) -> list[Path]:
    """Write the tables that differ; the files written.

    Args:
        check_: what was found.
        folder: of the CSV files.

    Raises:
        MixedSourcesError: a simulator's codes were to go into the installed source.
        BalizaError: a file cannot be written; those before it are.
    """
    if check_.source != "pncp" and folder == INSTALLED:
        raise MixedSourcesError(
            "The code tables of {folder} were to be brought up to date.",
            "The answers are the simulator's, and the official tables never take invented codes.",
            "Unset BALIZA_PNCP_URL to ask PNCP, or name a copy of the tables with --folder.",
            folder=folder,
        )
    return [
        _write(folder, table.table, updated(read(folder, table.table), table.differences))
        for table in check_.of("different")
    ]


def read(folder: Path, name: str) -> dict[str, Code]:
    """The codes of one CSV file; none where there is no such file yet."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["codigo"]: Code(row["rotulo"], row["ativo"] == "true") for row in csv.DictReader(file)}


def _write(folder: Path, name: str, codes: Codes) -> Path:
    """Replace a file in one step, so that whoever reads it sees the old table or the new one.

    Raises:
        BalizaError.
    """
    path, draft = folder / f"{name}.csv", folder / f".{name}.csv.new"
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(_COLUMNS)
            table.writerows((code, one.label, str(bool(one.active)).lower()) for code, one in codes.items())
        draft.replace(path)
    except OSError as error:
        raise BalizaError(
            "The code table {path} was to be written.",
            "It cannot be written here: {error}",
            "Run it where the source is your own (a checkout, a virtual environment), or name a copy of the "
            "tables with --folder.",
            path=path,
            error=error.strerror or error,
        ) from error
    return path


def in_order(codes: Iterable[str]) -> Sequence[str]:
    """Codes as the files have them: numbers by value."""
    return sorted(codes, key=lambda code: (int(code) if code.isdecimal() else 0, code))
