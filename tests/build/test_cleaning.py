"""What a file can do without, and writing it anew."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from baliza.build.cleaning import clean, look
from baliza.errors import DatabaseError, DatabaseLockedError, DiskFullError
from baliza.settings import resolve
from baliza.warehouse import compaction, snapshots
from baliza.warehouse.compaction import compact


@pytest.fixture
def database(tmp_path, built_sample):
    path = tmp_path / built_sample.name
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return Path(shutil.copy(built_sample, path))


def change(database, *statements):
    with duckdb.connect(str(database)) as con:
        for statement in statements:
            con.execute(statement)


def contents(database):
    """Every table, row by row in its order."""
    with duckdb.connect(str(database), read_only=True) as con:
        tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        named = {table: ".".join('"' + part.replace('"', '""') + '"' for part in table) for table in tables}
        return {table: con.execute(f"FROM {name}").fetchall() for table, name in named.items()}


def test_a_clean_file_has_nothing_to_clean(database):
    found = look(database)

    assert (found.leftovers, found.snapshots, found.forgotten) == ([], [], [])
    assert found.size == 2 * database.stat().st_size


def test_what_killed_runs_left_goes_and_what_is_not_baliza_s_stays(database):
    spool = database.parent / f"{database.name}.abcd1234.spool"
    replay = database.parent / f"{database.name}.x_y2z3w4"
    mine = database.parent / f"{database.name}.backup"
    for folder in (spool, replay, mine):
        folder.mkdir()
        (folder / "page.json").write_bytes(b"x" * 1000)
    partial = snapshots.folder(database) / "20260101T000000Z-run-1.duckdb.abc.partial"
    partial.write_bytes(b"x" * 500)

    found = look(database)
    assert {(item.path, item.size) for item in found.leftovers} == {
        (spool, 1000),
        (replay, 1000),
        (partial, 500),
    }
    assert spool.exists()
    assert found.size == 2 * database.stat().st_size + 2500
    clean(database, drop_forgotten=False)

    assert not any(path.exists() for path in (spool, replay, partial))
    assert (mine / "page.json").exists()


def test_snapshots_beyond_those_kept_go(database):
    for day in (1, 2, 3):
        shutil.copy(database, snapshots.folder(database) / f"2020010{day}T000000Z-run-1.duckdb")

    assert len(look(database).snapshots) == 2
    clean(database, drop_forgotten=False, settings=resolve({"BALIZA_SNAPSHOTS": "1"}))
    assert len(snapshots.listing(database)) == 1


def test_tables_that_no_function_makes_are_dropped_only_when_told(database):
    change(database, 'CREATE TABLE mart."my ""own" AS SELECT 1 AS a', "CREATE TABLE stage.former AS FROM range(3)",
           "INSERT INTO meta.tables SELECT 'stage_former', 'f', 3, 0, now()::TIMESTAMP, NULL")  # fmt: skip

    assert [(one.location, one.rows) for one in look(database).forgotten] == [
        ('mart.my "own', 1),
        ("stage.former", 3),
    ]
    assert clean(database, drop_forgotten=False).dropped == []
    assert ("stage", "former") in contents(database)
    assert clean(database, drop_forgotten=True).dropped == ['mart.my "own', "stage.former"]
    assert look(database).forgotten == []
    assert "stage_former" not in {row[0] for row in contents(database)["meta", "tables"]}
    assert ("stage", "former") not in contents(snapshots.newest(database).path)


def test_a_file_that_is_held_is_left_alone(database, held):
    with held(database):
        with pytest.raises(DatabaseLockedError):
            look(database)
        with pytest.raises(DatabaseLockedError):
            clean(database, drop_forgotten=False)
        with pytest.raises(DatabaseLockedError):
            compact(database)


def test_a_compacted_file_is_smaller_and_the_same_row_by_row(database):
    change(
        database,
        "CREATE TABLE mart.big AS SELECT hash(range) AS a FROM range(1000000)",
        "CHECKPOINT",
        # Behind it, so that the file cannot simply be cut off.
        "CREATE TABLE mart.behind AS SELECT hash(range) AS a FROM range(1000)",
        "CHECKPOINT",
        "DROP TABLE mart.big",
    )
    before, size = contents(database), database.stat().st_size
    with duckdb.connect(str(database), read_only=True) as con:
        constraints = con.execute("SELECT constraint_text FROM duckdb_constraints() ORDER BY ALL").fetchall()
    compact(database)

    assert contents(database) == before
    assert database.stat().st_size < size / 1.5
    with duckdb.connect(str(database), read_only=True) as con:
        assert (
            con.execute("SELECT constraint_text FROM duckdb_constraints() ORDER BY ALL").fetchall()
            == constraints
        )
    assert sorted(path.name for path in database.parent.iterdir()) == [database.name, "sample.snapshots"]


def test_nothing_is_swapped_when_the_copy_is_not_the_same(database, monkeypatch):
    before = database.read_bytes()
    monkeypatch.setattr(compaction, "counts", lambda _, name: {name: 1})
    with pytest.raises(DatabaseError, match="The file is as it was"):
        compact(database)

    assert database.read_bytes() == before
    assert sorted(path.name for path in database.parent.iterdir()) == [database.name, "sample.snapshots"]


def test_without_room_for_the_new_file_nothing_is_begun(database, monkeypatch):
    before = database.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(DiskFullError, match="Nothing was changed"):
        compact(database)

    assert database.read_bytes() == before
