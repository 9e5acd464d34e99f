"""The lines of SQL that changed."""

from __future__ import annotations

import pytest

from baliza.build import sql_diff
from baliza.build.sql_diff import SqlDiff, between


def test_the_same_sql_has_no_lines_and_is_not_parsed():
    assert between("not ( sql", "not ( sql") == SqlDiff()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("SELECT a, b FROM t", "SELECT a,\n  b FROM t", id="spaces"),
        pytest.param("SELECT a FROM t", "select a from t", id="case of the words"),
    ],
)
def test_what_reads_the_same_has_no_lines(before, after):
    assert between(before, after).lines == ()


def test_the_lines_that_differ_are_marked():
    lines = between("SELECT a, b FROM t WHERE c > 1", "SELECT a, b FROM t WHERE c > 2").lines
    assert lines[:2] == ("--- built", "+++ now")
    assert [line for line in lines[2:] if line[0] in "+-"] == ["-  c > 1", "+  c > 2"]


def test_a_long_diff_is_bounded_and_says_by_how_much(monkeypatch):
    monkeypatch.setattr(sql_diff, "MOST_LINES", 5)
    found = between("SELECT " + ", ".join(f"a{n}" for n in range(9)), "SELECT 1")
    assert len(found.lines) == 5
    assert found.left_out > 0


def test_sql_of_duckdb_is_read():
    assert between("SELECT a.b FROM (SELECT {'b': 1} AS a)", "SELECT * REPLACE (1 AS b) FROM t").lines
