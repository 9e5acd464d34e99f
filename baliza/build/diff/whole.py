"""The rows in which two tables differ, where no key tells which of them are one."""

from __future__ import annotations

from typing import Any

import duckdb

from baliza.build.diff.rows import Rows
from baliza.build.diff.sql import count, dicts, fingerprint, listed, table
from baliza.build.diff.tables import Pair
from baliza.warehouse.side_by_side import AFTER, BEFORE, SIDES


def compare_whole(con: duckdb.DuckDBPyConnection, pair: Pair, shown: int) -> Rows:
    """Rows as they are, each as often as it is there."""
    whole = fingerprint(pair, pair.shared)
    sides = [
        f"SELECT {whole} AS whole, '{side}' AS side FROM {table(side, pair)}"  # noqa: S608 - quoted
        for side in SIDES
    ]
    con.execute(
        f"""
        CREATE TEMP TABLE differing AS
        SELECT whole, count(*) FILTER (side = 'before') - count(*) FILTER (side = 'after') AS more
        FROM ({" UNION ALL ".join(sides)}) GROUP BY whole HAVING more <> 0
        """  # noqa: S608 - quoted
    )
    try:
        row = con.execute(
            "SELECT coalesce(sum(more) FILTER (more > 0), 0), coalesce(-sum(more) FILTER (more < 0), 0) "
            "FROM temp.differing"
        ).fetchone()
        removed, added = row or (0, 0)
        samples = [_sample(con, pair, side, shown) for side in SIDES]
        return Rows(
            (),
            count(con, BEFORE, pair),
            count(con, AFTER, pair),
            int(removed),
            int(added),
            0,
            removed_sample=samples[0],
            added_sample=samples[1],
        )
    finally:
        con.execute("DROP TABLE temp.differing")


def _sample(con: duckdb.DuckDBPyConnection, pair: Pair, side: str, shown: int) -> list[dict[str, Any]]:
    """Some of the rows that a file has more often than the other: as many of each as it has more."""
    sign = ">" if side == BEFORE else "<"
    return dicts(
        con,
        f"""
        SELECT {listed(pair.shared)} FROM {table(side, pair)} AS held
        JOIN (
            SELECT whole, more FROM temp.differing WHERE more {sign} 0 ORDER BY whole LIMIT {shown:d}
        ) AS differing ON {fingerprint(pair, pair.shared)} = differing.whole
        QUALIFY row_number() OVER (PARTITION BY whole) <= abs(more) ORDER BY ALL LIMIT {shown:d}
        """,  # noqa: S608 - quoted
    )
