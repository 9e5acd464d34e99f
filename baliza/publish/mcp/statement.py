"""What a query may be: one SELECT over the published tables.

It is decided on the tree that DuckDB itself parses, by lists of what is allowed: comments, quotes and letters
that look like others mean there what they mean to the engine. What is checked is what is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import duckdb

from baliza.errors import ForbiddenQueryError, QueryError
from baliza.language import marked
from baliza.publish.mcp import functions
from baliza.publish.mcp.limits import MOST_CHARACTERS

ASKED = "A query was to be answered."
INSTEAD = marked(
    "Ask with one SELECT over the tables that list_tables names, such as mart.spending; "
    "describe_table tells their columns."
)

_EXPRESSIONS = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
        "FUNCTION", "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "WINDOW",
    }
)  # fmt: skip

_NODES = frozenset(
    {
        "SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE",
        "BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SUBQUERY", "TABLE_FUNCTION",
        "DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER",
        "ORDER_DEFAULT", "ASCENDING", "DESCENDING", "ORDER_ASCENDING", "ORDER_DESCENDING",
        "DECIMAL_TYPE_INFO", "LIST_TYPE_INFO", "STRUCT_TYPE_INFO", "ARRAY_TYPE_INFO", "STRING_TYPE_INFO",
        "UNBOUND_TYPE_INFO",
    }
)  # fmt: skip

_DAY = re.compile(r"(20\d{2})-(\d{2})(?:-(\d{2}))?(?![\d])", re.ASCII)


@dataclass(frozen=True)
class Statement:
    """A query that may be run.

    Attributes:
        parsed: DuckDB's own, to be executed.
        tables: that it reads.
        days: days, months (YYYY-MM) and years (YYYY) that it names.
    """

    parsed: duckdb.Statement
    tables: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)


def read(con: duckdb.DuckDBPyConnection, sql: str, published: Collection[str]) -> Statement:
    """Read a query.

    Args:
        con: any connection; nothing is run but the parser.
        sql: the query.
        published: tables that may be read, such as `mart.spending`.

    Raises:
        ForbiddenQueryError: it is anything but one SELECT over these.
        QueryError: it cannot be parsed.
    """
    if len(sql) > MOST_CHARACTERS or "\0" in sql:
        raise ForbiddenQueryError(
            ASKED,
            "It has {characters} characters, or one that no text has; at most {most} are read.",
            "Ask for less at once.",
            characters=len(sql),
            most=MOST_CHARACTERS,
        )
    parsed = _one(con, sql)
    # No parameter: at the first one DuckDB imports pandas.
    quoted = parsed.query.replace("'", "''")
    row = con.execute(f"SELECT json_serialize_sql('{quoted}')").fetchone()
    try:
        tree = json.loads(row[0] if row else "{}")
    except RecursionError:
        raise ForbiddenQueryError(ASKED, "It is nested too deeply.", INSTEAD) from None
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise ForbiddenQueryError(
            ASKED, "DuckDB cannot show how it reads it: {message}", INSTEAD, message=tree.get("error_message")
        )
    statement = Statement(parsed)
    _Reading(statement, published).walk(tree["statements"][0])
    return statement


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(ASKED, "{message}", "Mend the query.", message=str(error)) from error
    if len(statements) != 1:
        raise ForbiddenQueryError(ASKED, "It is {count} statements.", INSTEAD, count=len(statements))
    if statements[0].type != duckdb.StatementType.SELECT:
        raise ForbiddenQueryError(ASKED, "It is no SELECT but {kind}.", INSTEAD, kind=statements[0].type.name)
    return statements[0]


def _folded(name: str) -> str:
    """As DuckDB compares names: of ASCII alone. Python's lower() would take a Kelvin sign for a k."""
    return name.encode().lower().decode()


