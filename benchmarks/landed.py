"""A baliza file landed from answers at hand, without a server: what docs/parity.md counts in.

    python benchmarks/landed.py FILE.duckdb --pages FOLDER     # kept answers of PNCP
    python benchmarks/landed.py FILE.duckdb --per-day 60       # a simulated year

FOLDER has a folder per endpoint (contratos, itens, termos_contrato, ...) with one answer per JSON file:
a page, its bare list of records, or, of termos, an object of lists by control number. Real answers are not
redistributed with the project. Nothing is claimed of completeness: no ledger cell is written.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb

from baliza import __version__
from baliza.build.raw_tables import raw_table, raw_tables
from baliza.pncp.endpoints import ENDPOINTS
from baliza.simulator.world import world
from baliza.warehouse import schema
from baliza.warehouse.connection import connect
from baliza.warehouse.landing import Landing, Request, SpooledPage, Window, land
from baliza.warehouse.page import PageReader

FOLDERS = {
    "contratos": "contratos",
    "contratos_atualizacao": "contratos_atualizacao",
    "contratacoes_publicacao": "contratacoes_publicacao",
    "contratacoes_atualizacao": "contratacoes_atualizacao",
    "compra_detalhe": "compra",
    "atas": "atas_atualizacao",
    "itens": "itens",
    "resultados": "resultados",
    "termos_contrato": "termos",
}
"""Folders of kept answers, and the endpoint they are of."""

LISTED = "contratacoes_publicacao"
"""The listing in which a purchase whose detail was kept is landed too."""

SIMULATED = ("contratos", LISTED, "compra", "atas_atualizacao", "itens", "resultados", "termos")
PAGE = 500

_CONTROL = re.compile(r"(\d{14})-(\d{4})-(\d+)")
_NOW = datetime.now(UTC).replace(tzinfo=None)

Row = TypeVar("Row")
Answer = tuple[str, str | None, bytes]
"""Endpoint, the purchase or contract it was asked of, and the body."""


def kept(folder: Path) -> Iterator[Answer]:
    """The answers of a folder, with the envelope that collectors dropped."""
    for name, endpoint in FOLDERS.items():
        for file in sorted((folder / name).glob("*.json")):
            said = json.loads(file.read_text(encoding="utf-8"))
            if name == "termos_contrato":
                yield from ((endpoint, number, _body(records)) for number, records in said.items())
            elif name in {"itens", "resultados"}:
                yield endpoint, _purchase(file.name), file.read_bytes()
            elif name == "compra_detalhe":
                for record in said if isinstance(said, list) else [said]:
                    yield endpoint, record["numeroControlePNCP"], _body(record)
                    yield LISTED, None, _page([record])
            else:
                yield endpoint, None, _page(said if isinstance(said, list) else said.get("data", [said]))


def simulated(per_day: float) -> Iterator[Answer]:
    """A year of the simulator's, each listing in pages."""
    records = world(seed=11, since=date(2025, 1, 1), until=date(2025, 12, 31), per_day=per_day)
    for endpoint in SIMULATED:
        rows = records[endpoint]
        if isinstance(rows, dict):
            yield from ((endpoint, parent, _body(answer)) for parent, answer in rows.items())
        elif endpoint == "compra":
            yield from ((endpoint, row["numeroControlePNCP"], _body(row)) for row in rows)
        else:
            yield from ((endpoint, None, _page(page)) for page in _batched(rows, PAGE))


def _batched(rows: Iterable[Row], size: int) -> Iterator[tuple[Row, ...]]:
    remaining = iter(rows)
    while some := tuple(itertools.islice(remaining, size)):
        yield some


def _purchase(name: str) -> str:
    match = _CONTROL.match(name)
    if match is None:
        raise SystemExit(f"{name} does not begin with CNPJ-year-sequence")
    cnpj, ano, sequencial = match.groups()
    return f"{cnpj}-1-{int(sequencial):06d}/{ano}"


def _page(records: Sequence[object]) -> bytes:
    return _body({"data": records, "totalRegistros": len(records)})


def _body(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def make(path: Path, answers: Iterable[Answer], source: str) -> None:
    """Land every answer, those of one endpoint that follow each other in few transactions."""
    con = connect(path, write=True)
    schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
    schema.claim_source(con, path, source)
    requests = itertools.count(1)
    for endpoint, of_endpoint in itertools.groupby(answers, key=lambda answer: answer[0]):
        for some in _batched(of_endpoint, PAGE):
            with tempfile.TemporaryDirectory() as spool:
                _land(con, path, endpoint, some, Path(spool), requests)
    for table in raw_tables():
        print(f"raw.{table.name}: {con.execute(f'SELECT count(*) FROM raw.{table.name}').fetchall()[0][0]:,}")
    con.close()


def _land(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    endpoint_id: str,
    answers: Sequence[Answer],
    spool: Path,
    requests: Iterator[int],
) -> None:
    endpoint = ENDPOINTS[endpoint_id]
    table = raw_table(endpoint.table)
    reader = PageReader(table, day_field=endpoint.day, shape=endpoint.shape)
    pages, defects, received = [], [], 0
    for number, (_, parent, body) in enumerate(answers, start=1):
        page = reader.read(body, parent)
        request = Request(
            request_id=next(requests),
            endpoint=endpoint.id,
            url="",
            requested_at=_NOW,
            seconds=0.0,
            status=200,
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            outcome="records",
        )
        file = spool / f"{request.request_id}.json"
        file.write_bytes(page.body)
        spooled = SpooledPage(file, request, number, list(page.days), page.received - len(page.defects))
        pages.append(spooled)
        defects += [(spooled, defect) for defect in page.defects]
        received += page.received
    window = Window(endpoint.id, "", _NOW.date(), _NOW.date())
    asked = [page.request for page in pages]
    land(con, path, table, reader, Landing(window, pages, asked, [], defects, received, None), _NOW)


def main() -> None:
    """Make the file that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--per-day", type=float, default=60)
    options = parser.parse_args()
    if options.pages:
        make(options.file, kept(options.pages), "pncp")
    else:
        make(options.file, simulated(options.per_day), "simulator")


if __name__ == "__main__":
    main()
