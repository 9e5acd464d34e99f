from pathlib import Path

import duckdb
import pytest

from baliza.build.landed import raw_tables
from baliza.errors import MixedSourcesError, NewerFormatError, NotADatabaseError
from baliza.warehouse import schema
from baliza.warehouse.connection import connect
from baliza.warehouse.raw_table import RawTable


def test_a_new_file_gets_its_layout(con: duckdb.DuckDBPyConnection):
    names = {
        row[0]
        for row in con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    }
    assert names == {f"raw.{table.name}" for table in raw_tables()} | {
        f"meta.{name}"
        for name in (
            "database",
            "coverage",
            "requests",
            "landings",
            "quarantine",
            "vanished",
            "tables",
            "violations",
            "reconciliations",
            "code",
            "run_nodes",
            "runs",
        )
    }
    assert schema.read_fact(con, "format") == str(schema.FORMAT)
    assert schema.read_fact(con, "created_by") == "baliza test"
    assert schema.read_fact(con, "unheard of") is None


def test_preparing_again_changes_nothing(con: duckdb.DuckDBPyConnection, database: Path, table: RawTable):
    con.execute(
        "INSERT INTO meta.coverage SELECT 'contratos', 0, '', '2025-03-01', 'pending', NULL, 0, 0, 0, 0, 0, NULL, now()"
    )
    schema.prepare(con, database, version="later", raw_tables=[table])
    assert schema.read_fact(con, "created_by") == "baliza test"
    assert con.execute("SELECT count(*) FROM meta.coverage").fetchone() == (1,)


def test_an_empty_database_is_new(database: Path):
    con = connect(database, write=True)
    schema.check_format(con, database)
    con.close()


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine (id INT)", "CREATE SCHEMA raw; CREATE TABLE raw.contratos (id INT)"]
)
def test_a_database_of_something_else_is_left_alone(database: Path, table: RawTable, statement: str):
    con = connect(database, write=True)
    con.execute(statement)
    with pytest.raises(NotADatabaseError, match="DuckDB file of something else"):
        schema.prepare(con, database, version="test", raw_tables=[table])
    assert con.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (1,)
    con.close()


@pytest.mark.parametrize("found", ["2", "1000", "2.0-beta"], ids=["next", "far", "unreadable"])
def test_a_newer_format_is_refused(
    con: duckdb.DuckDBPyConnection, database: Path, table: RawTable, found: str
):
    con.execute("UPDATE meta.database SET value = ? WHERE key = 'format'", [found])
    with pytest.raises(NewerFormatError, match=found) as raised:
        schema.prepare(con, database, version="test", raw_tables=[table])
    assert "pip install -U baliza" in str(raised.value)


def test_a_file_without_a_format_is_not_ours(con: duckdb.DuckDBPyConnection, database: Path):
    con.execute("DELETE FROM meta.database WHERE key = 'format'")
    with pytest.raises(NotADatabaseError):
        schema.check_format(con, database)


@pytest.mark.parametrize("source", ["pncp", "sample", "simulator"])
def test_the_first_source_holds_for_ever(con: duckdb.DuckDBPyConnection, database: Path, source: str):
    schema.claim_source(con, database, source)
    schema.claim_source(con, database, source)
    assert schema.is_synthetic(con) == (source != "pncp")
    for other in {"pncp", "sample", "simulator"} - {source}:
        with pytest.raises(MixedSourcesError, match="never mixes sources") as raised:
            schema.claim_source(con, database, other)
        assert raised.value.exit_code == 2
    assert schema.read_fact(con, "source") == source


def test_a_file_without_source_is_not_synthetic(con: duckdb.DuckDBPyConnection):
    assert not schema.is_synthetic(con)


def test_a_source_of_a_later_baliza_is_another_source(con: duckdb.DuckDBPyConnection, database: Path):
    con.execute("INSERT INTO meta.database VALUES ('source', 'comprasnet')")
    with pytest.raises(MixedSourcesError, match="comprasnet"):
        schema.claim_source(con, database, "pncp")
