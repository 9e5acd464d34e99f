"""The Ibis connection to a file: SQL of an expression is written once, the name of a type is read once.

To write SQL is most of the work of a build over few rows, and some of it is asked for again: the checks of a
table are written for its definition, and when they run. Most columns of a file have one of a few types.
What columns there are is read without Arrow, which Ibis imports for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property, partial
from typing import Any

import duckdb
import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler
from ibis.backends.sql.datatypes import DuckDBType
from ibis.common.exceptions import TableNotFound

from baliza.build.written_sql import WrittenSql


class _Types(DuckDBType):
    """DuckDB's types by their names."""

    @classmethod
    def from_string(cls, text: str, nullable: bool | None = None) -> dt.DataType:  # noqa: FBT001 - Ibis's signature
        """The type of that name, which is parsed the first time."""
        return _named(text, nullable)


class _Compiler(DuckDBCompiler):
    type_mapper = _Types


class Engine(Backend):
    """DuckDB through Ibis; `Engine.from_connection(con)`.

    Attributes:
        earlier: what earlier builds have written; None where what is asked may name people, or is asked once.
    """

    compiler = _Compiler()
    earlier: WrittenSql | None = None

    def compile(
        self,
        expr: ir.Expr,
        /,
        *,
        limit: int | None = None,
        params: Mapping[ir.Expr, Any] | None = None,
        pretty: bool = False,
    ) -> str:
        """The SQL of an expression."""
        if params:
            return super().compile(expr, limit=limit, params=params, pretty=pretty)
        key = expr.op(), limit, pretty
        if key not in self._written:
            write = partial(self.write, expr, limit=limit, pretty=pretty)
            self._written[key] = self.earlier.of(*key, write=write) if self.earlier else write()
        return self._written[key]

    def get_schema(
        self, table_name: str, *, catalog: str | None = None, database: str | None = None
    ) -> sch.Schema:
        """The columns of a table and their types.

        Raises:
            TableNotFound: there is none of that name.
        """
        quoted = ('"{}"'.format(name.replace('"', '""')) for name in (catalog, database, table_name) if name)
        try:
            found = self.con.execute(f"DESCRIBE {'.'.join(quoted)}").fetchall()
        except duckdb.CatalogException as error:
            raise TableNotFound(table_name) from error
        return sch.schema({name: _named(kind, nullable == "YES") for name, kind, nullable, *_ in found})

    def write(self, expr: ir.Expr, *, limit: int | None, pretty: bool) -> str:
        """The SQL of an expression, written anew."""
        return super().compile(expr, limit=limit, pretty=pretty)

    @cached_property
    def _written(self) -> dict[tuple[Any, int | None, bool], str]:
        """SQL by what was asked. Expressions hold their connection: what is kept goes with it."""
        return {}


@cache
def _named(text: str, nullable: bool | None) -> dt.DataType:  # noqa: FBT001 - a key of the cache
    return DuckDBType.from_string(text, nullable=nullable)
