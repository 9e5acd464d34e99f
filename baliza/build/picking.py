"""The rows of a table that someone means by `name=value`, and what to say when there are none."""

from __future__ import annotations

import difflib
import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from baliza.build.catalog import TableNode
from baliza.errors import UnknownRecordError, UsageError
from dataflows.contract import Column
from dataflows.expressions import Flag, Row

NULL = "null"
"""How a value that is not there is typed."""

_NEAREST = 3
_MONTH = re.compile(r"\d{4}-\d{2}")
_PUNCTUATED = re.compile(r"\w{2}\.\w{3}\.\w{3}/\w{4}-\d{2}|\d{3}\.\d{3}\.\d{3}-\d{2}", flags=re.ASCII)
"""A CNPJ or a CPF as people write them; what identifies a foreigner is kept as it is."""

_YES_NO = {"true": True, "false": False}

Fetch = Callable[[ir.Table], list[dict[str, Any]]]


def parse(node: TableNode, texts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The values, typed as the columns of the table are.

    Raises:
        UsageError: no such column, or a value that its column cannot hold.
    """
    return {name: _typed(node, name, text) for name, text in texts}


def split(texts: Sequence[str]) -> list[tuple[str, str]]:
    """`name=value`, in two.

    Raises:
        UsageError: there is no equals sign.
    """
    for text in texts:
        if "=" not in text:
            raise UsageError(
                "--key {text} was asked for.",
                "A key is written name=value.",
                "Such as --key cnpj_orgao=00394460000141; a value that is not there is {null}.",
                text=text,
                null=NULL,
            )
    parts = [text.partition("=") for text in texts]
    return [(name.strip(), value.strip()) for name, _, value in parts]


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
        "The rows of {table} with {wanted} were to be explained.",
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
    return NULL if value is None else str(value)


def _is(table: Row, name: str, value: Any) -> Flag:
    return table[name].isnull() if value is None else table[name] == value


def _nearest(table: Row, name: str, value: Any, fetch: Fetch) -> list[Any]:
    """The values of a column most like one that is not there."""
    held = table.filter(table[name].notnull()).select(name).distinct()
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


def _typed(node: TableNode, name: str, text: str) -> Any:
    column = node.contract.columns.get(name)
    if column is None:
        near = difflib.get_close_matches(name, node.contract.columns, n=_NEAREST, cutoff=0.5)
        raise UsageError(
            "Rows of {table} by {name} were asked for.",
            "It has no such column; the columns of its key are {key}.",
            "Did you mean {near}?" if near else "See its columns: baliza targets --json",
            table=node.location,
            name=name,
            key=", ".join(node.contract.key),
            near=", ".join(near),
        )
    if text.lower() == NULL:
        return None
    try:
        return _value(name, column, text)
    except (ValueError, KeyError, InvalidOperation) as error:
        raise UsageError(
            "Rows of {table} with {name} = {text} were asked for.",
            "That is no value of the column, whose type is {type}.",
            "Its meaning: {meaning}",
            table=node.location,
            name=name,
            text=text,
            type=column.dtype,
            meaning=column.meaning,
        ) from error


def _value(name: str, column: Column, text: str) -> Any:
    dtype = column.dtype
    if dtype.is_string():
        is_number = name.startswith(("cnpj_", "ni_")) and _PUNCTUATED.fullmatch(text)
        return re.sub(r"[.\-/]", "", text).upper() if is_number else text
    if dtype.is_integer():
        return int(text)
    if dtype.is_decimal():
        return Decimal(text)
    if dtype.is_boolean():
        return _YES_NO[text.lower()]
    if dtype.is_date():
        return date.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)
    raise ValueError(text)
