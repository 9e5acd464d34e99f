import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import hypothesis.internal.observability  # noqa: F401  else pytest parses it at its end, which fails once a test has let a KeyboardInterrupt through (CPython 3.11)
import pytest

from baliza.build.raw_tables import raw_table
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.feed import Harvested
from baliza.pncp.harvest import harvest
from baliza.pncp.job import Job, Server
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
    return PageReader(table, day_field=ENDPOINTS["contratos"].day)


@pytest.fixture(scope="session")
def small_pages() -> Endpoint:
    """Contratos with pages of ten, the least PNCP allows, so that few records make many pages."""
    return replace(ENDPOINTS["contratos"], page_size=10)


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
    endpoint: Endpoint

    def harvest(
        self,
        url: str,
        days: Sequence[date],
        *,
        slice_: str = "",
        modalidade: int = 0,
        endpoint: Endpoint | None = None,
        **how: Any,
    ) -> Harvested:
        """Fetch what is still open of these days of one endpoint, without a limit of rate."""
        endpoint = endpoint or self.endpoint
        wanted = ledger.open_days(self.con, endpoint.id, slice_, days[0], days[-1], modalidade)
        asked = windows(endpoint, slice_, wanted, modalidade=modalidade)
        done = self.run(url, [Job(endpoint, raw_table(endpoint.table), asked)], **how)
        return done.get(endpoint.id, Harvested())

    def run(
        self,
        url: str,
        jobs: Sequence[Job],
        *,
        max_in_flight: int = 2,
        progress: Progress | None = None,
        **server: Any,
    ) -> dict[str, Harvested]:
        """Harvest these jobs, without a limit of rate."""
        asked = Server(url, max_rps=0, max_in_flight=max_in_flight, **server)
        return harvest(self.con, self.path, asked, jobs, progress or Silent())

    def cells(self, what: str = "status, expected, landed") -> dict[date, Any]:
        rows = self.con.execute(f"SELECT day, {what} FROM meta.coverage ORDER BY day").fetchall()
        return {day: rest[0] if len(rest) == 1 else rest for day, *rest in rows} if rows else {}

    def statuses(self) -> set[str]:
        return set(self.cells("status").values())

    def rows(self, table: str = "contratos") -> list[tuple[Any, ...]]:
        """Everything PNCP said, and its hash; not when and by which request it came."""
        fields = raw_table(table)
        names = ", ".join(f'"{field.name}"' for field in fields.fields)
        return self.con.execute(
            f'SELECT {names}, content_hash, unknown_fields FROM raw."{table}" ORDER BY {fields.key_sql}, content_hash'
        ).fetchall()

    def landed(self) -> list[tuple[str, Decimal | None, str | None]]:
        return self.con.execute(
            'SELECT "numeroControlePNCP", "valorGlobal", "objetoContrato" FROM raw.contratos ORDER BY ALL'
        ).fetchall()

    def leftovers(self) -> list[str]:
        """Files beside the database that a harvest should have removed."""
        return [file.name for file in self.path.parent.iterdir() if file.name.endswith(".spool")]


@pytest.fixture
def archives(tmp_path: Path, small_pages: Endpoint, prepared: Path):
    """Makes new databases by name, or opens one that is there."""
    opened = []

    def make(name: str = "test") -> Archive:
        path = tmp_path / f"{name}.duckdb"
        if not path.exists():
            shutil.copy(prepared, path)
        con = connect(path, write=True)
        opened.append(con)
        return Archive(path, con, small_pages)

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
    monkeypatch.setattr("baliza.pncp.lists._ATTEMPTS_IF_SPLITTABLE", 2)
