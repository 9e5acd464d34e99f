"""How many rows tables will have and how long they will take, from how it was the last times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from baliza.build import catalog
from baliza.build.foresight import Foreseen
from baliza.build.journal import Built
from baliza.build.stored import Stored


@dataclass(frozen=True)
class Predicted:
    """What a table will be, about; None where nothing is known to tell it from."""

    rows: int | None
    seconds: float | None


@dataclass(frozen=True)
class _Past:
    """One time that a table was built."""

    rows_in: int
    rows: int
    seconds: float


_Pasts = Mapping[tuple[str, str], _Past]
"""The last time that each table was built in each way."""


def predict(con: duckdb.DuckDBPyConnection, foreseen: Foreseen) -> dict[str, Predicted]:
    """Every table of a plan: rows and time grow with the rows that it is made from."""
    if foreseen.is_older:
        return {built.name: Predicted(None, None) for built in foreseen.built}
    pasts = _pasts(con)
    rows: dict[str, int | None] = dict(foreseen.rows)
    found: dict[str, Predicted] = {}
    for built in foreseen.built:
        predicted = _one(built, foreseen.stored.get(built.name), _rows_in(built.name, rows), pasts)
        rows[built.name] = predicted.rows
        found[built.name] = predicted
    return found


def _one(built: Built, held: Stored | None, rows_in: int | None, pasts: _Pasts) -> Predicted:
    if built.decision == "skipped":
        return Predicted(built.rows, 0)
    whole, part = pasts.get((built.name, "rebuilt")), pasts.get((built.name, "incremental"))
    last = part or whole
    rows = round(_scaled(last.rows, rows_in, last.rows_in)) if last else held.rows if held else None
    if built.keys is not None and part is not None:
        return Predicted(rows, part.seconds)
    if whole is not None:
        seconds = _scaled(whole.seconds, rows_in, whole.rows_in)
    elif held is not None:
        seconds = held.seconds
    else:
        return Predicted(rows, None)
    # The first increment of a table: its share of a whole one.
    share = 1 if built.keys is None else _scaled(1, built.keys, rows or 0)
    return Predicted(rows, round(seconds * share, 3))


def _rows_in(name: str, rows: Mapping[str, int | None]) -> int | None:
    """The rows that a table will be made from, where those of all its parents are known."""
    known = [rows.get(parent) for parent in catalog.parents(name)]
    return None if None in known else sum(count or 0 for count in known)


def _scaled(value: float, now: int | None, then: int) -> float:
    """A number that grows as another one did; as it was, where that is not known."""
    return value * now / then if now and then else value


def _pasts(con: duckdb.DuckDBPyConnection) -> _Pasts:
    rows = con.execute(
        """
        SELECT name, decision, coalesce(rows_in, 0), rows, seconds FROM meta.run_nodes
        WHERE decision IN ('rebuilt', 'incremental')
        QUALIFY row_number() OVER (PARTITION BY name, decision ORDER BY run_id DESC) = 1
        """
    ).fetchall()
    return {(name, decision): _Past(*numbers) for name, decision, *numbers in rows}
