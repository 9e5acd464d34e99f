"""Rows of one table: those that have some values, in order, and what is proven of the days behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from baliza.build import catalog, column_values, failures
from baliza.build.catalog import TableNode
from baliza.build.column_values import Days
from baliza.build.footing import Footing
from baliza.errors import BalizaError, InvalidConditionError
from baliza.publish import condition, coverage, wanted_rows
from baliza.publish.coverage import Asked
from baliza.publish.query import Answer, asked
from baliza.settings import Resources
from baliza.warehouse import schema
from baliza.warehouse.connection import explained, interruptible
from baliza.warehouse.published import Opened, open_published

_SCOPE = ("cnpj_orgao", "uf_sigla", "codigo_ibge")
"""The columns whose values say which part of the country is spoken of."""


@dataclass(frozen=True)
class Wanted:
    """Which rows of a table are wanted, as it was typed.

    Attributes:
        table: such as mart_spending or mart.spending.
        values: columns and what they must be; of one that is named more than once, any of its values.
        where: a condition in SQL; empty for none.
        columns: in their order; empty for all.
        order_by: columns, those that begin with a minus from the largest down; then by the key.
        limit: rows at most.
        options: names that may have been meant by one that is no column.
    """

    table: str
    values: Sequence[tuple[str, str]] = ()
    where: str = ""
    columns: Sequence[str] = ()
    order_by: Sequence[str] = ()
    limit: int | None = None
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """What is shown, while the file is open.

    Attributes:
        wanted: columns and the values they must have.
        chosen: whether the columns were.
        total: rows that there are.
        nothing: where there are none, which of the values no row has.
        path: of the state that was read.
    """

    node: TableNode
    wanted: Mapping[str, Any]
    chosen: bool
    total: int
    nothing: BalizaError | None
    answer: Answer
    path: Path
    synthetic: bool


@contextmanager
def show(
    database: Path, wanted: Wanted, *, resources: Resources | None = None, unpublished: bool = False
) -> Iterator[Shown]:
    """Rows of a table of the last published state of a file.

    Args:
        database: the file.
        wanted: which rows, and what of them.
        resources: what DuckDB may take of the machine.
        unpublished: read the file as it is instead.

    Raises:
        UnknownTargetError: there is no such table.
        UsageError: no such column, a value that is none of it, or a condition that is none.
        DatabaseError: missing, locked, not baliza's, or the table was never built in it.
    """
    node = catalog.find(wanted.table)
    values = column_values.parse(node, wanted.values, also=wanted.options)
    parsed = condition.parse(wanted.where, [node]) if wanted.where.strip() else ""
    columns = [column_values.column(node, name) for name in wanted.columns]
    order = [(column_values.column(node, name.lstrip("-")), name.startswith("-")) for name in wanted.order_by]
    opened = open_published(database, resources=resources, unpublished=unpublished)
    with opened.con as con, interruptible(con):
        with explained(opened.path):
            held = _held(con, node, database)
            for name in (*columns, *values, *(name for name, _down in order)):
                if name not in held:
                    raise failures.built_by_another(node, name, database)
            rows = _rows(node, values, parsed)
            total = _count(opened, rows, node, wanted.where)
            nothing = None if total else wanted_rows.none_found(con, node, values)
            synthetic = schema.is_synthetic(con)
        sql = _sql(rows, columns or held, order, node, wanted.limit)
        with asked(opened, sql) as answer:
            yield Shown(node, values, bool(columns), total, nothing, answer, opened.path, synthetic)


def proven(shown: Shown) -> list[Footing]:
    """How far the days behind the rows are proven, endpoint by endpoint."""
    scope = {name: shown.wanted[name] for name in _SCOPE if isinstance(shown.wanted.get(name), str)}
    named = [str(day) for value in shown.wanted.values() for day in _days(value)]
    return coverage.footings(shown.path, [shown.node.location], Asked(scope=scope), named)


def _days(value: Any) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, date | Days)]


def _held(con: duckdb.DuckDBPyConnection, node: TableNode, database: Path) -> list[str]:
    """The columns of the table that the file has, in the order of the contract."""
    rows = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ?",
        [node.layer, node.table],
    ).fetchall()
    if not rows:
        raise failures.never_built(node, database)
    there = {name for (name,) in rows}
    return [name for name in node.contract.columns if name in there]


def _rows(node: TableNode, values: Mapping[str, Any], parsed: str) -> str:
    met = condition.where((wanted_rows.condition(node, values), parsed))
    return f'{node.layer}."{node.table}" AS t{met}'


def _sql(
    rows: str, columns: Sequence[str], order: Sequence[tuple[str, bool]], node: TableNode, limit: int | None
) -> str:
    asked_for = [f't."{name}" DESC NULLS LAST' if down else f't."{name}" NULLS LAST' for name, down in order]
    # The key makes the order whole, so that the same question has the same answer.
    by = ", ".join([*asked_for, *(f't."{name}"' for name in node.contract.key)])
    listed = ", ".join(f't."{name}"' for name in columns)
    most = "" if limit is None else f" LIMIT {limit}"
    return f"SELECT {listed} FROM {rows} ORDER BY {by}{most}"  # noqa: S608 - columns of the contract, a parsed condition


def _count(opened: Opened, rows: str, node: TableNode, typed: str) -> int:
    try:
        row = opened.con.execute(f"SELECT count(*) FROM {rows}").fetchone()  # noqa: S608 - as above
    except (duckdb.BinderException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
        if not typed.strip():
            raise
        raise InvalidConditionError(
            "Rows of {table} with {condition} were asked for.",
            "The condition does not fit its columns: {message}",
            "See their types: baliza targets {node}",
            table=node.location,
            node=node.name,
            condition=typed,
            message=str(error).partition("\n")[0],
        ) from error
    return row[0] if row else 0
