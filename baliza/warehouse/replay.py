"""Trying quarantined records again, after a contract or baliza was mended: those that land take their place.

A record is read, typed and compared as landing does it, but at the time it was observed: between the versions
of its key that were observed before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from baliza.warehouse.landing import RECORDS_PER_REQUEST, Window, typed_records
from baliza.warehouse.page import PageReader, UnreadablePageError, split
from baliza.warehouse.quarantine import as_it_came, refusals, write_records
from baliza.warehouse.raw_table import PROVENANCE, RawTable

BATCH = 500
"""Records tried together, as many as the largest page holds."""

_BEFORE_ALL = -(2**62)
"""Below the number of every request, those of before the file included."""

_NOT_UTF8 = "'utf-8' codec can't decode"
"""How the reason begins of a record whose bytes are kept as Latin-1."""


@dataclass(frozen=True)
class Quarantined:
    """A row of meta.quarantine.

    Attributes:
        key: None where it could not be read.
        window: it came with.
        day: of the record, where it could be read.
    """

    id: int
    key: str | None
    reason: str
    raw_text: str
    window: Window
    day: date | None
    request_id: int


@dataclass(frozen=True)
class Tried:
    """What became of a quarantined record.

    Attributes:
        key, day: as they are read today.
        text: to land; None where it is still refused.
        reason: why it is still refused.
        is_new: of one that lands, whether a row was inserted: it is identical to no neighbour in history.
        was_counted: whether its endpoint had brought the key already, of one whose key could not be read.
    """

    quarantined: Quarantined
    key: str | None
    day: date | None
    text: bytes | None = None
    reason: str | None = None
    is_new: bool = False
    was_counted: bool = False


def endpoints_with_quarantine(con: duckdb.DuckDBPyConnection, table: str | None) -> list[tuple[str, str]]:
    """Endpoint and raw table of everything in quarantine, or of one table's."""
    return con.execute(
        """
        SELECT DISTINCT endpoint, table_name FROM meta.quarantine
        WHERE table_name = coalesce(?, table_name) ORDER BY ALL
        """,
        [table],
    ).fetchall()


def batches(con: duckdb.DuckDBPyConnection, endpoint: str, table: str) -> Iterator[list[Quarantined]]:
    """What is in quarantine of an endpoint, oldest first."""
    last = (_BEFORE_ALL, -1)
    while rows := con.execute(
        """
        SELECT quarantine_id, key, reason, raw_text, endpoint, slice, since, until, modalidade, day,
               request_id
        FROM meta.quarantine
        WHERE endpoint = ? AND table_name = ? AND (request_id, quarantine_id) > (?, ?)
        ORDER BY request_id, quarantine_id LIMIT ?
        """,
        [endpoint, table, *last, BATCH],
    ).fetchall():
        yield [_quarantined(row) for row in rows]
        last = (rows[-1][-1], rows[-1][0])


def _quarantined(row: tuple) -> Quarantined:
    id_, key, reason, text, endpoint, slice_, since, until, modalidade, day, request_id = row
    window = Window(endpoint, slice_, since, until, modalidade or 0)
    return Quarantined(id_, key, reason, text, window, day, request_id)


def replay(
    con: duckdb.DuckDBPyConnection,
    table: RawTable,
    reader: PageReader,
    records: Sequence[Quarantined],
    spool: Path,
) -> list[Tried]:
    """Try records of one endpoint again, and insert what lands. The caller holds the transaction.

    What happened to each is for the caller to write in meta.quarantine and the ledger.

    Args:
        con: the file.
        table: the records are of.
        reader: of their endpoint, for pages.
        records: oldest first; all of it that is in quarantine should be tried in one go, or in this order.
        spool: a folder for a page on its way in.
    """
    page = spool / "000000000000.json"
    tried = [_read(reader, record) for record in records]
    readable = [one for one in tried if one.text is not None]
    texts = [one.text or b"" for one in readable]
    # A refusal ends the transaction it happens in, and the caller's must go on.
    with con.cursor() as apart:
        refused = refusals(apart, page, texts, lambda path: typed_records(table, [path]))
    because = {readable[index].quarantined.id: reason for index, reason in refused.items()}
    landing = [one for one in readable if one.quarantined.id not in because]
    counted = _counted(con, table, [one for one in tried if one.quarantined.key is None])
    inserted = _insert(con, table, landing, page) if landing else set()
    return [
        replace(
            one,
            text=None if one.quarantined.id in because else one.text,
            reason=because.get(one.quarantined.id, one.reason),
            is_new=one.quarantined.id in inserted,
            was_counted=one.key in counted,
        )
        for one in tried
    ]


