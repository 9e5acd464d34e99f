import duckdb
import pytest

from baliza.warehouse.connection import transaction
from baliza.warehouse.profile import profiled


def test_the_bytes_of_the_last_statement(con: duckdb.DuckDBPyConnection):
    with profiled(con) as most_memory:
        con.execute("CREATE TEMP TABLE many AS SELECT range, hash(range) FROM range(200_000) ORDER BY 2")
        held = most_memory()
        con.execute("SELECT 1")
        assert held > 1_000_000 > most_memory()


def test_a_failed_transaction_ends_it_too(con: duckdb.DuckDBPyConnection):
    with pytest.raises(duckdb.ConversionException), profiled(con), transaction(con):
        con.execute("SELECT 'x'::INT")
    assert con.execute("SELECT 1").fetchone() == (1,)
