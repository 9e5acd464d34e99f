"""The answers of each generation of the old layout, as SQL of one relation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baliza.migration.old_file import (
    API_REQUESTS,
    BODIES,
    CONTENTS,
    PARSED_REQUESTS,
    PAYLOADS,
    REQUESTS,
)

Columns = Mapping[str, Mapping[str, str]]
"""Of each table that is there."""

FIELDS = (
    "origin VARCHAR, row_number BIGINT, content_origin VARCHAR, content_row BIGINT, name VARCHAR, "
    "url VARCHAR, parameters VARCHAR, month VARCHAR, status INTEGER, asked_at TIMESTAMP, total BIGINT, "
    "pages BIGINT, page BIGINT, parse_status VARCHAR, is_simulated BOOLEAN"
)
"""What the SELECTs give; those that have not all of it leave it out."""


def selects(columns: Columns) -> Iterator[str]:
    """SELECT of the answers of each table that has some."""
    if BODIES in columns:
        yield _select(columns, BODIES, content=f"'{BODIES}' AS content_origin, rowid AS content_row")
    if REQUESTS in columns:
        has_contents = CONTENTS in columns and "content_id" in columns[REQUESTS]
        yield _select(
            columns,
            REQUESTS,
            content="content_origin, content_row" if has_contents else None,
            join=_first_of(CONTENTS, "id", "content_id") if has_contents else "",
        )
    if CONTENTS in columns:
        yield _unasked(columns, CONTENTS, "id", REQUESTS, "content_id")
    if PARSED_REQUESTS in columns:
        yield _select(columns, PARSED_REQUESTS)
    if API_REQUESTS in columns:
        has_contents = PAYLOADS in columns
        yield _select(
            columns,
            API_REQUESTS,
            content="content_origin, content_row" if has_contents else None,
            join=_first_of(PAYLOADS, "payload_sha256", "payload_sha256") if has_contents else "",
        )
    if PAYLOADS in columns:
        yield _unasked(columns, PAYLOADS, "payload_sha256", API_REQUESTS, "payload_sha256")


def _select(columns: Columns, table: str, *, content: str | None = None, join: str = "") -> str:
    own = columns[table]

    def of(*names: str, otherwise: str = "NULL") -> str:
        return next((f'asked."{name}"' for name in names if name in own), otherwise)

    headers = f"CAST({of('response_headers')} AS VARCHAR) ILIKE '%x-baliza-simulator%'"
    return f"""
        SELECT '{table}' AS origin, asked.rowid AS row_number,
               {(content or "NULL AS content_row").replace("rowid", "asked.rowid")},
               CAST({of("endpoint_name", "endpoint")} AS VARCHAR) AS name,
               CAST({of("endpoint_url")} AS VARCHAR) AS url,
               CAST({of("request_parameters")} AS VARCHAR) AS parameters,
               CAST({of("month")} AS VARCHAR) AS month,
               TRY_CAST({of("response_code", "http_status")} AS INTEGER) AS status,
               TRY_CAST({of("extracted_at", "collected_at")} AS TIMESTAMP) AS asked_at,
               {of("total_records")} AS total, {of("total_pages")} AS pages,
               {of("current_page")} AS page,
               CAST({of("parse_status")} AS VARCHAR) AS parse_status, {headers} AS is_simulated
        FROM old.{table} AS asked {join}
    """  # noqa: S608 - ours


def _unasked(columns: Columns, table: str, key: str, requests: str, reference: str) -> str:
    """SELECT of the bodies that no request points to, or of which another of the same id was taken."""
    taken = "SELECT NULL WHERE false"
    if requests in columns:
        taken = f"""
            SELECT min(rowid) FROM old.{table}
            WHERE CAST({key} AS VARCHAR) IN (SELECT CAST({reference} AS VARCHAR) FROM old.{requests})
            GROUP BY {key}
        """  # noqa: S608 - ours
    seen = "first_seen_at" if "first_seen_at" in columns[table] else "NULL"
    return f"""
        SELECT '{table}' AS origin, rowid AS row_number, '{table}' AS content_origin,
               rowid AS content_row, TRY_CAST({seen} AS TIMESTAMP) AS asked_at
        FROM old.{table} WHERE rowid NOT IN ({taken})
    """  # noqa: S608 - ours


def _first_of(table: str, key: str, reference: str) -> str:
    """JOIN of the first body of each id: an id may have come twice."""
    return f"""
        LEFT JOIN (
            SELECT CAST({key} AS VARCHAR) AS content_key, min(rowid) AS content_row,
                   '{table}' AS content_origin
            FROM old.{table} GROUP BY {key}
        ) ON content_key = CAST(asked.{reference} AS VARCHAR)
    """  # noqa: S608 - ours
