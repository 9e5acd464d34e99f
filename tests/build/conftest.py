from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build import collect, scope
from baliza.build.collect import HarvestReport, HarvestRequest
from baliza.build.period import Period
from baliza.build.scope import Scope
from baliza.pncp.job import Server
from baliza.pncp.progress import Silent
from baliza.simulator.world import world

SINCE, UNTIL = date(2025, 3, 3), date(2025, 3, 14)


@pytest.fixture(scope="session")
def small_world() -> dict[str, Any]:
    """Twelve days of everything."""
    return world(seed=11, since=SINCE, until=UNTIL, per_day=8)


@pytest.fixture
def database(tmp_path: Path, prepared: Path) -> Path:
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


@pytest.fixture
def read(database: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    def reading(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(database), read_only=True) as con:
            return con.execute(query).fetchall()

    return reading


@pytest.fixture
def gather(database: Path) -> Callable[..., HarvestReport]:
    """Harvest endpoints of the small world's days from a server, without a limit of rate."""

    def gathering(
        url: str, *names: str, since: date = SINCE, until: date = UNTIL, confirm: bool = True, **narrowed: Any
    ) -> HarvestReport:
        request = HarvestRequest(
            database=database,
            source="pncp",
            server=Server(url, max_rps=0),
            endpoints=tuple(scope.endpoints(names)),
            scope=Scope(Period(since, until), **narrowed),
        )
        return collect.collect(request, Silent(), lambda _estimate: confirm)

    return gathering
