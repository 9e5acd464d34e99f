"""SQL that is written once."""

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pytest
from ibis.backends.duckdb import Backend
from ibis.common.exceptions import TableNotFound

from baliza.build.engine import Engine
from baliza.warehouse.connection import connect


@pytest.fixture
def engine_of_a_file(tmp_path):
    con = connect(tmp_path / "test.duckdb", write=True)
    con.execute("CREATE TABLE numbers AS FROM range(3) AS numbers(n)")
    yield Engine.from_connection(con)
    con.close()


def asked(engine):
    table = engine.table("numbers")
    return table.filter(table.n > 0).mutate(twice=table.n * 2)


def test_it_is_the_sql_that_ibis_writes(engine_of_a_file):
    ibis_itself = Backend.from_connection(engine_of_a_file.con)

    assert engine_of_a_file.compile(asked(engine_of_a_file)) == ibis_itself.compile(asked(ibis_itself))
    assert engine_of_a_file.to_pyarrow(asked(engine_of_a_file)).to_pylist() == [
        {"n": 1, "twice": 2},
        {"n": 2, "twice": 4},
    ]


def test_what_was_asked_before_is_not_written_again(engine_of_a_file, monkeypatch):
    first = engine_of_a_file.compile(asked(engine_of_a_file))
    monkeypatch.setattr(Engine, "write", lambda *_, **__: "written anew")

    assert engine_of_a_file.compile(asked(engine_of_a_file)) == first
    assert engine_of_a_file.compile(asked(engine_of_a_file).limit(1)) == "written anew"


def test_a_type_is_what_ibis_reads_whether_or_not_it_was_read_before(engine_of_a_file):
    engine_of_a_file.con.execute(
        "CREATE TABLE typed (a DECIMAL(20, 4), b DECIMAL(20, 4) NOT NULL, c STRUCT(x VARCHAR, y DATE[]), d TIMESTAMP)"
    )
    ibis_itself = Backend.from_connection(engine_of_a_file.con)

    for _ in range(2):
        assert engine_of_a_file.table("typed").schema() == ibis_itself.table("typed").schema()


@pytest.mark.parametrize("name", ["numbers", 'a "quoted" name'])
def test_a_table_has_the_columns_that_ibis_reads(engine_of_a_file, name):
    engine_of_a_file.con.execute("CREATE SCHEMA other")
    quoted = name.replace('"', '""')
    engine_of_a_file.con.execute(f'CREATE TABLE other."{quoted}" AS SELECT 1 AS m')
    engine_of_a_file.con.execute(f"""CREATE TEMP TABLE "{quoted}" AS SELECT 'a' AS n""")

    assert dict(engine_of_a_file.table(name, database="other").schema()) == {"m": dt.int32}
    assert dict(engine_of_a_file.table(name, database=("temp", "main")).schema()) == {"n": dt.string}


def test_a_table_that_is_not_there_is_not_found(engine_of_a_file):
    with pytest.raises(TableNotFound):
        engine_of_a_file.table("elsewhere")


@pytest.mark.parametrize("number", [1, 1.0, True], ids=["a whole number", "a float", "a truth"])
def test_values_that_python_takes_for_equal_are_not_of_one_sql(engine_of_a_file, number):
    for one in (1, 1.0, True):
        engine_of_a_file.compile(ibis.literal(one).name("x").as_table())

    written = engine_of_a_file.compile(ibis.literal(number).name("x").as_table())
    assert written == Backend().compile(ibis.literal(number).name("x").as_table())


def test_a_closed_file_is_let_go_with_all_that_was_asked_of_it(engine_of_a_file, tmp_path):
    engine_of_a_file.compile(asked(engine_of_a_file))
    engine_of_a_file.con.close()

    with duckdb.connect(str(tmp_path / "test.duckdb")) as con:
        assert con.execute("SELECT count(*) FROM numbers").fetchall() == [(3,)]


def test_rows_in_memory_are_each_their_own(engine_of_a_file):
    for number in (1, 2):
        rows = ibis.memtable({"n": [number]})
        assert engine_of_a_file.to_pyarrow(rows).to_pylist() == [{"n": number}]
