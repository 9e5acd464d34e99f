"""How a record changed: its versions as they were observed, and field by field what differs between them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import duckdb

from baliza.build import catalog
from baliza.build.raw_tables import raw_table
from baliza.errors import UnknownRecordError
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.published import reading_published
from baliza.warehouse.raw_table import KEY_SEPARATOR, PROVENANCE, RawTable

_NEAREST = 3
_NEAR_ENOUGH = 0.9
"""Similarity (Jaro-Winkler) from which a key is worth being named in place of the one that is not there."""

_ADDED = frozenset(name for name, _ in PROVENANCE)


@dataclass(frozen=True)
class Change:
    """One field that differs from the version before; `field` is its path, list elements by index."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Version:
    """A record as it was observed once.

    Attributes:
        observed_at: UTC.
        endpoint: which showed it so.
        version_field: PNCP's field that says when the record last changed.
        version: what it says.
        changes: from the version before; none of the first one.
    """

    observed_at: datetime
    endpoint: str
    version_field: str
    version: datetime | None
    changes: list[Change]


@dataclass(frozen=True)
class Disappearance:
    """When PNCP stopped showing a record; both times are UTC."""

    endpoint: str
    seen_until: datetime
    noticed_at: datetime


@dataclass(frozen=True)
class History:
    """Every version of one record in one raw table, in order of observation."""

    table: str
    key: str
    versions: list[Version]
    vanished: Disappearance | None


def find(database: Path, key: str, table: str | None = None) -> list[History]:
    """The history of a record in each raw table that holds it.

    Args:
        database: the file.
        key: as text, the parts of a composite one joined with "/".
        table: `contratos`, `raw.contratos` or `raw_contratos`; all raw tables without it.

    Raises:
        UnknownTargetError: there is no such raw table.
        UnknownRecordError: no table holds the key; says the nearest ones.
        DatabaseError: missing, locked, or not baliza's.
    """
    key = key.strip()
    wanted = (
        [_named(table)]
        if table
        else [node.table for node in catalog.tables().values() if node.layer == "raw"]
    )
    with reading_published(database) as opened:
        con = opened.con
        held = [raw_table(name) for name in wanted if _holds(con, "raw", name)]
        found = [history for one in held if (history := _history(con, one, key))]
        if not found:
            raise _unknown(con, database, held, key)
        return found


def _named(table: str) -> str:
    """The raw table a user means, without its layer.

    Raises:
        UnknownTargetError.
    """
    name = table.strip().removeprefix("raw.").removeprefix("raw_")
    return catalog.find(f"raw_{name}").table


def _holds(con: duckdb.DuckDBPyConnection, layer: str, table: str) -> bool:
    """Whether the file, which an older baliza may have made, has a table."""
    row = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?", [layer, table]
    ).fetchone()
    return bool(row and row[0])


def _history(con: duckdb.DuckDBPyConnection, table: RawTable, key: str) -> History | None:
    rows = con.execute(
        f'SELECT * FROM raw."{table.name}" WHERE {table.key_sql} = ? ORDER BY observation_id',  # noqa: S608 - names come from the contract
        [key],
    )
    names = [column[0] for column in rows.description or ()]
    observed = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    if not observed:
        return None
    records = [_record(row) for row in observed]
    changes = [[], *([*_differences(before, after)] for before, after in pairwise(records))]
    return History(
        table=f"raw.{table.name}",
        key=key,
        versions=[_version(row, changed) for row, changed in zip(observed, changes, strict=True)],
        vanished=_disappearance(con, table, key),
    )


def _version(row: Mapping[str, Any], changes: list[Change]) -> Version:
    endpoint = ENDPOINTS.get(row["source_endpoint"])
    field = endpoint.version if endpoint else "dataAtualizacaoGlobal"
    return Version(row["observed_at"], row["source_endpoint"], field, row.get(field), changes)


def _record(row: Mapping[str, Any]) -> Any:
    """PNCP's own fields of a raw row, those that no contract knows in their places."""
    known = {name: value for name, value in row.items() if name not in _ADDED}
    unknown = json.loads(row["unknown_fields"] or "{}", parse_float=Decimal)
    return _together(known, unknown)


