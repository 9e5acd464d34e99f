"""What `--target` means: names, patterns, what tables are made from and what is made from them.

mart_spending, mart.spending    a table
stage.*, mart_*                 all tables whose name or place fits
changed                         tables that were built before and are stale
failed                          tables that could not be made when they were last looked at, or were left
                                out because of one that could not
+X                              X, and every table of stage and mart that it is made from
X+                              X, and every table that is made from it
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.session import reading
from baliza.errors import UnknownTargetError

CHANGED, FAILED = "changed", "failed"
_WORDS = (CHANGED, FAILED)


@dataclass(frozen=True)
class Selection:
    """One target as it was typed, understood.

    Attributes:
        core: what it is without its plus signs.
        tables: that the core names; none where it is a word about the file.
        with_ancestors: it began with a plus sign.
        with_descendants: it ended with one.
    """

    core: str
    tables: tuple[str, ...]
    with_ancestors: bool
    with_descendants: bool

    @property
    def is_about_file(self) -> bool:
        """Whether only the file can tell which tables it means."""
        return self.core in _WORDS


def understand(target: str) -> Selection:
    """What one target means.

    Raises:
        UnknownTargetError: nothing; says the nearest.
    """
    before, core, after = re.fullmatch(r"(\+?)(.*?)(\+?)", target.strip(), re.DOTALL).groups()  # pyright: ignore[reportOptionalMemberAccess] - it fits any text
    if core in _WORDS:
        return Selection(core, (), bool(before), bool(after))
    nodes = catalog.tables()
    name = core.replace(".", "_", 1)
    found = tuple(
        node.name
        for node in nodes.values()
        if node.name == name or fnmatchcase(node.name, core) or fnmatchcase(node.location, core)
    )
    if not found:
        raise _unknown(target, before, name, after)
    return Selection(core, found, bool(before), bool(after))


def select(targets: Sequence[str], database: Path, params: Mapping[str, int | date]) -> list[TableNode]:
    """The tables that are meant, in the order they were asked for; the file is opened where it must tell.

    Raises:
        UnknownTargetError: a target names nothing.
        DatabaseError: the file had to be read and cannot be.
    """
    selections = [understand(target) for target in targets]
    told: dict[str, list[str]] = {}
    if any(one.is_about_file for one in selections):
        with reading(database) as con:
            told = {
                CHANGED: _changed(con, database, params),
                FAILED: _failed(con),
            }
    names = [
        name
        for one in selections
        for name in _around(told[one.core] if one.is_about_file else one.tables, one)
    ]
    return [catalog.tables()[name] for name in dict.fromkeys(names)]


def _around(names: Iterable[str], selection: Selection) -> list[str]:
    """These tables with those around them, as the plus signs say."""
    found = set(names)
    chosen = set(found)
    if selection.with_ancestors:
        # Raw tables are filled by the harvest: a build makes none.
        chosen |= {node.name for node in catalog.in_order(found) if node.layer != "raw"}
    if selection.with_descendants:
        chosen |= {
            name for name in catalog.tables() if found & {one.name for one in catalog.in_order([name])}
        }
    return [name for name in catalog.tables() if name in chosen]


def _changed(con: duckdb.DuckDBPyConnection, database: Path, params: Mapping[str, int | date]) -> list[str]:
    """Tables that were built before, and that a build would build now."""
    from baliza.build.foresight import foresee  # noqa: PLC0415 - brings Hamilton's driver, a second to import

    known = {name for (name,) in con.execute("SELECT name FROM meta.tables").fetchall()}
    names = [name for name in catalog.tables() if name in known]
    foreseen = foresee(con, database, names, params=params)
    return [one.name for one in foreseen.built if one.decision != "skipped" and one.name in known]


def _failed(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables of which the diary says last that they could not be made; an older file has no such diary."""
    if not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'run_nodes'").fetchall():
        return []
    rows = con.execute(
        """
        SELECT name FROM meta.run_nodes
        QUALIFY row_number() OVER (PARTITION BY name ORDER BY run_id DESC) = 1 AND decision = 'failed'
        """
    )
    found = {name for (name,) in rows.fetchall()}
    return [name for name in catalog.tables() if name in found]


def _unknown(target: str, before: str, name: str, after: str) -> UnknownTargetError:
    wanted = re.sub(r"[*?\[\]]", "", name)
    near = difflib.get_close_matches(wanted.casefold(), [*catalog.tables(), *_WORDS], n=3, cutoff=0.4)
    return UnknownTargetError(
        "The target {target} was asked for.",
        "There is no such table.",
        "Did you mean {near}? All of them: baliza targets" if near else "See which there are: baliza targets",
        target=target,
        near=", ".join(f"{before}{one}{after}" for one in near),
    )
