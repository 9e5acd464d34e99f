import fcntl
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from baliza.build.engine import Engine
from baliza.build.raw_tables import raw_tables
from baliza.build.written_sql import fingerprint
from baliza.cli.progress import Quiet
from baliza.warehouse import schema
from baliza.warehouse.connection import connect

REPOSITORY = Path(__file__).parents[1]
LONGEST = (
    "test_documented_commands.py",
    "build/test_sequences.py",
    "migration/test_dropping.py",
    "test_notebooks.py",
    "pncp/test_killed.py",
    "pncp/test_fault_matrix.py",
)
"""Files that take longest, in the order they begin in: none is left for last, when the other workers have no more."""


def pytest_configure(config: pytest.Config) -> None:
    """What is kept beside the program is kept apart, by workers and by programs that tests start too."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="baliza-caches-")
        config.add_cleanup(folder.cleanup)
        os.environ["XDG_CACHE_HOME"] = folder.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {REPOSITORY / "tests" / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among what the modules hold: that took a sixth of the whole time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def sql_is_written_once() -> None:
    """The same tables are built hundreds of times, in as many files: SQL is the same in all of them."""
    written: dict[str, str] = {}
    write = Engine.write

    def write_once(self: Engine, expr: ir.Expr, *, limit: int | None, pretty: bool) -> str:
        asked = fingerprint(expr.op(), limit, pretty)
        if asked not in written:
            written[asked] = write(self, expr, limit=limit, pretty=pretty)
        return written[asked]

    Engine.write = write_once


@pytest.fixture(scope="session")
def real_pages() -> Path:
    """The folder of PNCP's real answers, which are not redistributed with the project."""
    folder = Path(os.environ.get("BALIZA_REAL_PAGES") or REPOSITORY.parent / "shared" / "pncp" / "pages")
    if not folder.is_dir():
        pytest.skip(
            f"no real answers of PNCP at {folder}: set BALIZA_REAL_PAGES to the folder that holds them"
        )
    return folder


@pytest.fixture(scope="session")
def real_contratos(real_pages: Path) -> list[dict[str, Any]]:
    """Every real contrato, in the order of the files; some files are pages, others bare lists."""
    files = sorted(real_pages.glob("contratos*/*.json"))
    answers = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return [
        record for answer in answers for record in (answer["data"] if isinstance(answer, dict) else answer)
    ]


@pytest.fixture(scope="session")
def arrow() -> Callable[..., pa.Table]:
    """Rows given as dicts in Arrow: `arrow({"name": "string"}, {"name": "a"})`; absent is null."""

    def make(schema: Mapping[str, Any], *rows: Mapping[str, Any]) -> pa.Table:
        typed = ibis.schema(schema)
        unknown = {name for row in rows for name in row} - set(typed)
        assert not unknown, f"rows name columns the schema has not: {unknown}"
        return pa.Table.from_pylist(list(rows), schema=typed.to_pyarrow())

    return make


@pytest.fixture(scope="session")
def table(arrow: Callable[..., pa.Table]) -> Callable[..., ir.Table]:
    """Make a table of rows given as dicts: `table({"name": "string"}, {"name": "a"})`; absent is null."""

    def make(schema: Mapping[str, Any], *rows: Mapping[str, Any]) -> ir.Table:
        return ibis.memtable(arrow(schema, *rows), schema=ibis.schema(schema))

    return make


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new file with its layout, to be copied: laying it out takes longer than most tests."""
    path = tmp_path_factory.mktemp("prepared") / "test.duckdb"
    con = connect(path, write=True)
    schema.prepare(con, path, version="test", raw_tables=raw_tables())
    con.close()
    return path


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers see."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def made_once(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Callable[[Path], None]], Path]:
    """A folder that is made once: `made_once("sample", build_into)`. Each worker has a copy: files are locked."""

    def make(name: str, making: Callable[[Path], None]) -> Path:
        folder, done = shared / f"once-{name}", shared / f"once-{name}.done"
        with (shared / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                folder.mkdir()
                making(folder)
                done.touch()
        return Path(shutil.copytree(folder, tmp_path_factory.mktemp(name) / name))

    return make


@pytest.fixture(scope="session")
def built_sample(made_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The embedded sample, built; to be read or copied, not written."""
    return made_once("sample", _build_sample) / "sample.duckdb"


def _build_sample(folder: Path) -> None:
    from baliza.build import run
    from baliza.build.source import sample_server

    request = run.BuildRequest(
        database=folder / "sample.duckdb",
        targets=("mart_spending",),
        source="sample",
        server=sample_server(),
    )
    run.build(request, Quiet())


@pytest.fixture(scope="session")
def held() -> Callable[[Path], AbstractContextManager[None]]:
    """`with held(path):` a process of its own has the DuckDB file open to write."""

    @contextmanager
    def holding(path: Path) -> Iterator[None]:
        code = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield
        finally:
            process.communicate("")

    return holding
