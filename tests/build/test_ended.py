"""A build that is ended while it writes a table: the last good one stands, and the next run goes on."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from baliza.build import run
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet

PROGRAM = Path(__file__).with_name("building_process.py")
WRITTEN = 2
"""The gate is written out once to know whether it changed, and once to be run over what was written."""


def ended_by(number: signal.Signals, database: Path) -> tuple[int, str, float]:
    """Exit code, what was told, and seconds from the signal to the end."""
    with subprocess.Popen(
        [sys.executable, PROGRAM, str(database)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={"BALIZA_LANG": "en"},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            seen = 0
            while seen < WRITTEN and (line := process.stdout.readline()):
                seen += line == "checked\n"
            time.sleep(0.3)
            assert process.poll() is None
            began = time.monotonic()
            process.send_signal(number)
            _out, told = process.communicate(timeout=60)
            return process.returncode, told, time.monotonic() - began
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (signal.SIGINT, 130, "Interrupted. What had landed stands; run the same command to go on."),
        (signal.SIGKILL, -signal.SIGKILL, ""),
    ],
    ids=["Ctrl-C", "kill -9"],
)
def test_ended_in_the_middle_of_a_table(tmp_path, built_sample, number, code, message):
    path = Path(shutil.copy(built_sample, tmp_path / "sample.duckdb"))
    good = rows(path)
    exit_code, told, seconds = ended_by(number, path)

    assert exit_code == code
    assert told.strip() == message
    assert seconds < 15
    assert rows(path) == good
    assert last_run(path) == (code if code > 0 else None)
    request = run.BuildRequest(
        path, ("mart_spending", "mart_suppliers"), "sample", sample_server(), fetch=False
    )
    report = run.build(request, Quiet())
    decisions = {table.name: table.decision for table in report.tables}
    assert decisions["mart_spending"] == "skipped"
    assert decisions["mart_suppliers"] == "rebuilt"
    assert rows(path) == good


def rows(path: Path) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute("SELECT * FROM mart.spending ORDER BY ALL").fetchall()


def last_run(path: Path) -> int | None:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute("SELECT exit_code FROM meta.runs ORDER BY run_id DESC LIMIT 1").fetchall()[0][0]
