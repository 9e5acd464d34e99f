"""Reading what is in quarantine, for people who want to know why."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from baliza.build.raw_tables import raw_tables
from baliza.errors import UnknownRecordError, UnknownTargetError
from baliza.warehouse.published import reading_live


@dataclass(frozen=True)
class QuarantinedRecord:
    """A record that could not be typed.

    Attributes:
        key, day: where they could be read.
        endpoint, modalidade, slice, since, until: the window it came with.
        url: it was asked with; None where the file does not say.
        requested_at, quarantined_at: UTC.
        raw_text: the record as it came.
    """

    id: int
    table: str
    key: str | None
    day: date | None
    reason: str
    endpoint: str
    modalidade: int
    slice: str
    since: date
    until: date
    page: int
    request_id: int
    url: str | None
    requested_at: datetime | None
    quarantined_at: datetime
    raw_text: str

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }


_SELECT = """
    SELECT quarantine_id, 'raw.' || table_name, key, day, reason, quarantine.endpoint,
           coalesce(modalidade, 0), slice, since, until, page, request_id, url, requested_at,
           quarantined_at, raw_text
    FROM meta.quarantine AS quarantine LEFT JOIN meta.requests USING (request_id)
"""


def listing(database: Path, *, table: str | None = None) -> list[QuarantinedRecord]:
    """What is in quarantine, newest first.

    Args:
        database: the file.
        table: only what is of this raw table.

    Raises:
        UnknownTargetError: there is no such raw table.
        DatabaseError: missing, locked, or not baliza's.
    """
    name = raw_table_named(table) if table else None
    with reading_live(database) as opened:
        rows = opened.con.execute(
            f"""
            {_SELECT} WHERE table_name = coalesce(?, table_name)
            ORDER BY quarantined_at DESC, quarantine_id DESC
            """,
            [name],
        ).fetchall()
    return [QuarantinedRecord(*row) for row in rows]


def find(database: Path, quarantine_id: int) -> QuarantinedRecord:
    """One record in quarantine.

    Raises:
        UnknownRecordError: there is none of this number.
        DatabaseError: missing, locked, or not baliza's.
    """
    with reading_live(database) as opened:
        row = opened.con.execute(f"{_SELECT} WHERE quarantine_id = ?", [quarantine_id]).fetchone()
    if row is None:
        raise UnknownRecordError(
            "The quarantined record {id} was asked for.",
            "{database} holds none of this number: it never did, or the record has landed since.",
            "See which there are: baliza quarantine list --database {database}",
            id=quarantine_id,
            database=database,
        )
    return QuarantinedRecord(*row)


def raw_table_named(text: str) -> str:
    """The raw table a user means by `contratos`, `raw.contratos` or `raw_contratos`.

    Raises:
        UnknownTargetError: there is none; says the nearest.
    """
    names = [table.name for table in raw_tables()]
    name = text.strip().removeprefix("raw.").removeprefix("raw_")
    if name in names:
        return name
    raise UnknownTargetError(
        "What is in quarantine of the table {table} was asked for.",
        "There is no such raw table.",
        "Name one of these: {names}",
        table=text,
        names=", ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names),
    )
