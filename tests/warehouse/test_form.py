"""The form of a new file, made by a command or by compaction."""

import duckdb

from baliza.warehouse.compaction import compact
from baliza.warehouse.connection import connect
from baliza.warehouse.form import BLOCK_SIZE, VERSION


def form(path):
    with duckdb.connect(path, read_only=True) as con:
        return con.execute(
            "SELECT tags['storage_version'], block_size FROM duckdb_databases(), pragma_database_size() "
            "WHERE duckdb_databases.database_name = current_database()"
        ).fetchall()


def test_a_new_file(tmp_path):
    connect(tmp_path / "it's new.duckdb", write=True).close()
    assert form(tmp_path / "it's new.duckdb") == [(f"{VERSION}+", BLOCK_SIZE)]


def test_a_file_that_is_there_keeps_its_form_until_it_is_compacted(prepared, tmp_path):
    old = tmp_path / "old.duckdb"
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{prepared}' AS made (READ_ONLY); ATTACH '{old}' AS old")
        con.execute("COPY FROM DATABASE made TO old")
    ((_, block_size),) = form(old)
    connect(old, write=True).close()
    assert form(old) == [("v1.0.0+", block_size)]
    assert block_size != BLOCK_SIZE

    compact(old)

    assert form(old) == [(f"{VERSION}+", BLOCK_SIZE)]
