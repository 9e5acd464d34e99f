"""Which file a reader opens."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import duckdb
import pytest

from baliza.errors import DatabaseLockedError, DatabaseMissingError, NotADatabaseError
from baliza.warehouse import published, snapshots
from baliza.warehouse.published import open_published, reading_live, reading_published

FIRST, SECOND = "20260728T141502Z-run-7.duckdb", "20260729T080000Z-run-9.duckdb"


@pytest.fixture
def database(tmp_path: Path, prepared: Path) -> Path:
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


@pytest.fixture
def publish(database):
    def publishing(name):
        folder = snapshots.folder(database)
        folder.mkdir(exist_ok=True)
        path = Path(shutil.copy(database, folder / name))
        with duckdb.connect(str(path)) as con:
            con.execute("INSERT INTO meta.database VALUES ('name', ?)", [name])

    return publishing


def name(opened):
    return dict(opened.con.execute("FROM meta.database").fetchall()).get("name")


def test_the_newest_snapshot_is_read(database, publish):
    publish(FIRST)
    publish(SECOND)

    with reading_published(database) as opened:
        assert name(opened) == SECOND
        assert opened.snapshot.run_id == 9
        with pytest.raises(duckdb.InvalidInputException):
            opened.con.execute("DELETE FROM meta.database")


def test_without_one_the_file_itself_is_read(database):
    with reading_published(database) as opened:
        assert (opened.path, opened.snapshot, name(opened)) == (database, None, None)


def test_a_held_file_stops_no_reader_once_it_is_published(database, publish, held):
    with held(database):
        with pytest.raises(DatabaseLockedError):
            open_published(database)
        publish(FIRST)
        with reading_published(database) as opened:
            assert name(opened) == FIRST


def test_a_snapshot_that_is_deleted_before_it_is_opened_gives_way_to_the_next(database, publish, monkeypatch):
    publish(FIRST)
    connect = published.connect

    def late(path, **options):
        if path.name == FIRST:
            publish(SECOND)
            path.unlink()
        return connect(path, **options)

    monkeypatch.setattr(published, "connect", late)
    with reading_published(database) as opened:
        assert name(opened) == SECOND


def test_a_reader_keeps_the_snapshot_it_has_open(database, publish):
    publish(FIRST)
    with reading_published(database) as opened:
        assert snapshots.drop(opened.snapshot)
        assert name(opened) == FIRST


def test_the_live_file_is_read_though_there_are_snapshots(database, publish):
    publish(FIRST)
    with reading_live(database) as opened:
        assert (opened.path, opened.snapshot) == (database, None)


def test_a_held_live_file_is_told_as_it_was_published(database, publish, caplog, held):
    publish(FIRST)
    with held(database), caplog.at_level(logging.WARNING), reading_live(database) as opened:
        assert name(opened) == FIRST
    assert "its state after run 7, published 2026-07-28 14:15:02 UTC" in caplog.text


def test_a_held_live_file_that_was_never_published_is_locked(database, held):
    with held(database), pytest.raises(DatabaseLockedError), reading_live(database):
        pass


def test_a_file_that_was_deleted_names_what_is_left_of_it(database, publish):
    publish(FIRST)
    database.unlink()

    with pytest.raises(DatabaseMissingError, match=FIRST):
        open_published(database)


def test_a_snapshot_of_something_else_is_refused(database):
    folder = snapshots.folder(database)
    folder.mkdir()
    with duckdb.connect(str(folder / FIRST)) as con:
        con.execute("CREATE TABLE t (a INT)")

    with pytest.raises(NotADatabaseError):
        open_published(database)
