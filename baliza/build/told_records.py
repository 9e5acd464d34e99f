"""What is told of the records behind rows of a mart: group by group, and the first of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from baliza.build import catalog
from baliza.build.explanation import Group, Records
from dataflows.contract import FINDING
from dataflows.expressions import Expression, Row

_GROUPED_BY = (FINDING, "bucket", "verdict", "estimate_verdict", "award_verdict", "status")
"""What tells records apart in a sum: the first of these that a table has."""

_SUMMED = ("valor_global", "valor_total")
"""How the amounts begin that marts add up."""

_TOLD = (
    "link_pncp", "data_publicacao_pncp", "data_assinatura", "cnpj_orgao", "nome_orgao", "ni_fornecedor",
    "nome_fornecedor", "objeto_contrato", "objeto_compra", "descricao",
)  # fmt: skip
"""What is told of a record, where its table has it, beside its key, its group and its amounts."""

_MOST_RANKED = 50
"""Findings whose records are put first, the rarest of all before the others."""

Fetch = Callable[[ir.Table], list[dict[str, Any]]]


def told(name: str, records: Row, fetch: Fetch, *, limit: int | None, named: Collection[Any] = ()) -> Records:
    """The records of one table, input or node.

    Args:
        name: of what they are in.
        records: they themselves.
        fetch: runs a query.
        limit: of the records listed; all without.
        named: values of the key that was asked for: one that is a column of the records is told of each.
    """
    grouped_by = next((column for column in _GROUPED_BY if column in records.columns), None)
    amounts = [column for column in records.columns if column.startswith(_SUMMED)]
    groups = _groups(records, grouped_by, amounts, fetch)
    group = [grouped_by] if grouped_by else []
    wanted = [column for column in records.columns if column in named]
    shown = _shown(name, records, [*group, *wanted, *amounts])
    order: list[Expression | str] = [ibis.desc(column) for column in amounts]
    order += [column for column in shown if column not in {grouped_by, *amounts}]
    first = _rarest_first(records, groups) if grouped_by == FINDING else group
    return Records(
        table=_place(name),
        grouped_by=grouped_by,
        groups=groups,
        total=int(fetch(records.aggregate(rows=records.count()))[0]["rows"]),
        records=fetch(some(records.order_by([*first, *order]).select(*shown), limit)),
    )


def some(table: ir.Table, limit: int | None) -> ir.Table:
    """The first rows; all where there is no limit."""
    return table if limit is None else table.limit(limit)


def _groups(records: Row, grouped_by: str | None, amounts: Sequence[str], fetch: Fetch) -> list[Group]:
    if grouped_by == FINDING:
        # A record in which nothing was found is in a group of its own, that has no name.
        nothing = ibis.literal([None], "array<string>")
        found = (records[FINDING].length() == 0).ifelse(nothing, records[FINDING])
        records = records.select(*amounts, **{FINDING: found.unnest()})
    sums = {column: records[column].sum().coalesce(0) for column in amounts}
    counted = fetch(
        (records.group_by(grouped_by) if grouped_by else records).aggregate(records=records.count(), **sums)
    )
    groups = [
        Group(one.get(grouped_by or ""), one["records"], {column: one[column] for column in amounts})
        for one in counted
    ]
    return sorted(groups, key=lambda one: one.name or "")


def _rarest_first(records: Row, groups: Sequence[Group]) -> list[Expression]:
    ranked = sorted((one for one in groups if one.name), key=lambda one: (one.records, one.name))
    if not ranked:
        return []
    rank = ibis.cases(
        *((records[FINDING].contains(one.name), number) for number, one in enumerate(ranked[:_MOST_RANKED])),
        (records[FINDING].length() > 0, _MOST_RANKED),
        else_=_MOST_RANKED + 1,
    )
    return [rank]


def _shown(name: str, records: Row, beside: Sequence[str]) -> list[str]:
    """Of the ledger and of findings all but lists is told; of a record what names, places and values it."""
    node = catalog.tables().get(name)
    if node is None:
        return [
            column for column in records.columns if column == FINDING or not records[column].type().is_array()
        ]
    columns = dict.fromkeys((*node.contract.key, *beside, *_TOLD))
    return [column for column in columns if column in records.columns]


def _place(name: str) -> str:
    node = catalog.tables().get(name)
    if node is not None:
        return node.location
    return name if catalog.is_node(name) else name.replace("_", ".", 1)
