"""What mart_quality counts in one table: all its columns in one pass, in the order of its contract.

And in which rows it counts it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from dataflows.contract import FINDING, Column, Contract, Rule
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row, Text

WHOLE_ROW = "*"
"""Stands for the rows themselves, where the name of a column would."""

ASKED = ("nulos", "vazios", "em_revisao", "suspeitos", "sem_rotulo")
"""What is counted of a column if it applies; where it does not, null: zero was looked for and not found."""

_BLANK: Text = ibis.literal("")


def column_counts(
    location: str, table: ir.Table, contract: type[Contract], official: Mapping[str, Domain]
) -> ir.Table:
    """One row for the rows of a table and one for each of its columns; none if it has no rows.

    Args:
        location: the table's name, as it is reported.
        table: read once, however many columns it has.
        contract: says its columns, rules, verdicts and codes.
        official: the official tables of its codes, by name.
    """
    row: Row = table
    facts = [
        {"tabela": ibis.literal(location), "coluna": ibis.literal(name)}
        | _facts(row, _rules(contract, name), _asked(row, contract, name, official))
        for name in (WHOLE_ROW, *contract.columns)
    ]
    counted: Row = table.aggregate(counted=ibis.array([ibis.struct(one) for one in facts]))
    each: Row = counted.select(each=counted.counted.unnest()).each
    return each.lift().filter(ibis._.linhas > 0)


def with_findings(
    table: ir.Table, contract: type[Contract], columns: Sequence[str], official: Mapping[str, Domain]
) -> ir.Table:
    """The rows, each with what is counted of it in these columns: named, where they are several."""
    row: Row = table
    told: list[Text] = [
        ibis.cases((applies.coalesce(False), what if len(columns) == 1 else f"{name}: {what}"))
        for name in columns
        for what, applies in (
            *_asked(row, contract, name, official).items(),
            *((rule.name, ~rule.holds(row)) for rule in _rules(contract, name)),
        )
    ]
    nothing: Expression = ibis.literal([], "array<string>")
    return table.mutate(
        **{FINDING: ibis.array(told).filter(lambda what: what.notnull()) if told else nothing}
    )


def _rules(contract: type[Contract], name: str) -> list[Rule]:
    """The rules that look at a column, or at whole rows."""
    return [rule for rule in contract.rules() if (rule.column or WHOLE_ROW) == name]


def _asked(row: Row, contract: type[Contract], name: str, official: Mapping[str, Domain]) -> dict[str, Flag]:
    """The questions that apply to a column, each true of the values to be counted; none to whole rows."""
    return {} if name == WHOLE_ROW else _asked_of(row[name], contract.columns[name], official)


def _asked_of(value: Expression, column: Column, official: Mapping[str, Domain]) -> dict[str, Flag]:
    asked = {"nulos": value.isnull()}
    if column.dtype.is_string():
        asked["vazios"] = value.strip() == _BLANK
    if "review" in column.isin:
        asked["em_revisao"] = value == "review"
    if "ok" in column.isin:
        asked["suspeitos"] = value.notin(("ok", "review"))
    if column.domain:
        asked["sem_rotulo"] = _is_unlabelled(value, official[column.domain])
    return asked


def _is_unlabelled(value: Expression, official: Domain) -> Flag:
    """Whether a code, or one in a list of them, is not in the official table."""
    codes = tuple(official.labels)
    if value.type().is_array():
        return value.filter(lambda code: code.cast("string").notin(codes)).length() > 0
    return value.cast("string").notin(codes)


def _facts(row: Row, rules: Sequence[Rule], asked: Mapping[str, Flag]) -> dict[str, Expression]:
    failing = {rule.name: _count(row, ~rule.holds(row)) for rule in rules}
    counted = {name: _count(row, asked[name]) if name in asked else ibis.null("int64") for name in ASKED}
    return {
        "linhas": row.count(),
        "regras": ibis.literal(len(rules), type="int64"),
        "falhas": functools.reduce(operator.add, failing.values(), ibis.literal(0, type="int64")),
        "regras_quebradas": _told(failing),
        **counted,
    }


def _count(row: Row, condition: Flag) -> Expression:
    # Some engines count as they sum: over a column that is all null they would say null.
    return row.count(where=condition).coalesce(0)


def _told(failing: Mapping[str, Expression]) -> Text:
    """The rules that do not hold, each with its failures; null where all do."""
    told: list[Text] = [
        ibis.cases((count > 0, ibis.literal(f"{name}: ") + count.cast("string") + "; "), else_=_BLANK)
        for name, count in failing.items()
    ]
    return functools.reduce(operator.add, told, _BLANK).re_replace("; $", "").nullif(_BLANK)
