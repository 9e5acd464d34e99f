"""The diary of landings beside the records themselves: what came is stored, a repeat or in quarantine."""

from __future__ import annotations

import duckdb


def reconcile(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, int, int]]:
    """What must be equal about a raw table: a measure, the number as the diary has it, and as it is.

    Args:
        con: the file.
        table: name of the raw table.
    """
    received, stored, accounted, negative = con.execute(
        """
        SELECT coalesce(sum(received), 0)::BIGINT, coalesce(sum(stored), 0)::BIGINT,
               coalesce(sum(stored + repeats + quarantined), 0)::BIGINT,
               count(*) FILTER (WHERE least(received, stored, repeats, quarantined) < 0)
        FROM meta.landings WHERE table_name = ?
        """,
        [table],
    ).fetchone()  # pyright: ignore[reportGeneralTypeIssues] - an aggregate always has a row
    held = con.execute(f'SELECT count(*) FROM raw."{table}"').fetchone()  # noqa: S608 - from the contract
    return [
        ("versions stored", stored, held[0] if held else 0),
        ("records received: stored, repeats, quarantined", received, accounted),
        ("landings that count less than nothing", 0, negative),
    ]
