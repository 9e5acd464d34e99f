"""`--where`: a condition in SQL, read by DuckDB's own parser before any of it is run.

What is written into a query is not what was typed but what the parser understood, and that only where it is
one expression over the columns of the table: no subquery (which could read files), no function that does
anything but answer, no aggregate.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import duckdb

from baliza.errors import InvalidConditionError
from baliza.language import marked
from dataflows.contract import Contract

_PREFIX = "SELECT 1 WHERE "
_EXPRESSIONS = {
    "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR",
}  # fmt: skip
"""Kinds of expressions a condition may be made of, as DuckDB's parser names them."""

_SCHEMAS = ("", "main", "pg_catalog")
"""Where DuckDB's own functions are, as its parser spells `extract` and lists out."""

_BESIDE = ("modifiers", "group_expressions", "group_sets", "having", "qualify", "sample")
"""What a query may have beside its condition; here nothing of it is meant."""


class Table(Protocol):
    """What a condition is about."""

    @property
    def location(self) -> str:
        """Schema and name, such as mart.spending."""
        ...

    @property
    def contract(self) -> type[Contract]:
        """Its columns."""
        ...


def parse(typed: str, tables: Sequence[Table]) -> str:
    """The condition as DuckDB writes it; it names columns that each of the tables has.

    Raises:
        InvalidConditionError: it is not one condition, or names no column; the nearest are told.
    """
    with duckdb.connect(config={"enable_external_access": False}) as con:
        tree = _tree(con, typed)
        select = tree["statements"][0]["node"]
        condition = select.get("where_clause")
        if select["type"] != "SELECT_NODE" or condition is None or any(select[part] for part in _BESIDE):
            raise _refused(typed, marked("It is more than a condition."))
        expressions = list(_expressions(condition))
        _check_kinds(typed, expressions)
        _check_functions(typed, expressions, _answering(con))
        for table in tables:
            _check_columns(typed, expressions, table)
        row = con.execute("SELECT json_deserialize_sql($tree::JSON)", {"tree": json.dumps(tree)}).fetchone()
    return str(row[0]).removeprefix(_PREFIX) if row else ""


def all_of(conditions: Iterable[str]) -> str:
    """One condition of several; empty ones say nothing."""
    told = [one for one in conditions if one]
    return told[0] if len(told) == 1 else " AND ".join(f"({one})" for one in told)


def where(conditions: Iterable[str]) -> str:
    """The clause of a query whose rows meet all of these; empty where there is none."""
    met = all_of(conditions)
    return f" WHERE {met}" if met else ""


def _tree(con: duckdb.DuckDBPyConnection, typed: str) -> dict[str, Any]:
    row = con.execute(
        "SELECT json_serialize_sql($query::VARCHAR)", {"query": f"{_PREFIX}(\n{typed}\n)"}
    ).fetchone()
    tree = json.loads(row[0]) if row else {}
    if tree.get("error"):
        raise _refused(typed, marked("DuckDB cannot read it: {message}"), message=tree["error_message"])
    if len(tree["statements"]) != 1:
        raise _refused(typed, marked("It is more than a condition."))
    return tree


def _expressions(node: object) -> Iterator[dict[str, Any]]:
    """Each expression of a tree; what holds others comes first."""
    if isinstance(node, dict):
        if "class" in node:
            yield node
        node = [*node.values()]
    if isinstance(node, list):
        for one in node:
            yield from _expressions(one)


def _check_kinds(typed: str, expressions: Sequence[dict[str, Any]]) -> None:
    for one in expressions:
        if one["class"] not in _EXPRESSIONS:
            raise _refused(
                typed,
                marked("It holds what a condition on single rows cannot: {kind}."),
                kind=one["class"].lower(),
            )


def _check_functions(typed: str, expressions: Iterable[dict[str, Any]], answering: set[str]) -> None:
    for one in expressions:
        name = one.get("function_name")
        if name and (one["schema"] not in _SCHEMAS or name.lower() not in answering):
            near = difflib.get_close_matches(name.lower(), answering, n=3, cutoff=0.7)
            raise _refused(
                typed,
                marked("There is no function {name} of single rows that only answers; the nearest: {near}.")
                if near
                else marked("There is no function {name} of single rows that only answers."),
                name=name,
                near=", ".join(near),
            )


def _answering(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Functions of single rows that change nothing and give the same answer every time."""
    rows = con.execute(
        """
        SELECT function_name FROM duckdb_functions()
        GROUP BY ALL
        HAVING bool_and(function_type IN ('scalar', 'macro') AND NOT coalesce(has_side_effects, false))
        """
    )
    return {name for (name,) in rows.fetchall()}


def _check_columns(typed: str, expressions: Iterable[dict[str, Any]], table: Table) -> None:
    known = {name.lower(): name for name in table.contract.columns}
    for one in expressions:
        # A field of an object is named with the object's column before it.
        name = (one.get("column_names") or [""])[0]
        if name and name.lower() not in known:
            begun = [one for one in known if one.startswith(name.lower())][:3]
            near = begun or difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
            raise _refused(
                typed,
                marked("{table} has no column {name}; the nearest: {near}.")
                if near
                else marked("{table} has no column {name}. A text stands in single quotes."),
                table=table.location,
                name=name,
                near=", ".join(known[one] for one in near),
            )


def _refused(typed: str, found: str, **facts: object) -> InvalidConditionError:
    return InvalidConditionError(
        "Rows with {condition} were asked for.",
        found,
        "Write one condition on columns, such as: --where \"uf_sigla = 'SC' AND mes >= '2025-01-01'\"",
        condition=typed,
        **facts,
    )
