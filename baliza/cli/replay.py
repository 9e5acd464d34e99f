"""`baliza replay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from baliza.cli.examples import examples
from baliza.cli.options import (
    AS_JSON,
    DATABASE,
    DEBUG,
    ENV,
    LOG_FORMAT,
    LOG_LEVEL,
    MEMORY_LIMIT,
    TEMP_DIRECTORY,
    THREADS,
)
from baliza.cli.outcome import GOES_ON, listened_to, told_with
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.build.replaying import Replayed

_REASONS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Try every quarantined record again, after a fix."),
        help=_(
            "Try every quarantined record again, after a fix; those that land take their place in history. "
            "Exits 3 when some are still refused."
        ),
        epilog=examples("baliza replay", "baliza replay --table contratos"),
    )(replay)


@told_with(interrupted=GOES_ON)
def replay(
    database: Path | None = DATABASE,
    table: str | None = typer.Option(
        None, "--table", metavar="TABLE", help=_("Only what is of this raw table, such as contratos.")
    ),
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    log_format: str | None = LOG_FORMAT,
    log_level: str | None = LOG_LEVEL,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Try every quarantined record again."""
    from baliza.build.replaying import replay as try_again
    from baliza.cli import asked
    from baliza.publish.masking import mask

    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
        log_format=log_format,
        log_level=log_level,
    )
    replayed = try_again(settings.database.value, table=table, settings=settings)
    with listened_to():
        if as_json:
            typer.echo(mask(json.dumps(replayed.as_json(), ensure_ascii=False, indent=2)))
        else:
            _show(replayed)
    raise typer.Exit(replayed.exit_code)


def _show(replayed: Replayed) -> None:
    from baliza.publish.masking import mask

    if not replayed.tried:
        typer.echo(_("Nothing is in quarantine."))
        return
    told_all = _(
        "{tried} records tried: {landed} landed, {identical} were there already, {refused} still refused"
    )
    typer.echo(
        told_all.format(
            tried=number(replayed.tried),
            landed=number(replayed.landed),
            identical=number(replayed.identical),
            refused=number(replayed.refused),
        )
    )
    for reason, records in replayed.reasons.most_common(_REASONS_SHOWN):
        typer.echo(f"  {number(records)}  {mask(reason)}")
    if len(replayed.reasons) > _REASONS_SHOWN:
        typer.echo(_("  and {n} other reasons").format(n=number(len(replayed.reasons) - _REASONS_SHOWN)))
    if replayed.landed:
        typer.echo(_("Build the tables made from them: baliza build"))
