"""The answers an old file keeps, of every generation as one relation, and their bodies, a few at a time."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from baliza.migration.old_file import PAYLOADS, OldFile
from baliza.migration.relation import FIELDS, selects
from baliza.migration.window import Asked
from baliza.warehouse.connection import explained
from baliza.warehouse.landing import Window, history_id


@dataclass(frozen=True)
class Answer:
    """One answer of PNCP, as an old file keeps it.

    Attributes:
        number: in order of time, over all generations.
        origin, row: of the old file: its table, and the number of the row in it.
        content: table and row of its body; None where there is none.
        asked: what was asked for.
        status: of HTTP; None where it was not kept.
        total, pages, page: as the old program read them from the body, where it did.
        parse_status: of one whose body was parsed and dropped.
        request_id: in today's file, unless that is taken: two of one millisecond have numbers of their own.
    """

    number: int
    origin: str
    row: int
    content: tuple[str, int] | None
    asked: Asked
    status: int | None
    total: int | None
    pages: int | None
    page: int | None
    parse_status: str | None
    request_id: int


@dataclass(frozen=True)
class Listing:
    """Answers about the same window, in order of time; or those of an endpoint that say none.

    Attributes:
        endpoint: its id; None where it is not known.
        numbers: of the answers.
    """

    endpoint: str | None
    window: Window | None
    numbers: array[int]

    @property
    def label(self) -> str:
        """For people."""
        window = self.window
        if window is None:
            return f"{self.endpoint or '?'} (?)"
        parts = [window.endpoint]
        if window.modalidade:
            parts.append(f"modalidade={window.modalidade}")
        days = f"{window.since}" if window.since == window.until else f"{window.since}..{window.until}"
        return " ".join(filter(None, (*parts, window.slice, days)))


_BATCH = 5000


class Answers:
    """The answers of an old file, put in order of time in a temporary table beside it."""

    def __init__(self, old: OldFile) -> None:
        self._old = old
        old.con.execute(f"CREATE OR REPLACE TEMP TABLE found ({FIELDS})")
        for select in selects(old.columns):
            old.con.execute(f"INSERT INTO found BY NAME {select}")
        old.con.execute(
            """
            CREATE OR REPLACE TEMP TABLE answers AS
            -- Of one in a millisecond another's number is taken. PNCP began in August 2021.
            SELECT *, number + max(milliseconds - number) OVER (
                       ORDER BY number ROWS UNBOUNDED PRECEDING
                   ) AS request_id
            FROM (
                SELECT *, row_number() OVER (ORDER BY asked_at, page, origin, row_number) AS number,
                       epoch_ms(asked_at) AS milliseconds
                FROM (SELECT * REPLACE (coalesce(asked_at, TIMESTAMP '2021-08-01') AS asked_at) FROM found)
            )
            """
        )
        old.con.execute("DROP TABLE found")

    @property
    def is_simulated(self) -> bool:
        """Whether any of them says that it came from the simulator."""
        row = self._old.con.execute("SELECT coalesce(bool_or(is_simulated), false) FROM answers").fetchone()
        return bool(row and row[0])

    def count(self) -> int:
        """How many there are."""
        row = self._old.con.execute("SELECT count(*) FROM answers").fetchone()
        return row[0] if row else 0

    def unasked(self, *tables: str) -> int:
        """How many are bodies of these tables that no request points to."""
        row = self._old.con.execute(
            "SELECT count(*) FROM answers WHERE origin IN (SELECT unnest($tables))", {"tables": list(tables)}
        ).fetchone()
        return row[0] if row else 0

    def listings(self) -> list[Listing]:
        """All of them by what was asked, in the order of the first answer of each.

        Those that say no window come last: a page that another generation keeps with its window is of that.
        """
        found: dict[tuple[str | None, Window | None], array[int]] = {}
        number = 0
        while batch := self._rows(f"number > {number} ORDER BY number LIMIT {_BATCH}"):
            for answer in batch:
                endpoint = answer.asked.endpoint
                window = None if endpoint is None else answer.asked.window()
                numbers = found.setdefault((endpoint and endpoint.id, window), array("q"))
                numbers.append(answer.number)
                number = answer.number
        listings = [Listing(endpoint, window, numbers) for (endpoint, window), numbers in found.items()]
        return sorted(listings, key=lambda listing: listing.window is None)

    def of(self, numbers: Sequence[int]) -> list[Answer]:
        """The answers of these numbers, in order."""
        return self._rows("number IN (SELECT unnest($numbers)) ORDER BY number", {"numbers": list(numbers)})

    def body(self, answer: Answer) -> bytes | None:
        """The body of an answer; None where the file holds none.

        Raises:
            ValueError: it cannot be decompressed.
        """
        if answer.content is None:
            return None
        table, row_number = answer.content
        column = "payload_compressed" if table == PAYLOADS else "encode(response_content)"
        # By a constant: then DuckDB goes to the row, and reads none of the bodies before it.
        with explained(self._old.path):
            found = self._old.con.execute(
                f"SELECT {column} FROM old.{table} WHERE rowid BETWEEN {row_number} AND {row_number}"  # noqa: S608
            ).fetchone()
        if found is None or found[0] is None:
            return None
        return _inflated(found[0]) if table == PAYLOADS else found[0]

    def _rows(self, condition: str, facts: dict[str, object] | None = None) -> list[Answer]:
        rows = self._old.con.execute(
            f"""
            SELECT number, origin, row_number, content_origin, content_row, name, url, parameters, month,
                   asked_at, status, total, pages, page, parse_status, request_id
            FROM answers WHERE {condition}
            """,  # noqa: S608 - ours
            facts or {},
        ).fetchall()
        return [_answer(row) for row in rows]


def _answer(row: tuple) -> Answer:
    (
        number,
        origin,
        row_number,
        content_origin,
        content_row,
        name,
        url,
        parameters,
        month,
        asked_at,
        *rest,
    ) = row
    status, total, pages, page, parse_status, milliseconds = rest
    asked = Asked(name, url, parameters, month, _moment(asked_at))
    return Answer(
        number=number,
        origin=origin,
        row=row_number,
        content=None if content_row is None else (content_origin, content_row),
        asked=asked,
        status=status,
        total=total,
        pages=pages,
        page=asked.page() or page,
        parse_status=parse_status,
        request_id=history_id(milliseconds),
    )


def _moment(value: datetime) -> datetime:
    return value.replace(tzinfo=None)


def _inflated(compressed: bytes) -> bytes:
    try:
        return zlib.decompress(compressed)
    except zlib.error as error:
        raise ValueError(f"it cannot be decompressed: {error}") from error
