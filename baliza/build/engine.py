"""The Ibis connection to a file: SQL of an expression is written once, the name of a type is read once.

To write SQL is most of the work of a build over few rows, and some of it is asked for again: the checks of a
table are written for its definition, and when they run. Most columns of a file have one of a few types.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.backends.sql.datatypes import DuckDBType

KEPT = 32
"""Expressions whose SQL is kept: those of a few tables and of their checks."""

_NO_FILE = Backend()
_OF_A_CONNECTION = (ops.InMemoryTable, ops.SQLQueryResult)


class _Types(DuckDBType):
    """DuckDB's types by their names."""

    @classmethod
    def from_string(cls, text: str, nullable: bool | None = None) -> dt.DataType:  # noqa: FBT001 - Ibis's signature
        """The type of that name, which is parsed the first time."""
        return _named(text, nullable)


class _Compiler(DuckDBCompiler):
    type_mapper = _Types


class Engine(Backend):
    """DuckDB through Ibis; `Engine.from_connection(con)`."""

    compiler = _Compiler()

    def compile(
        self,
        expr: ir.Expr,
        /,
        *,
        limit: int | None = None,
        params: Mapping[ir.Expr, Any] | None = None,
        pretty: bool = False,
    ) -> str:
        """The SQL of an expression, the same in every file."""
        asked: Any = expr.unbind().op()  # what is kept must hold no connection
        if params or asked.find(_OF_A_CONNECTION):
            return super().compile(expr, limit=limit, params=params, pretty=pretty)
        return written(asked, limit, pretty)


@lru_cache(maxsize=KEPT)
def written(asked: Any, limit: int | None, pretty: bool) -> str:  # noqa: FBT001 - a key of the cache
    """The SQL of an expression of no connection."""
    return _NO_FILE.compile(asked.to_expr(), limit=limit, pretty=pretty)


@cache
def _named(text: str, nullable: bool | None) -> dt.DataType:  # noqa: FBT001 - a key of the cache
    return DuckDBType.from_string(text, nullable=nullable)
