"""`baliza domains check` and `baliza domains update`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DEBUG, ENV
from baliza.cli.outcome import listened_to, told
from baliza.language import _, number

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.domain_tables import Check, Code, Comparison, Difference

EQUAL, UNANSWERED, DIFFERENT = 0, 1, 3

PNCP_URL = typer.Option(
    None, "--pncp-url", metavar="URL", help=_("PNCP's address, or the simulator's (BALIZA_PNCP_URL).")
)
FOLDER = typer.Option(
    None,
    "--folder",
    metavar="PATH",
    help=_("Where the CSV files are (default: dataflows/domains of the installed source)."),
)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        help=_("PNCP's official code tables, beside those that come with baliza."),
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("baliza domains check"),
    )
    group.command(
        help=_(
            "Compare the code tables with PNCP's: exits 0 when equal, 3 when something differs, 1 when PNCP "
            "did not answer."
        ),
        epilog=examples("baliza domains check"),
    )(check)
    group.command(
        help=_("Write what differs into the CSV files; codes PNCP no longer lists are kept, as inactive."),
        epilog=examples("baliza domains update"),
    )(update)
    app.add_typer(group, name="domains", short_help=_("PNCP's official code tables: are ours the same?"))


@told
def check(
    pncp_url: str | None = PNCP_URL,
    env: str | None = ENV,
    folder: Path | None = FOLDER,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Compare the code tables with PNCP's."""
    found, _where = _checked(pncp_url, env, folder, quiet=as_json)
    code = UNANSWERED if found.of("unanswered") else DIFFERENT if found.of("different") else EQUAL
    with listened_to():
        if as_json:
            _print_json("domains check", found, code)
        else:
            _show(found)
            if found.of("different"):
                typer.echo(_("Bring the files up to date: baliza domains update"))
    raise typer.Exit(code)


@told
def update(
    pncp_url: str | None = PNCP_URL,
    env: str | None = ENV,
    folder: Path | None = FOLDER,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Write what differs into the CSV files."""
    from baliza.build import domain_tables

    found, where = _checked(pncp_url, env, folder, quiet=as_json)
    written = domain_tables.update(found, where)
    code = UNANSWERED if found.of("unanswered") else EQUAL
    with listened_to():
        if as_json:
            _print_json("domains update", found, code, written=[str(path) for path in written])
        else:
            _show(found)
            _show_written(written)
    raise typer.Exit(code)


def _checked(
    pncp_url: str | None, env: str | None, folder: Path | None, *, quiet: bool
) -> tuple[Check, Path]:
    """What was found, and where the files are."""
    from baliza.build import domain_tables
    from baliza.cli import asked
    from baliza.cli.progress import shown
    from baliza.pncp.job import Server

    settings = asked.settings(pncp_url=pncp_url, env=env)
    where = folder or domain_tables.INSTALLED
    server = Server(url=settings.pncp_url.value, max_rps=settings.max_rps.value)
    with shown(quiet=quiet) as progress:
        return domain_tables.check(server, where, progress), where


def _print_json(command: str, found: Check, code: int, **more: Any) -> None:
    from baliza import __version__

    told_check = {
        "baliza": __version__,
        "command": command,
        "source": found.source,
        "tables": [_table_as_json(table) for table in found.tables],
        **more,
        "exit_code": code,
    }
    typer.echo(json.dumps(told_check, ensure_ascii=False, indent=2))


def _table_as_json(table: Comparison) -> dict[str, Any]:
    return {
        "table": table.table,
        "path": table.path,
        "verdict": table.verdict.replace(" ", "_"),
        "reason": table.reason,
        "codes": table.codes,
        "differences": [
            {
                "kind": one.kind,
                "code": one.code,
                "here": _code_as_json(one.here),
                "at_pncp": _code_as_json(one.at_pncp),
            }
            for one in table.differences
        ],
    }


def _code_as_json(code: Code | None) -> dict[str, Any] | None:
    return None if code is None else {"label": code.label, "active": code.active}


def _show(found: Check) -> None:
    from rich.markup import escape

    console = terminal.console()
    if found.source != "pncp":
        console.print(
            f"[bold yellow]{_('SYNTHETIC: these codes come from the simulator, not from PNCP.')}[/]"
        )
    for table in found.of("equal"):
        console.print(_("{table}: equal, {n} codes").format(table=table.table, n=number(table.codes)))
    for table in found.of("different"):
        _show_differences(console, table)
    for table in found.of("unanswered"):
        unanswered = _("{table}: PNCP did not answer ({reason}); nothing is known of it.")
        unanswered = unanswered.format(table=table.table, reason=escape(table.reason or ""))
        console.print(f"[bold yellow]{unanswered}[/]")
    names = ", ".join(table.table for table in found.of("not checkable"))
    console.print(_("Not checkable, PNCP's API does not serve them: {tables}").format(tables=names))


def _show_differences(console: Console, table: Comparison) -> None:
    from rich.markup import escape
    from rich.table import Table

    differ = _("{table}: {n} differences").format(table=table.table, n=number(len(table.differences)))
    console.print(f"[bold]{differ}[/]")
    shown = Table(box=None, pad_edge=True, header_style="bold")
    for heading in (_("code"), _("difference"), _("here"), _("at PNCP")):
        shown.add_column(heading, overflow="fold")
    kinds = {"new": _("new"), "gone": _("gone"), "label": _("other label"), "status": _("other status")}
    for one in table.differences:
        here, there = (escape(_told(code, one)) for code in (one.here, one.at_pncp))
        shown.add_row(escape(one.code), kinds[one.kind], here, there)
    console.print(shown)


def _told(code: Code | None, difference: Difference) -> str:
    """One side of a difference: the label, or the status where that is what differs."""
    if code is None:
        return "–"
    if difference.kind == "status":
        return _("active") if code.active else _("inactive")
    return code.label


def _show_written(written: list[Path]) -> None:
    if not written:
        typer.echo(_("Nothing was written."))
        return
    for path in written:
        typer.echo(_("Wrote {path}").format(path=path))
    typer.echo(_("The tables that use these codes are rebuilt by the next baliza build."))
