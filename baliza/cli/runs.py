"""`baliza runs` and `baliza runs show N`."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV
from baliza.cli.outcome import listened_to, told
from baliza.cli.values import shown
from baliza.language import _, number
from baliza.publish.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from baliza.build.run_history import Jump, Run, RunDetails

MOST_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help=_("What was run on the file: when, what it was asked, what it did with each table."),
        rich_markup_mode=None,
        epilog=examples("baliza runs", "baliza runs show 12"),
    )
    group.callback(invoke_without_command=True)(runs)
    group.command("show", help=_("One run, table by table."), epilog=examples("baliza runs show 12"))(show)
    app.add_typer(group, name="runs", short_help=_("What was run on the file, and how each table went."))


@told
def runs(
    context: typer.Context,
    limit: int | None = typer.Option(
        None, "--limit", min=1, metavar="N", help=_("Runs shown, the newest (default: 20; with --json all).")
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """List the runs."""
    from baliza.build.run_history import listing
    from baliza.cli import asked
    from baliza.errors import UsageError

    if context.invoked_subcommand is not None:
        if database or env or limit or as_json:
            raise UsageError(
                "One run was asked for.",
                "Options that stand before show are those of the list.",
                "Write them after it: baliza runs show N --json",
            )
        return
    path = asked.settings(database=database, env=env).database.value
    found = listing(path, limit=limit or (None if as_json else MOST_SHOWN))
    with listened_to():
        if as_json:
            typer.echo(_dumped(path, runs=[_run(run) for run in found]))
        else:
            _show_list(found)


@told
def show(
    run_id: int = typer.Argument(metavar="N", help=_("The number of the run.")),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show one run."""
    from baliza.build.run_history import find
    from baliza.cli import asked

    path = asked.settings(database=database, env=env).database.value
    found = find(path, run_id)
    with listened_to():
        if as_json:
            tables = [plain(asdict(table)) for table in found.tables]
            told_jumps = [asdict(jump) for jump in found.jumps]
            typer.echo(_dumped(path, run=_run(found.run), tables=tables, jumps=told_jumps))
        else:
            _show_one(found)


def show_jumps(console: Console, jumps: Sequence[Jump]) -> None:
    """What is far from usual, one line each."""
    for jump in jumps:
        is_rows = jump.measure == "rows"
        template = (
            _("{table}: {value} rows, where {usual} were usual ({n} runs)")
            if is_rows
            else _("{table}: {value} s, where {usual} s were usual ({n} runs)")
        )
        decimals = 0 if is_rows else 1
        line = template.format(
            table=jump.table,
            value=number(jump.value, decimals),
            usual=number(jump.usual, decimals),
            n=number(jump.runs),
        )
        console.print(f"[yellow]{line}[/]")


def _dumped(database: Path, **members: Any) -> str:
    from baliza import __version__

    head = {"baliza": __version__, "command": "runs", "database": str(database)}
    return json.dumps({**head, **members}, ensure_ascii=False, indent=2)


def _run(run: Run) -> dict[str, Any]:
    return plain({**asdict(run), "parameters": dict(run.parameters)})


def _show_list(found: Sequence[Run]) -> None:
    from rich.table import Table

    console = terminal.console()
    if not found:
        console.print(_("The file remembers no run yet."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (_("run"), _("started (UTC)"), _("command"), _("seconds"), _("exit code"), _("tables")):
        table.add_column(heading, overflow="fold")
    for run in found:
        ended = "–" if run.exit_code is None else str(run.exit_code)
        decided = ", ".join(f"{number(count)} {decision}" for decision, count in run.tables.items())
        table.add_row(
            str(run.run_id), shown(run.started_at), run.command, _seconds(run), ended, decided or "–"
        )
    console.print(table)
    console.print(_("One of them, table by table: baliza runs show N"))


def _seconds(run: Run) -> str:
    return _("not ended") if run.seconds is None else number(Decimal(str(run.seconds)), 1)


def _show_one(found: RunDetails) -> None:
    from rich.markup import escape

    console = terminal.console()
    run = found.run
    told_run = _("Run {run_id}: baliza {command} ({version}), {started} UTC, {seconds} s, exit code {code}")
    console.print(
        told_run.format(
            run_id=run.run_id,
            command=run.command,
            version=run.version,
            started=shown(run.started_at),
            seconds=_seconds(run),
            code="–" if run.exit_code is None else run.exit_code,
        )
    )
    for name, value in run.parameters.items():
        if value not in (None, [], [""], {}, False, ""):
            console.print(f"  {name}: {escape(shown(value))}", soft_wrap=True)
    for table in found.tables:
        memory = "–" if table.peak_memory is None else number(table.peak_memory / 10**6)
        line = _(
            "{table}: {decision}, {rows} rows from {rows_in}, {seconds} s, {memory} MB: {reason}"
        ).format(
            table=table.name,
            decision=table.decision,
            rows=number(table.rows),
            rows_in="–" if table.rows_in is None else number(table.rows_in),
            seconds=number(Decimal(str(table.seconds)), 1),
            memory=memory,
            reason=table.reason,
        )
        console.print(escape(line), soft_wrap=True)
        if table.rejected:
            told_rejected = _("  {n} rows break a rule of severity warning").format(n=number(table.rejected))
            console.print(f"[yellow]{told_rejected}[/]")
    show_jumps(console, found.jumps)
