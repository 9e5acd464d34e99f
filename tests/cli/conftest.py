"""The command line run in this process, as a user would from an empty folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from baliza.cli.app import made
from baliza.kinds import KINDS
from baliza.simulator.corpus import contratos
from baliza.simulator.server import Simulator

APP = made()

Baliza = Callable[..., Result]

SINCE, UNTIL = date(2025, 3, 3), date(2025, 3, 5)


def _command_line(folder: Path, patch: pytest.MonkeyPatch) -> Baliza:
    patch.chdir(folder)
    patch.setenv("BALIZA_MAX_RPS", "0")
    patch.setenv("COLUMNS", "100")
    for name in ("CONFIG", *KINDS):
        if name != "max_rps":
            patch.delenv(f"BALIZA_{name.upper()}", raising=False)
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(APP, list(arguments), catch_exceptions=False)

    return run


@pytest.fixture
def baliza(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Baliza:
    """Runs `baliza ...` in an empty folder, without a limit of rate."""
    return _command_line(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def records() -> list[dict[str, Any]]:
    """Three days of invented contracts."""
    return contratos(seed=7, since=SINCE, until=UNTIL, per_day=40)


@pytest.fixture
def pncp(records: list[dict[str, Any]]) -> Iterator[Simulator]:
    """A healthy PNCP of those three days."""
    with Simulator({"contratos": records}) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Path, str]]:
    """Make a folder in which `baliza build` has fetched the three days of such a PNCP, to be copied; its address."""

    def build(records: list[dict[str, Any]]) -> tuple[Path, str]:
        folder = tmp_path_factory.mktemp("built")
        with pytest.MonkeyPatch.context() as patch, Simulator({"contratos": records}) as pncp:
            _command_line(folder, patch)(
                "build", "--since", str(SINCE), "--until", str(UNTIL), "--pncp-url", pncp.url
            )
            return folder, pncp.url

    return build


@pytest.fixture(scope="session")
def built_days(built_once: Callable[..., tuple[Path, str]], records: list[dict[str, Any]]) -> Path:
    folder, _ = built_once(records)
    return folder


@pytest.fixture
def built(built_days: Path, tmp_path: Path) -> Path:
    """The file that `baliza build` makes of the three days, where the commands look for it."""
    shutil.copytree(built_days, tmp_path, dirs_exist_ok=True)
    return tmp_path / "data/baliza.duckdb"


@pytest.fixture
def sample(built_sample: Path, tmp_path: Path) -> Path:
    """The sample with stage.contratos and mart.spending, where the commands look for it."""
    path = tmp_path / "data" / "sample.duckdb"
    path.parent.mkdir(exist_ok=True)
    return Path(shutil.copy(built_sample, path))
