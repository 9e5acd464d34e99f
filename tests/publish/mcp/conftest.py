"""The sample with a few marts built from it, asked through a sandbox with small limits."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from baliza.build import run
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.publish.mcp.limits import Limits
from baliza.publish.mcp.sandbox import Sandbox

TARGETS = (
    "mart_suppliers", "mart_concentration", "mart_red_flags", "mart_flag_computability",
    "stage_orgaos", "stage_municipios", "stage_fornecedores",
)  # fmt: skip

SMALL = Limits(memory="256MB", beyond=300 * 2**20)


@pytest.fixture(scope="session")
def sample(made_once: Callable[[str, Callable[[Path], None]], Path], built_sample: Path) -> Path:
    """Contracts alone: what was never fetched is told as such. To be read or copied, not written."""

    def build(folder: Path) -> None:
        path = Path(shutil.copy(built_sample, folder / "asked.duckdb"))
        request = run.BuildRequest(
            database=path, targets=TARGETS, source="sample", server=sample_server(), fetch=False
        )
        run.build(request, Quiet())

    return made_once("asked", build) / "asked.duckdb"


@pytest.fixture(scope="session")
def sandbox(sample: Path) -> Iterator[Sandbox]:
    with Sandbox(sample, SMALL) as sandbox:
        yield sandbox
