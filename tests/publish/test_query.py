"""Questions in SQL: what is answered, and what is said of those that are not."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from baliza.errors import DatabaseError, InvalidQueryError, is_interruption
from baliza.publish.query import answer
from baliza.settings import Resources


@pytest.fixture
def ask(built_sample):
    def asking(sql):
        with answer(built_sample, sql) as found:
            return found.columns, [*found.rows]

    return asking


def test_columns_and_rows_come_in_order(ask):
    columns, rows = ask(
        "SELECT mes, sum(valor_contratos) AS valor FROM mart.spending GROUP BY mes ORDER BY mes"
    )

    assert columns == ["mes", "valor"]
    assert rows == sorted(rows)
    assert len(rows) > 2


@pytest.mark.parametrize(
    "sql",
    ["SHOW ALL TABLES", "DESCRIBE mart.spending", "SUMMARIZE mart.spending", "EXPLAIN FROM mart.spending",
     "PRAGMA version", "FROM mart.spending LIMIT 1", "SELECT 1;", "-- why\nSELECT 1", "VALUES (1)",
     "WITH a AS (SELECT 1) FROM a"],
)  # fmt: skip
def test_whatever_reads_is_answered(ask, sql):
    assert ask(sql)[1]


def test_moments_with_a_zone_need_no_library(ask):
    ((text, other),) = ask('SELECT TIMESTAMPTZ \'2025-01-02 03:04:05+00\' AS "a ""moment""", 1 AS other;')[1]

    assert text.startswith("2025-01-0")
    assert other == 1


@pytest.mark.parametrize(
    "sql",
    ["INSERT INTO mart.spending SELECT 1", "CREATE TABLE x (a INT)", "CREATE TEMP TABLE x AS SELECT 1",
     "ATTACH 'x.duckdb'", "COPY mart.spending TO 'x.csv'", "SET threads = 1", "DELETE FROM meta.runs",
     "INSTALL httpfs", "DROP TABLE mart.spending", "CHECKPOINT"],
)  # fmt: skip
def test_whatever_does_more_than_read_is_refused(ask, sql):
    with pytest.raises(InvalidQueryError, match="is only read"):
        ask(sql)


@pytest.mark.parametrize(
    "sql",
    ["FROM 'pyproject.csv'", "FROM read_csv('pyproject.toml')", "FROM 'https://example.com/x.parquet'"],
)
def test_no_other_file_and_no_network_is_read(ask, sql):
    with pytest.raises(InvalidQueryError, match="no other file and no network"):
        ask(sql)


@pytest.mark.parametrize(("sql", "n"), [("SELECT 1; SELECT 2", 2), ("", 0), ("-- nothing", 0)])
def test_one_statement_is_answered_at_a_time(ask, sql, n):
    with pytest.raises(InvalidQueryError, match=f"holds {n} statements"):
        ask(sql)


@pytest.mark.parametrize(
    ("table", "near"),
    [
        ("mart_spending", "mart.spending"),
        ("spending", "mart.spending"),
        ("mart.spendin", "mart.spending"),
        ("marts.spending", "mart.spending"),
        ("raw.contrato", "raw.contratos"),
        ("CONTRATOS", "raw.contratos"),
        ("nothing_like_it", "mart."),
    ],
)
def test_a_table_that_is_not_there_has_the_nearest_named(ask, table, near):
    with pytest.raises(InvalidQueryError) as raised:
        ask(f"SELECT * FROM {table}")

    assert raised.value.sentences()[2].startswith(f"Did you mean {near}")


def test_what_duckdb_says_is_told_with_its_position(ask):
    with pytest.raises(InvalidQueryError) as raised:
        ask("SELECT cnpj_orgaos FROM mart.spending")

    found = raised.value.sentences()[1]
    assert 'Candidate bindings: "cnpj_orgao"' in found
    assert "LINE 1: SELECT cnpj_orgaos FROM mart.spending\n               ^" in found


def test_an_error_in_the_middle_of_the_rows_is_told_too(ask):
    with pytest.raises(InvalidQueryError, match="Could not convert"):
        ask("SELECT CASE WHEN range < 50000 THEN 1 ELSE CAST('x' || range AS INT) END FROM range(100000)")


def test_too_little_memory_is_no_mistake_in_the_question(built_sample, tmp_path):
    resources = Resources(memory_limit="128MB", temp_directory=tmp_path / "spill", threads=1)
    sql = "SELECT list(md5(range::VARCHAR)) FROM range(5_000_000)"
    with (
        pytest.raises(DatabaseError, match="memory"),
        answer(built_sample, sql, resources=resources) as found,
    ):
        next(found.rows)


@pytest.fixture
def heeding_ctrl_c():
    """A shell tells what it starts in the background to ignore SIGINT: here it is heeded."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_ctrl_c")
def test_ctrl_c_ends_a_statement_that_would_run_for_long(built_sample):
    began = time.monotonic()
    threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
    with (
        pytest.raises((KeyboardInterrupt, RuntimeError)) as ended,
        answer(built_sample, "SELECT count(*) FROM range(1_000_000) AS a, range(100_000) AS b") as found,
    ):
        list(found.rows)

    assert is_interruption(ended.value)
    assert time.monotonic() - began < 15
