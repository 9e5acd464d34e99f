"""What a build shows at its end: the few rows worth reading first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from baliza.warehouse.published import open_live


@dataclass(frozen=True)
class Buyer:
    """One órgão of mart.spending, all its months and categories together."""

    name: str
    cnpj: str
    uf: str
    contracts: int
    contracted: Decimal
    commitments: Decimal
    in_review: Decimal


@dataclass(frozen=True)
class SpendingSummary:
    """mart.spending in a few lines.

    Attributes:
        buckets: count and sum of contract, empenho, income and suspect.
        buyers: the órgãos that contracted most, by valor_contratos.
        first, last: months covered.
    """

    buckets: Mapping[str, tuple[int, Decimal]]
    buyers: list[Buyer]
    first: Any
    last: Any


def spending(database: Path, *, limit: int = 10) -> SpendingSummary:
    """Read the summary of mart.spending."""
    con = open_live(database).con
    try:
        totals = (
            con.execute(
                """
            SELECT coalesce(sum(quantidade_contratos), 0), coalesce(sum(valor_contratos), 0),
                   coalesce(sum(quantidade_empenhos), 0), coalesce(sum(valor_empenhos), 0),
                   coalesce(sum(quantidade_receitas), 0), coalesce(sum(valor_receita), 0),
                   coalesce(sum(quantidade_suspeitos), 0), coalesce(sum(valor_suspeito), 0),
                   min(mes), max(mes)
            FROM mart.spending
            """
            ).fetchone()
            or (0,) * 10
        )
        buyers = con.execute(
            """
            WITH most AS (
                SELECT cnpj_orgao FROM mart.spending GROUP BY cnpj_orgao
                ORDER BY sum(valor_contratos) DESC, cnpj_orgao LIMIT ?
            )
            SELECT coalesce(any_value(nome_orgao), '?'), cnpj_orgao, coalesce(mode(uf_sigla), '?'),
                   sum(quantidade_contratos), sum(valor_contratos), sum(valor_empenhos), sum(valor_em_revisao)
            FROM mart.spending SEMI JOIN most USING (cnpj_orgao) GROUP BY cnpj_orgao
            ORDER BY sum(valor_contratos) DESC, cnpj_orgao
            """,
            [limit],
        ).fetchall()
    finally:
        con.close()
    names = ("contract", "empenho", "income", "suspect")
    buckets = {name: (int(totals[2 * n]), Decimal(totals[2 * n + 1])) for n, name in enumerate(names)}
    return SpendingSummary(buckets, [Buyer(*row) for row in buyers], totals[8], totals[9])


def first_rows(database: Path, location: str, *, limit: int = 10) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and a few rows of any table, in the order of its first columns."""
    schema, _, table = location.partition(".")
    con = open_live(database).con
    try:
        result = con.execute(f'SELECT * FROM {schema}."{table}" ORDER BY ALL LIMIT {limit}')  # noqa: S608 - a known table
        return [column[0] for column in result.description or []], result.fetchall()
    finally:
        con.close()
