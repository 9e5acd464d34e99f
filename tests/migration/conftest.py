"""Old files, made of invented contracts; small, and each migrated once."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.cli.progress import Quiet
from baliza.migration.account import Account
from baliza.migration.migrating import migrate
from baliza.settings import resolve
from baliza.simulator.old_layout import OldPage, pages_of

ASKED = datetime(2025, 4, 10, 12)  # noqa: DTZ001  old files say no zone
MARCH = {"dataInicial": "20250301", "dataFinal": "20250331"}


def contrato(number: int, day: date = date(2025, 3, 10), **fields: Any) -> dict[str, Any]:
    """A contract of that day."""
    return {
        "numeroControlePNCP": f"00000000000191-2-{number:06d}/2025",
        "dataPublicacaoPncp": f"{day}T10:00:00",
        "dataAtualizacaoGlobal": f"{day}T11:00:00",
        "orgaoEntidade": {
            "cnpj": "00000000000191",
            "razaoSocial": "Prefeitura",
            "poderId": "E",
            "esferaId": "M",
        },
        "valorGlobal": 100.5,
        **fields,
    }


def march(count: int = 5, **how: Any) -> list[OldPage]:
    """The contracts of March, two a page; each of a day of its own."""
    records = [contrato(number, date(2025, 3, number)) for number in range(1, count + 1)]
    return pages_of("contratos_publicacao", records, MARCH, at=ASKED, size=2, **how)


@pytest.fixture(scope="session")
def unpublished() -> Any:
    """Settings under which nothing is published: a snapshot of each file is not what is tested here."""
    return resolve({"BALIZA_SNAPSHOTS": "0"}, {}, default_database=Path("unused.duckdb"))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, unpublished: Any) -> Callable[..., "Migrated"]:
    """Write an old file with one writer (or several), and migrate it."""

    def run(pages: Iterable[OldPage], *writers: Callable[[Path, Iterable[OldPage]], None]) -> Migrated:
        folder = tmp_path_factory.mktemp("migrated")
        old, new = folder / "old.duckdb", folder / "new.duckdb"
        for write in writers:
            write(old, list(pages))
        return Migrated(old, new, migrate(old, new, Quiet(), settings=unpublished))

    return run


class Migrated:
    """An old file, today's, and the account."""

    def __init__(self, old: Path, new: Path, account: Account) -> None:
        self.old = old
        self.new = new
        self.account = account

    def rows(self, query: str) -> list[tuple]:
        """Ask today's file."""
        with duckdb.connect(self.new, read_only=True) as con:
            return con.execute(query).fetchall()

    def cells(self) -> dict[str, int]:
        """How many there are by status."""
        return dict(self.rows("SELECT status, count(*) FROM meta.coverage GROUP BY 1"))

    def reasons(self) -> set[str]:
        """Why cells are open."""
        return {reason for (reason,) in self.rows("SELECT DISTINCT reason FROM meta.coverage") if reason}

    def table(self, name: str = "contratos") -> tuple[int, ...]:
        """Received, stored, repeats, covered, quarantined."""
        (one,) = [table for table in self.account.tables if table.table == name]
        return one.received, one.stored, one.repeats, one.covered, one.quarantined
