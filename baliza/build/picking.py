"""The rows of a table that have some values, and what to say when there are none."""

from __future__ import annotations

import difflib
import functools
import operator
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from baliza.build.catalog import TableNode
from baliza.build.column_values import NULL, Days
from baliza.errors import UnknownRecordError, UsageError
from dataflows.expressions import Flag, Row

_NEAREST = 3

Fetch = Callable[[ir.Table], list[dict[str, Any]]]


def rows(table: ir.Table, wanted: Mapping[str, Any]) -> ir.Table:
    """Those that have all of these values."""
    conditions = [_is(table, name, value) for name, value in wanted.items()]
    return table.filter(functools.reduce(operator.and_, conditions))


def nothing_asked(node: TableNode, table: ir.Table, fetch: Fetch, database: Path) -> UsageError:
    """No key was given: says which there are, with an example that is in the file."""
    some = fetch(table.select(*node.contract.key).order_by(*node.contract.key).limit(1))
    example = " ".join(f"--key {name}={_text(value)}" for name, value in some[0].items()) if some else ""
    return UsageError(
        "The rows of {table} were to be explained.",
        "Nothing says which of them.",
        "Name them by any of its columns, such as its key: "
        "baliza explain {node} {example} --database {database}",
        table=node.location,
        node=node.name,
        example=example or " ".join(f"--key {name}=…" for name in node.contract.key),
        database=database,
    )


def none_found(
    node: TableNode, table: ir.Table, wanted: Mapping[str, Any], fetch: Fetch
) -> UnknownRecordError:
    """No row has all the values: says which of them no row has, or has together with the others."""
    alone = next((name for name in wanted if not fetch(rows(table, {name: wanted[name]}).limit(1))), None)
    name = alone or list(wanted)[-1]
    others = {} if alone else {other: value for other, value in wanted.items() if other != name}
    near = _nearest(rows(table, others) if others else table, name, wanted[name], fetch)
    return UnknownRecordError(
        "The rows of {table} with {wanted} were asked for.",
        "No row has {name} = {value}." if alone else "Rows have each of these values, and none has all.",
        "With {others} there are {name} = {near}." if others else "The nearest there are: {near}",
        table=node.location,
        wanted=_told(wanted),
        name=name,
        value=_text(wanted[name]),
        others=_told(others),
        near=", ".join(map(_text, near)) or "–",
    )


def _told(wanted: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_text(value)}" for name, value in wanted.items())


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return NULL if value is None else str(value)


def _is(table: Row, name: str, value: Any) -> Flag:
    if isinstance(value, list):
        return functools.reduce(operator.or_, (_is(table, name, one) for one in value))
    if value is None:
        return table[name].isnull()
    if isinstance(value, Days):
        return (table[name] >= value.since) & (table[name] < value.until + timedelta(days=1))
    return table[name].contains(value) if table[name].type().is_array() else table[name] == value


def _nearest(table: Row, name: str, value: Any, fetch: Fetch) -> list[Any]:
    """The values of a column most like one that is not there."""
    if isinstance(value, list):
        return _nearest(table, name, value[0], fetch)
    if isinstance(value, Days):
        value = value.since
    given: Any = table[name]
    if given.type().is_array():
        given = given.unnest()
    elif given.type().is_timestamp():
        given = given.date()
    held = table.filter(table[name].notnull()).select(given.name(name)).distinct()
    if value is None:
        return [row[name] for row in fetch(held.order_by(name).limit(_NEAREST))]
    values = [row[name] for row in fetch(held)]
    if isinstance(value, str):
        likeness = difflib.SequenceMatcher(b=value)

        def unlike(one: str) -> tuple[float, str]:
            likeness.set_seq1(one)
            return -likeness.quick_ratio(), one

        return sorted(values, key=unlike)[:_NEAREST]
    return sorted(sorted(values, key=lambda one: abs(_position(one) - _position(value)))[:_NEAREST])


def _position(value: Any) -> Decimal:
    return Decimal(value.toordinal() if isinstance(value, date) else value)
