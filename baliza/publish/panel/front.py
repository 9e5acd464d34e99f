"""The front page: what the file holds in all, month by month, and who contracted and sold most."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import duckdb

from baliza.publish.panel.script import amount, line
from baliza.publish.panel.shards import rows

_FIRST = 10

_MONTHS = """
    SELECT strftime(mes, '%Y-%m'), categoria_processo_id AS categoria,
           sum(quantidade_contratos)::BIGINT, sum(valor_contratos)
    FROM mart.spending GROUP BY mes, categoria
    HAVING sum(quantidade_contratos) > 0 ORDER BY mes, categoria
"""

_BUCKETS = """
    SELECT coalesce(sum(quantidade_contratos), 0)::BIGINT, coalesce(sum(valor_contratos), 0),
           coalesce(sum(quantidade_empenhos), 0)::BIGINT, coalesce(sum(valor_empenhos), 0),
           coalesce(sum(quantidade_suspeitos), 0)::BIGINT, coalesce(sum(valor_suspeito), 0),
           coalesce(sum(quantidade_receitas), 0)::BIGINT, coalesce(sum(valor_receita), 0),
           coalesce(sum(valor_em_revisao), 0)
    FROM mart.spending
"""

_BY_CATEGORY = """
    SELECT DISTINCT categoria_processo_id, categoria_processo_nome FROM mart.{table}
    WHERE categoria_processo_id IS NOT NULL ORDER BY 1
"""


def totals(con: duckdb.DuckDBPyConnection, present: Collection[str]) -> dict[str, Any]:
    """Sums of the whole file; null for what was never built."""
    sums: dict[str, Any] = {"meses": None, "baldes": None}
    if "mart.spending" in present:
        sums["meses"] = [[*row[:-1], amount(row[-1])] for row in rows(con, _MONTHS)]
        sums["baldes"] = [amount(value) for row in rows(con, _BUCKETS) for value in row]
    return {
        **sums,
        "orgaos": _first(con, "orgao"),
        "fornecedores": _first(con, "supplier"),
        "municipios": _first(con, "municipio"),
    }


def _first(con: duckdb.DuckDBPyConnection, table: str) -> list[list[Any]]:
    """Those with most contracted value: id, name, UF, value, whether any of it is in review."""
    query = f"""
        SELECT id, coalesce(name, shown), uf, value, review > 0 FROM panel.{table}
        WHERE value > 0 ORDER BY value DESC, id LIMIT {_FIRST}
    """
    return [
        [id_, line(name), uf, amount(value), in_review]
        for id_, name, uf, value, in_review in rows(con, query)
    ]


def categories(con: duckdb.DuckDBPyConnection, present: Collection[str]) -> list[list[Any]]:
    """Code and label of every category in the file."""
    table = next((one for one in ("spending", "concentration", "supply") if f"mart.{one}" in present), None)
    return [list(row) for row in rows(con, _BY_CATEGORY.format(table=table))] if table else []


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many órgãos, suppliers and municipalities have a page."""
    tables = {"orgaos": "orgao", "fornecedores": "supplier", "municipios": "municipio"}
    return {
        name: n for name, table in tables.items() for (n,) in rows(con, f"SELECT count(*) FROM panel.{table}")
    }
