"""What a query may be: honest ones pass, and it is known what they read and speak of."""

from __future__ import annotations

import duckdb
import pytest

from baliza.errors import ForbiddenQueryError
from baliza.publish.mcp import functions, statement

PUBLISHED = ["mart.spending", "stage.contratos"]

HONEST = {
    "a sum": "SELECT mes, sum(valor_contratos) AS v FROM mart.spending GROUP BY ALL ORDER BY v DESC LIMIT 3",
    "FROM first": "FROM mart.spending SELECT uf_sigla, count(*)",
    "capitals": "SELECT * FROM MART.Spending",
    "quoted": 'SELECT * FROM "mart"."spending"',
    "a semicolon at the end": "SELECT 1;",
    "comments": "/* who */ SELECT 1 -- what; or not\n",
    "a word that is refused elsewhere, in a text": "SELECT 'ATTACH; read_text(1)'",
    "WITH": "WITH a AS (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT * FROM b JOIN a USING (x)",
    "WITH inside": "SELECT (WITH q AS (SELECT 1 AS x) SELECT x FROM q)",
    "WITH over UNION": "WITH a AS (SELECT 1 AS x) SELECT * FROM a UNION ALL SELECT * FROM A",
    "WITH RECURSIVE": "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t WHERE x < 3) SELECT * FROM t",
    "a window": "SELECT rank() OVER (PARTITION BY uf_sigla ORDER BY valor_contratos) FROM mart.spending QUALIFY 1 = 1",
    "grouping sets": "SELECT uf_sigla, sum(valor_contratos) FROM mart.spending GROUP BY ROLLUP (uf_sigla)",
    "a lambda": "SELECT list_transform([1, 2], x -> x + 1), [y * 2 FOR y IN [1, 2] IF y > 1]",
    "CASE, BETWEEN, IN, LIKE": "SELECT CASE WHEN 1 BETWEEN 0 AND 2 THEN 'a' END WHERE 'a' IN ('a') AND 'a' LIKE '%a' AND 'a' NOT ILIKE 'b'",
    "dates": "SELECT date_trunc('month', DATE '2025-01-02') + INTERVAL 1 DAY, current_date, extract(year FROM now())",
    "structs and JSON": "SELECT {'a': 1}.a, '{\"a\": 1}'::JSON ->> 'a', struct_pack(b := 2)",
    "series": "SELECT * FROM generate_series(DATE '2025-01-01', DATE '2025-03-01', INTERVAL 1 MONTH)",
    "unnest": "SELECT unnest([1, 2]) UNION SELECT * FROM unnest([3])",
    "percentiles": "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY valor_contratos), median(valor_contratos) FILTER (WHERE valor_contratos > 0) FROM mart.spending",
    "a pivot with its values": "SELECT * FROM (PIVOT mart.spending ON uf_sigla IN ('AC', 'SP') USING sum(valor_contratos))",
    "an unpivot": "SELECT * FROM (UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b)",
    "stars": "SELECT * EXCLUDE (mes) REPLACE (upper(uf_sigla) AS uf_sigla) FROM mart.spending",
    "a sample": "SELECT * FROM mart.spending USING SAMPLE 3",
    "a lateral join": "SELECT * FROM mart.spending AS s, LATERAL (SELECT s.mes) AS x(m)",
    "casts": "SELECT 1::VARCHAR, TRY_CAST('x' AS INTEGER), CAST('1.5' AS DECIMAL(10, 2)), ['1']::INTEGER[]",
}  # fmt: skip


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        yield con


@pytest.mark.parametrize("sql", HONEST.values(), ids=HONEST)
def test_honest_queries_pass(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert statement.read(con, sql, PUBLISHED).parsed.type == duckdb.StatementType.SELECT


def test_the_tables_and_days_of_a_query_are_known(con: duckdb.DuckDBPyConnection) -> None:
    read = statement.read(
        con,
        "SELECT * FROM mart.spending JOIN stage.contratos USING (cnpj_orgao) "
        "WHERE mes >= DATE '2025-03-01' AND texto = 'de 2024-02' AND ano_contrato IN (2023, 3) AND valor > 2022",
        PUBLISHED,
    )

    assert read.tables == set(PUBLISHED)
    assert read.days == {"2025-03-01", "2024-02", "2023"}


def test_every_function_that_may_be_called_exists(con: duckdb.DuckDBPyConnection) -> None:
    known = {
        name.lower()
        for (name,) in con.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    }
    # Of the parser, and rewritten by it.
    spelled = {"coalesce", "grouping", "grouping_id", "if", "ifnull", "nullif", "<=>", "-", "&", "~"}

    assert functions.OF_VALUES - known - spelled == set()
    assert functions.OF_TABLES - known == set()


def test_a_refusal_says_what_it_is_and_what_to_do(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ForbiddenQueryError) as raised:
        statement.read(con, "SELECT * FROM Meta.Requests", PUBLISHED)

    assert "Meta.Requests" in str(raised.value)
    assert "list_tables" in str(raised.value)
