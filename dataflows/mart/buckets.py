"""The four buckets of stage.contratos in a mart: counted and summed apart, and none of them lost."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any

import ibis.expr.types as ir
from ibis import _

from dataflows.contract import MONEY_TOTAL, count, total
from dataflows.expressions import Expression, Row
from dataflows.mart.reconciliation import compare_totals
from dataflows.mart.sums import sum_where

QUANTIDADE_CONTRATOS = count(
    "Contratos somados em valor_contratos.", unit="contratos", source="bucket contract"
)
QUANTIDADE_EMPENHOS = count("Empenhos somados em valor_empenhos.", unit="empenhos", source="bucket empenho")
QUANTIDADE_SUSPEITOS = count(
    "Registros de valor suspeito, somados à parte em valor_suspeito.",
    unit="registros",
    source="bucket suspect",
)
QUANTIDADE_RECEITAS = count(
    "Contratos de receita, somados à parte em valor_receita.", unit="contratos", source="bucket income"
)
VALOR_CONTRATOS = total("Soma de valor_global dos contratos.", source="valor_global, bucket contract")
VALOR_EMPENHOS = total(
    "Soma de valor_global dos empenhos. Não some com valor_contratos: parte repete os contratos.",
    source="valor_global, bucket empenho",
)
VALOR_SUSPEITO = total(
    "Soma dos valores suspeitos, fora dos demais totais.", source="valor_global, bucket suspect"
)
VALOR_RECEITA = total(
    "Soma dos contratos de receita, fora dos demais totais.", source="valor_global, bucket income"
)
"""The columns that count and sum each bucket, for the contracts of marts: alike in all that have them."""

_COLUMNS = {
    "contract": ("quantidade_contratos", "valor_contratos"),
    "empenho": ("quantidade_empenhos", "valor_empenhos"),
    "suspect": ("quantidade_suspeitos", "valor_suspeito"),
    "income": ("quantidade_receitas", "valor_receita"),
}
"""Their names, by bucket."""


def bucket_counts() -> dict[str, Any]:
    """The records of each bucket, for an aggregation of stage.contratos."""
    return {quantity: _count(bucket) for bucket, (quantity, _value) in _COLUMNS.items()}


def bucket_sums() -> dict[str, Any]:
    """valor_global of each bucket, for an aggregation of stage.contratos."""
    return {value: _sum(bucket) for bucket, (_quantity, value) in _COLUMNS.items()}


def buckets_add_up(mart: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    """The gate of a mart with every bucket: each one's count and sum, and those of all records."""
    quantities, values = zip(*_COLUMNS.values(), strict=True)
    row: Row = mart
    # One look at every record, and then at four sums: ten filters would each look at all of them.
    apart: Row = stage_contratos.group_by("bucket").aggregate(
        quantidade=_.count(), valor=_.valor_global.sum().cast(MONEY_TOTAL)
    )
    expected = apart.aggregate(
        **{name: _whole(apart.quantidade, apart, bucket) for bucket, (name, _value) in _COLUMNS.items()},
        **{name: _whole(apart.valor, apart, bucket) for bucket, (_quantity, name) in _COLUMNS.items()},
        quantidade=apart.quantidade.sum().coalesce(0),
        valor=apart.valor.sum().coalesce(0),
    )
    found = mart.aggregate(
        **{column: row[column].sum().coalesce(0) for column in (*quantities, *values)},
        quantidade=_added(mart, quantities),
        valor=_added(mart, values),
    )
    return compare_totals(expected, found)


def bucket_adds_up(mart: ir.Table, stage_contratos: ir.Table, bucket: str) -> ir.Table:
    """The gate of a mart with one bucket: its count and its sum."""
    quantity, value = _COLUMNS[bucket]
    expected = stage_contratos.aggregate(**{quantity: _count(bucket), value: _sum(bucket)})
    row: Row = mart
    found = mart.aggregate(**{column: row[column].sum().coalesce(0) for column in (quantity, value)})
    return compare_totals(expected, found)


def _count(bucket: str) -> Expression:
    return _.count(where=_.bucket == bucket)


def _sum(bucket: str) -> Expression:
    return sum_where(_.valor_global, _.bucket == bucket)


def _whole(sums: Expression, apart: Row, bucket: str) -> Expression:
    """What one bucket comes to, among the sums of each."""
    return sums.sum(where=apart.bucket == bucket).coalesce(0)


def _added(mart: Row, columns: Sequence[str]) -> Expression:
    """The sum over all rows of these columns together."""
    return functools.reduce(operator.add, (mart[column].sum().coalesce(0) for column in columns))
