"""Landing a window: its typed rows, its evidence and its ledger rows, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from baliza.warehouse import ledger
from baliza.warehouse.connection import explained, transaction
from baliza.warehouse.ledger import Cell
from baliza.warehouse.packed_lists import packed, unpacked
from baliza.warehouse.page import Defect, PageReader
from baliza.warehouse.quarantine import set_apart
from baliza.warehouse.raw_table import PROVENANCE, RawTable
from baliza.warehouse.vanished import Whole, mark_vanished, unmark_vanished

PAGES_PER_STATEMENT = 20
"""Pages parsed by one statement: about 10,000 records, so that memory stays flat however long a window is."""

RECORDS_PER_REQUEST = 1_000_000
"""observation_id = request_id * this + position in the answer: unique, and in order of observation."""

_LAST_MILLISECOND = 4_102_444_800_000
"""1 January 2100, as milliseconds since 1970: what `history_id` counts back from."""


def history_id(asked_at: int) -> int:
    """The number of a request that was made before this file was: below zero, and in order of time.

    So it is older than every request of the file's own, in whatever order old answers come in.

    Args:
        asked_at: milliseconds since 1970, UTC.
    """
    return asked_at - _LAST_MILLISECOND


@dataclass(frozen=True)
class Request:
    """One answer of the server, as evidence: a row of meta.requests."""

    request_id: int
    endpoint: str
    url: str
    requested_at: datetime
    seconds: float
    status: int | None
    size: int
    sha256: str | None
    outcome: str


@dataclass(frozen=True)
class SpooledPage:
    """A page waiting on disk, in a file named for its request.

    Attributes:
        number: `pagina` in the listing.
        keys: distinct keys of its records.
        received: records in the file.
    """

    path: Path
    request: Request
    number: int
    keys: Collection[str]
    received: int


@dataclass(frozen=True)
class Window:
    """Days asked for together, both ends included.

    Attributes:
        slice: '' for the whole country, kind=value, or the control number of a detail's parent.
        modalidade: 0 where the endpoint has none.
        items: numbers of the parent's items, where they are asked about one by one.
    """

    endpoint: str
    slice: str
    since: date
    until: date
    modalidade: int = 0
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Landing:
    """Everything one window brought.

    Attributes:
        received: records in all pages, defects included.
        cells: the ledger rows it proves, or fails to.
        whole: all that PNCP has there, where that is proven and says which records have vanished.
        is_history: whether it was asked before this file was: a record that has vanished since stays so.
    """

    window: Window
    pages: list[SpooledPage] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    defects: list[tuple[SpooledPage, Defect]] = field(default_factory=list)
    received: int = 0
    whole: Whole | None = None
    is_history: bool = False


@dataclass(frozen=True)
class Landed:
    """What landing did: received = stored + repeats + quarantined."""

    received: int
    stored: int
    repeats: int
    quarantined: int


def land(
    con: duckdb.DuckDBPyConnection,
    database: Path,
    table: RawTable,
    reader: PageReader,
    landing: Landing,
    now: datetime,
    also: Callable[[Landed], None] | None = None,
) -> Landed:
    """Commit a window: all of it or nothing.

    A record that DuckDB refuses (30 February, a value that is no number) goes to quarantine, and its
    neighbours land: the first attempt assumes there is none, the second one leaves out those that were found.

    Args:
        con: the file, open.
        database: the file, to be named in errors.
        table: the records are of.
        reader: of their endpoint, for pages.
        landing: what the window brought.
        now: UTC.
        also: done in the same transaction, told what landed.

    Raises:
        DiskFullError, DatabaseError: nothing of the window was kept.
    """
    with explained(database):
        try:
            return _commit(con, table, landing, now, also)
        except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException):
            refused = set_apart(con, reader, landing.pages, lambda path: typed_records(table, [path]))
            if not refused:
                raise
            return _commit(con, table, _with_defects(landing, refused), now, also)


def _with_defects(landing: Landing, refused: list[tuple[SpooledPage, Defect]]) -> Landing:
    """The landing with more defects; the cells of their days say how many keys are only in quarantine."""
    keys_by_day: dict[str | None, set[str]] = {}
    for _, defect in refused:
        if defect.key is not None:
            keys_by_day.setdefault(defect.day, set()).add(defect.key)
    only_day = landing.cells[0].day.isoformat() if len(landing.cells) == 1 else None
    cells = []
    for cell in landing.cells:
        keys = set(keys_by_day.get(cell.day.isoformat(), ()))
        if cell.day.isoformat() == only_day:
            keys = set().union(*keys_by_day.values())
        cells.append(replace(cell, quarantined=cell.quarantined + len(keys)))
    return replace(landing, cells=cells, defects=[*landing.defects, *refused])


def _commit(
    con: duckdb.DuckDBPyConnection,
    table: RawTable,
    landing: Landing,
    now: datetime,
    also: Callable[[Landed], None] | None,
) -> Landed:
    with transaction(con):
        _insert_requests(con, landing.requests)
        stored = 0
        for start in range(0, len(landing.pages), PAGES_PER_STATEMENT):
            stored += _insert_changes(con, table, landing.pages[start : start + PAGES_PER_STATEMENT])
        _insert_defects(con, table, landing, now)
        if not landing.is_history:
            unmark_vanished(con, table, {key for page in landing.pages for key in page.keys})
        if landing.whole is not None:
            mark_vanished(con, table, landing.whole, now)
        ledger.record(con, landing.cells, now)
        quarantined = len(landing.defects)
        repeats = landing.received - stored - quarantined
        landed = Landed(landing.received, stored, repeats, quarantined)
        if landing.pages:
            insert_landing(con, table, landing.window, landed, now)
        if also is not None:
            also(landed)
    return landed


def _insert_changes(con: duckdb.DuckDBPyConnection, table: RawTable, pages: Sequence[SpooledPage]) -> int:
    """Insert the records that differ from what was observed of their key before them; how many those are.

    Old answers may come after newer ones: then a record must differ from what was observed next, too.

    Most pages bring only keys that were never seen, once each: those go straight in. A join makes DuckDB hold
    the wide rows in memory, a look back inside the statement sorts them, and a filter on the hash computes it
    twice, so all three are paid for only where there is something to compare with.
    """
    keys = [key for page in pages for key in page.keys]
    requests = [page.request for page in pages]
    seen_before, seen_after = _neighbours(con, table, keys, requests)
    repeated = len(set(keys)) < sum(page.received for page in pages)
    before = "neighbours.before" if seen_before else "CAST(NULL AS UUID)"
    after = "neighbours.after" if seen_after else "CAST(NULL AS UUID)"
    if repeated:
        versions = f"OVER (PARTITION BY {table.key_sql} ORDER BY request_id, position)"
        before = f"coalesce(lag(records.content_hash) {versions}, {before})"
        after = f"CASE WHEN lead(1) {versions} IS NULL THEN {after} END" if seen_after else after
    different = ["content_hash IS DISTINCT FROM hash_before"] if seen_before or repeated else []
    if seen_after:
        different.append("content_hash IS DISTINCT FROM hash_after")
    names = ", ".join(f'"{field.name}"' for field in table.fields)
    row = con.execute(
        f"""
        INSERT INTO raw."{table.name}" ({names}, {", ".join(name for name, _ in PROVENANCE)})
        SELECT * EXCLUDE (hash_before, hash_after) FROM (
            SELECT {", ".join(f'records."{field.name}"' for field in table.fields)},
                   request_id * {RECORDS_PER_REQUEST} + position AS observation_id,
                   $requested_at[list_position($request_ids, request_id)] AS observed_at,
                   $endpoint, request_id, records.content_hash, unknown_fields,
                   {before} AS hash_before, {after} AS hash_after
            FROM ({typed_records(table, [page.path for page in pages])}) AS records
            {f"LEFT JOIN neighbours ON neighbours.key = {table.key_sql}" if seen_before or seen_after else ""}
        )
        {f"WHERE {' AND '.join(different)}" if different else ""}
        """,  # noqa: S608 - names come from the contract, not from outside
        {
            "requested_at": [request.requested_at for request in requests],
            "request_ids": [request.request_id for request in requests],
            "endpoint": requests[0].endpoint,
        },
    ).fetchone()
    return 0 if row is None else row[0]


def _neighbours(
    con: duckdb.DuckDBPyConnection, table: RawTable, keys: Sequence[str], requests: Sequence[Request]
) -> tuple[int, int]:
    """Fill the temporary table `neighbours` with what was observed of these keys last, and next after them.

    Returns:
        Of how many keys something was observed up to the last of these requests, and of how many after it.
    """
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE neighbours AS
        SELECT {table.key_sql} AS key,
               arg_max(content_hash, observation_id) FILTER (request_id <= $last) AS before,
               arg_min(content_hash, observation_id) FILTER (request_id > $last) AS after
        FROM raw."{table.name}"
        -- A column is searched much faster than what is put together from several.
        WHERE "{table.key[0]}" IN (SELECT {unpacked("first_parts")})
          AND {table.key_sql} IN (SELECT {unpacked("keys")})
        GROUP BY ALL
        """,  # noqa: S608 - names come from the contract, not from outside
        {
            "keys": packed(keys), "first_parts": packed({table.first_part(key) for key in keys}),
            "last": max(request.request_id for request in requests),
        },
    )  # fmt: skip
    return con.execute("SELECT count(before), count(after) FROM neighbours").fetchone() or (0, 0)


