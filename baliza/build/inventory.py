"""What a file holds: tables, their freshness, what is proven, and fields that no contract knows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from baliza.build import catalog
from baliza.warehouse import schema
from baliza.warehouse.connection import connect, explained


@dataclass(frozen=True)
class TableState:
    """One table; rows is None when it was never built."""

    location: str
    rows: int | None
    built_at: datetime | None


@dataclass(frozen=True)
class CoverageState:
    """The ledger of one endpoint and slice, added up."""

    endpoint: str
    slice: str
    since: date
    until: date
    cells: dict[str, int]
    expected: int
    landed: int


@dataclass(frozen=True)
class UnknownField:
    """A field PNCP sends that the contract does not know."""

    table: str
    field: str
    records: int


@dataclass(frozen=True)
class Inventory:
    """Everything `baliza status` tells.

    Attributes:
        age_hours: since the newest complete or empty cell; None when there is none.
    """

    database: Path
    source: str | None
    synthetic: bool
    size_mb: int
    tables: list[TableState]
    coverage: list[CoverageState]
    quarantined: int
    unknown_fields: list[UnknownField]
    age_hours: float | None

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {**_plain(asdict(self)), "database": str(self.database)}


def take(database: Path) -> Inventory:
    """Read the inventory of a file.

    Raises:
        DatabaseError: missing, locked, or not baliza's.
    """
    con = connect(database, write=False)
    try:
        schema.check_format(con, database)
        with explained(database):
            return Inventory(
                database=database,
                source=schema.read_fact(con, "source"),
                synthetic=schema.is_synthetic(con),
                size_mb=round(database.stat().st_size / 1_000_000),
                tables=_tables(con),
                coverage=_coverage(con),
                quarantined=_number(con, "SELECT count(*) FROM meta.quarantine"),
                unknown_fields=_unknown_fields(con),
                age_hours=_age_hours(con),
            )
    finally:
        con.close()


def _tables(con: duckdb.DuckDBPyConnection) -> list[TableState]:
    built = dict(con.execute("SELECT name, built_at FROM meta.tables").fetchall())
    present = {
        location: name
        for schema_, name, location in con.execute(
            "SELECT schema_name, table_name, schema_name || '.' || table_name FROM duckdb_tables()"
        ).fetchall()
    }
    return [
        TableState(
            location=node.location,
            rows=_number(con, f'SELECT count(*) FROM {node.layer}."{node.table}"')  # noqa: S608 - a known table
            if node.location in present
            else None,
            built_at=built.get(node.name),
        )
        for node in catalog.tables().values()
    ]


def _coverage(con: duckdb.DuckDBPyConnection) -> list[CoverageState]:
    rows = con.execute(
        """
        SELECT endpoint, slice, min(day), max(day), histogram(status), coalesce(sum(expected), 0), sum(landed)
        FROM meta.coverage GROUP BY endpoint, slice ORDER BY endpoint, slice
        """
    ).fetchall()
    return [
        CoverageState(endpoint, slice_, since, until, dict(cells), int(expected), int(landed))
        for endpoint, slice_, since, until, cells, expected, landed in rows
    ]


def _unknown_fields(con: duckdb.DuckDBPyConnection) -> list[UnknownField]:
    found = []
    for node in catalog.tables().values():
        if node.layer != "raw":
            continue
        rows = con.execute(
            f"""
            SELECT field, count(*) FROM (
                SELECT unnest(json_keys(unknown_fields)) AS field FROM raw."{node.table}"
                WHERE unknown_fields IS NOT NULL
            ) GROUP BY field ORDER BY field
            """  # noqa: S608 - a known table
        ).fetchall()
        found += [UnknownField(node.location, field, records) for field, records in rows]
    return found


def _age_hours(con: duckdb.DuckDBPyConnection) -> float | None:
    row = con.execute(
        "SELECT max(updated_at) FROM meta.coverage WHERE status IN ('complete', 'empty')"
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return (datetime.now(UTC).replace(tzinfo=None) - row[0]).total_seconds() / 3600


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return row[0] if row else 0


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
