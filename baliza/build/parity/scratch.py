"""The two files that are compared, both made anew from the raw tables of a third that is only read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from baliza import __version__
from baliza.build import catalog
from baliza.build.dbt.models import COMPARED, MEANT, WAS, Model, sql
from baliza.build.driver import building
from baliza.build.how import How
from baliza.build.parity.analytics import contratacoes_analytics
from baliza.build.raw_tables import raw_tables
from baliza.settings import Resources
from baliza.warehouse import schema
from baliza.warehouse.connection import connect, explained
from baliza.warehouse.copying import copy_whole

ANALYTICS = "mart.contratacoes_analytics"


def build_ours(
    database: Path, ours: Path, resources: Resources, on_table: Callable[[str], None]
) -> str | None:
    """A copy of the file with baliza's tables, all built anew with every parameter at its default.

    Args:
        database: what is copied; only read.
        ours: the copy.
        resources: what DuckDB may take.
        on_table: told the name of each table before it is built.

    Returns:
        Where the data of the file come from.

    Raises:
        BuildError: a table cannot be built.
        DiskFullError: the copy does not fit.
    """
    copy_whole(database, ours)
    con = connect(ours, write=True, resources=resources)
    schema.prepare(con, ours, version=__version__, raw_tables=raw_tables())
    source = schema.read_fact(con, "source")
    tables = catalog.tables()
    how = How(force=tables, full=True)
    driver, _ = building(con, ours, params={}, how=how, on_table=on_table)
    with driver:
        wanted = [one.table.replace(".", "_", 1) for one in COMPARED if one.table != ANALYTICS]
        made = driver.execute(wanted)
        answer = contratacoes_analytics(made["stage_contratacoes"])
        layer, _, name = ANALYTICS.partition(".")
        driver.backend.create_table(name, answer, database=layer)
    return source


def build_old(
    ours: Path, old: Path, source: str | None, resources: Resources, on_table: Callable[[str], None]
) -> duckdb.DuckDBPyConnection:
    """A new file with the models of the old project in both versions, from the raw tables of another.

    Args:
        ours: whose raw tables are read.
        old: the new file.
        source: where the data come from.
        resources: what DuckDB may take.
        on_table: told the name of each table before it is built.

    Returns:
        The file, open, with the raw tables attached; to be closed by the caller.
    """
    con = connect(old, write=True, resources=resources)
    try:
        schema.prepare(con, old, version=__version__, raw_tables=raw_tables())
        if source is not None:
            schema.claim_source(con, old, source)
        with explained(old):
            con.execute(f"ATTACH '{str(ours).replace(chr(39), chr(39) * 2)}' AS source (READ_ONLY)")
            con.execute("CREATE SCHEMA was; CREATE SCHEMA meant; CREATE SCHEMA IF NOT EXISTS stage")
            con.execute("CREATE SCHEMA IF NOT EXISTS mart")
            con.execute(sql("functions"))
            for model in (*WAS, *MEANT):
                on_table(_told(model))
                con.execute(f"CREATE TABLE {model.table} AS {sql(model.macro, **model.reads)}")
    except BaseException:
        con.close()
        raise
    return con


def _told(model: Model) -> str:
    return model.macro.rpartition("/")[2]
