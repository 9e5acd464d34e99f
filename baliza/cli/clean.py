"""`baliza clean`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV
from baliza.cli.outcome import listened_to, told
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.build.cleaning import Cleaned, Findings, Found


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Delete what killed runs left, old snapshots, tables no function makes any more."),
        help=_(
            "Delete what killed runs left beside the file, snapshots beyond those kept, and, when you "
            "say yes, tables of stage and mart that no function makes any more. Records, the ledger and "
            "the diary of runs are never touched."
        ),
        epilog=examples(
            "baliza clean --dry-run",
            "baliza clean --compact --yes",
        ),
    )(clean)


@told
def clean(
    dry_run: bool = typer.Option(False, "--dry-run", help=_("Only say what would be deleted.")),
    compact: bool = typer.Option(
        False, "--compact", help=_("Write the file anew, without the room that dropped tables left in it.")
    ),
    dbt: bool = typer.Option(
        False, "--dbt", help=_("Drop the tables that `build --engine dbt` made: the transition is over.")
    ),
    yes: bool = typer.Option(
        False, "--yes", "-y", help=_("Drop tables that no function makes without being asked.")
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Delete what the file can do without."""
    from baliza.build import cleaning
    from baliza.cli import asked

    settings = asked.settings(database=database, env=env)
    found = cleaning.look(settings.database.value, settings)
    if dry_run:
        with listened_to():
            if as_json:
                typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
            else:
                _show_found(found)
        return
    drop = bool(found.forgotten) and (yes or _confirmed(found))
    done = cleaning.clean(
        settings.database.value, drop_forgotten=drop, drop_dbt=dbt, compacting=compact, settings=settings
    )
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(done.found, done), ensure_ascii=False, indent=2))
        else:
            _show_found(done.found)
            _show_done(done)


def _confirmed(found: Findings) -> bool:
    """Whether the user says yes to dropping the tables; nobody there to ask means no."""
    if not sys.stdin.isatty():
        return False
    tables = ", ".join(one.location for one in found.forgotten)
    sys.stderr.write(_("No function makes these tables any more: {tables}").format(tables=tables) + "\n")
    answer = typer.prompt(_("Drop them? [y/N]"), default="", show_default=False, err=True)
    return answer.strip().casefold() in {"y", "yes", "s", "sim"}


def _as_json(found: Findings, done: Cleaned | None = None) -> dict[str, Any]:
    from baliza import __version__

    return {
        "baliza": __version__,
        "command": "clean",
        "database": str(found.database),
        "dry_run": done is None,
        "leftovers": [{"path": str(one.path), "bytes": one.size} for one in found.leftovers],
        "snapshots": [{"path": str(one.path), "bytes": one.size} for one in found.snapshots],
        "forgotten": [_table_as_json(one, done) for one in found.forgotten],
        "of_dbt": [_table_as_json(one, done) for one in found.of_dbt],
        "compacted": bool(done and done.is_compacted),
        "bytes_before": found.size,
        "bytes_after": done.size if done else None,
    }


def _table_as_json(table: Found, done: Cleaned | None) -> dict[str, Any]:
    return {
        "location": table.location,
        "rows": table.rows,
        "dropped": bool(done and table.location in done.dropped),
    }


def _show_found(found: Findings) -> None:
    for one in found.leftovers:
        told_left = _("left by a killed run: {path}, {size} MB")
        typer.echo(told_left.format(path=one.path, size=_megabytes(one.size)))
    for one in found.snapshots:
        told_old = _("snapshot beyond those kept: {path}, {size} MB")
        typer.echo(told_old.format(path=one.path, size=_megabytes(one.size)))
    for one in found.forgotten:
        told_table = _("no function makes it: {table}, {rows} rows")
        typer.echo(told_table.format(table=one.location, rows=number(one.rows)))
    for one in found.of_dbt:
        told_dbt = _("made by dbt: {table}, {rows} rows")
        typer.echo(told_dbt.format(table=one.location, rows=number(one.rows)))
    if not (found.leftovers or found.snapshots or found.forgotten or found.of_dbt):
        typer.echo(_("There is nothing to clean."))


def _show_done(done: Cleaned) -> None:
    if left := [one.location for one in done.found.forgotten if one.location not in done.dropped]:
        typer.echo(_("Not dropped: {tables}; --yes drops them.").format(tables=", ".join(left)))
    if left := [one.location for one in done.found.of_dbt if one.location not in done.dropped]:
        typer.echo(_("Not dropped: {tables}; --dbt drops them.").format(tables=", ".join(left)))
    told_size = _("{before} MB before, {after} MB now: the file and its snapshots")
    typer.echo(told_size.format(before=_megabytes(done.found.size), after=_megabytes(done.size)))


def _megabytes(size: int) -> str:
    return number(size / 10**6, 1)
