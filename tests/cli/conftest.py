"""The command line run in this process, as a user would from an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from baliza.cli.app import app
from baliza.kinds import KINDS
from baliza.simulator.corpus import contratos
from baliza.simulator.server import Simulator

Baliza = Callable[..., Result]

SINCE, UNTIL = date(2025, 3, 3), date(2025, 3, 5)


@pytest.fixture
def baliza(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Baliza:
    """Runs `baliza ...` in an empty folder, without a limit of rate."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BALIZA_MAX_RPS", "0")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("CONFIG", *KINDS):
        if name != "max_rps":
            monkeypatch.delenv(f"BALIZA_{name.upper()}", raising=False)
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(app, list(arguments), catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def records() -> list[dict[str, Any]]:
    """Three days of invented contracts."""
    return contratos(seed=7, since=SINCE, until=UNTIL, per_day=40)


@pytest.fixture
def pncp(records: list[dict[str, Any]]) -> Iterator[Simulator]:
    """A healthy PNCP of those three days."""
    with Simulator({"contratos": records}) as simulator:
        yield simulator
