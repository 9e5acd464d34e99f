"""The runs a file remembers, and what counts as a jump."""

import shutil
from pathlib import Path

import duckdb
import pytest

from baliza.build.run_history import Jump, find, jumps, listing
from baliza.errors import DatabaseMissingError, UnknownRecordError


@pytest.fixture
def database(tmp_path, prepared):
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


@pytest.fixture
def remember(database):
    """Writes runs of one table, one after the other: decision, rows, seconds of each."""

    def remembering(*nodes, name="mart_a"):
        with duckdb.connect(str(database)) as con:
            for run_id, (decision, rows, seconds) in enumerate(nodes, start=1):
                con.execute(
                    "INSERT INTO meta.runs VALUES (?, 'build', '1', '{\"fetch\": true}', TIMESTAMP '2025-03-01', 2, 0)",
                    [run_id],
                )
                con.execute(
                    "INSERT INTO meta.run_nodes VALUES (?, ?, ?, 'why', 1, ?, 0, NULL, ?, 10, 'f')",
                    [run_id, name, decision, rows, seconds],
                )
            return jumps(con, len(nodes))

    return remembering


USUAL = [("rebuilt", 100, 2.0), ("rebuilt", 110, 2.2), ("rebuilt", 90, 1.8)]


@pytest.mark.parametrize(
    ("now", "measures"),
    [
        (("rebuilt", 100, 2.0), []),
        (("rebuilt", 300, 6.0), []),
        (("rebuilt", 301, 2.0), ["rows"]),
        (("rebuilt", 33, 2.0), ["rows"]),
        (("rebuilt", 34, 2.0), []),
        (("rebuilt", 0, 2.0), ["rows"]),
        (("rebuilt", 100, 6.1), ["seconds"]),
        (("rebuilt", 100, 0.6), ["seconds"]),
        (("rebuilt", 1000, 60), ["rows", "seconds"]),
        (("skipped", 1000, 60), []),
        (("failed", 0, 60), []),
    ],
)
def test_a_jump_is_beyond_three_times_the_median_or_below_a_third_of_it(remember, now, measures):
    assert [jump.measure for jump in remember(*USUAL, now)] == measures


def test_a_jump_says_what_was_usual_and_in_how_many_runs(remember):
    assert remember(*USUAL, ("rebuilt", 500, 2.0)) == [Jump("mart_a", "rows", 500, 100, 3)]


@pytest.mark.parametrize(
    "others", [("skipped", 9000, 90.0), ("failed", 9000, 90.0)], ids=["skipped", "failed"]
)
def test_runs_that_built_nothing_are_not_what_is_usual(remember, others):
    assert remember(*USUAL, others, others, others, others, ("rebuilt", 100, 2.0)) == []


def test_two_runs_are_too_few_to_be_usual(remember):
    assert remember(*USUAL[:2], ("rebuilt", 9000, 90.0)) == []


def test_an_increment_is_not_held_against_rebuilds(remember):
    slow = [("rebuilt", 100, 30.0)] * 3
    assert remember(*slow, ("incremental", 100, 0.1)) == []


def test_short_times_vary_by_themselves(remember):
    fast = [("rebuilt", 100, 0.01)] * 3
    assert remember(*fast, ("rebuilt", 100, 0.9)) == []


def test_a_table_that_was_empty_may_fill(remember):
    assert remember(*[("rebuilt", 0, 0.1)] * 3, ("rebuilt", 500, 0.1)) == []


def test_later_runs_do_not_count(remember, database):
    remember(*USUAL, ("rebuilt", 500, 2.0), *[("rebuilt", 500, 2.0)] * 9)
    assert [jump.value for jump in find(database, 4).jumps] == [500]


def test_runs_are_listed_the_newest_first_with_their_decisions(remember, database):
    remember(("rebuilt", 1, 1), ("skipped", 1, 1), ("failed", 1, 1))

    found = listing(database, limit=2)
    assert [(run.run_id, dict(run.tables), run.parameters) for run in found] == [
        (3, {"failed": 1}, {"fetch": True}),
        (2, {"skipped": 1}, {"fetch": True}),
    ]


def test_a_run_that_was_killed_has_no_end(database):
    with duckdb.connect(str(database)) as con:
        con.execute("INSERT INTO meta.runs VALUES (1, 'sync', '1', '{}', TIMESTAMP '2025-03-01', NULL, NULL)")
    (run,) = listing(database)
    assert (run.seconds, run.exit_code, run.tables) == (None, None, {})


def test_a_run_that_is_not_there(remember, database):
    with pytest.raises(UnknownRecordError, match="remembers no run yet"):
        find(database, 1)
    remember(*USUAL)
    with pytest.raises(UnknownRecordError, match="numbered up to 3"):
        find(database, 7)


def test_no_file(tmp_path):
    with pytest.raises(DatabaseMissingError):
        listing(tmp_path / "none.duckdb")
