"""The rows of an export as SQL: which, in what order, with CPFs hidden, each value as its format takes it."""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.datatypes as dt

from baliza.publish.condition import where
from baliza.publish.export.formulas import neutralised_sql
from baliza.publish.export.layout import order_of
from baliza.publish.export.table import Choice, Dialect, Table, literal, quoted
from baliza.publish.masking import masked_sql

Cell = Callable[[str, dt.DataType], str]
"""Of an expression and its type, the expression of what is written."""

UNSEEN = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\ufffe\uffff]"
"""What XML forbids and no program shows, as Python and DuckDB both write it."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def rows_sql(table: Table, choice: Choice, cell: Cell, *, only: str = "", mark: str = "") -> str:
    """The query of what is written, in order.

    Args:
        table: the one, with its condition.
        choice: whether CPFs are hidden.
        cell: how each value is written.
        only: one more condition, on the table's own columns.
        mark: what stands before the name of the first column.
    """
    cells = []
    for name, column in table.contract.columns.items():
        written = cell(f"t.{quoted(name)}", column.dtype)
        cells.append(f"{written} AS {quoted(name if cells else mark + name)}")
    # By what is shown: in the order of what is hidden, its neighbours would tell it nearly.
    order = ", ".join(f"t.{quoted(name)}" for name in order_of(table.contract))
    return f"SELECT {', '.join(cells)} FROM ({_chosen(table, choice, only)}) AS t ORDER BY {order}"  # noqa: S608 - quoted


def _chosen(table: Table, choice: Choice, only: str) -> str:
    shown = []
    for name, column in table.contract.columns.items():
        value = f"t.{quoted(name)}"
        shown.append(f"{masked(value, column.dtype) if choice.masks else value} AS {quoted(name)}")
    return f"SELECT {', '.join(shown)} FROM {table.sql} AS t{where((table.condition, only))}"  # noqa: S608 - quoted, and a parsed condition


def masked(value: str, dtype: dt.DataType, depth: int = 0) -> str:
    """The value with CPFs hidden in whatever texts it holds; the type stays."""
    if dtype.is_json():
        hidden = masked_sql(f"CAST({value} AS VARCHAR)")
        # A number of eleven digits is no number any more; then the document is told as one text.
        return f"CASE WHEN json_valid({hidden}) THEN CAST({hidden} AS JSON) ELSE to_json({hidden}) END"
    if dtype.is_string():
        return masked_sql(value)
    if isinstance(dtype, dt.Array) and _holds_text(dtype):
        one = f"x{depth}"
        return f"list_transform({value}, lambda {one}: {masked(one, dtype.value_type, depth + 1)})"
    if isinstance(dtype, dt.Struct) and _holds_text(dtype):
        members = []
        for name, member in dtype.items():
            held = f"struct_extract({value}, {literal(name)})"
            members.append(f"{quoted(name)} := {masked(held, member, depth)}")
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({', '.join(members)}) END"
    return value


def _holds_text(dtype: dt.DataType) -> bool:
    if isinstance(dtype, dt.Array):
        return _holds_text(dtype.value_type)
    if isinstance(dtype, dt.Struct):
        return any(_holds_text(member) for _, member in dtype.items())
    return dtype.is_string() or dtype.is_json()


def as_it_is(value: str, dtype: dt.DataType) -> str:  # noqa: ARG001 - one of the kinds of cells
    """For Parquet, whose types are those of the table."""
    return value


def as_flat(value: str, dtype: dt.DataType) -> str:
    """For a spreadsheet, whose cells hold no lists and objects: those become JSON."""
    return f"CAST(to_json({value}) AS VARCHAR)" if dtype.is_nested() or dtype.is_json() else value


def as_csv(dialect: Dialect) -> Cell:
    """For a CSV: flat, no text that could be run as a formula, decimals as the dialect has them."""

    def cell(value: str, dtype: dt.DataType) -> str:
        if dtype.is_decimal() or dtype.is_floating():
            return f"replace(CAST({value} AS VARCHAR), '.', '{dialect.decimal}')"
        if not is_text(dtype):
            return value
        seen = f"regexp_replace({as_flat(value, dtype)}, '{UNSEEN}', '{REPLACEMENT}', 'g')"
        return neutralised_sql(seen)

    return cell


def is_text(dtype: dt.DataType) -> bool:
    """Whether a spreadsheet has it as text that people wrote."""
    return dtype.is_string() or dtype.is_nested() or dtype.is_json()
