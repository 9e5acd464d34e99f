"""The values that someone means of columns of a table, as they were typed and as the columns hold them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from baliza.build.catalog import TableNode
from baliza.errors import UsageError
from baliza.pncp.cnpj import normalize
from dataflows.contract import Column

NULL = "null"
"""How a value that is not there is typed."""

SPOKEN = {
    "cnpj": ("cnpj_orgao", "ni_fornecedor"),
    "uf": ("uf_sigla",),
    "municipio": ("codigo_ibge",),
    "modalidade": ("modalidade_id",),
    "ano": ("mes",),
}
"""Columns by the names that the options of other commands have: the first of them that a table has."""

_YEAR = re.compile(r"\d{4}", flags=re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", flags=re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", flags=re.ASCII)
_PUNCTUATED = re.compile(r"\w{2}\.\w{3}\.\w{3}/\w{4}-\d{2}|\d{3}\.\d{3}\.\d{3}-\d{2}", flags=re.ASCII)
"""A CNPJ or a CPF as people write them; what identifies a foreigner is kept as it is."""

_YES_NO = {"true": True, "false": False}

_NEAREST = 3


@dataclass(frozen=True)
class Days:
    """A year, a month or a day that someone means of a column of days or moments.

    Attributes:
        text: as it was typed.
        since, until: its first and last day.
    """

    text: str
    since: date
    until: date

    def __str__(self) -> str:
        return self.text


def parse(node: TableNode, texts: Sequence[tuple[str, str]], *, also: Iterable[str] = ()) -> dict[str, Any]:
    """The values, typed as the columns of the table are; a list where a column is named more than once.

    Args:
        node: the table.
        texts: columns, as they are or as the options of other commands call them, and values.
        also: names that may have been meant by one that is no column.

    Raises:
        UsageError: no such column, or a value that its column cannot hold.
    """
    found: dict[str, list[Any]] = {}
    for typed, text in texts:
        name = column(node, typed, also=also)
        given = normalize(text) if typed == "cnpj" and text.lower() != NULL else text
        found.setdefault(name, []).append(_typed(node, name, given))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def column(node: TableNode, typed: str, *, also: Iterable[str] = ()) -> str:
    """The column that someone means by `uf_sigla`, `uf-sigla` or `uf`.

    Raises:
        UsageError: there is none; says the nearest.
    """
    name = typed.strip().replace("-", "_")
    for one in (name, *SPOKEN.get(name, ())):
        for known in node.contract.columns:
            if known.lower() == one.lower():
                return known
    spoken = [one for one, columns in SPOKEN.items() if set(columns) & set(node.contract.columns)]
    options = {one: f"--{one}" for one in also if one not in node.contract.columns}
    known = [*node.contract.columns, *spoken, *options]
    near = difflib.get_close_matches(name, known, n=_NEAREST, cutoff=0.5)
    raise UsageError(
        "Rows of {table} by {name} were asked for.",
        "It has no such column; the columns of its key are {key}.",
        "Did you mean {near}?" if near else "See its columns: baliza targets {node}",
        table=node.location,
        node=node.name,
        name=typed,
        key=", ".join(node.contract.key),
        near=", ".join(options.get(one, one) for one in near),
    )


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


def _typed(node: TableNode, name: str, text: str) -> Any:
    column = node.contract.columns[name]
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
    dtype: Any = column.dtype
    if dtype.is_array():
        dtype = dtype.value_type
    if dtype.is_string():
        is_number = name.startswith(("cnpj_", "ni_")) and _PUNCTUATED.fullmatch(text)
        bare = re.sub(r"[.\-/]", "", text) if is_number else text
        return bare.upper() if is_number or name == "uf_sigla" else bare
    if dtype.is_integer():
        return int(text)
    if dtype.is_decimal():
        return Decimal(text)
    if dtype.is_boolean():
        return _YES_NO[text.lower()]
    if dtype.is_timestamp() or (dtype.is_date() and not _DAY.fullmatch(text)):
        days = _days(text)
        return days.since if name == "mes" and _MONTH.fullmatch(text) else days
    if dtype.is_date():
        return date.fromisoformat(text)
    raise ValueError(text)


def _days(text: str) -> Days:
    if _YEAR.fullmatch(text):
        return Days(text, date(int(text), 1, 1), date(int(text), 12, 31))
    first = date.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)
    if not _MONTH.fullmatch(text):
        return Days(text, first, first)
    return Days(text, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
