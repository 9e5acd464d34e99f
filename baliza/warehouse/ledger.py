"""The ledger: what was asked of PNCP, day by day, and what of it is proven to be in the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Literal

import duckdb

from baliza.warehouse.packed_lists import packed, unpacked

Status = Literal["complete", "empty", "short", "failed", "pending"]

WHOLE = ""
"""The slice that is the whole country."""

COVERED: tuple[Status, ...] = ("complete", "empty")
"""The statuses with nothing left to fetch."""


@dataclass(frozen=True)
class Cell:
    """One row of meta.coverage: one day of one endpoint, modalidade and slice.

    Attributes:
        expected: totalRegistros of that day; None when PNCP never said.
        landed: distinct keys, those in quarantine included when their key is readable.
        repeats: records that came more than once.
        quarantined: of landed, kept as text only.
        reason: why it is short or failed.
    """

    endpoint: str
    day: date
    status: Status
    slice: str = WHOLE
    modalidade: int = 0
    expected: int | None = None
    landed: int = 0
    repeats: int = 0
    walks: int = 0
    pages: int = 0
    quarantined: int = 0
    reason: str | None = None


_CELL = {
    "endpoint": "VARCHAR", "day": "DATE", "status": "VARCHAR", "slice": "VARCHAR", "modalidade": "INTEGER",
    "expected": "BIGINT", "landed": "BIGINT", "repeats": "BIGINT", "walks": "INTEGER", "pages": "INTEGER",
    "quarantined": "BIGINT", "reason": "VARCHAR",
}  # fmt: skip
_CELLS = f"SELECT {unpacked('cells', json.dumps([_CELL]))} AS cell"
"""The cells of a parameter as rows: one statement, for one each costs milliseconds."""


@dataclass(frozen=True)
class Coverage:
    """What a period and its slices add up to.

    Attributes:
        cells: how many cells there are of each status.
        expected: totalRegistros over the cells where it is known.
        landed: distinct keys over all cells.
        missing: the cells that are neither complete nor empty, those never asked for included.
    """

    cells: dict[str, int]
    expected: int
    landed: int
    missing: list[Cell]

    def __add__(self, other: Coverage) -> Coverage:
        cells = {
            status: self.cells.get(status, 0) + other.cells.get(status, 0)
            for status in self.cells | other.cells
        }
        return Coverage(
            cells, self.expected + other.expected, self.landed + other.landed, self.missing + other.missing
        )

    @property
    def is_complete(self) -> bool:
        """Whether every cell asked for is proven: complete or empty."""
        return not self.missing


@dataclass(frozen=True)
class Listing:
    """What the ledger knows of one endpoint, modalidade and slice, taken together.

    Attributes:
        first, last: days.
        first_updated: when a cell of it was first written that still stands, UTC.
        last_updated: when its last day was written, UTC.
    """

    endpoint: str
    modalidade: int
    slice: str
    first: date
    last: date
    first_updated: datetime
    last_updated: datetime


def record(con: duckdb.DuckDBPyConnection, cells: Sequence[Cell], now: datetime) -> None:
    """Write cells, replacing what was known of them. The caller holds the transaction.

    A failure takes nothing away: what had landed before it is still in the file.
    """
    if not cells:
        return
    con.execute(
        f"""
        INSERT INTO meta.coverage BY NAME
        SELECT unnest(cell), $now AS updated_at FROM ({_CELLS})
        ON CONFLICT DO UPDATE SET
            status = excluded.status,
            expected = CASE excluded.status
                WHEN 'failed' THEN coalesce(excluded.expected, expected) ELSE excluded.expected END,
            landed = CASE excluded.status
                WHEN 'failed' THEN greatest(excluded.landed, landed) ELSE excluded.landed END,
            repeats = excluded.repeats,
            walks = excluded.walks,
            pages = excluded.pages,
            quarantined = CASE excluded.status
                WHEN 'failed' THEN greatest(excluded.quarantined, quarantined) ELSE excluded.quarantined END,
            reason = excluded.reason,
            updated_at = excluded.updated_at
        """,  # noqa: S608 - a constant
        {"cells": packed([asdict(cell) for cell in cells]), "now": now},
    )


def telling_more(con: duckdb.DuckDBPyConnection, cells: Sequence[Cell], as_of: datetime) -> list[Cell]:
    """Those of these cells that tell more than the ledger knows.

    Proof stands until there is a newer one; of two that prove nothing, the newer stands.
    """
    condition = """(known.status IN ('complete', 'empty'), known.updated_at)
        >= (cell.status IN ('complete', 'empty'), $as_of)"""
    return _without_known(con, cells, condition, {"as_of": as_of})


def unknown(con: duckdb.DuckDBPyConnection, cells: Sequence[Cell]) -> list[Cell]:
    """Those of these cells of which the ledger knows nothing."""
    return _without_known(con, cells, "true", {})


def _without_known(
    con: duckdb.DuckDBPyConnection, cells: Sequence[Cell], condition: str, facts: Mapping[str, object]
) -> list[Cell]:
    """The cells without those that the ledger knows so."""
    if not cells:
        return []
    rows = con.execute(
        f"""
        SELECT cell.endpoint, cell.day, cell.slice, cell.modalidade
        FROM ({_CELLS}) AS asked JOIN meta.coverage AS known
            ON (known.endpoint, known.modalidade, known.slice, known.day)
             = (cell.endpoint, cell.modalidade, cell.slice, cell.day)
        WHERE {condition}
        """,  # noqa: S608 - constants
        {"cells": packed([asdict(cell) for cell in cells]), **facts},
    ).fetchall()
    known = set(rows)
    return [cell for cell in cells if (cell.endpoint, cell.day, cell.slice, cell.modalidade) not in known]


def open_days(
    con: duckdb.DuckDBPyConnection, endpoint: str, slice_: str, since: date, until: date, modalidade: int = 0
) -> list[date]:
    """The days of a period still to be fetched, in order.

    A day proven for the whole country is proven for every slice of it.
    """
    rows = con.execute(
        """
        SELECT day FROM (
            SELECT CAST(unnest(generate_series($since, $until, INTERVAL 1 DAY)) AS DATE) AS day
        )
        WHERE day NOT IN (
            SELECT day FROM meta.coverage
            WHERE endpoint = $endpoint AND modalidade = $modalidade AND slice IN ('', $slice)
              AND status IN ('complete', 'empty')
        )
        ORDER BY day
        """,
        {"since": since, "until": until, "endpoint": endpoint, "slice": slice_, "modalidade": modalidade},
    ).fetchall()
    return [day for (day,) in rows]


def mark_pending(con: duckdb.DuckDBPyConnection, cells: Sequence[Cell], now: datetime) -> None:
    """Write down which cells are about to be fetched; what is known of a short or failed one stays."""
    if not cells:
        return
    con.execute(
        f"""
        INSERT INTO meta.coverage BY NAME
        SELECT unnest(cell), $now AS updated_at FROM ({_CELLS})
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - a constant
        {"cells": packed([asdict(replace(cell, status="pending")) for cell in cells]), "now": now},
    )


