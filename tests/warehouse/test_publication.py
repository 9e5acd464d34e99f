"""What readers see of a file, and copying it to them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from baliza.warehouse import publication, snapshots

LEDGER = "INSERT INTO meta.coverage VALUES ('contratos', 0, '', '2025-01-01', 'complete', 1, 1, 0, 1, 1, 0, NULL, now()::TIMESTAMP)"
LANDING = "INSERT INTO meta.landings VALUES (1, 'contratos', 'contratos', '', '2025-01-01', '2025-01-01', 1, {stored}, 0, 0, now()::TIMESTAMP, 0)"
TABLE = "INSERT INTO meta.tables VALUES ('mart_spending', 'abc', 1, 0.1, now()::TIMESTAMP, NULL)"
RUN = "INSERT INTO meta.runs VALUES ({run}, '{command}', '1', '{{}}', now()::TIMESTAMP, 1, {code})"


@pytest.fixture
def database(tmp_path: Path, prepared: Path) -> Path:
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


@pytest.fixture
def change(database):
    def changing(*statements):
        with duckdb.connect(str(database)) as con:
            for statement in statements:
                con.execute(statement)

    return changing


@pytest.fixture
def to_publish(database):
    def asking():
        with duckdb.connect(str(database)) as con:
            return publication.to_publish(con, database)

    return asking


@pytest.mark.parametrize(
    "statement",
    [
        LEDGER,
        LANDING.format(stored=1),
        TABLE,
        "CREATE TABLE mart.other AS SELECT 1 AS a",
        "INSERT INTO meta.vanished VALUES ('contratos', 'k', 'contratos', now()::TIMESTAMP, now()::TIMESTAMP)",
    ],
    ids=["ledger", "landing", "table", "a table that appears", "vanished"],
)
def test_a_state_is_another_when_readers_see_a_change(to_publish, change, statement):
    before = to_publish()
    change(statement)

    assert to_publish() != before


@pytest.mark.parametrize(
    "statement",
    [RUN.format(run=1, command="build", code=0), LANDING.format(stored=0)],
    ids=["the diary of runs", "a landing of what was there"],
)
def test_a_state_is_the_same_when_they_see_none(to_publish, change, statement):
    before = to_publish()
    change(statement)

    assert to_publish() == before


def test_what_is_published_is_not_published_again(database, to_publish, change):
    published = publication.publish(database, to_publish())

    assert published is not None
    assert to_publish() is None
    change(LEDGER)
    assert to_publish() is not None


def test_a_published_state_is_the_whole_file_named_after_its_last_run(database, to_publish, change):
    change(LEDGER, RUN.format(run=41, command="sync", code=3))
    published = publication.publish(database, to_publish())

    assert published.run_id == 41
    assert snapshots.newest(database) == published
    assert published.path.read_bytes() == database.read_bytes()


@pytest.mark.parametrize(
    ("runs", "is_whole"),
    [
        ([("build", 0)], True),
        ([("build", 3), ("sync", 1)], True),
        ([("harvest", 1)], True),
        ([("build", 0), ("build", 1)], False),
        ([("build", "NULL"), ("sync", 0)], False),
        ([("build", 1), ("sync", 0), ("build", 0)], True),
        ([("build", 0), ("driver", 1)], False),
    ],
    ids=[
        "built",
        "a sync that failed",
        "never built",
        "failed",
        "killed, then synchronised",
        "mended",
        "driver failed",
    ],
)
def test_a_file_is_whole_when_its_last_build_ended_well(to_publish, change, runs, is_whole):
    change(
        *(RUN.format(run=n, command=command, code=code) for n, (command, code) in enumerate(runs, start=1))
    )

    assert (to_publish() is not None) == is_whole


def test_a_file_that_another_process_writes_to_is_left_to_it(database, to_publish, held):
    state = to_publish()
    with held(database):
        assert publication.publish(database, state) is None
    assert snapshots.listing(database) == []


def test_a_file_that_was_changed_meanwhile_is_left_to_who_changed_it(database, to_publish, change):
    state = to_publish()
    change(LEDGER)

    assert publication.publish(database, state) is None
    assert snapshots.listing(database) == []


def test_nobody_writes_while_it_is_copied(database, to_publish, monkeypatch):
    tried = []

    def copying(source, target):
        code = "import duckdb, sys; duckdb.connect(sys.argv[1])"
        tried.append(
            subprocess.run(
                [sys.executable, "-c", code, str(source)], check=False, capture_output=True, text=True
            )
        )

    monkeypatch.setattr(publication, "copy_whole", copying)
    publication.publish(database, to_publish())

    assert "Could not set lock" in tried[0].stderr


def test_a_snapshot_of_another_make_is_taken_for_another_state(database, to_publish):
    folder = snapshots.folder(database)
    folder.mkdir()
    with duckdb.connect(str(folder / "20990101T000000Z-run-1.duckdb")) as con:
        con.execute("CREATE TABLE t (a INT)")

    assert to_publish() is not None
