"""What a file says of each box of the picture: rows, seconds, how fresh, whether the contract holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from baliza.build import catalog, inventory, lineage
from baliza.build.inventory import CoverageState
from baliza.build.lineage import Step
from baliza.language import _, number
from baliza.publish.graph.drawing import Note, endpoints_of
from baliza.warehouse import schema
from baliza.warehouse.published import reading_published
from baliza.warehouse.snapshots import Snapshot

GOOD, DOUBTFUL, BROKEN, ABSENT = "#0b5d25", "#7a4b00", "#a3160f", "#5a5a5a"
"""Dark enough to be read on every layer's colour."""

_PROVEN = {"complete", "empty"}


@dataclass(frozen=True)
class State:
    """What is told of a file.

    Attributes:
        notes: by node name or id of the endpoint.
        caption: which state of which file it is, and that its data are synthetic where they are.
        snapshot: that was read; None where it was the file itself.
    """

    notes: dict[str, Note]
    caption: str
    snapshot: Snapshot | None


def read(database: Path, targets: Sequence[str]) -> State:
    """The last published state of these tables and all they are made from.

    Raises:
        DatabaseError: the file is missing, not baliza's, or locked and never published.
    """
    with reading_published(database) as opened:
        con = opened.con
        steps = lineage.way(con, *(targets or catalog.tables()))
        asked = inventory.coverage(con)
        broken, quarantined = _broken(con), _quarantined(con)
        notes = {step.name: _of_table(step, broken.get(step.name, {}), quarantined) for step in steps}
        for endpoint in endpoints_of(catalog.tables()[step.name] for step in steps):
            notes[endpoint.id] = _of_endpoint([one for one in asked if one.endpoint == endpoint.id])
        caption = _caption(database, opened.snapshot, is_synthetic=schema.is_synthetic(con))
    return State(notes, caption, opened.snapshot)


def _caption(database: Path, snapshot: Snapshot | None, *, is_synthetic: bool) -> str:
    told = f"{database}"
    if snapshot:
        published = _("{database}, as published after run {run}, {time} UTC")
        told = published.format(database=database, run=snapshot.run_id, time=_time(snapshot.published_at))
    synthetic = _("SYNTHETIC DATA: every name, CNPJ and value here is invented.")
    return f"{told}. {synthetic}" if is_synthetic else told


def _broken(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """By table and severity, how many rows broke a rule when the table was last built or tried."""
    rows = con.execute(
        """
        SELECT table_name, severity, sum(failing)::BIGINT
        FROM (SELECT DISTINCT table_name, rule, severity, failing FROM meta.violations)
        GROUP BY ALL
        """
    )
    found: dict[str, dict[str, int]] = {}
    for name, severity, failing in rows.fetchall():
        found.setdefault(name, {})[severity] = failing
    return found


def _quarantined(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Records that could not be typed, by raw table."""
    return dict(con.execute("SELECT table_name, count(*) FROM meta.quarantine GROUP BY 1").fetchall())


def _of_table(step: Step, broken: dict[str, int], quarantined: dict[str, int]) -> Note:
    node = catalog.tables()[step.name]
    if node.layer == "raw":
        return _of_raw(step, quarantined.get(node.table, 0))
    colour = GOOD
    told = []
    if broken.get("error"):
        colour = BROKEN
        told.append(_("contract broken by {n} rows: rolled back").format(n=number(broken["error"])))
    elif step.built_at and broken.get("warning"):
        colour = DOUBTFUL
        told.append(_("contract holds, {n} warnings").format(n=number(broken["warning"])))
    elif step.built_at:
        rules = len(node.contract.rules()) + len(node.contract.gates)
        told.append(_("contract holds: {n} rules").format(n=number(rules)))
    if step.built_at is None or step.rows is None:
        return Note([_("never built"), *told], colour if told else ABSENT, is_dashed=True)
    size = _("{n} rows, {seconds} s").format(n=number(step.rows), seconds=number(step.seconds or 0, 1))
    built = _("built {time} UTC").format(time=_time(step.built_at))
    if step.is_behind:
        colour = BROKEN if colour == BROKEN else DOUBTFUL
        told.append(_("stale: what it is made from has changed"))
    return Note([size, built, *told], colour)


def _of_raw(step: Step, quarantined: int) -> Note:
    if step.built_at is None:
        return Note([_("nothing landed")], ABSENT, is_dashed=True)
    lines = [
        _("{n} rows").format(n=number(step.rows or 0)),
        _("landed {time} UTC").format(time=_time(step.built_at)),
    ]
    if not quarantined:
        return Note(lines, GOOD)
    return Note([*lines, _("{n} in quarantine").format(n=number(quarantined))], DOUBTFUL)


def _of_endpoint(asked: Sequence[CoverageState]) -> Note:
    if not asked:
        return Note([_("never asked for")], ABSENT, is_dashed=True)
    cells: Counter[str] = Counter()
    for one in asked:
        cells.update(one.cells)
    proven = sum(count for status, count in cells.items() if status in _PROVEN)
    since, until = min(one.since for one in asked), max(one.until for one in asked)
    days = f"{since}" if since == until else f"{since} – {until}"
    told = _("{n} of {total} proven").format(n=number(proven), total=number(cells.total()))
    return Note([days, told], GOOD if proven == cells.total() else DOUBTFUL)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
