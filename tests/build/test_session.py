"""A file opened to say what a command would do."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest

from baliza.build.session import reading, writing
from baliza.errors import DatabaseLockedError, DatabaseMissingError, NotADatabaseError

HOLDING = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
"""Python that takes a file and gives it back when its input ends."""


def tables(con):
    return {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_a_file_is_read_and_cannot_be_written(database):
    with reading(database) as con:
        assert "coverage" in tables(con)
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("DELETE FROM meta.coverage")


def test_a_file_that_is_not_there_is_an_empty_one_and_stays_away(tmp_path):
    with reading(tmp_path / "folder" / "none.duckdb") as con:
        assert {"coverage", "contratos"} <= tables(con)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_would_not_be_made_is_missing(tmp_path):
    with pytest.raises(DatabaseMissingError), reading(tmp_path / "none.duckdb", create=False):
        pass


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_was_never_filled_is_laid_out_only_by_what_would(tmp_path, create):
    path = tmp_path / "blank.duckdb"
    duckdb.connect(path).close()
    before = path.read_bytes()
    if create:
        with reading(path) as con:
            assert "coverage" in tables(con)
    else:
        with pytest.raises(NotADatabaseError), reading(path, create=False):
            pass
    assert path.read_bytes() == before


def test_a_file_of_something_else_is_refused_and_let_go(tmp_path):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE mine (a INT)")
    with pytest.raises(NotADatabaseError), reading(path):
        pass
    duckdb.connect(path).close()


def test_a_file_that_another_took_while_it_was_lent_is_not_ours_to_write(database):
    others = []

    def lend():
        with writing(database, "build", {}, source=None) as session, session.lent():
            command = [sys.executable, "-c", HOLDING, str(database)]
            others.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            assert others[0].stdout.readline() == "held\n"

    with pytest.raises(DatabaseLockedError, match=r"PID \d+"):
        lend()
    others[0].communicate()
    with duckdb.connect(database, read_only=True) as con:
        assert con.execute("SELECT exit_code FROM meta.runs").fetchall() == [(None,)]
