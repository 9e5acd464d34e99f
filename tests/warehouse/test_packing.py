"""Long texts, packed where the form of the file allows it."""

import duckdb
import pytest

from baliza.warehouse.connection import connect
from baliza.warehouse.packing import create_table, packs
from baliza.warehouse.raw_table import Field, RawTable

LONG = "SELECT 'Aquisição de materiais para a unidade ' || md5(i::VARCHAR) AS objeto, i::TINYINT AS n FROM range(90) r(i)"


@pytest.fixture
def new(tmp_path):
    with connect(tmp_path / "new.duckdb", write=True) as con:
        yield con


@pytest.fixture
def old(tmp_path):
    """A file of the form that DuckDB gives one if nobody says anything: that of its first version."""
    with duckdb.connect(tmp_path / "old.duckdb") as con:
        yield con


def _stored(con, table="t"):
    con.execute("CHECKPOINT")
    told = con.execute(
        f"SELECT DISTINCT column_name, compression FROM pragma_storage_info('{table}')"
    ).fetchall()
    return {column for column, compression in told if compression == "ZSTD"}


def test_a_new_file_has_the_form_that_packs(new):
    assert packs(new)


def test_a_file_of_an_older_form_and_what_is_in_memory_pack_nothing(old):
    assert not packs(old)
    with duckdb.connect() as memory:
        assert not packs(memory)


def test_the_long_text_alone_is_packed(new):
    create_table(new, "t", LONG, ["objeto"])
    assert _stored(new) == {"objeto"}


def test_in_an_older_file_it_is_stored_as_ever(old):
    create_table(old, "t", LONG, ["objeto"])
    assert _stored(old) == set()
    assert old.execute("SELECT count(*) FROM t").fetchone() == (90,)


@pytest.mark.parametrize("file", ["new", "old"])
def test_names_types_and_rows_are_those_of_the_query(file, request):
    con = request.getfixturevalue(file)
    con.execute("CREATE TABLE t AS SELECT 1 AS another")
    create_table(con, "t", LONG, ["objeto"])
    assert [row[:2] for row in con.execute("DESCRIBE t").fetchall()] == [
        ("objeto", "VARCHAR"),
        ("n", "TINYINT"),
    ]
    assert con.execute("FROM t ORDER BY n").fetchall() == con.execute(f"{LONG} ORDER BY n").fetchall()


def test_what_is_added_later_is_packed_too(new, tmp_path):
    create_table(new, "t", f"{LONG} LIMIT 0", ["objeto"])
    new.close()
    with connect(tmp_path / "new.duckdb", write=True) as con:
        con.execute(f"INSERT INTO t {LONG}")
        assert _stored(con) == {"objeto"}


def test_a_raw_table_packs_its_long_texts(new):
    table = RawTable("t", ("id",), (Field("id", "BIGINT"), Field("objeto", "VARCHAR", long=True)))
    new.execute("CREATE SCHEMA raw")
    new.execute(table.ddl(packed=True))
    new.execute(f"INSERT INTO raw.t BY NAME (SELECT * EXCLUDE n FROM ({LONG}))")
    assert _stored(new, "raw.t") == {"objeto"}
