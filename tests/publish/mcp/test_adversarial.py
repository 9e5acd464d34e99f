"""Queries that want more than they may have: nothing is read, nothing written, and the next question is answered."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from baliza.errors import BalizaError, ForbiddenQueryError, QueryError, QueryStoppedError
from baliza.publish.mcp.limits import MOST_CHARACTERS
from baliza.publish.mcp.sandbox import Sandbox

HONEST = "SELECT count(*) AS n FROM mart.spending"

SECRET = "canary-7f3a"

REFUSED = {
    # Files and the network
    "read_text": "SELECT * FROM read_text('{canary}')",
    "read_text in a scalar place": "SELECT (SELECT content FROM read_text('{canary}'))",
    "read_blob": "SELECT * FROM read_blob('{canary}')",
    "read_csv": "SELECT * FROM read_csv('{canary}')",
    "read_csv_auto": "SELECT * FROM read_csv_auto('/etc/passwd', sep = ':')",
    "read_json": "SELECT * FROM read_json('{canary}')",
    "read_ndjson_objects": "SELECT * FROM read_ndjson_objects('{canary}')",
    "read_parquet": "SELECT * FROM read_parquet('https://example.org/x.parquet')",
    "parquet_metadata": "SELECT * FROM parquet_metadata('{canary}')",
    "read_duckdb": "SELECT * FROM read_duckdb('{database}')",
    "sniff_csv": "SELECT * FROM sniff_csv('{canary}')",
    "glob": "SELECT * FROM glob('/*')",
    "a file as a table": "SELECT * FROM '{canary}'",
    "a file as a quoted table": 'SELECT * FROM "{canary}"',
    "a file over HTTP as a table": "SELECT * FROM 'https://example.org/x.csv'",
    "a file in a schema": "SELECT * FROM mart.'{canary}'",
    "a file inside WITH": "WITH a AS (FROM '{canary}') SELECT * FROM a",
    "a file inside IN": "SELECT 1 WHERE 1 IN (SELECT 1 FROM read_text('{canary}'))",
    "a file inside a lambda": "SELECT list_transform([1], x -> (SELECT content FROM read_text('{canary}')))",
    "a file inside ORDER BY": "SELECT 1 ORDER BY (SELECT content FROM read_text('{canary}'))",
    "a file inside LIMIT": "SELECT 1 LIMIT (SELECT count(*) FROM read_text('{canary}'))",
    "a file inside FILTER": "SELECT count(*) FILTER (EXISTS (FROM read_text('{canary}'))) FROM mart.spending",
    "a file inside PIVOT": "SELECT * FROM (PIVOT (FROM read_text('{canary}')) ON size IN (1) USING count(*))",
    "variables of the environment": "SELECT getenv('BALIZA_CANARY')",
    # Writing
    "COPY TO": "COPY (SELECT 1) TO '{folder}/written.csv'",
    "COPY FROM": "COPY mart.spending FROM '{canary}'",
    "COPY FROM DATABASE": "COPY FROM DATABASE memory TO other",
    "EXPORT": "EXPORT DATABASE '{folder}/exported'",
    "IMPORT": "IMPORT DATABASE '{folder}'",
    "CREATE TABLE": "CREATE TABLE mart.x AS SELECT 1",
    "CREATE VIEW over a file": "CREATE VIEW x AS FROM read_text('{canary}')",
    "CREATE MACRO": "CREATE MACRO x() AS TABLE FROM read_text('{canary}')",
    "INSERT": "INSERT INTO mart.spending SELECT * FROM mart.spending",
    "INSERT inside WITH": "WITH a AS (SELECT 1) INSERT INTO mart.spending SELECT * FROM a",
    "UPDATE": "UPDATE mart.spending SET valor_contratos = 0",
    "DELETE": "DELETE FROM mart.spending",
    "DROP": "DROP VIEW mart.spending",
    "ALTER": "ALTER VIEW mart.spending RENAME TO x",
    "TRUNCATE": "TRUNCATE mart.spending",
    "CHECKPOINT": "CHECKPOINT",
    "VACUUM": "VACUUM",
    "write_log": "SELECT write_log('x')",
    # The engine itself
    "ATTACH": "ATTACH '{database}' AS x",
    "ATTACH over HTTP": "ATTACH 'https://example.org/x.duckdb'",
    "DETACH": "DETACH memory",
    "USE": "USE memory",
    "INSTALL": "INSTALL httpfs",
    "LOAD": "LOAD httpfs",
    "SET": "SET enable_external_access = true",
    "RESET": "RESET lock_configuration",
    "SET VARIABLE": "SET VARIABLE x = 1",
    "PRAGMA": "PRAGMA database_list",
    "PRAGMA that sets": "PRAGMA memory_limit='8GB'",
    "CALL": "CALL pragma_database_size()",
    "PREPARE": "PREPARE x AS SELECT 1",
    "EXECUTE": "EXECUTE x",
    "EXPLAIN ANALYZE": "EXPLAIN ANALYZE SELECT 1",
    "DESCRIBE": "DESCRIBE mart.spending",
    "SUMMARIZE inside FROM": "SELECT * FROM (SUMMARIZE mart.suppliers)",
    "SHOW": "SHOW ALL TABLES",
    "BEGIN": "BEGIN TRANSACTION",
    "CREATE SECRET": "CREATE SECRET x (TYPE http, BEARER_TOKEN 'x')",
    "settings": "SELECT * FROM duckdb_settings()",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "views, which name the file": "SELECT sql FROM duckdb_views()",
    "views without parentheses": "SELECT sql FROM duckdb_views",
    "databases": "SELECT * FROM duckdb_databases()",
    "databases through pragma": "SELECT * FROM pragma_database_list",
    "information_schema": "SELECT * FROM information_schema.tables",
    "pg_catalog": "SELECT * FROM pg_catalog.pg_tables",
    "sqlite_master": "SELECT * FROM sqlite_master",
    "current_setting": "SELECT current_setting('temp_directory')",
    "current_setting, qualified": "SELECT main.current_setting('home_directory')",
    "the text of a view": "SELECT pg_get_viewdef(1)",
    "query()": "FROM query('FROM duckdb_settings()')",
    "query_table()": "FROM query_table('duckdb_settings')",
    "json_execute_serialized_sql": "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "storage of a table": "SELECT * FROM pragma_storage_info('mart.spending')",
    "statistics of a column": "SELECT stats(ni_fornecedor) FROM mart.suppliers",
    "a parameter": "SELECT $1",
    "a Python variable": "SELECT * FROM sys",
    "sleeping": "SELECT sleep_ms(100000)",
    # What is in the file and not published
    "meta": "SELECT * FROM meta.requests",
    "quarantine": "SELECT raw_text FROM meta.quarantine",
    "raw": "SELECT * FROM raw.contratos",
    "the whole name of the file": "SELECT * FROM asked.mart.suppliers",
    "the whole name of a view": "SELECT * FROM memory.mart.suppliers",
    "the system's catalog": "SELECT * FROM system.main.duckdb_views",
    "another time": "SELECT * FROM mart.suppliers AT (VERSION => 1)",
    # Several statements, and what looks like one
    "stacked": "SELECT 1; SELECT 2",
    "stacked after a comment": "SELECT 1 /* ; */; ATTACH '{database}' AS x --",
    "stacked with dollar quotes": "SELECT $$a$$; DROP VIEW mart.spending",
    "nothing": "",
    "only a comment": "-- SELECT 1",
    "no SQL": "who won?",
    "PIVOT, which makes a type": "PIVOT mart.spending ON uf_sigla USING sum(valor_contratos)",
    "a null character": "SELECT 1\0; DROP VIEW mart.spending",
    "too long": "SELECT '" + "x" * MOST_CHARACTERS + "'",
    # Tricks of comments, quotes and letters
    "a comment inside a name": "SELECT * FROM read_/**/text('{canary}')",
    "a comment before the parenthesis": "SELECT * FROM read_text/**/('{canary}')",
    "a quoted function": "SELECT * FROM \"read_text\"('{canary}')",
    "capitals": "SELECT * FROM ReAd_TeXt('{canary}')",
    "a name written in Unicode escapes": "SELECT * FROM U&\"read\\005ftext\"('{canary}')",
    "a fullwidth letter": "SELECT * FROM ｒead_text('{canary}')",
    "a zero-width space": "SELECT * FROM read\u200b_text('{canary}')",
    "a method": "SELECT '{canary}'.read_text()",
    "WITH named as what it reads": "WITH duckdb_views AS (FROM duckdb_views) FROM duckdb_views",
    "WITH that comes later": "WITH a AS (FROM duckdb_views), duckdb_views AS (SELECT 1) FROM a",
    "WITH of another place": "SELECT (WITH duckdb_views AS (SELECT 1) SELECT 1 FROM duckdb_views), * FROM duckdb_views",
    "WITH in one half of UNION": "(WITH duckdb_views AS (SELECT 'a') FROM duckdb_views) UNION ALL SELECT sql FROM duckdb_views",
    "WITH RECURSIVE named as what it reads": "WITH RECURSIVE duckdb_views AS (SELECT sql FROM duckdb_views UNION ALL SELECT 'a') FROM duckdb_views",
    "WITH under a Kelvin sign": "WITH duc\u212adb_views AS (SELECT 1) SELECT * FROM duckdb_views",
}  # fmt: skip

STOPPED = {
    "a cross join of a million millions": "SELECT count(*) FROM range(1000000) a, range(1000000) b",
    "a recursion without end": "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a) SELECT count(*) FROM a",
    "a recursion that doubles": "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT a.x FROM a, range(2)) SELECT count(*) FROM a",
    "a text of a billion letters": "SELECT repeat('x', 1000000000)",
    "a text padded to two billions": "SELECT lpad('x', 2000000000, 'y')",
    "a list of a billion numbers": "SELECT list_sum(range(1000000000))",
    "all numbers in one list": "SELECT list(i) FROM range(100000000000) t(i)",
    "one text of many": "SELECT string_agg(repeat('x', 1000000)) FROM range(100000)",
    "a function that heeds no interruption": "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
    "a sort of a billion": "SELECT max(i) FROM (SELECT i FROM range(1000000000) t(i) ORDER BY hash(i) OFFSET 10)",
}  # fmt: skip


@pytest.fixture
def around(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A file and a variable that must not be read, and a folder that must stay as it is."""
    monkeypatch.setenv("BALIZA_CANARY", SECRET)
    (tmp_path / "canary.csv").write_text(f"a\n{SECRET}\n")
    return {
        "canary": str(tmp_path / "canary.csv"), "folder": str(tmp_path), "database": str(sandbox.database)
    }  # fmt: skip


