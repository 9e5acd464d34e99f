"""What the ledger holds open: cells that are short, failed or pending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from baliza.warehouse.ledger import Cell, Status


@dataclass(frozen=True)
class Within:
    """Where to look.

    Attributes:
        endpoints: ids.
        since, until: days.
        snapshots: of the endpoints, those whose cells are open on `today` alone: of a day that is over no
            snapshot can be taken any more.
    """

    endpoints: tuple[str, ...]
    snapshots: tuple[str, ...]
    today: date
    since: date = date.min
    until: date = date.max


@dataclass(frozen=True)
class Gap:
    """A run of days of one listing that are open for the same reason.

    Attributes:
        days: how many.
        missing: records known to be missing; None when PNCP never said how many there are.
    """

    endpoint: str
    modalidade: int
    slice: str
    since: date
    until: date
    days: int
    status: Status
    missing: int | None
    reason: str | None


def open_cells(con: duckdb.DuckDBPyConnection, within: Within) -> list[Cell]:
    """The open cells by endpoint, slice, modalidade and day.

    A day proven for the whole country leaves no slice of it open.
    """
    rows = con.execute(
        f"""
        SELECT endpoint, day, status, slice, modalidade, expected, landed, repeats, walks, pages, quarantined,
               reason
        FROM ({_OPEN}) ORDER BY endpoint, slice, modalidade, day
        """,  # noqa: S608 - a constant
        _facts(within),
    ).fetchall()
    return [Cell(*row) for row in rows]


def gaps(con: duckdb.DuckDBPyConnection, within: Within) -> list[Gap]:
    """The same, runs of days that are open for the same reason taken together, by endpoint and day."""
    rows = con.execute(
        f"""
        SELECT endpoint, modalidade, slice, min(day), max(day), count(*), status,
               sum(expected - landed), reason
        FROM (
            SELECT *, day - CAST(row_number() OVER (
                PARTITION BY endpoint, modalidade, slice, status, reason ORDER BY day
            ) AS INTEGER) AS run
            FROM ({_OPEN})
        )
        GROUP BY endpoint, modalidade, slice, status, reason, run
        ORDER BY endpoint, min(day), modalidade, slice
        """,  # noqa: S608 - a constant
        _facts(within),
    ).fetchall()
    return [
        Gap(*row[:7], missing=None if row[7] is None else max(0, int(row[7])), reason=row[8]) for row in rows
    ]


def _facts(within: Within) -> dict[str, object]:
    return {
        "endpoints": list(within.endpoints),
        "snapshots": list(within.snapshots),
        "today": within.today,
        "since": within.since,
        "until": within.until,
    }


_OPEN = """
    SELECT cell.* FROM meta.coverage AS cell
    WHERE cell.status NOT IN ('complete', 'empty')
      AND list_contains($endpoints, cell.endpoint) AND cell.day BETWEEN $since AND $until
      AND (cell.day = $today OR NOT list_contains($snapshots, cell.endpoint))
      AND (cell.slice = '' OR NOT EXISTS (
          SELECT 1 FROM meta.coverage AS whole
          WHERE whole.endpoint = cell.endpoint AND whole.modalidade = cell.modalidade AND whole.slice = ''
            AND whole.day = cell.day AND whole.status IN ('complete', 'empty')
      ))
"""
