"""The rows in which two tables differ, by the key of their contract.

Only keys and a fingerprint of the other columns are joined, which DuckDB does within its limit of memory;
whole rows are read of the few that are shown and of those that changed.
"""

from __future__ import annotations

from typing import Any

import duckdb

from baliza.build.diff.rows import ChangedRow, Rows, Value
from baliza.build.diff.sql import count, dicts, differs, fingerprint, listed, of, quoted, same_key, table
from baliza.build.diff.tables import Pair
from baliza.warehouse.side_by_side import AFTER, BEFORE, SIDES


class Keyed:
    """A table whose key both files have."""

    def __init__(self, con: duckdb.DuckDBPyConnection, pair: Pair) -> None:
        self._con = con
        self._pair = pair
        self._key = pair.key
        self._others = [name for name in pair.shared if name not in pair.key]
        sides = (
            f"(SELECT {listed(self._key)}, true AS here, {fingerprint(pair, self._others)} AS whole "  # noqa: S608 - quoted
            f"FROM {table(side, pair)}) AS {quoted(side)}"
            for side in SIDES
        )
        self._joined = f"{' FULL JOIN '.join(sides)} ON {same_key(self._key, BEFORE, AFTER)}"

    def compare(self, shown: int) -> Rows | None:
        """None where a key stands for more than one row."""
        row = self._con.execute(
            f"""
            SELECT count("before".here), count("after".here),
                   count(*) FILTER ("after".here IS NULL), count(*) FILTER ("before".here IS NULL),
                   count(*) FILTER ("before".whole <> "after".whole)
            FROM {self._joined}
            """  # noqa: S608 - quoted
        ).fetchone()
        matched_before, matched_after, removed, added, changed = row or (0,) * 5
        before, after = (count(self._con, side, self._pair) for side in SIDES)
        if (matched_before, matched_after) != (before, after):
            return None
        if not (removed or added or changed):
            return Rows(self._key, before, after, 0, 0, 0)
        self._keep_differing()
        try:
            return Rows(
                self._key,
                before,
                after,
                removed,
                added,
                changed,
                self._by_column() if changed else {},
                self._some_keys("removed", shown),
                self._some_keys("added", shown),
                self._some_changed(shown),
            )
        finally:
            self._con.execute("DROP TABLE temp.differing")

    def _keep_differing(self) -> None:
        keys = ", ".join(
            f'CASE WHEN "before".here THEN {of(BEFORE, name)} ELSE {of(AFTER, name)} END AS {quoted(name)}'
            for name in self._key
        )
        self._con.execute(
            f"""
            CREATE TEMP TABLE differing AS
            SELECT {keys}, CASE WHEN "after".here IS NULL THEN 'removed' WHEN "before".here IS NULL THEN 'added'
                                ELSE 'changed' END AS kind
            FROM {self._joined} WHERE "before".whole IS DISTINCT FROM "after".whole
            """  # noqa: E501, S608
        )

    def _by_column(self) -> dict[str, int]:
        """In how many rows each column differs; those in which none does are left out."""
        counted = ", ".join(
            f"count(*) FILTER ({differs(self._pair, name)}) AS {quoted(name)}" for name in self._others
        )
        counts = dicts(self._con, f"SELECT {counted} FROM {self._changed('temp.differing')}")[0]  # noqa: S608 - quoted
        return {name: count for name, count in counts.items() if count}

    def _some_keys(self, kind: str, shown: int) -> list[dict[str, Any]]:
        return dicts(self._con, self._some(kind, shown))

    def _some_changed(self, shown: int) -> list[ChangedRow]:
        values = ", ".join(
            f"CASE WHEN {differs(self._pair, name)} "
            f"THEN [{of(BEFORE, name)}::VARCHAR, {of(AFTER, name)}::VARCHAR] END AS {quoted(name)}"
            if name in self._pair.retyped
            else f"CASE WHEN {differs(self._pair, name)} THEN [{of(BEFORE, name)}, {of(AFTER, name)}] END "
            f"AS {quoted(name)}"
            for name in self._others
        )
        keys = ", ".join(of("differing", name) for name in self._key)
        changed = self._changed(f"({self._some('changed', shown)})")
        rows = dicts(self._con, f"SELECT {keys}, {values} FROM {changed} ORDER BY {keys}")  # noqa: S608 - quoted
        return [
            ChangedRow(
                {name: row[name] for name in self._key},
                [Value(name, *row[name]) for name in self._others if row[name] is not None],
            )
            for row in rows
        ]

    def _some(self, kind: str, shown: int) -> str:
        keys = listed(self._key)
        return f"SELECT {keys} FROM temp.differing WHERE kind = '{kind}' ORDER BY {keys} LIMIT {shown:d}"  # noqa: S608 - quoted

    def _changed(self, differing: str) -> str:
        """Both rows of some keys."""
        return (
            f'{differing} AS differing JOIN {table(BEFORE, self._pair)} AS "before" '
            f'ON {same_key(self._key, "differing", BEFORE)} JOIN {table(AFTER, self._pair)} AS "after" '
            f"ON {same_key(self._key, 'differing', AFTER)}"
        )
