"""What a file can do without: what killed runs left, old snapshots, tables no function makes any more."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from baliza.build import catalog
from baliza.build.dbt.models import SCHEMAS
from baliza.build.session import DONE, reading, writing
from baliza.settings import DEFAULT_SNAPSHOTS, Settings
from baliza.warehouse import copying, snapshots
from baliza.warehouse.compaction import compact
from baliza.warehouse.connection import explained, transaction


@dataclass(frozen=True)
class Item:
    """A file or folder that can go.

    Attributes:
        size: bytes.
    """

    path: Path
    size: int


@dataclass(frozen=True)
class Found:
    """A table that can go."""

    location: str
    rows: int


@dataclass(frozen=True)
class Findings:
    """What can be cleaned.

    Attributes:
        leftovers: of runs that were killed.
        snapshots: more than are kept.
        forgotten: tables that no function makes.
        of_dbt: tables that `build --engine dbt` made.
        size: bytes of the file, its snapshots and the leftovers.
    """

    database: Path
    leftovers: list[Item]
    snapshots: list[Item]
    forgotten: list[Found]
    of_dbt: list[Found]
    size: int


@dataclass(frozen=True)
class Cleaned:
    """What was cleaned.

    Attributes:
        found: before.
        dropped: tables that were dropped.
        size: bytes afterwards.
        is_compacted: whether the file was written anew.
    """

    found: Findings
    dropped: list[str]
    size: int
    is_compacted: bool


def look(database: Path, settings: Settings | None = None) -> Findings:
    """What `clean` would find.

    Raises:
        DatabaseError: missing, locked, or not baliza's: leftovers are told from what is in use by holding it.
    """
    with reading(database, create=False) as con:
        return _found(con, database, _kept(settings))


def clean(
    database: Path,
    *,
    drop_forgotten: bool,
    drop_dbt: bool = False,
    compacting: bool = False,
    settings: Settings | None = None,
) -> Cleaned:
    """Delete what the file can do without.

    Args:
        database: the file.
        drop_forgotten: drop tables of stage and mart that no function makes any more.
        drop_dbt: drop what `build --engine dbt` made.
        compacting: write the file anew, without the room that tables have left in it.
        settings: what the command runs with, and how many snapshots are kept.

    Raises:
        DatabaseError: missing, locked, or not baliza's; what is not cleaned stands.
    """
    told = {"drop_forgotten": drop_forgotten, "drop_dbt": drop_dbt, "compact": compacting}
    dropped: list[str] = []
    with writing(database, "clean", told, create=False, source=None, settings=settings) as session:
        found = _found(session.con, database, _kept(settings))
        for item in found.leftovers:
            _delete(item.path)
        if drop_forgotten:
            with explained(database), transaction(session.con):
                for one in found.forgotten:
                    _drop(session.con, one.location)
            dropped = [one.location for one in found.forgotten]
        if drop_dbt:
            with explained(database), transaction(session.con):
                for schema in SCHEMAS:
                    session.con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            dropped += [one.location for one in found.of_dbt]
        session.exit_code = DONE
    if compacting:
        compact(database)
    return Cleaned(found, dropped, _size(database, []), compacting)


def _kept(settings: Settings | None) -> int:
    return settings.snapshots.value if settings else DEFAULT_SNAPSHOTS


def _found(con: duckdb.DuckDBPyConnection, database: Path, keep: int) -> Findings:
    leftovers = [Item(path, _bytes(path)) for path in _leftovers(database)]
    return Findings(
        database=database,
        leftovers=leftovers,
        snapshots=[Item(one.path, one.path.stat().st_size) for one in snapshots.beyond(database, keep)],
        forgotten=_forgotten(con),
        of_dbt=_tables(con, SCHEMAS),
        size=_size(database, leftovers),
    )


def _leftovers(database: Path) -> list[Path]:
    """What commands leave beside a file when they are killed. Its holder is asking: nobody is using them.

    Folders of pages that a harvest or a replay spooled; copies that never came to their name; what DuckDB
    spilled for readers of snapshots that are gone.
    """
    spooled = re.compile(re.escape(database.name) + r"\.[a-z0-9_]{8}(\.spool)?")
    beside = [path for path in database.parent.iterdir() if spooled.fullmatch(path.name) and path.is_dir()]
    compacted = database.parent.glob(f"{database.name}.compacted{copying.PARTIAL}*")
    folder = snapshots.folder(database)
    spilled = [path for path in folder.glob("*.duckdb.tmp") if not path.with_suffix("").exists()]
    return sorted([*beside, *compacted, *spilled, *copying.abandoned(folder)])


def _forgotten(con: duckdb.DuckDBPyConnection) -> list[Found]:
    made = {node.location for node in catalog.tables().values()}
    return [one for one in _tables(con, ("stage", "mart")) if one.location not in made]


def _tables(con: duckdb.DuckDBPyConnection, schemas: Sequence[str]) -> list[Found]:
    rows = con.execute(
        """
        SELECT schema_name || '.' || table_name FROM duckdb_tables()
        WHERE database_name = current_database() AND schema_name IN (SELECT unnest(?)) ORDER BY ALL
        """,
        [list(schemas)],
    ).fetchall()
    return [Found(location, _count(con, location)) for (location,) in rows]


def _count(con: duckdb.DuckDBPyConnection, location: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {_quoted(location)}").fetchone()  # noqa: S608 - from the catalogue
    return row[0] if row else 0


def _drop(con: duckdb.DuckDBPyConnection, location: str) -> None:
    con.execute(f"DROP TABLE {_quoted(location)}")
    name = location.replace(".", "_", 1)
    con.execute("DELETE FROM meta.tables WHERE name = ?", [name])
    for table in ("violations", "reconciliations"):
        con.execute(f"DELETE FROM meta.{table} WHERE table_name = ?", [name])  # noqa: S608 - our own names


def _quoted(location: str) -> str:
    layer, _, table = location.partition(".")
    escaped = table.replace('"', '""')
    return f'{layer}."{escaped}"'


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _size(database: Path, leftovers: list[Item]) -> int:
    kept = sum(one.path.stat().st_size for one in snapshots.listing(database))
    return database.stat().st_size + kept + sum(item.size for item in leftovers)


def _bytes(path: Path) -> int:
    if path.is_dir():
        return sum(inner.stat().st_size for inner in path.rglob("*") if inner.is_file())
    return path.stat().st_size