def _counted(con: duckdb.DuckDBPyConnection, table: RawTable, tried: Sequence[Tried]) -> set[str]:
    """The keys of these that their endpoint has brought in another record, landed or in quarantine."""
    keys = [one.key for one in tried if one.key is not None]
    if not keys:
        return set()
    rows = con.execute(
        f"""
        SELECT {table.key_sql} FROM raw."{table.name}"
        WHERE source_endpoint = $endpoint AND {table.key_sql} IN (SELECT unnest($keys))
        UNION ALL
        SELECT key FROM meta.quarantine
        WHERE endpoint = $endpoint AND table_name = $table AND key IN (SELECT unnest($keys))
        """,  # noqa: S608 - names come from the contract
        {"endpoint": tried[0].quarantined.window.endpoint, "table": table.name, "keys": keys},
    ).fetchall()
    return {key for (key,) in rows}


def _read(reader: PageReader, record: Quarantined) -> Tried:
    """The record as the page reader reads it today."""
    raw = record.raw_text.encode("latin-1" if record.reason.startswith(_NOT_UTF8) else "utf-8")
    try:
        page = reader.read(b'{"data":[' + as_it_came(raw) + b'],"totalRegistros":1}')
    except UnreadablePageError as error:
        return Tried(record, record.key, record.day, reason=str(error))
    if page.defects:
        (defect,) = page.defects
        return Tried(record, defect.key or record.key, _day(defect.day) or record.day, reason=defect.reason)
    ((key, day),) = page.days.items()
    return Tried(record, key, _day(day) or record.day, text=split(page.body)[0])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _insert(
    con: duckdb.DuckDBPyConnection, table: RawTable, landing: Sequence[Tried], page: Path
) -> set[int]:
    """Insert those that are not identical to their neighbours in history; returns their quarantine ids.

    The records of a key in a row with one content are an island: if one of them is in the file already, the
    others are repeats; otherwise the first is the new version.
    """
    write_records(page, [one.text or b"" for one in landing])
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE replayed AS
        SELECT records.* EXCLUDE (position), quarantined.*,
               request_id * {RECORDS_PER_REQUEST} + coalesce(highest, 0)
                   + row_number() OVER (PARTITION BY request_id ORDER BY quarantine_id) AS observation_id
        FROM (SELECT * EXCLUDE (request_id) FROM ({typed_records(table, [page])})) AS records
        JOIN (
            SELECT unnest($ids) AS quarantine_id, unnest($requests) AS request_id,
                   unnest($endpoints) AS source_endpoint, generate_subscripts($ids, 1) AS position
        ) AS quarantined USING (position)
        -- Whatever landed of the same answer, the positions above the highest are free.
        LEFT JOIN (
            SELECT request_id, max(observation_id) - request_id * {RECORDS_PER_REQUEST} AS highest
            FROM raw."{table.name}" WHERE request_id IN (SELECT unnest($requests)) GROUP BY request_id
        ) USING (request_id)
        """,  # noqa: S608 - names come from the contract
        {
            "ids": [one.quarantined.id for one in landing],
            "requests": [one.quarantined.request_id for one in landing],
            "endpoints": [one.quarantined.window.endpoint for one in landing],
        },
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE novel AS
        WITH history AS (
            SELECT {table.key_sql} AS key, observation_id, content_hash, quarantine_id FROM replayed
            UNION ALL
            SELECT {table.key_sql}, observation_id, content_hash, NULL FROM raw."{table.name}"
            WHERE {table.key_sql} IN (SELECT {table.key_sql} FROM replayed)
        ),
        changes AS (
            SELECT *, content_hash IS DISTINCT FROM lag(content_hash) OVER versions AS changed
            FROM history WINDOW versions AS (PARTITION BY key ORDER BY observation_id)
        ),
        islands AS (
            SELECT *, count(*) FILTER (changed) OVER (PARTITION BY key ORDER BY observation_id) AS island
            FROM changes
        )
        SELECT arg_min(quarantine_id, observation_id) AS quarantine_id
        FROM islands GROUP BY key, island HAVING count(*) = count(quarantine_id)
        """  # noqa: S608 - names come from the contract
    )
    own = [f'"{field.name}"' for field in table.fields]
    columns = ", ".join([*own, *(name for name, _ in PROVENANCE)])
    con.execute(
        f"""
        INSERT INTO raw."{table.name}" ({columns})
        SELECT {columns.replace("observed_at", "requests.requested_at")}
        FROM replayed JOIN novel USING (quarantine_id) JOIN meta.requests AS requests USING (request_id)
        """  # noqa: S608 - names come from the contract
    )
    return {id_ for (id_,) in con.execute("SELECT quarantine_id FROM novel").fetchall()}
