"""Rows and seconds told from the last times."""

from __future__ import annotations

import duckdb
import pytest

from baliza.build.foresight import Foreseen
from baliza.build.journal import Built
from baliza.build.prediction import Predicted, predict
from baliza.build.stored import Stored

HELD = Stored("v", rows=100, seconds=2, definition=None)


@pytest.fixture
def con(prepared):
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{prepared}' AS file (READ_ONLY)")
        con.execute("CREATE SCHEMA meta")
        con.execute("CREATE TABLE meta.run_nodes AS FROM file.meta.run_nodes")
        yield con


def note(con, decision, *, rows_in=1000, rows=100, seconds=2.0, run_id=1, name="stage_contratos"):
    con.execute(
        "INSERT INTO meta.run_nodes BY NAME SELECT ? AS run_id, ? AS name, ? AS decision, '' AS reason, "
        "? AS rows_in, ? AS rows, 0 AS rejected, ? AS seconds, '' AS fingerprint",
        [run_id, name, decision, rows_in, rows, seconds],
    )


def predicted(con, decision, *, keys=None, raw=1000, held=HELD, is_older=False):
    built = Built(
        "stage_contratos", "stage.contratos", decision, (), rows=held.rows if held else 0, keys=keys
    )
    stored = {"stage_contratos": held} if held else {}
    found = predict(con, Foreseen([built], {}, {"raw_contratos": raw}, stored, is_older=is_older))
    return found["stage_contratos"]


def test_a_skipped_table_takes_no_time(con):
    assert predicted(con, "skipped") == Predicted(100, 0)


def test_a_table_never_built_is_not_guessed_at(con):
    assert predicted(con, "rebuilt", held=None) == Predicted(None, None)


def test_without_a_diary_the_table_itself_is_the_measure(con):
    assert predicted(con, "rebuilt") == Predicted(100, 2)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(1000, Predicted(100, 2), id="as many rows"),
        pytest.param(3000, Predicted(300, 6), id="three times"),
        pytest.param(0, Predicted(100, 2), id="none: then as it was"),
    ],
)
def test_rows_and_time_grow_with_what_a_table_is_made_from(con, raw, expected):
    note(con, "rebuilt")
    assert predicted(con, "rebuilt", raw=raw) == expected


def test_the_last_time_counts(con):
    note(con, "rebuilt", seconds=9, run_id=1)
    note(con, "rebuilt", seconds=4, run_id=2)
    note(con, "failed", seconds=0, rows=0, run_id=3)
    assert predicted(con, "rebuilt") == Predicted(100, 4)


def test_an_increment_takes_as_long_as_the_last_one(con):
    note(con, "rebuilt", seconds=9)
    note(con, "incremental", seconds=0.5, run_id=2)
    assert predicted(con, "incremental", keys=7).seconds == 0.5


def test_a_first_increment_takes_its_share_of_the_whole(con):
    note(con, "rebuilt", seconds=2)
    assert predicted(con, "incremental", keys=10).seconds == pytest.approx(0.2)


def test_a_diary_of_no_rows_divides_by_nothing(con):
    note(con, "rebuilt", rows_in=0, rows=0)
    assert predicted(con, "rebuilt") == Predicted(0, 2)


def test_of_an_older_file_nothing_is_told(con):
    assert predicted(con, "rebuilt", is_older=True) == Predicted(None, None)