def coverage(
    con: duckdb.DuckDBPyConnection,
    endpoint: str,
    slices: Iterable[str],
    since: date,
    until: date,
    modalidades: Sequence[int] = (0,),
) -> Coverage:
    """What is proven of a period, slice by slice; a day never asked for counts as pending."""
    cells = [
        cell
        for slice_ in slices
        for modalidade in modalidades
        for cell in _cells(con, endpoint, slice_, since, until, modalidade)
    ]
    return add_up(cells)


def add_up(cells: Sequence[Cell]) -> Coverage:
    """What cells come to together."""
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell.status] = counts.get(cell.status, 0) + 1
    return Coverage(
        cells=counts,
        expected=sum(cell.expected or 0 for cell in cells),
        landed=sum(cell.landed for cell in cells),
        missing=[cell for cell in cells if cell.status not in COVERED],
    )


def known_coverage(con: duckdb.DuckDBPyConnection, endpoint: str) -> Coverage:
    """What is proven of everything that was ever asked for."""
    counts = con.execute(
        """
        SELECT status, count(*), coalesce(sum(expected), 0), sum(landed)
        FROM meta.coverage WHERE endpoint = ? GROUP BY status ORDER BY status
        """,
        [endpoint],
    ).fetchall()
    missing = con.execute(
        """
        SELECT endpoint, day, status, slice, modalidade, expected, landed, repeats, walks, pages, quarantined,
               reason
        FROM meta.coverage WHERE endpoint = ? AND status NOT IN ('complete', 'empty')
        ORDER BY slice, day, modalidade
        """,
        [endpoint],
    ).fetchall()
    return Coverage(
        cells={status: cells for status, cells, _, _ in counts},
        expected=sum(int(expected) for _, _, expected, _ in counts),
        landed=sum(int(landed) for _, _, _, landed in counts),
        missing=[Cell(*row) for row in missing],
    )


