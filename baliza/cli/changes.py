"""`baliza changes`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV
from baliza.cli.outcome import listened_to, told
from baliza.cli.values import shown
from baliza.language import _, number
from baliza.publish.masking import mask
from baliza.publish.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.changes import History, Version


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("How a record changed, version by version."),
        help=_("How a record changed: every version observed, field by field."),
        epilog=examples("baliza changes 00394460000141-2-000012/2025"),
    )(changes)


@told
def changes(
    key: str = typer.Argument(
        metavar="KEY", help=_("Control number; the parts of a composite key joined with /.")
    ),
    table: str | None = typer.Option(
        None, "--table", "-t", metavar="TABLE", help=_("Look in this raw table alone, such as contratos.")
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show how a record changed."""
    from baliza.build.changes import find
    from baliza.cli import asked

    path = asked.settings(database=database, env=env).database.value
    found = find(path, key, table)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(path, key, found), ensure_ascii=False, indent=2))
        else:
            _show(found)


def _as_json(database: Path, key: str, found: list[History]) -> dict[str, Any]:
    from baliza import __version__

    return {
        "baliza": __version__,
        "command": "changes",
        "database": str(database),
        "key": mask(key),
        "records": [
            {
                "table": history.table,
                "key": mask(history.key),
                "vanished": history.vanished
                and {
                    "endpoint": history.vanished.endpoint,
                    "seen_until": history.vanished.seen_until.isoformat(),
                    "noticed_at": history.vanished.noticed_at.isoformat(),
                },
                "versions": [_version_as_json(version) for version in history.versions],
            }
            for history in found
        ],
    }


def _version_as_json(version: Version) -> dict[str, Any]:
    return {
        "observed_at": version.observed_at.isoformat(),
        "endpoint": version.endpoint,
        "version": {"field": version.version_field, "value": plain(version.version)},
        "changes": [
            {"field": change.field, "from": plain(change.before), "to": plain(change.after)}
            for change in version.changes
        ],
    }


def _show(found: list[History]) -> None:
    from rich.markup import escape

    console = terminal.console()
    for history in found:
        versions = _("{n} versions") if len(history.versions) > 1 else _("{n} version")
        console.print(
            f"[bold]{history.table} {escape(mask(history.key))}[/]: "
            + versions.format(n=number(len(history.versions)))
        )
        for place, version in enumerate(history.versions):
            _show_version(console, version, is_first=place == 0)
        if history.vanished:
            gone = _(
                "Vanished from PNCP: seen until {seen} UTC, gone from {endpoint} when asked at {noticed} UTC."
            )
            gone = gone.format(
                seen=shown(history.vanished.seen_until),
                endpoint=history.vanished.endpoint,
                noticed=shown(history.vanished.noticed_at),
            )
            console.print(f"[yellow]{gone}[/]")


def _show_version(console: Console, version: Version, *, is_first: bool) -> None:
    from rich.markup import escape
    from rich.table import Table

    told_version = (
        _("{seen} UTC, {endpoint}: first seen, {field} {version}")
        if is_first
        else _("{seen} UTC, {endpoint}: {field} {version}")
    )
    console.print(
        told_version.format(
            seen=shown(version.observed_at),
            endpoint=version.endpoint,
            field=version.version_field,
            version=shown(version.version),
        )
    )
    if not version.changes:
        return
    table = Table(box=None, pad_edge=True, header_style="bold")
    for heading in (_("field"), _("from"), _("to")):
        table.add_column(heading, overflow="fold")
    for change in version.changes:
        table.add_row(escape(change.field), escape(shown(change.before)), escape(shown(change.after)))
    console.print(table)
