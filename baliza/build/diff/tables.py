"""The tables that two files hold, and how their columns differ."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import duckdb

from baliza.build import catalog
from baliza.errors import UnknownTargetError
from baliza.warehouse.side_by_side import AFTER, BEFORE
from dataflows.contract import Contract

_COMPARED = ("stage", "mart")
"""The layers compared where no table is named."""

Columns = Mapping[str, str]
"""Names and types, as DuckDB writes them."""


@dataclass(frozen=True)
class Pair:
    """A table in one file or in both.

    Attributes:
        before, after: its columns; None where the file does not have it.
        contract: as this baliza knows it; None of a table it does not know.
    """

    location: str
    before: Columns | None
    after: Columns | None
    contract: type[Contract] | None

    @property
    def added(self) -> dict[str, str]:
        """Columns of the second file alone."""
        return _lacking(self.after, self.before)

    @property
    def dropped(self) -> dict[str, str]:
        """Columns of the first file alone."""
        return _lacking(self.before, self.after)

    @property
    def retyped(self) -> dict[str, tuple[str, str]]:
        """Columns of both whose type changed: before, after."""
        before, after = self.before or {}, self.after or {}
        return {name: (before[name], after[name]) for name in self.shared if before[name] != after[name]}

    @property
    def shared(self) -> list[str]:
        """Columns of both."""
        return [name for name in self.before or () if name in (self.after or ())]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the contract's key, where both files have them all alike; else none."""
        key = self.contract.key if self.contract else ()
        alike = {*self.shared} - {*self.retyped}
        return key if alike.issuperset(key) else ()

    @property
    def amounts(self) -> list[str]:
        """Columns of both that hold money."""
        known = self.contract.columns if self.contract else {}
        return [
            name
            for name in self.shared
            if name in known
            and known[name].unit == "BRL"
            and (self.before or {})[name].startswith("DECIMAL")
            and (self.after or {})[name].startswith("DECIMAL")
        ]


def pairs(con: duckdb.DuckDBPyConnection, wanted: Sequence[str]) -> list[Pair]:
    """The tables of both files.

    Args:
        con: with both files.
        wanted: tables by name, place or pattern; without, all of stage and mart.

    Raises:
        UnknownTargetError: neither file has one; the nearest names are told.
    """
    held = {side: _columns(con, side) for side in (BEFORE, AFTER)}
    known = {node.location: node for node in catalog.tables().values()}
    there = {*held[BEFORE], *held[AFTER]}
    # As a build makes them; what only another baliza knows comes last.
    locations = [*(one for one in known if one in there), *sorted(there - {*known})]
    chosen = [
        one for one in locations if (_is_meant(one, wanted) if wanted else one.startswith(_LAYERS_COMPARED))
    ]
    for name in wanted:
        if not any(_is_meant(one, [name]) for one in locations):
            raise _unknown(name, locations)
    return [
        Pair(
            one,
            held[BEFORE].get(one),
            held[AFTER].get(one),
            known[one].contract if one in known else None,
        )
        for one in chosen
    ]


_LAYERS_COMPARED = tuple(f"{layer}." for layer in _COMPARED)


def _is_meant(location: str, wanted: Sequence[str]) -> bool:
    name = location.replace(".", "_", 1)
    return any(fnmatchcase(location, one.strip()) or fnmatchcase(name, one.strip()) for one in wanted)


def _columns(con: duckdb.DuckDBPyConnection, side: str) -> dict[str, dict[str, str]]:
    """The columns of every table of one file, by place."""
    rows = con.execute(
        f"""
        SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = '{side}' AND schema_name IN ('raw', 'stage', 'mart')
        ORDER BY column_index
        """  # noqa: S608 - a name of ours
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for location, column, dtype in rows:
        found.setdefault(location, {})[column] = dtype
    return found


def _lacking(these: Columns | None, those: Columns | None) -> dict[str, str]:
    return {name: dtype for name, dtype in (these or {}).items() if name not in (those or {})}


def _unknown(name: str, locations: Sequence[str]) -> UnknownTargetError:
    near = difflib.get_close_matches(name.replace("_", ".", 1), locations, n=3, cutoff=0.4)
    return UnknownTargetError(
        "The table {name} was to be compared.",
        "Neither file has it.",
        "Did you mean {near}?" if near else "They have: {near}",
        name=name,
        near=", ".join(near or locations) or "–",
    )
