"""What a build would do with tables, decided as a build decides it, without building any."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from baliza.build import stored
from baliza.build.driver import building
from baliza.build.how import CAREFUL, How
from baliza.build.journal import Built
from baliza.build.raw_tables import raw_tables
from baliza.build.session import empty
from baliza.build.stored import Definition, Stored
from baliza.errors import BalizaError
from baliza.warehouse import schema


@dataclass(frozen=True)
class Foreseen:
    """What would become of tables.

    Attributes:
        built: each table, in order.
        definitions: what would make each table that was looked at closely.
        rows: of each table, raw ones included, as they are now.
        stored: every table as it was last built.
        is_older: an older baliza laid the file out, and does not say enough of how its tables were made: all
            are taken to be missing.
        trouble: a function of the dataflow that fails; what depends on it would be left out.
    """

    built: Sequence[Built] = ()
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    stored: Mapping[str, Stored] = field(default_factory=dict)
    is_older: bool = False
    trouble: BalizaError | None = None


def foresee(
    con: duckdb.DuckDBPyConnection,
    database: Path,
    names: Collection[str],
    *,
    params: Mapping[str, int | date],
    how: How = CAREFUL,
) -> Foreseen:
    """Decide what would be done with these tables and those they are made from.

    Args:
        con: the file, which may be open read-only; temporary tables are all that is made.
        database: its path.
        names: of nodes.
        params: overrides of dataflows.parameters.
        how: it would be done.

    Raises:
        LandingsBrokenError: a raw table does not hold what landed.
    """
    if not names:
        return Foreseen()
    if schema.is_current(con, raw_tables()):
        return _decided(con, database, names, params, how)
    with closing(empty(database)) as as_new:
        return replace(_decided(as_new, database, names, params, how), is_older=True)


def _decided(
    con: duckdb.DuckDBPyConnection,
    database: Path,
    names: Collection[str],
    params: Mapping[str, int | date],
    how: How,
) -> Foreseen:
    driver, materializer = building(con, database, params=params, how=replace(how, dry=True))
    try:
        driver.execute(list(names))
    except BalizaError:
        # What fails before any node is looked at leaves nothing to tell.
        if materializer.error() is None:
            raise
    return Foreseen(
        materializer.built,
        materializer.definitions,
        materializer.rows,
        stored.read(con),
        trouble=materializer.error(),
    )
