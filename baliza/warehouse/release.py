"""What a replay changes beside the records themselves: the quarantine, the ledger, the diary of landings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from baliza.warehouse.landing import Landed, Window, insert_landing
from baliza.warehouse.raw_table import RawTable
from baliza.warehouse.replay import Tried


@dataclass(frozen=True)
class _Place:
    """What names a cell of the ledger."""

    endpoint: str
    modalidade: int
    slice: str
    day: date


def release(con: duckdb.DuckDBPyConnection, table: RawTable, tried: Sequence[Tried], now: datetime) -> None:
    """Let go of the records that landed, and write down what is now known of the others.

    The caller holds the transaction.
    """
    con.execute(
        "DELETE FROM meta.quarantine WHERE quarantine_id IN (SELECT unnest(?::BIGINT[]))",
        [[one.quarantined.id for one in tried if one.text is not None]],
    )
    refused = [one for one in tried if one.text is None]
    if refused:
        con.executemany(
            "UPDATE meta.quarantine SET reason = ?, key = ?, day = ? WHERE quarantine_id = ?",
            [(one.reason, one.key, one.day, one.quarantined.id) for one in refused],
        )
    for place, records in _by_place(tried).items():
        _count_anew(con, table, place, records)
    for window, records in _by_window(tried).items():
        landed = _landed(records)
        if landed.quarantined < landed.received:
            # Tables made from this one know by this row that it has changed.
            insert_landing(con, table, window, landed, now)


def _by_place(tried: Iterable[Tried]) -> dict[_Place, list[Tried]]:
    """The records by cell; a record of a long window that says no day is counted in none."""
    found: dict[_Place, list[Tried]] = defaultdict(list)
    for one in tried:
        window = one.quarantined.window
        day = window.since if window.since == window.until else one.day
        if day is not None:
            found[_Place(window.endpoint, window.modalidade, window.slice, day)].append(one)
    return found


def _by_window(tried: Iterable[Tried]) -> dict[Window, list[Tried]]:
    found: dict[Window, list[Tried]] = defaultdict(list)
    for one in tried:
        found[one.quarantined.window].append(one)
    return found


def _landed(tried: Sequence[Tried]) -> Landed:
    stored = sum(one.is_new for one in tried)
    refused = sum(one.text is None for one in tried)
    return Landed(len(tried), stored, len(tried) - stored - refused, refused)


def _count_anew(
    con: duckdb.DuckDBPyConnection, table: RawTable, place: _Place, tried: Sequence[Tried]
) -> None:
    """Say in a cell how many of its keys are landed and how many of those are still in quarantine only.

    A key whose text came in several spellings has left when the last of them has. A walk since may have found
    the record mended, so the cell counts no fewer than are there, as far as it counted them.
    """
    came = {one.key for one in tried if one.quarantined.key is None and one.key and not one.was_counted}
    came_refused = {one.key for one in tried if one.text is None} & came
    freed = {one.key for one in tried if one.text is not None and one.quarantined.key is not None}
    held = _keys_held(con, table, place)
    con.execute(
        """
        UPDATE meta.coverage SET
            landed = CASE WHEN status IN ('short', 'failed')
                THEN greatest(landed, least(landed + $came, coalesce(expected, landed + $came)))
                ELSE landed END,
            quarantined = greatest(
                quarantined + $refused - $left, least(quarantined + $refused, $held), 0
            )
        WHERE endpoint = $endpoint AND modalidade = $modalidade AND slice = $slice AND day = $day
        """,
        {
            "came": len(came), "refused": len(came_refused), "left": len(freed - held), "held": len(held),
            **vars(place),
        },
    )  # fmt: skip
    con.execute(
        """
        UPDATE meta.coverage SET status = 'complete', reason = NULL
        WHERE endpoint = $endpoint AND modalidade = $modalidade AND slice = $slice AND day = $day
          AND status = 'short' AND landed = expected
        """,
        vars(place),
    )


def _keys_held(con: duckdb.DuckDBPyConnection, table: RawTable, place: _Place) -> set[str]:
    """The keys of a cell that are in quarantine."""
    rows = con.execute(
        """
        SELECT DISTINCT key FROM meta.quarantine
        WHERE table_name = $table AND key IS NOT NULL
          AND endpoint = $endpoint AND coalesce(modalidade, 0) = $modalidade AND slice = $slice
          AND $day = CASE WHEN since = until THEN since ELSE day END
        """,
        {"table": table.name, **vars(place)},
    ).fetchall()
    return {key for (key,) in rows}