class _Reading:
    """A walk through one tree, with the names that WITH has given at each place of it."""

    def __init__(self, statement: Statement, published: Collection[str]) -> None:
        self._statement = statement
        self._published = frozenset(published)
        self._waiting: list[tuple[Any, frozenset[str]]] = []

    def walk(self, tree: Any) -> None:
        self._waiting = [(tree, frozenset())]
        while self._waiting:
            value, named = self._waiting.pop()
            if isinstance(value, list):
                self._waiting += [(one, named) for one in value]
            elif isinstance(value, dict):
                self._visit(value, named)

    def _visit(self, value: dict[str, Any], named: frozenset[str]) -> None:
        kind = value.get("type")
        if "class" in value:
            self._expression(value)
            if value["class"] == "CONSTANT":
                return
        elif isinstance(kind, str) and kind not in _NODES:
            raise ForbiddenQueryError(
                ASKED, "It asks for {kind}, which is not answered here.", INSTEAD, kind=kind
            )
        if kind == "BASE_TABLE":
            self._table(value, named)
        if kind == "TABLE_FUNCTION":
            function = value["function"]
            _check_function(function, functions.OF_TABLES)
            self._waiting.append((function.get("children"), named))
            value = {**value, "function": None}
        if kind == "RECURSIVE_CTE_NODE":
            # Only what is repeated sees itself.
            own = named | {_folded(value["cte_name"])}
            self._waiting.append((value["right"], self._with(value, own)))
            value = {**value, "right": None}
        inside = self._with(value, named)
        self._waiting += [(one, inside) for name, one in value.items() if name != "cte_map"]

    def _with(self, value: dict[str, Any], named: frozenset[str]) -> frozenset[str]:
        """The names a node knows; each part of WITH is read knowing those before it, itself not."""
        for entry in (value.get("cte_map") or {}).get("map", ()):
            self._waiting.append((entry["value"], named))
            named |= {_folded(entry["key"])}
        return named

    def _expression(self, value: dict[str, Any]) -> None:
        kind = value["class"]
        if kind not in _EXPRESSIONS:
            raise ForbiddenQueryError(
                ASKED, "It asks for {kind}, which is not answered here.", INSTEAD, kind=kind
            )
        if "function_name" in value:
            _check_function(value, functions.OF_VALUES)
        if kind == "CONSTANT" and isinstance(text := value["value"].get("value"), str):
            self._statement.days.update(
                "-".join(filter(None, found.groups())) for found in _DAY.finditer(text)
            )
        if kind in {"COMPARISON", "BETWEEN", "OPERATOR"}:
            self._statement.days.update(_years(value))

    def _table(self, value: dict[str, Any], named: frozenset[str]) -> None:
        catalog, schema, table = (value[f"{part}_name"] for part in ("catalog", "schema", "table"))
        if not catalog and not schema and _folded(table) in named:
            return
        name = f"{_folded(schema)}.{_folded(table)}"
        if catalog or value.get("at_clause") or name not in self._published:
            raise ForbiddenQueryError(
                ASKED,
                "It reads {table}, which is no table that is published here.",
                INSTEAD,
                table=".".join(filter(None, (catalog, schema, table))),
            )
        self._statement.tables.add(name)


def _check_function(value: dict[str, Any], allowed: Collection[str]) -> None:
    name = value["function_name"]
    if _folded(name) not in allowed or value.get("catalog") or value.get("schema") not in {"", "main"}:
        raise ForbiddenQueryError(
            ASKED, "It calls {function}, which is not answered here.", INSTEAD, function=name
        )


def _years(value: dict[str, Any]) -> set[str]:
    """The years that a column of years is compared with."""
    beside = [one for part in value.values() for one in (part if isinstance(part, list) else [part])]
    parts = [one for one in beside if isinstance(one, dict)]
    columns = [one["column_names"][-1] for one in parts if one.get("class") == "COLUMN_REF"]
    if not any(_folded(name).startswith("ano") for name in columns):
        return set()
    numbers = [one["value"].get("value") for one in parts if one.get("class") == "CONSTANT"]
    return {str(number) for number in numbers if isinstance(number, int) and 2021 <= number <= 2100}  # noqa: PLR2004
