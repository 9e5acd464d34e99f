"""Records that PNCP no longer shows where it showed them: kept, and marked as seen until a time.

PNCP publishes no list of deletions: a deleted record just stops appearing. A listing that is proven complete
says which of the records already here are not in it any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from baliza.warehouse.packed_lists import packed, unpacked
from baliza.warehouse.raw_table import RawTable


@dataclass(frozen=True)
class Whole:
    """A listing proven complete: a record that matches and whose key is not among these has vanished.

    Attributes:
        endpoint, modalidade, slice: of its cells in the ledger.
        keys: of all its records.
        day_field: the field whose day the listing is of; None where it is of no days (a snapshot, a parent).
        since, until: those days.
        matches: what the records of the listing say: (fields, value).
    """

    endpoint: str
    modalidade: int
    slice: str
    keys: Collection[str]
    day_field: str | None
    since: date
    until: date
    matches: tuple[tuple[tuple[str, ...], str], ...] = ()


def unmark_vanished(con: duckdb.DuckDBPyConnection, table: RawTable, keys: Collection[str]) -> None:
    """Unmark the records that are shown again, by whatever listing. The caller holds the transaction."""
    con.execute(
        f"DELETE FROM meta.vanished WHERE table_name = $table AND key IN (SELECT {unpacked('keys')})",  # noqa: S608 - a constant
        {"table": table.name, "keys": packed(keys)},
    )


def mark_vanished(con: duckdb.DuckDBPyConnection, table: RawTable, whole: Whole, now: datetime) -> None:
    """Mark the records that are gone.

    To be called before the ledger is told of the listing, in the same transaction: until then it says when
    the listing was last proven, which is when the records that are gone were last seen.
    """
    conditions, facts = _conditions(whole)
    day = f'CAST("{whole.day_field}" AS DATE)' if whole.day_field else "CAST(NULL AS DATE)"
    con.execute(
        f"""
        INSERT INTO meta.vanished
        SELECT $table, key, $endpoint, greatest(observed_at, (
            SELECT max(updated_at) FROM meta.coverage
            WHERE endpoint = $endpoint AND modalidade = $modalidade AND slice = $slice
              AND status = 'complete' AND day = coalesce(gone.day, day)
        )), $now
        FROM (
            SELECT key, max(observed_at) AS observed_at, arg_max({day}, observation_id) AS day
            FROM (SELECT {table.key_sql} AS key, * FROM raw."{table.name}")
            WHERE key IN (
                SELECT {table.key_sql} FROM raw."{table.name}"
                WHERE {conditions} AND {table.key_sql} NOT IN (SELECT {unpacked("keys")})
            )
            GROUP BY key
            -- A record whose newest version lies elsewhere (another day, another órgão) has moved.
            HAVING arg_max({conditions}, observation_id)
        ) AS gone
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - names come from the contract, not from outside
        {
            "table": table.name, "endpoint": whole.endpoint, "modalidade": whole.modalidade,
            "slice": whole.slice, "keys": packed(whole.keys), "now": now, **facts,
        },
    )  # fmt: skip


def _conditions(whole: Whole) -> tuple[str, dict[str, object]]:
    """SQL that says whether a row is of the listing, and its parameters."""
    conditions = ["true"]
    facts: dict[str, object] = {}
    if whole.day_field:
        conditions.append(f'CAST("{whole.day_field}" AS DATE) BETWEEN $since AND $until')
        facts |= {"since": whole.since, "until": whole.until}
    for number, (fields, value) in enumerate(whole.matches):
        # Every field that says anything must say this: a record of two órgãos may be of either listing.
        places = [f"CAST({_quoted(name)} AS VARCHAR)" for name in fields]
        conditions.append(f"coalesce({', '.join(places)}) IS NOT NULL")
        conditions += [f"coalesce({place} = $value{number}, true)" for place in places]
        facts[f"value{number}"] = value
    return "coalesce(" + " AND ".join(conditions) + ", false)", facts


def _quoted(field: str) -> str:
    return ".".join(f'"{name}"' for name in field.split("."))
