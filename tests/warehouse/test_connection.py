import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from baliza.errors import (
    DatabaseError,
    DatabaseLockedError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DiskFullError,
    InvalidSettingError,
    NewerFormatError,
    NotADatabaseError,
    OutOfMemoryError,
)
from baliza.settings import Resources
from baliza.warehouse.connection import connect, explain, explained, limited, transaction

HOLDING = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_writing_makes_the_folder_and_reading_does_not(tmp_path: Path):
    path = tmp_path / "deep" / "er" / "x.duckdb"
    with pytest.raises(DatabaseMissingError, match="baliza build"):
        connect(path, write=False)
    assert not path.parent.exists()
    connect(path, write=True).close()
    connect(path, write=False).close()


def test_reading_cannot_write(database: Path):
    connect(database, write=True).close()
    con = connect(database, write=False)
    with pytest.raises(DatabaseReadOnlyError), explained(database):
        con.execute("CREATE TABLE x (i INT)")
    con.close()


def test_a_file_is_not_made_where_it_was_not_to_be(database: Path):
    with pytest.raises(DatabaseMissingError, match="baliza build"):
        connect(database, write=True, create=False)
    assert not database.exists()


@pytest.mark.parametrize("write", [True, False], ids=["to write", "to read"])
@pytest.mark.parametrize(
    "content", [b"isto nao e um banco" * 500, b"PK\x03\x04", b"x"], ids=["text", "short", "one byte"]
)
def test_a_file_that_is_not_duckdb(database: Path, content: bytes, write: bool):
    database.write_bytes(content)
    with pytest.raises(NotADatabaseError, match="not a DuckDB file"):
        connect(database, write=write)
    assert database.read_bytes() == content


@pytest.mark.parametrize("write", [True, False], ids=["to write", "to read"])
def test_a_folder_is_no_file(tmp_path: Path, write: bool):
    with pytest.raises(NotADatabaseError, match="folder"):
        connect(tmp_path, write=write)


def test_a_file_where_the_folder_should_be(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatabaseError, match="file"):
        connect(tmp_path / "file" / "x.duckdb", write=True)


@pytest.mark.parametrize("write", [True, False], ids=["to write", "to read"])
def test_a_locked_file_says_who_holds_it(database: Path, write: bool):
    connect(database, write=True).close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DatabaseLockedError, match=rf"PID {holder.pid}\b") as raised:
            connect(database, write=write)
        holder.stdin.close()
    assert "python" in raised.value.sentences()[1]
    connect(database, write=write).close()


def test_a_transaction_is_committed(con: duckdb.DuckDBPyConnection, database: Path):
    with transaction(con):
        con.execute("CREATE TABLE x (i INT)")
    con.close()
    con = connect(database, write=False)
    assert con.execute("SELECT i FROM x").fetchall() == []
    con.close()


@pytest.mark.parametrize(
    ("error", "statement"),
    [
        pytest.param(KeyboardInterrupt, "INSERT INTO x VALUES (2)", id="interrupted"),
        pytest.param(
            duckdb.CatalogException, "INSERT INTO x VALUES (2); INSERT INTO missing VALUES (3)", id="failed"
        ),
        pytest.param(ZeroDivisionError, "ROLLBACK", id="nothing left to roll back"),
    ],
)
def test_a_transaction_that_fails_leaves_nothing_and_tells_its_own_error(
    con: duckdb.DuckDBPyConnection, error: type[BaseException], statement: str
):
    con.execute("CREATE TABLE x (i INT); INSERT INTO x VALUES (1)")

    def failing() -> None:
        with transaction(con):
            con.execute(statement)
            raise error

    with pytest.raises(error):
        failing()
    assert con.execute("SELECT i FROM x").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(OSError(28, "No space left on device"), DiskFullError, id="system: disk full"),
        pytest.param(
            duckdb.IOException('Could not write file "x": No space left on device'),
            DiskFullError,
            id="disk full",
        ),
        pytest.param(duckdb.IOException("Disk quota exceeded"), DiskFullError, id="quota"),
        pytest.param(
            duckdb.OutOfMemoryException("failed to offload data block; set 'max_temp_directory_size' higher"),
            DiskFullError,
            id="no room to spill",
        ),
        pytest.param(duckdb.OutOfMemoryException("could not allocate block"), OutOfMemoryError, id="memory"),
        pytest.param(
            duckdb.FatalException("invalidated: No space left on device"), DiskFullError, id="fatal disk full"
        ),
        pytest.param(
            PermissionError(13, "Permission denied"), DatabaseReadOnlyError, id="system: not allowed"
        ),
        pytest.param(
            duckdb.IOException('Cannot open file "x": Read-only file system'),
            DatabaseReadOnlyError,
            id="read-only disk",
        ),
        pytest.param(
            duckdb.InvalidInputException('Cannot execute "INSERT" in database attached in read-only mode!'),
            DatabaseReadOnlyError,
            id="read-only connection",
        ),
        pytest.param(
            duckdb.IOException(
                'Could not set lock on file "x": Conflicting lock is held in /usr/bin/duckdb (PID 77) by user ana.'
            ),
            DatabaseLockedError,
            id="locked by a user",
        ),
        pytest.param(
            duckdb.IOException('Could not set lock on file "x": Resource busy'),
            DatabaseLockedError,
            id="locked",
        ),
        pytest.param(
            duckdb.IOException(
                "Trying to read a database file with version number 99, but we can only read 64 to 67."
            ),
            NewerFormatError,
            id="newer DuckDB",
        ),
        pytest.param(duckdb.BinderException("no such column {a}"), DatabaseError, id="anything else"),
    ],
)
def test_explanations(error: Exception, expected: type[DatabaseError], tmp_path: Path):
    told = explain(error, tmp_path / "x.duckdb")
    assert type(told) is expected
    assert "x.duckdb" in str(told)
    assert all(told.sentences())


