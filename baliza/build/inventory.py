"""What a file holds: tables, their freshness, what is proven, and fields that no contract knows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.drift import MissingCode, UnknownField, missing_codes, unknown_fields
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse import schema
from baliza.warehouse.published import reading_live


@dataclass(frozen=True)
class TableState:
    """One table; rows is None when it was never built."""

    location: str
    rows: int | None
    built_at: datetime | None


@dataclass(frozen=True)
class CoverageState:
    """The ledger of one endpoint and slice, added up; of details, whose slices are parents, of all of them.

    Attributes:
        slice: '' for the whole country, kind=value; None where all slices are added up.
        slices: how many that are.
        modalidades: asked for one by one; 0 where the endpoint has none.
        cells: by status.
    """

    endpoint: str
    slice: str | None
    since: date
    until: date
    cells: dict[str, int]
    expected: int
    landed: int
    slices: int
    modalidades: int


@dataclass(frozen=True)
class SetAside:
    """Records of one table that are not as the others are: vanished, or in quarantine.

    Attributes:
        newest: key of the one set aside last, where any has a readable one.
    """

    table: str
    records: int
    newest: str | None


@dataclass(frozen=True)
class Inventory:
    """Everything `baliza status` tells.

    Attributes:
        quarantined: rows of meta.quarantine; `in_quarantine` tells them by table.
        snapshot: what was read in the place of a file that another process holds.
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
    missing_codes: list[MissingCode]
    vanished: list[SetAside]
    in_quarantine: list[SetAside]
    snapshot: dict[str, Any] | None

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {**_plain(asdict(self)), "database": str(self.database)}


def take(database: Path) -> Inventory:
    """Read the inventory of a file.

    Raises:
        DatabaseError: missing, locked, or not baliza's.
    """
    with reading_live(database) as opened:
        con = opened.con
        present = _present(con)
        raw = [node for node in catalog.tables().values() if node.layer == "raw" and node.location in present]
        return Inventory(
            database=database,
            source=schema.read_fact(con, "source"),
            synthetic=schema.is_synthetic(con),
            size_mb=round(database.stat().st_size / 1_000_000),
            tables=_tables(con, present),
            coverage=coverage(con),
            quarantined=_number(con, "SELECT count(*) FROM meta.quarantine"),
            unknown_fields=unknown_fields(con, raw),
            age_hours=_age_hours(con),
            missing_codes=missing_codes(con, raw),
            vanished=_set_aside(con, "vanished", "noticed_at") if "meta.vanished" in present else [],
            in_quarantine=_set_aside(con, "quarantine", "quarantined_at"),
            snapshot=opened.snapshot and opened.snapshot.as_json(),
        )


def _present(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Schema and name of every table in the file, which an older baliza may have made."""
    rows = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    return {location for (location,) in rows}


def _tables(con: duckdb.DuckDBPyConnection, present: set[str]) -> list[TableState]:
    built = dict(con.execute("SELECT name, built_at FROM meta.tables").fetchall())
    return [
        TableState(
            location=node.location,
            rows=_rows(con, node) if node.location in present else None,
            built_at=built.get(node.name),
        )
        for node in catalog.tables().values()
    ]


def _rows(con: duckdb.DuckDBPyConnection, node: TableNode) -> int:
    return _number(con, f'SELECT count(*) FROM {node.layer}."{node.table}"')  # noqa: S608 - a known table


def coverage(con: duckdb.DuckDBPyConnection) -> list[CoverageState]:
    """The ledger, by endpoint and slice."""
    details = [endpoint.id for endpoint in ENDPOINTS.values() if endpoint.cell == "parent"]
    rows = con.execute(
        """
        SELECT endpoint, shown, min(day), max(day), histogram(status),
               coalesce(sum(expected), 0), sum(landed),
               count(DISTINCT slice), count(DISTINCT nullif(modalidade, 0))
        FROM (
            SELECT *, CASE WHEN NOT list_contains($details::VARCHAR[], endpoint) THEN slice END AS shown
            FROM meta.coverage
        )
        GROUP BY endpoint, shown ORDER BY endpoint, shown
        """,
        {"details": details},
    ).fetchall()
    return [
        CoverageState(
            endpoint, slice_, since, until, dict(cells), int(expected), int(landed), slices, modalidades
        )
        for endpoint, slice_, since, until, cells, expected, landed, slices, modalidades in rows
    ]


def _set_aside(con: duckdb.DuckDBPyConnection, table: str, since: str) -> list[SetAside]:
    rows = con.execute(
        f"""
        SELECT 'raw.' || table_name, count(*), arg_max(key, {since})
        FROM meta.{table} GROUP BY table_name ORDER BY table_name
        """  # noqa: S608 - our own names
    ).fetchall()
    return [SetAside(*row) for row in rows]


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
