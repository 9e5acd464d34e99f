"""What a command publishes when it ends, and what readers see meanwhile."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

import baliza
from baliza.build import run
from baliza.build.inventory import take
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.errors import BuildError
from baliza.settings import resolve
from baliza.warehouse import copying, snapshots
from baliza.warehouse.published import reading_published
from baliza.warehouse.schema import read_fact

TOUCHED = {"review_value": 500_000_000}
"""A parameter that makes stage.contratos anew, and mart.spending from it."""

BUILD = """
import os, signal, sys
from pathlib import Path
from baliza.build import run
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.warehouse import copying

class Stopping(Quiet):
    def table(self, name):
        if name == "mart_spending":
            {between}

def copied(source, partial):
    partial.write_bytes(source.read_bytes()[:100_000])
    os.kill(os.getpid(), signal.SIGKILL)

if {killed_while_copying}:
    copying._cloned = lambda *_: False
    copying._copied = copied
request = run.BuildRequest(
    Path(sys.argv[1]), ("mart_spending",), "sample", sample_server(), fetch=False, params={params}
)
run.build(request, Stopping())
"""


@pytest.fixture
def database(tmp_path, built_sample):
    """The sample, built and published."""
    path = tmp_path / built_sample.name
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return Path(shutil.copy(built_sample, path))


def build(database, *, params=None, force=False, **variables):
    settings = resolve({f"BALIZA_{name.upper()}": str(value) for name, value in variables.items()})
    request = run.BuildRequest(
        database=database, targets=("mart_spending",), source="sample", server=sample_server(),
        fetch=False, params=params or {}, force=force, settings=settings,
    )  # fmt: skip
    return run.build(request, Quiet())


def build_elsewhere(database, *, between="pass", killed_while_copying=False):
    """A build in a process of its own."""
    code = BUILD.format(between=between, killed_while_copying=killed_while_copying, params=TOUCHED)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@contextmanager
def halfway(database):
    """A build that has committed stage.contratos and is about to make mart.spending of it."""
    process = build_elsewhere(database, between="print('halfway', flush=True); sys.stdin.read()")
    try:
        assert process.stdout.readline() == "halfway\n"
        yield process
    finally:
        process.communicate("")


def seen(database):
    """How the tables were made that a reader sees: of which versions."""
    with reading_published(database) as opened:
        return dict(opened.con.execute("SELECT name, fingerprint FROM meta.tables").fetchall())


def names(database):
    return [one.path.name for one in snapshots.listing(database)]


def test_the_first_build_is_published(built_sample):
    (one,) = snapshots.listing(built_sample)

    assert one.run_id == 1
    assert one.path.read_bytes() == built_sample.read_bytes()


def test_a_build_that_finds_nothing_to_do_copies_nothing(database, monkeypatch):
    monkeypatch.setattr(copying, "copy_whole", lambda *_: pytest.fail("copied"))
    before = names(database)
    build(database)

    assert names(database) == before


def test_a_build_that_changes_a_table_is_published_and_the_state_before_it_kept(database):
    before, first = seen(database), names(database)
    build(database, params=TOUCHED)

    assert names(database)[1:] == first
    after = seen(database)
    assert {name for name in after if after[name] != before[name]} == {"stage_contratos", "mart_spending"}


def test_as_many_are_kept_as_are_asked_for(database):
    for value in range(3):
        build(database, params={"review_value": 500_000_000 + value}, snapshots=3)
    assert len(names(database)) == 3
    build(database, snapshots=1)
    assert len(names(database)) == 1


def test_without_snapshots_readers_read_the_file_itself(database):
    build(database, params=TOUCHED, snapshots=0)

    assert names(database) == []
    with reading_published(database) as opened:
        assert opened.path == database


def test_a_build_with_a_failed_node_is_not_published(database, monkeypatch):
    from baliza.build.relations import Relations

    before = seen(database), names(database)

    def break_(self, node, rows):
        if node.name == "mart_spending":
            raise BuildError("It was to be checked.", "It fails.", "Mend it.")
        return [], []

    monkeypatch.setattr(Relations, "check", break_)
    with pytest.raises(BuildError):
        build(database, params=TOUCHED)

    assert (seen(database), names(database)) == before
    monkeypatch.undo()
    build(database, params=TOUCHED)
    assert names(database) != before[1]


def test_while_a_build_is_halfway_readers_see_the_state_before_it(database):
    before = seen(database)
    with halfway(database):
        assert seen(database) == before
        with baliza.driver(database) as driver:
            assert driver.execute(["mart_spending"])["mart_spending"].count().execute() > 0
        inventory = take(database)
        assert inventory.snapshot is not None
        assert inventory.snapshot["run_id"] == 1
    after = seen(database)
    assert after["stage_contratos"] != before["stage_contratos"]
    assert after["mart_spending"] != before["mart_spending"]
    assert take(database).snapshot is None


def test_of_a_build_that_is_killed_between_its_tables_readers_see_nothing(database):
    before, published = seen(database), names(database)
    process = build_elsewhere(database, between="os.kill(os.getpid(), signal.SIGKILL)")
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert (seen(database), names(database)) == (before, published)
    build(database, params=TOUCHED)
    assert seen(database) != before


def test_a_build_that_is_killed_while_it_publishes_leaves_no_half_file_and_the_next_publishes(database):
    before, published = seen(database), names(database)
    process = build_elsewhere(database, killed_while_copying=True)
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert len(copying.abandoned(snapshots.folder(database))) == 1
    assert (seen(database), names(database)) == (before, published)

    report = build(database, params=TOUCHED)
    assert {table.decision for table in report.tables} == {"skipped"}
    assert seen(database) != before
    assert copying.abandoned(snapshots.folder(database)) == []


def test_on_a_disk_that_is_too_small_the_build_stands_and_readers_keep_what_they_had(
    database, monkeypatch, caplog
):
    before, published = seen(database), names(database)
    monkeypatch.setattr(copying, "_cloned", lambda *_: False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    report = build(database, params=TOUCHED)

    assert report.exit_code == 0
    assert "not published; readers keep the state before it" in caplog.text
    assert "1 MB are free" in caplog.text
    assert (seen(database), names(database)) == (before, published)
    monkeypatch.undo()
    build(database, params=TOUCHED)
    assert seen(database) != before


def test_a_driver_that_builds_publishes_when_it_is_closed(database):
    before = seen(database)
    with baliza.driver(database, write=True, params=TOUCHED) as driver:
        driver.execute(["mart_spending"])
        assert seen(database) == before
    assert seen(database) != before
    with reading_published(database) as opened:
        row = opened.con.execute(
            "SELECT command, exit_code, parameters FROM meta.runs ORDER BY run_id DESC"
        ).fetchone()
        assert (row[0], row[1], json.loads(row[2])["params"]) == ("driver", 0, TOUCHED)
        assert read_fact(opened.con, "source") == "sample"
