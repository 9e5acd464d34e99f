import time

import duckdb
import pytest

from baliza.warehouse.connection import transaction
from baliza.warehouse.profile import looking, profiled


def held_at_most(con: duckdb.DuckDBPyConnection, statement: str) -> int:
    with profiled(con) as most_memory, transaction(con):
        con.execute(statement)
        return most_memory() or 0


MUCH = "CREATE OR REPLACE TEMP TABLE many AS SELECT range, hash(range) FROM range({n}) ORDER BY 2"
LITTLE = "CREATE OR REPLACE TEMP TABLE many AS SELECT 1 AS one"


def test_a_statement_that_raised_the_peak_is_told_with_it(con: duckdb.DuckDBPyConnection):
    little = held_at_most(con, LITTLE)
    some = held_at_most(con, MUCH.format(n=200_000))
    more = held_at_most(con, MUCH.format(n=2_000_000))
    assert little * 2 < some < more


def test_one_that_holds_less_is_not_told_with_the_peak_of_those_before(con: duckdb.DuckDBPyConnection):
    much = held_at_most(con, MUCH.format(n=2_000_000))
    held_at_most(con, LITTLE)
    assert held_at_most(con, LITTLE) * 10 < much


def test_what_is_held_between_two_ends_is_seen_where_the_peak_stays(con: duckdb.DuckDBPyConnection):
    """An aggregate that needs much and leaves little, below a peak that was there before."""
    held_at_most(con, MUCH.format(n=3_000_000))
    held_at_most(con, LITTLE)
    grouped = "CREATE OR REPLACE TEMP TABLE many AS SELECT count(*) FROM (SELECT hash(range) FROM range(2_000_000) GROUP BY 1)"
    assert held_at_most(con, grouped) > 10_000_000


def test_a_failed_transaction_ends_it_too(con: duckdb.DuckDBPyConnection):
    with pytest.raises(duckdb.ConversionException), profiled(con), transaction(con):
        con.execute("SELECT 'x'::INT")
    assert con.execute("SELECT 1").fetchone() == (1,)


class Full:
    """A connection to a DuckDB that has no room for one more question."""

    def cursor(self) -> "Full":
        return self

    def close(self) -> None:
        pass

    def execute(self, _question: str) -> None:
        raise duckdb.OutOfMemoryException("failed to allocate data of size 4.0 KiB")


def test_no_room_to_look_ends_nothing():
    with looking(Full()) as most:
        time.sleep(0.1)
        assert most() == 0
