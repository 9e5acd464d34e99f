"""The errors of a build, told with node, place and evidence."""

from __future__ import annotations

import inspect
import logging
import textwrap
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

import dataflows
from baliza.build.catalog import TableNode
from baliza.build.checked import Measure, Violation
from baliza.errors import (
    BalizaError,
    ContractBrokenError,
    DatabaseMissingError,
    DiskFullError,
    LandingsBrokenError,
    NodeFailedError,
    NodesFailedError,
    OlderTableError,
    OutOfMemoryError,
)
from baliza.warehouse.connection import explain

logger = logging.getLogger(__name__)

_DATAFLOWS = Path(dataflows.__file__).parent
_MOST_TOLD = 400
"""Characters of SQL."""


def contract_broken(node: TableNode, errors: Sequence[Violation], database: Path) -> ContractBrokenError:
    """A table that breaks its contract."""
    told = "".join(
        f"\n    {violation.rule} ({violation.failing}): {'; '.join(violation.sample)}".rstrip(": ")
        for violation in errors
    )
    return ContractBrokenError(
        "The table {table} was to be built ({place}).",
        "It breaks its contract and was rolled back; the last good table stands. Broken, how often, and "
        "where for example:{told}",
        "See them: baliza query --unpublished \"FROM meta.violations WHERE table_name = '{node}'\" "
        "--database {database}",
        violations=list(errors),
        table=node.location,
        place=_place(node.function),
        told=told,
        node=node.name,
        database=database,
    )


def old_table_unfit(node: TableNode, errors: Sequence[Violation], run_id: int) -> ContractBrokenError:
    """A table of a snapshot that is not as its contract wants it today."""
    return ContractBrokenError(
        "The table {table} was to be put back as it was after run {run_id}.",
        "It does not fit its contract of today: {told}. Nothing was changed.",
        "Go back to the code that made it ({place}), or build it anew: baliza build --target {node}",
        violations=list(errors),
        table=node.location,
        run_id=run_id,
        told="; ".join(f"{one.rule}: {one.failing} failing" for one in errors),
        place=_place(node.function),
        node=node.name,
    )


def sql_failed(node: TableNode, sql: str, error: duckdb.Error, database: Path) -> BalizaError:
    """A table whose SQL DuckDB refuses, or that needs too much memory; a full disk is told as such."""
    meant = explain(error, database)
    if isinstance(meant, OutOfMemoryError):
        return OutOfMemoryError(
            "The table {table} was to be built ({place}).",
            "The last good table stands. DuckDB ran out of memory: {message}",
            "Allow more with --memory-limit, or fewer --threads, and build again: what is up to date is not "
            "built twice.",
            table=node.location,
            place=_place(node.function),
            message=meant.facts["message"],
        )
    if isinstance(meant, DiskFullError):
        return meant
    logger.debug("The SQL of %s: %s", node.location, sql)
    return NodeFailedError(
        "The table {table} was to be built ({place}).",
        "The last good table stands. DuckDB refused its SQL: {error}",
        "It begins: {begin}\n  All of it: the same command with --log-level debug",
        table=node.location,
        place=_place(node.function),
        error=error,
        begin=_begin(sql),
        sql=sql,
    )


def _begin(text: str) -> str:
    """What of a text that may be thousands of characters long is told on a terminal."""
    return textwrap.shorten(text, _MOST_TOLD, placeholder=" […]")


def function_failed(name: str, function: Callable[..., Any], error: Exception) -> NodeFailedError:
    """A node whose function raises."""
    return NodeFailedError(
        "The node {node} was to be made ({place}).",
        "Its function failed at {where}: {kind}: {error}. The last good tables stand.",
        "Mend it there, and build again: what is up to date is not built twice.",
        node=name,
        place=_place(function),
        where=_raised_at(function, error),
        kind=type(error).__name__,
        error=error,
    )


def several_failed(errors: Mapping[str, BalizaError]) -> NodesFailedError:
    """Several nodes that could not be made."""
    return NodesFailedError(
        "{n} nodes were to be made.",
        "They failed: {names}. What does not depend on them was built.",
        "Mend one, and build again: what is up to date is not built twice.",
        n=len(errors),
        names=", ".join(errors),
        errors=list(errors.values()),
    )


def landings_broken(node: TableNode, measures: Sequence[Measure]) -> LandingsBrokenError:
    """A raw table that is not what landed."""
    return LandingsBrokenError(
        "The records of {table} were to be read.",
        "They are not those that landed: {told}. Something other than baliza changed the file.",
        "Take a copy of the file from before that, or harvest anew into another with --database.",
        table=node.location,
        told="; ".join(f"{one.name}: {one.expected} expected, {one.found} found" for one in measures),
    )


def never_built(node: TableNode, database: Path) -> DatabaseMissingError:
    """A table that a reader asks for and that is not there."""
    return DatabaseMissingError(
        "The table {table} of {database} was to be read.",
        "It was never built in this file.",
        "Build it: baliza build --target {node} --database {database}",
        table=node.location,
        database=database,
        node=node.name,
    )


def built_by_another(node: TableNode, column: str, database: Path) -> OlderTableError:
    """A table that a reader asks for and that is not as this baliza makes it."""
    return OlderTableError(
        "The table {table} of {database} was to be read.",
        "It was built by another version of baliza: it has no column {column}.",
        "Build it again: baliza build --no-fetch --target {node} --database {database}",
        table=node.location,
        database=database,
        column=column,
        node=node.name,
    )


def _raised_at(function: Callable[..., Any], error: Exception) -> str:
    """File and line of the dataflow where it was raised, which may be a function that this one calls."""
    own = {inspect.getsourcefile(function)}
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in own or Path(frame.filename).is_relative_to(_DATAFLOWS)
    ]
    return f"{lines[-1].filename}:{lines[-1].lineno}" if lines else _place(function)


def _place(function: Callable[..., Any]) -> str:
    """File and line."""
    return f"{inspect.getsourcefile(function)}:{inspect.getsourcelines(function)[1]}"
