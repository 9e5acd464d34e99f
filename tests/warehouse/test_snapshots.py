"""The names of snapshots, and which is the newest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from baliza.errors import UnknownRecordError
from baliza.warehouse import snapshots


@pytest.fixture
def held(tmp_path):
    """Makes empty snapshots of a file, by name."""
    database = tmp_path / "data" / "file.duckdb"

    def make(*names):
        folder = snapshots.folder(database)
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).touch()
        return database

    return make


def test_they_are_beside_the_file_and_sorted_by_time_not_by_run(held):
    database = held("20260728T141502Z-run-7.duckdb", "20260729T080000Z-run-1.duckdb")

    assert snapshots.folder(database) == database.parent / "file.snapshots"
    assert [one.run_id for one in snapshots.listing(database)] == [1, 7]
    newest = snapshots.newest(database)
    assert newest is not None
    assert newest.published_at == datetime(2026, 7, 29, 8, tzinfo=UTC)
    assert newest.path.exists()


def test_what_else_lies_there_is_none(held):
    database = held(
        "20260728T141502Z-run-7.duckdb.x.partial", "notes.txt", "20260728T141502Z-run-7.duckdb.tmp"
    )

    assert snapshots.listing(database) == []
    assert snapshots.newest(database) is None


def test_without_a_folder_there_are_none(tmp_path):
    assert snapshots.listing(tmp_path / "none.duckdb") == []


def test_the_next_is_newer_though_the_clock_was_set_back(held):
    future = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    database = held(f"{future:%Y%m%dT%H%M%SZ}-run-7.duckdb")

    named = snapshots.named(database, 8)

    assert named.published_at == future + timedelta(seconds=1)
    assert named.path.name.endswith("Z-run-8.duckdb")
    assert not named.path.exists()


def test_the_state_after_a_run_is_found_by_its_number(held):
    database = held("20260728T141502Z-run-7.duckdb", "20260729T080000Z-run-9.duckdb")

    assert snapshots.of_run(database, 7).published_at.day == 28
    with pytest.raises(UnknownRecordError, match="those of the runs 9, 7"):
        snapshots.of_run(database, 8)


def test_a_file_that_was_never_published_has_no_state_of_a_run(tmp_path):
    with pytest.raises(UnknownRecordError, match="has no snapshots"):
        snapshots.of_run(tmp_path / "none.duckdb", 8)


def test_the_newest_are_kept(held):
    database = held(*(f"2026072{day}T000000Z-run-{day}.duckdb" for day in range(5)))

    for one in snapshots.beyond(database, 2):
        assert snapshots.drop(one)

    assert [one.run_id for one in snapshots.listing(database)] == [4, 3]


def test_one_that_cannot_be_deleted_is_left_for_the_next_time(held, monkeypatch):
    database = held("20260728T141502Z-run-7.duckdb")
    (one,) = snapshots.listing(database)

    def refuse(*_, **__):
        raise PermissionError("in use")

    monkeypatch.setattr(type(one.path), "unlink", refuse)
    assert not snapshots.drop(one)
    monkeypatch.undo()
    assert snapshots.drop(one)
