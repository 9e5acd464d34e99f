import shutil
from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest

from baliza.build.raw_tables import raw_tables
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
            "migrated",
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


def test_a_laid_out_file_is_current_until_it_lacks_something(prepared: Path, tmp_path: Path):
    path = Path(shutil.copy(prepared, tmp_path / "copy.duckdb"))
    with duckdb.connect(path) as con:
        assert schema.is_current(con, raw_tables())
        con.execute("CREATE TABLE meta.of_mine (a INT)")
        assert schema.is_current(con, raw_tables())


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("ALTER TABLE meta.tables DROP COLUMN definition", id="a column of meta"),
        pytest.param("DROP TABLE meta.code", id="a table of meta"),
        pytest.param("DROP TABLE raw.termos", id="a raw table"),
        pytest.param('ALTER TABLE raw.contratos DROP COLUMN "processo"', id="a field"),
        pytest.param('ALTER TABLE raw.contratos ALTER "valorGlobal" TYPE DOUBLE', id="a type"),
    ],
)
def test_a_file_that_lacks_something_is_not_current(prepared: Path, tmp_path: Path, statement: str):
    path = Path(shutil.copy(prepared, tmp_path / "copy.duckdb"))
    with duckdb.connect(path) as con:
        con.execute(statement)
        assert not schema.is_current(con, raw_tables())
        schema.prepare(con, path, version="test", raw_tables=raw_tables())
        assert schema.is_current(con, raw_tables())


@pytest.mark.parametrize(
    ("held", "coming", "fits"),
    [
        pytest.param(None, "sample", True, id="nothing yet"),
        pytest.param("sample", "sample", True, id="the same"),
        pytest.param("pncp", "sample", False, id="another"),
    ],
)
def test_a_source_is_checked_without_being_claimed(
    con: duckdb.DuckDBPyConnection, database: Path, held: str | None, coming: str, fits: bool
):
    if held:
        schema.claim_source(con, database, held)
    with nullcontext() if fits else pytest.raises(MixedSourcesError):
        schema.check_source(con, database, coming)
    assert schema.read_fact(con, "source") == held
