import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build.landed import raw_table
from baliza.pncp.endpoints import CONTRATOS, Endpoint
from baliza.pncp.harvest import Harvested, Server, harvest
from baliza.pncp.progress import Progress, Silent
from baliza.pncp.windows import windows
from baliza.simulator.corpus import contratos
from baliza.warehouse import ledger
from baliza.warehouse.connection import connect
from baliza.warehouse.page import PageReader
from baliza.warehouse.raw_table import RawTable

FIRST, LAST = date(2025, 3, 6), date(2025, 3, 14)


@pytest.fixture(scope="session")
def table() -> RawTable:
    return raw_table("contratos")


@pytest.fixture(scope="session")
def reader(table: RawTable) -> PageReader:
    return PageReader(table, day_field=CONTRATOS.day_field, owner_fields=CONTRATOS.owner_fields)


@pytest.fixture(scope="session")
def small_pages() -> Endpoint:
    """The endpoint with pages of ten, the least PNCP allows, so that few records make many pages."""
    return replace(CONTRATOS, page_size=10)


@pytest.fixture(scope="session")
def week() -> list[dict[str, Any]]:
    """Some 200 contracts: seven working days of two to six pages of ten, and a weekend of none."""
    records = contratos(seed=5, since=FIRST, until=LAST, per_day=25)
    return [one for one in records if one["dataPublicacaoPncp"][:10] not in {"2025-03-08", "2025-03-09"}]


@pytest.fixture(scope="session")
def week_days() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


@dataclass
class Archive:
    """A database under test, and what the questions of these tests are asked of."""

    path: Path
    con: duckdb.DuckDBPyConnection
    table: RawTable
    endpoint: Endpoint

    def harvest(
        self,
        url: str,
        days: Sequence[date],
        *,
        slice_: str = "",
        endpoint: Endpoint | None = None,
        max_in_flight: int = 2,
        progress: Progress | None = None,
        **server: Any,
    ) -> Harvested:
        """Fetch what is still open of these days, without a limit of rate."""
        endpoint = endpoint or self.endpoint
        wanted = ledger.open_days(self.con, endpoint.id, slice_, days[0], days[-1])
        return harvest(
            con=self.con,
            database=self.path,
            server=Server(url, max_rps=0, max_in_flight=max_in_flight, **server),
            endpoint=endpoint,
            table=self.table,
            windows=windows(endpoint, slice_, wanted),
            progress=progress or Silent(),
        )

    def cells(self, what: str = "status, expected, landed") -> dict[date, Any]:
        rows = self.con.execute(f"SELECT day, {what} FROM meta.coverage ORDER BY day").fetchall()
        return {day: rest[0] if len(rest) == 1 else rest for day, *rest in rows} if rows else {}

    def statuses(self) -> set[str]:
        return set(self.cells("status").values())

    def rows(self) -> list[tuple[Any, ...]]:
        """Everything PNCP said, and its hash; not when and by which request it came."""
        names = ", ".join(f'"{field.name}"' for field in self.table.fields)
        return self.con.execute(
            f'SELECT {names}, content_hash, unknown_fields FROM raw.contratos ORDER BY "numeroControlePNCP", content_hash'
        ).fetchall()

    def landed(self) -> list[tuple[str, Decimal | None, str | None]]:
        return self.con.execute(
            'SELECT "numeroControlePNCP", "valorGlobal", "objetoContrato" FROM raw.contratos ORDER BY ALL'
        ).fetchall()

    def leftovers(self) -> list[str]:
        """Files beside the database that a harvest should have removed."""
        return [file.name for file in self.path.parent.iterdir() if file.name.endswith(".spool")]


@pytest.fixture
def archives(tmp_path: Path, table: RawTable, small_pages: Endpoint, prepared: Path):
    """Makes new databases by name, or opens one that is there."""
    opened = []

    def make(name: str = "test") -> Archive:
        path = tmp_path / f"{name}.duckdb"
        if not path.exists():
            shutil.copy(prepared, path)
        con = connect(path, write=True)
        opened.append(con)
        return Archive(path, con, table, small_pages)

    yield make
    for con in opened:
        con.close()


@pytest.fixture
def archive(archives: Callable[..., Archive]) -> Archive:
    return archives()


@pytest.fixture(scope="session")
def truth() -> Callable[..., list[tuple[str, Decimal | None, str | None]]]:
    """What `Archive.landed` must be for these records, read without DuckDB."""

    def expected(records: Iterable[dict[str, Any]]) -> list[tuple[str, Decimal | None, str | None]]:
        exact = json.loads(json.dumps(list(records)), parse_float=Decimal, parse_int=Decimal)
        rows = [(one["numeroControlePNCP"], one["valorGlobal"], one["objetoContrato"]) for one in exact]
        return sorted(rows, key=lambda row: row[0])

    return expected


@pytest.fixture(scope="session")
def by_day() -> Callable[..., dict[str, list[dict[str, Any]]]]:
    """Records under their day of publication."""

    def group(records: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        days: dict[str, list[dict[str, Any]]] = {}
        for one in records:
            days.setdefault(one["dataPublicacaoPncp"][:10], []).append(one)
        return days

    return group


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts instead of eight, where a test waits for failures that never end."""
    monkeypatch.setattr("baliza.pncp.client.ATTEMPTS", 2)