def _cells(
    con: duckdb.DuckDBPyConnection, endpoint: str, slice_: str, since: date, until: date, modalidade: int
) -> list[Cell]:
    """One cell per day: that of the slice, or that of the whole country where it alone proves the day."""
    rows = con.execute(
        """
        WITH days AS (
            SELECT CAST(unnest(generate_series($since, $until, INTERVAL 1 DAY)) AS DATE) AS day
        ),
        known AS (
            SELECT *, status IN ('complete', 'empty') AS proven FROM meta.coverage
            WHERE endpoint = $endpoint AND modalidade = $modalidade AND slice IN ('', $slice)
              AND (slice = $slice OR status IN ('complete', 'empty'))
            QUALIFY row_number() OVER (PARTITION BY day ORDER BY proven DESC, slice = $slice DESC) = 1
        )
        SELECT day, coalesce(status, 'pending'), expected, coalesce(landed, 0), coalesce(repeats, 0),
               coalesce(walks, 0), coalesce(pages, 0), coalesce(quarantined, 0), reason
        FROM days LEFT JOIN known USING (day) ORDER BY day
        """,
        {"since": since, "until": until, "endpoint": endpoint, "slice": slice_, "modalidade": modalidade},
    ).fetchall()
    return [Cell(endpoint, row[0], row[1], slice_, modalidade, *row[2:]) for row in rows]


def known_period(con: duckdb.DuckDBPyConnection, endpoint: str) -> tuple[date, date] | None:
    """First and last day the ledger speaks of, or None when it is empty."""
    first, last = con.execute(
        "SELECT min(day), max(day) FROM meta.coverage WHERE endpoint = ?", [endpoint]
    ).fetchone()  # pyright: ignore[reportGeneralTypeIssues] - an aggregate always has a row
    return None if first is None else (first, last)


def last_proven_day(con: duckdb.DuckDBPyConnection) -> date | None:
    """The last day of which the file holds all that PNCP had, or None where it proves nothing."""
    row = con.execute("SELECT max(day) FROM meta.coverage WHERE status IN ('complete', 'empty')").fetchone()
    return row[0] if row else None


def held_records(con: duckdb.DuckDBPyConnection, cells: Sequence[Cell]) -> bool:
    """Whether any of these cells was proven to hold records before."""
    row = con.execute(
        f"""
        SELECT count(*) FROM ({_CELLS}) AS asked JOIN meta.coverage AS known
            ON (known.endpoint, known.modalidade, known.slice, known.day)
             = (cell.endpoint, cell.modalidade, cell.slice, cell.day)
        WHERE known.status = 'complete' AND known.landed > 0
        """,  # noqa: S608 - a constant
        {"cells": packed([asdict(cell) for cell in cells])},
    ).fetchone()
    return bool(row and row[0])


def listings(con: duckdb.DuckDBPyConnection, endpoints: Sequence[str]) -> list[Listing]:
    """Everything that was ever asked of these endpoints, by endpoint, modalidade and slice."""
    rows = con.execute(
        """
        SELECT endpoint, modalidade, slice, min(day), max(day), min(updated_at), arg_max(updated_at, day)
        FROM meta.coverage WHERE endpoint IN (SELECT unnest($endpoints::VARCHAR[]))
        GROUP BY ALL ORDER BY ALL
        """,
        {"endpoints": list(endpoints)},
    ).fetchall()
    return [Listing(*row) for row in rows]