def _state(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_is_no_question_is_refused(
    sandbox: Sandbox, around: dict[str, str], tmp_path: Path, sql: str
) -> None:
    for name, value in around.items():
        sql = sql.replace(f"{{{name}}}", value)
    with pytest.raises((ForbiddenQueryError, QueryError)) as raised:
        sandbox.run(sql)

    assert not isinstance(raised.value, QueryStoppedError)
    assert SECRET not in str(raised.value)
    assert list(_state(tmp_path)) == [around["canary"]]
    assert sandbox.run(HONEST).rows[0][0] > 0


@pytest.mark.parametrize("sql", STOPPED.values(), ids=STOPPED)
def test_what_takes_too_much_is_stopped_and_the_next_question_answered(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setattr(sandbox, "limits", replace(sandbox.limits, seconds=1))
    with pytest.raises(QueryStoppedError):
        sandbox.run(sql)
    monkeypatch.undo()

    assert sandbox.run(HONEST).rows[0][0] > 0


def test_nothing_was_written(sample: Path, sandbox: Sandbox) -> None:
    before = _state(sample.parent)
    for sql in [*REFUSED.values(), HONEST]:
        try:
            sandbox.run(sql.replace("{database}", str(sample)).replace("{folder}", str(sample.parent)))
        except BalizaError:
            continue

    assert _state(sample.parent) == before


@pytest.mark.parametrize(
    "sql",
    ["SELECT " + "(" * 4000 + "1" + ")" * 4000, "SELECT " + "-(" * 900 + "1" + ")" * 900, "SELECT " + "1+" * 5000 + "1"],
    ids=["parentheses", "signs", "sums"],
)  # fmt: skip
def test_what_is_nested_deeply_harms_nobody(sandbox: Sandbox, sql: str) -> None:
    with suppress(BalizaError):
        sandbox.run(sql)

    assert sandbox.run(HONEST).rows[0][0] > 0


def test_the_process_has_no_variables_of_ours(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALIZA_CANARY", SECRET)
    sandbox.close()
    sandbox.run(HONEST)

    if not Path("/proc").exists():
        pytest.skip("no /proc to look into")
    environment = Path(f"/proc/{sandbox._process._popen.pid}/environ").read_bytes()
    assert SECRET.encode() not in environment


def test_errors_do_not_tell_under_which_name_the_file_is_attached(sandbox: Sandbox) -> None:
    with pytest.raises(QueryError) as raised:
        sandbox.run("SELECT nothing FROM mart.suppliers WHERE spendingg = 1")

    assert "file_" not in json.dumps([str(raised.value)])


def test_the_engine_refuses_by_itself_what_the_tree_would_let_through(sample: Path, tmp_path: Path) -> None:
    import duckdb

    from baliza.publish.mcp.worker import Worker

    (tmp_path / "canary.csv").write_text("a\n1\n")
    worker = Worker(sample, memory="256MB", threads=1)
    for sql in (
        f"SELECT * FROM read_text('{tmp_path / 'canary.csv'}')",
        f"SELECT * FROM '{tmp_path / 'canary.csv'}'",
        f"COPY (SELECT 1) TO '{tmp_path / 'written.csv'}'",
        f"ATTACH '{tmp_path / 'new.duckdb'}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
        f"CREATE TABLE {worker._hidden}.mart.x AS SELECT 1",
        f"DROP TABLE {worker._hidden}.mart.spending",
        "SELECT * FROM worker",
    ):
        with pytest.raises(duckdb.Error):
            worker._con.execute(sql)
    assert [path.name for path in tmp_path.iterdir()] == ["canary.csv"]
