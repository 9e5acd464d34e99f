"""Today's file as the old one's answers come into it: landed as a harvest lands, and written down as done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from baliza.build.raw_tables import raw_table
from baliza.migration.body import reader_of
from baliza.migration.tally import Tally
from baliza.pncp.endpoints import ENDPOINTS
from baliza.pncp.progress import Progress
from baliza.warehouse import ledger
from baliza.warehouse.landing import Landed, Landing, Request, SpooledPage, Window, land
from baliza.warehouse.ledger import Cell
from baliza.warehouse.page import Defect, Page

Place = tuple[str, int]
"""Table of the old file, and row."""


@dataclass
class Parcel:
    """What lands in one transaction: answers about one window, or rows of one table.

    Attributes:
        endpoint: its id.
        window: None where the answers say none.
        answers: table and row in the old file, and what each was.
        received: records in all pages, and in copies of them that do not land again.
        covered: parsed rows left out, because the record itself is here.
    """

    endpoint: str
    window: Window | None = None
    pages: list[SpooledPage] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    defects: list[tuple[SpooledPage, Defect]] = field(default_factory=list)
    answers: list[tuple[str, int, str]] = field(default_factory=list)
    received: int = 0
    covered: int = 0

    def landing(self) -> Landing:
        """To be landed; where no window is known, under the day it was asked."""
        day = self.requests[0].requested_at.date() if self.requests else date(1970, 1, 1)
        window = self.window or Window(self.endpoint, "", day, day)
        pages = sorted(self.pages, key=lambda page: page.request.request_id)
        return Landing(window, pages, self.requests, [], self.defects, self.received, is_history=True)


@dataclass
class Destination:
    """Today's file, open to be written.

    Attributes:
        spool: a folder for pages on their way in.
        source: digest of the old file.
    """

    con: duckdb.DuckDBPyConnection
    database: Path
    spool: Path
    source: str
    progress: Progress

    def __post_init__(self) -> None:
        self.con.execute(
            """
            CREATE OR REPLACE TEMP TABLE done AS
            SELECT answer.origin AS origin, answer."row" AS place
            FROM (SELECT unnest(answers) AS answer FROM meta.migrated WHERE source = ?)
            """,
            [self.source],
        )
        self.resumes = self._any("SELECT 1 FROM done LIMIT 1")
        rows = self.con.execute(
            "SELECT sha256, requested_at FROM meta.requests WHERE request_id < 0 AND sha256 IS NOT NULL"
        ).fetchall()
        self._answers = {(sha256, at) for sha256, at in rows}
        self._has_history = bool(rows)

    def done(self, places: Sequence[Place]) -> set[Place]:
        """Those of these that landed in a run before this one."""
        if not self.resumes or not places:
            return set()
        rows = self.con.execute(
            """
            SELECT origin, place FROM done WHERE place BETWEEN $first AND $last
            """,
            {"first": min(row for _, row in places), "last": max(row for _, row in places)},
        ).fetchall()
        return set(rows) & set(places)

    def is_copy(self, sha256: str, at: datetime) -> bool:
        """Whether the answer came before: old files keep some twice, as when their layout changed."""
        if (sha256, at) in self._answers:
            return True
        self._answers.add((sha256, at))
        return False

    def spooled(self, parcel: Parcel, request: Request, page: Page, number: int) -> None:
        """Put a page into a parcel and on disk."""
        path = self.spool / f"{request.request_id:012d}.json"
        landable = page.received - len(page.defects)
        spooled = SpooledPage(path, request, number, list(page.days), landable)
        parcel.received += page.received
        parcel.defects += [(spooled, defect) for defect in page.defects]
        if landable:
            path.write_bytes(page.body)
            parcel.pages.append(spooled)

    def told(self, parcel: Parcel, request: Request, *, is_of_rows: bool = False) -> Request:
        """Write a request into a parcel, as evidence, under a number that is free.

        The same answer may have come from another old file, or from an earlier state of this one; rows have
        the time of the answers they were parsed from.
        """
        if self._has_history or is_of_rows:
            rows = self.con.execute(
                "SELECT request_id, sha256, url FROM meta.requests WHERE request_id BETWEEN ? AND ?",
                [request.request_id, request.request_id + 1000],
            ).fetchall()
            taken = {id_: (sha256, url) for id_, sha256, url in rows}
            while request.request_id in taken:
                if taken[request.request_id] == (request.sha256, request.url):
                    return request
                request = replace(request, request_id=request.request_id + 1)
        parcel.requests.append(request)
        return request

    def land(self, parcel: Parcel, also: Callable[[], None] = lambda: None) -> Landed:
        """Land a parcel, write down that it has, and do `also`: all of it or nothing."""
        table = raw_table(ENDPOINTS[parcel.endpoint].table)
        landing = parcel.landing()
        now = datetime.now(UTC).replace(tzinfo=None)

        def within(landed: Landed) -> None:
            self._write_down(parcel, landed, now)
            also()

        landed = land(self.con, self.database, table, reader_of(parcel.endpoint), landing, now, within)
        for page in parcel.pages:
            page.path.unlink(missing_ok=True)
        return landed

    def cells(self, window: Window, tally: Tally) -> list[Cell]:
        """The ledger's rows of a window whose pages have landed."""
        tally.quarantined |= self._refused(window) & tally.days.keys()
        return tally.cells(window)

    def record(self, cells: Sequence[Cell], as_of: datetime) -> None:
        """Write cells in the ledger, where they tell more than it knows. The caller holds the transaction."""
        ledger.record(self.con, ledger.telling_more(self.con, cells, as_of), as_of)

    def _refused(self, window: Window) -> set[str]:
        """The keys of a window that DuckDB refused when they landed."""
        rows = self.con.execute(
            """
            SELECT DISTINCT key FROM meta.quarantine
            WHERE key IS NOT NULL AND endpoint = ? AND coalesce(modalidade, 0) = ? AND slice = ?
              AND since = ? AND until = ?
            """,
            [window.endpoint, window.modalidade, window.slice, window.since, window.until],
        ).fetchall()
        return {key for (key,) in rows}

    def _write_down(self, parcel: Parcel, landed: Landed, now: datetime) -> None:
        self.con.execute(
            """
            INSERT INTO meta.migrated BY NAME
            SELECT $source AS source, $table AS table_name, $received AS received, $stored AS stored,
                   $repeats AS repeats, $covered AS covered, $quarantined AS quarantined, $now AS migrated_at,
                   list_transform(
                       list_zip($origins::VARCHAR[], $rows::BIGINT[], $outcomes::VARCHAR[]),
                       lambda one: struct_pack(origin := one[1], "row" := one[2], outcome := one[3])
                   ) AS answers
            """,
            {
                "source": self.source,
                "table": ENDPOINTS[parcel.endpoint].table if landed.received or parcel.covered else None,
                "received": landed.received + parcel.covered, "stored": landed.stored,
                "repeats": landed.repeats, "covered": parcel.covered, "quarantined": landed.quarantined,
                "now": now,
                "origins": [origin for origin, _, _ in parcel.answers],
                "rows": [row for _, row, _ in parcel.answers],
                "outcomes": [outcome for _, _, outcome in parcel.answers],
            },
        )  # fmt: skip

    def _any(self, query: str) -> bool:
        return self.con.execute(query).fetchone() is not None
