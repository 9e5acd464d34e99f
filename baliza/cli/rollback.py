"""`baliza rollback`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import completion
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, MEMORY_LIMIT, TEMP_DIRECTORY, THREADS
from baliza.cli.outcome import listened_to, told
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.build.rolling_back import RolledBack


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Put tables back as they were before their last build."),
        help=_(
            "Put tables of stage and mart back as they were before their last build, from the newest "
            "published state that has them otherwise. Rolled back again, they come back.\n\n"
            "The next build makes them anew, if the code is still that which made what was undone."
        ),
        epilog=examples(
            "baliza rollback mart_spending",
            "baliza rollback stage_contratos+",
        ),
    )(rollback)


@told
def rollback(
    table: list[str] = typer.Argument(
        metavar="TABLE...",
        help=_("The tables, as --target of build names them."),
        autocompletion=completion.tables,
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Put tables back."""
    from baliza.build.rolling_back import rollback as put_back
    from baliza.cli import asked

    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    done = put_back(settings.database.value, table, settings)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(done), ensure_ascii=False, indent=2))
        else:
            _show(done)


def _as_json(done: RolledBack) -> dict[str, Any]:
    from baliza import __version__

    return {
        "baliza": __version__,
        "command": "rollback",
        "database": str(done.database),
        "tables": [
            {
                "location": one.location,
                "rows_before": one.rows_before,
                "rows": one.rows,
                "built_at": one.built_at.isoformat(),
                "snapshot": one.snapshot.as_json(),
            }
            for one in done.tables
        ],
        "dependents": done.dependents,
        "seconds": done.seconds,
    }


def _show(done: RolledBack) -> None:
    for one in done.tables:
        told_table = _(
            "{table}: as built {built_at} UTC, from the state after run {run}; {before} → {rows} rows"
        )
        typer.echo(
            told_table.format(
                table=one.location,
                built_at=one.built_at.strftime("%Y-%m-%d %H:%M:%S"),
                run=one.snapshot.run_id,
                before="–" if one.rows_before is None else number(one.rows_before),
                rows=number(one.rows),
            )
        )
    if done.dependents:
        typer.echo(_("Made from them, and stale now: {tables}").format(tables=", ".join(done.dependents)))
    typer.echo(
        _("The next build makes them anew unless code and data are those of then: baliza plan --no-fetch")
    )