def test_what_is_no_fault_of_the_file_passes_unexplained(database: Path):
    with pytest.raises(ZeroDivisionError), explained(database):
        raise ZeroDivisionError
    with pytest.raises(DatabaseMissingError), explained(database):
        raise DatabaseMissingError("a", "b", "c")


def in_force(con: duckdb.DuckDBPyConnection, *names: str) -> tuple[object, ...] | None:
    settings = ", ".join(f"current_setting('{name}')" for name in names)
    return con.execute(f"SELECT {settings}").fetchone()


def test_resources_are_in_force(database: Path, tmp_path: Path):
    spill = tmp_path / "deep" / "spill"
    con = connect(database, write=True, resources=Resources("1.5GiB", 3, spill))
    assert in_force(con, "memory_limit", "threads", "temp_directory") == ("1.5 GiB", 3, str(spill))
    con.close()
    con = connect(database, write=True, resources=Resources())
    assert in_force(con, "temp_directory") == (f"{database}.tmp",)
    con.close()


def test_what_does_not_fit_into_memory_goes_where_it_was_told(database: Path, tmp_path: Path):
    spill = tmp_path / "deep" / "spill"
    con = connect(database, write=True, resources=Resources("128MB", 1, spill))
    rows = con.execute("SELECT md5(range::VARCHAR) FROM range(4000000) ORDER BY 1")
    assert list(spill.iterdir())
    assert rows.fetchone()
    con.close()
    assert not Path(f"{database}.tmp").exists()


@pytest.mark.parametrize("obstacle", ["file", "file/below"])
def test_a_folder_that_cannot_be_made_is_refused_at_once(database: Path, tmp_path: Path, obstacle: str):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSettingError, match="--temp-directory"):
        connect(database, write=True, resources=Resources(temp_directory=tmp_path / obstacle))


@pytest.mark.parametrize(
    ("opened_with", "within", "expected"),
    [
        pytest.param(Resources("1.5GiB", 2), ("256MiB", 1), ("256.0 MiB", 1), id="less than allowed"),
        pytest.param(Resources("200MiB", 2), ("256MiB", 4), ("200.0 MiB", 2), id="never more than allowed"),
        pytest.param(Resources(), ("256MiB", None), ("256.0 MiB", None), id="no limit of the user's"),
    ],
)
def test_a_block_takes_less_and_leaves_what_was(
    database: Path, opened_with: Resources, within: tuple[str, int | None], expected: tuple[str, int | None]
):
    con = connect(database, write=True, resources=opened_with)
    before = in_force(con, "memory_limit", "threads")
    with limited(con, memory_limit=within[0], threads=within[1]):
        memory, threads = in_force(con, "memory_limit", "threads")
    assert memory == expected[0]
    assert threads == (expected[1] or before[1])
    assert in_force(con, "memory_limit", "threads") == before
    con.close()


def test_the_error_of_a_block_is_told_where_its_transaction_takes_no_more(con: duckdb.DuckDBPyConnection):
    con.execute("BEGIN")
    with pytest.raises(duckdb.CatalogException), limited(con, memory_limit="256MB"):
        con.execute("SELECT * FROM missing")


@pytest.mark.parametrize("name", ["raw", "stage", "Mart", "meta"])
@pytest.mark.parametrize("write", [True, False])
def test_a_file_named_as_one_of_its_schemas_is_refused_before_anything_is_made(tmp_path, name, write):
    with pytest.raises(InvalidSettingError, match=r"named as one of its schemas.*pncp\.duckdb"):
        connect(tmp_path / f"{name}.duckdb", write=write)

    assert list(tmp_path.iterdir()) == []
