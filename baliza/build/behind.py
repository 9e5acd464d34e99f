"""Which records are behind rows of a mart, and whether they alone make those rows.

A row is made from the records that agree with it on its key. Where a parent has the columns of the key under
their names, or the day that the year and the month are taken from, that is enough; else the contract says how
(`Contract.records`, `Contract.behind`), or names the records in a column (`Contract.evidence`). That it is so
is not believed: the mart's own function is run once more over these records alone, or over what the contract
says it takes, and what it makes is compared.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import ibis.expr.types as ir

from baliza.build import catalog, keyed
from baliza.build.catalog import TableNode
from dataflows.contract import FINDING, Made
from dataflows.expressions import Row

NUMBER = "numero_controle_pncp"
"""The key of purchases and of contracts."""


def is_explainable(node: TableNode) -> bool:
    """Whether it can be said which records are behind a row of this mart."""
    contract = node.contract
    return bool(contract.evidence or contract.records_of or contract.behind_rows or keyed.parents(node))


def explainable() -> list[str]:
    """Every mart of which it can be said."""
    return [name for name, node in catalog.tables().items() if node.layer == "mart" and is_explainable(node)]


def is_cut(node: TableNode) -> bool:
    """Whether its rows rest on some of its tables each: those that its contract cuts for them."""
    return node.contract.behind_rows is not None and not node.contract.evidence


def records(
    node: TableNode, rows: ir.Table, keys: Sequence[Mapping[str, Any]], made: Made
) -> dict[str, ir.Table]:
    """The records behind rows of a mart, by the table or the node they are in, as that has them.

    Args:
        node: the mart.
        rows: those of it that are explained.
        keys: their keys, with `cnpj_orgao` where they have one.
        made: a table or an input by its name.
    """
    if node.contract.evidence:
        return _named(node, rows, made)
    if node.contract.behind_rows is not None:
        return _cut(node, keys, made)
    wanted = rows.select(*node.contract.key)
    return {
        name: keyed.agreeing(table, wanted, node.contract.key).select(*made(name).columns)
        for name, table in _keyed(node, made).items()
    }


def made_of(
    node: TableNode, keys: Sequence[Mapping[str, Any]], found: Mapping[str, ir.Table], made: Made
) -> Mapping[str, ir.Table]:
    """What the rows are made again of: the records found, or what takes more than the evidence they list."""
    again = _cut(node, keys, made) if node.contract.evidence else found
    return {name: table.drop(FINDING) if FINDING in table.columns else table for name, table in again.items()}


def _cut(node: TableNode, keys: Sequence[Mapping[str, Any]], made: Made) -> dict[str, ir.Table]:
    """What the contract cuts out of the tables and the nodes for some rows; nothing where it does not."""

    def any_made(name: str) -> Any:
        is_other_node = catalog.is_node(name) and name not in catalog.tables()
        return _call(name, made, {}) if is_other_node else made(name)

    cut = node.contract.behind_rows
    return {} if cut is None else dict(cut(keys, any_made))


def differences(node: TableNode, rows: Row, found: Mapping[str, ir.Table], made: Made) -> ir.Table:
    """In how many rows each column comes out otherwise, made again of these records alone."""
    again: Row = _call(node.name, made, found)
    other = again.rename({f"again_{name}": name for name in again.columns})
    same = [rows[name].identical_to(other[f"again_{name}"]) for name in node.contract.key]
    both: Row = rows.left_join(other, functools.reduce(operator.and_, same))
    return both.aggregate(
        **{
            name: both.count(where=~both[name].identical_to(both[f"again_{name}"]))
            for name in node.contract.columns
            if name not in node.contract.key
        }
    )


def _call(name: str, made: Made, instead: Mapping[str, ir.Table]) -> Any:
    """What a function of the dataflow makes, with some tables in the place of others."""
    function = catalog.function_of(name)
    arguments = {}
    for parameter in catalog.reads(name):
        if parameter in instead:
            arguments[parameter] = instead[parameter]
        elif parameter in catalog.tables() or not catalog.is_node(parameter):
            arguments[parameter] = made(parameter)
        else:
            arguments[parameter] = _call(parameter, made, instead)
    return function(**arguments)


def _keyed(node: TableNode, made: Made) -> Mapping[str, ir.Table]:
    """The tables whose records are counted, with the columns of the mart's key."""
    find = node.contract.records_of
    if find is not None:
        return find(**{name: made(name) for name in inspect.signature(find).parameters})
    return {name: keyed.with_key(node, name, made(name)) for name in keyed.parents(node)}


def _named(node: TableNode, rows: Row, made: Made) -> dict[str, ir.Table]:
    """The records whose control numbers the rows list."""
    listed = rows.select(numero=rows[node.contract.evidence].unnest()).distinct()
    tables = [
        name
        for name in sorted(catalog.ancestors(node.name))
        if name in catalog.tables() and catalog.tables()[name].contract.key == (NUMBER,)
    ]
    found = {}
    for name in tables:
        table: Row = made(name)
        found[name] = table.semi_join(listed, table[NUMBER] == listed.numero)
    return found


def evidence_counts(node: TableNode, rows: Row) -> ir.Table:
    """Of rows that list their evidence: how many records they name, and how many they count, row by row."""
    evidence = node.contract.evidence
    return rows.aggregate(
        named=rows[evidence].length().sum().coalesce(0),
        counted=rows[f"quantidade_{evidence}"].sum().coalesce(0),
    )