def typed_records(table: RawTable, paths: Sequence[Path]) -> str:
    """SELECT of the typed records of spooled pages, with request_id, position and content_hash."""
    read = ", ".join(f'"{field.name}" {field.type_as_read}' for field in table.fields)
    typed = ", ".join(f'{field.typed} AS "{field.name}"' for field in table.fields)
    # DuckDB reads each file through a buffer of twice this size, per thread.
    largest = max(path.stat().st_size for path in paths) + 1
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"""
        SELECT *, {content_hash(table)} AS content_hash
        FROM (
            SELECT {typed}, unknown_fields, position,
                   CAST(regexp_extract(filename, '(-?\\d+)\\.json$', 1) AS BIGINT) AS request_id
            FROM (
                SELECT unnest(record), position, filename
                FROM read_json(
                    [{files}], format = 'newline_delimited', filename = true,
                    columns = {{position: 'BIGINT', record: 'STRUCT({read}, unknown_fields JSON)'}},
                    maximum_object_size = {largest}
                )
            )
        )
    """  # noqa: S608 - names come from the contract, paths are ours


def content_hash(table: RawTable) -> str:
    """SQL of what tells one version of a record from another: its typed fields and its unknown ones."""
    content = ", ".join(f'"{field.name}" := "{field.name}"' for field in table.fields)
    packed = f"struct_pack({content}, unknown_fields := unknown_fields)"
    return f"CAST(md5(CAST(to_json({packed}) AS VARCHAR)) AS UUID)"


