"""`baliza status`."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV
from baliza.cli.outcome import listened_to, told
from baliza.language import _, number
from baliza.publish.masking import mask

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.inventory import CoverageState, Inventory

STALE = 3
_HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What the file holds: rows, freshness, coverage, drift."),
        help=_(
            "What the file holds: tables, rows, freshness, coverage. For cron, --max-age makes it exit 3 "
            "when the newest proof is older."
        ),
        epilog=examples("baliza status", "baliza status --max-age 36h"),
    )(status)


@told
def status(
    database: Path | None = DATABASE,
    env: str | None = ENV,
    max_age: str | None = typer.Option(
        None,
        "--max-age",
        metavar="AGE",
        help=_("Exit 3 when the newest proof is older than this: 90m, 36h, 2d."),
    ),
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show what the file holds."""
    from baliza.build.inventory import take
    from baliza.cli import asked

    limit = _hours(max_age) if max_age else None
    inventory = take(asked.settings(database=database, env=env).database.value)
    stale = limit is not None and (inventory.age_hours is None or inventory.age_hours > limit)
    with listened_to():
        if as_json:
            typer.echo(json.dumps({**inventory.as_json(), "stale": stale}, ensure_ascii=False, indent=2))
        else:
            _show(inventory, stale=stale)
    raise typer.Exit(STALE if stale else 0)


def _hours(text: str) -> float:
    from baliza.errors import UsageError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhdw])", text.strip().lower())
    if not found:
        raise UsageError(
            "--max-age {text} was asked for.",
            "That is not a length of time.",
            "Write a number and m, h, d or w, such as 36h.",
            text=text,
        )
    return float(found[1]) * _HOURS[found[2]]


def _show(inventory: Inventory, *, stale: bool) -> None:
    from rich.table import Table

    console = terminal.console()
    console.print(
        _("{database}: source {source}, {size} MB").format(
            database=inventory.database, source=inventory.source or "–", size=number(inventory.size_mb)
        )
    )
    if inventory.synthetic:
        console.print(f"[bold yellow]{_('SYNTHETIC DATA: every name, CNPJ and value here is invented.')}[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (_("table"), _("rows"), _("built (UTC)")):
        table.add_column(heading, justify="right" if heading == _("rows") else "left")
    for one in inventory.tables:
        rows = "–" if one.rows is None else number(one.rows)
        table.add_row(one.location, rows, f"{one.built_at:%Y-%m-%d %H:%M}" if one.built_at else "–")
    console.print(table)
    _show_coverage(console, inventory)
    _show_set_aside(console, inventory)
    _show_drift(console, inventory)
    if inventory.age_hours is not None:
        console.print(_("Newest proof: {n} hours ago").format(n=number(round(inventory.age_hours, 1), 1)))
    if stale:
        console.print(f"[bold yellow]{_('Older than allowed.')}[/]")


def _show_set_aside(console: Console, inventory: Inventory) -> None:
    # What is to be pasted is never broken into lines.
    for one in inventory.in_quarantine:
        quarantined = _("{table}: {n} records could not be typed; see them: {command}")
        command = _command(inventory, "quarantine", "list", "--table", one.table)
        quarantined = quarantined.format(table=one.table, n=number(one.records), command=command)
        console.print(f"[yellow]{quarantined}[/]", soft_wrap=True)
    for one in inventory.vanished:
        vanished = _("{table}: {n} records have vanished from PNCP; see the last: {command}")
        command = _command(inventory, "changes", mask(one.newest or ""))
        vanished = vanished.format(table=one.table, n=number(one.records), command=command)
        console.print(f"[yellow]{vanished}[/]", soft_wrap=True)


def _command(inventory: Inventory, *words: str) -> str:
    """A command about this file, to be pasted."""
    from baliza.settings import DEFAULT_DATABASE

    where = () if inventory.database == DEFAULT_DATABASE else ("--database", str(inventory.database))
    return shlex.join(("baliza", *words, *where))


def _show_drift(console: Console, inventory: Inventory) -> None:
    from rich.markup import escape

    for drift in inventory.unknown_fields:
        unknown = _("{table} brings a field baliza does not know yet: {field} ({n} records)")
        unknown = unknown.format(table=drift.table, field=escape(drift.field), n=number(drift.records))
        console.print(f"[yellow]{unknown}[/]")
        console.print(f"    {escape(drift.contract_line)}", soft_wrap=True)
    for missing in inventory.missing_codes:
        unlisted = _("{table}.{column} has a code that {domain} has not: {code} ({label}, {n} records)")
        unlisted = unlisted.format(
            table=missing.table,
            column=escape(missing.column),
            domain=missing.domain,
            code=escape(mask(missing.code)),
            label=escape(mask(missing.label or "–")),
            n=number(missing.records),
        )
        console.print(f"[yellow]{unlisted}[/]")
    if inventory.missing_codes:
        console.print(_("Compare the code tables with PNCP's: baliza domains check"))


def _show_coverage(console: Console, inventory: Inventory) -> None:
    from rich.table import Table

    if not inventory.coverage:
        console.print(_("Nothing was ever asked of PNCP in this file."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    # Where it is narrow these are broken, and no number is cut.
    for heading in (_("endpoint"), _("days")):
        table.add_column(heading, overflow="fold")
    for heading in (_("landed"), _("missing")):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(_("of which"), overflow="fold")
    for row in inventory.coverage:
        cells = ", ".join(f"{number(count)} {status}" for status, count in row.cells.items())
        table.add_row(
            row.endpoint,
            f"{row.since}" if row.since == row.until else f"{row.since} – {row.until}",
            number(row.landed),
            number(max(0, row.expected - row.landed)),
            f"{_slice(row)}: {cells}",
        )
    console.print(table)


def _slice(row: CoverageState) -> str:
    if row.slice is None:
        return _("{n} parents").format(n=number(row.slices))
    slice_ = row.slice or _("whole country")
    if not row.modalidades:
        return slice_
    return _("{slice}, {n} modalidades").format(slice=slice_, n=number(row.modalidades))