def _together(known: Any, unknown: Any) -> Any:
    if isinstance(known, dict) and isinstance(unknown, dict):
        return known | {name: _together(known.get(name), value) for name, value in unknown.items()}
    if isinstance(known, list) and isinstance(unknown, list):
        return [_together(one, other) for one, other in zip_longest(known, unknown)]
    return known if unknown is None else unknown


def _differences(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """What differs, leaf by leaf; null where one side has nothing."""
    if before == after:
        return
    inside = False
    for name, one, other in _members(before, after):
        for change in _differences(one, other, f"{path}.{name}" if path else str(name)):
            inside = True
            yield change
    if not inside:  # leaves, or an object or list that holds nothing beside none at all
        yield Change(path, before, after)


def _members(before: Any, after: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """The members of two objects or two lists side by side; null counts as an empty one."""
    sides = (before, after)
    if all(isinstance(side, dict | None) for side in sides):
        one, other = before or {}, after or {}
        for name in one | other:
            yield name, one.get(name), other.get(name)
    elif all(isinstance(side, list | None) for side in sides):
        for index, (one, other) in enumerate(zip_longest(before or [], after or [])):
            yield index, one, other


def _disappearance(con: duckdb.DuckDBPyConnection, table: RawTable, key: str) -> Disappearance | None:
    if not _holds(con, "meta", "vanished"):
        return None
    row = con.execute(
        "SELECT endpoint, seen_until, noticed_at FROM meta.vanished WHERE table_name = ? AND key = ?",
        [table.name, key],
    ).fetchone()
    return Disappearance(*row) if row else None


def _unknown(
    con: duckdb.DuckDBPyConnection, database: Path, tables: list[RawTable], key: str
) -> UnknownRecordError:
    asked = "The changes of the record {key} were asked for."
    reason = _reason_of_quarantine(con, tables, key)
    if reason is not None:
        return UnknownRecordError(
            asked,
            "It could not be typed, so no raw table holds it: {reason}.",
            "See it as it came: baliza quarantine list --database {database}",
            key=key,
            reason=reason,
            database=database,
        )
    near = _nearest(con, tables, key)
    return UnknownRecordError(
        asked,
        "No raw table of {database} holds such a key."
        if len(tables) != 1
        else "The table {tables} of {database} holds no such key.",
        "Did you mean {near}?"
        if near
        else "See which days the file holds: baliza status. Parts of a key are joined with {separator}.",
        key=key,
        database=database,
        tables=", ".join(f"raw.{table.name}" for table in tables),
        near=", ".join(near),
        separator=KEY_SEPARATOR,
    )


def _reason_of_quarantine(con: duckdb.DuckDBPyConnection, tables: list[RawTable], key: str) -> str | None:
    row = con.execute(
        "SELECT reason FROM meta.quarantine WHERE key = ? AND table_name IN (SELECT unnest(?)) LIMIT 1",
        [key, [table.name for table in tables]],
    ).fetchone()
    return row[0] if row else None


def _nearest(con: duckdb.DuckDBPyConnection, tables: list[RawTable], key: str) -> list[str]:
    """The keys most like it, those of the same órgão (or under the same parent) first."""
    if not tables:
        return []
    keys = " UNION ".join(f'SELECT {table.key_sql} AS key FROM raw."{table.name}"' for table in tables)  # noqa: S608 - names come from the contract
    rows = con.execute(
        f"""
        SELECT key FROM (
            SELECT key, starts_with(key, $key) OR starts_with(key, split_part($key, '-', 1)) AS related,
                   jaro_winkler_similarity(key, $key) AS likeness
            FROM ({keys})
        )
        WHERE likeness >= {_NEAR_ENOUGH} ORDER BY related DESC, likeness DESC, key LIMIT {_NEAREST}
        """,  # noqa: S608 - names come from the contract
        {"key": key},
    ).fetchall()
    return [near for (near,) in rows]