def _insert_requests(con: duckdb.DuckDBPyConnection, requests: Sequence[Request]) -> None:
    if requests:
        con.executemany(
            "INSERT INTO meta.requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    request.request_id, request.endpoint, request.url, request.requested_at, request.seconds,
                    request.status, request.size, request.sha256, request.outcome,
                )
                for request in requests
            ],
        )  # fmt: skip


def _insert_defects(con: duckdb.DuckDBPyConnection, table: RawTable, landing: Landing, now: datetime) -> None:
    """Keep each defect once: the same text of the same key seen again adds nothing."""
    window = landing.window
    for page, defect in landing.defects:
        con.execute(
            """
            INSERT INTO meta.quarantine BY NAME
            SELECT (SELECT coalesce(max(quarantine_id), 0) + 1 FROM meta.quarantine) AS quarantine_id,
                   $table AS table_name, $key AS key, $reason AS reason, $text AS raw_text,
                   $endpoint AS endpoint, $modalidade AS modalidade, $slice AS slice, $since AS since,
                   $until AS until, $day AS day, $page AS page, $request AS request_id, $now AS quarantined_at
            WHERE NOT EXISTS (
                SELECT 1 FROM meta.quarantine
                WHERE table_name = $table AND key IS NOT DISTINCT FROM $key AND raw_text = $text
            )
            """,
            {
                "table": table.name, "key": defect.key, "reason": defect.reason, "text": defect.raw_text,
                "endpoint": window.endpoint, "modalidade": window.modalidade, "slice": window.slice,
                "day": defect.day, "since": window.since, "until": window.until,
                "page": page.number, "request": page.request.request_id, "now": now,
            },
        )  # fmt: skip


def insert_landing(
    con: duckdb.DuckDBPyConnection, table: RawTable, window: Window, landed: Landed, now: datetime
) -> None:
    """Write in the diary what was landed of a window; tables made from it know by this that it changed."""
    con.execute(
        """
        INSERT INTO meta.landings BY NAME
        SELECT (SELECT coalesce(max(landing_id), 0) + 1 FROM meta.landings) AS landing_id,
               ? AS table_name, ? AS endpoint, ? AS modalidade, ? AS slice, ? AS since, ? AS until,
               ? AS received, ? AS stored, ? AS repeats, ? AS quarantined, ? AS landed_at
        """,
        [
            table.name, window.endpoint, window.modalidade, window.slice, window.since, window.until,
            landed.received, landed.stored, landed.repeats, landed.quarantined, now,
        ],
    )  # fmt: skip
