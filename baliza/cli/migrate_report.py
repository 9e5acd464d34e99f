"""What `migrate` prints: what the old file holds, and the account of what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baliza import __version__
from baliza.cli.report import cell_as_line, coverage_as_json
from baliza.language import _, number
from baliza.publish.masking import mask

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.migration.account import Account, Loss
    from baliza.migration.migrating import Survey

_MOST_SHOWN = 10
_MEGABYTE = 10**6


def as_json(account: Account) -> dict[str, Any]:
    """The object that `migrate --json` prints; docs/json.md says what each member is."""
    return {
        "baliza": __version__,
        "command": "migrate",
        **account.as_json(),
        "coverage": {**coverage_as_json(account.coverage), "complete": account.coverage.is_complete},
    }


def survey_as_json(survey: Survey) -> dict[str, Any]:
    """The object that `migrate --dry-run --json` prints."""
    return {
        "baliza": __version__,
        "command": "migrate",
        "dry_run": True,
        "old": str(survey.old),
        "generations": survey.generations,
        "requests": survey.requests,
        "windows": survey.windows,
        "strangers": survey.strangers,
        "bytes": survey.size,
        "bytes_needed_to_drop": survey.needed,
        "exit_code": 0,
    }


def show_survey(survey: Survey) -> None:
    """Print what an old file holds."""
    from rich.table import Table

    from baliza.cli import terminal

    console = terminal.console()
    _show_generations(console, survey.generations)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("endpoint"), no_wrap=True)
    for heading in (_("answers"), _("windows")):
        table.add_column(heading, justify="right")
    for endpoint, answers in survey.requests.items():
        table.add_row(endpoint, number(answers), number(survey.windows.get(endpoint, 0)))
    if survey.requests:
        console.print(table)
    needed = _("--drop-psa would need up to {needed} MB beside the file.")
    console.print(needed.format(needed=number(survey.needed // _MEGABYTE)))
    console.print(_("Nothing was written."))


def show(account: Account) -> None:
    """Print the account of a migration."""
    from baliza.cli import terminal

    console = terminal.console()
    _show_generations(console, account.generations)
    _show_bodies(console, account)
    _show_tables(console, account)
    if account.is_balanced:
        console.print(f"[green]{_('The account balances: every record of every body is in one column.')}[/]")
    else:
        told = _("The account does not balance: {n} answers or groups of rows did not come in.")
        console.print(f"[bold red]{told.format(n=number(account.missing))}[/]")
    _show_coverage(console, account)
    _show_dropped(console, account)


def _show_generations(console: Console, generations: dict[str, dict[str, int]]) -> None:
    for name, tables in generations.items():
        rows = ", ".join(f"{table} ({number(rows)})" for table, rows in tables.items())
        console.print(_("Old layout, {generation}: {tables}").format(generation=name, tables=rows))


def _show_bodies(console: Console, account: Account) -> None:
    names = {
        "records": _("pages"),
        "copy": _("kept twice"),
        "empty": _("nothing there"),
        "parsed": _("parsed, body dropped"),
        "truncated": _("cut off"),
        "unknown": _("of no table"),
        "no page": _("no page (HTML...)"),
        "error status": _("errors"),
        "no content": _("without a body"),
    }
    parts = [f"{names[outcome]} {number(count)}" for outcome, count in account.outcomes.items() if count]
    for told, count in (
        (_("under a wrong name {n}"), account.misnamed),
        (_("bodies without a request {n}"), account.bodies_unasked),
    ):
        parts += [told.format(n=number(count))] if count else []
    if account.answers:
        told = _("{n} answers: {parts}")
        console.print(told.format(n=number(account.answers), parts=", ".join(parts)))


def _show_tables(console: Console, account: Account) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("table"), no_wrap=True)
    for heading in (
        _("records"),
        _("= landed"),
        _("+ repeats"),
        _("+ covered rows"),
        _("+ in quarantine"),
    ):
        table.add_column(heading, justify="right")
    for one in account.tables:
        numbers = (one.received, one.stored, one.repeats, one.covered, one.quarantined)
        table.add_row(f"raw.{one.table}", *map(number, numbers))
    console.print(table)
    for one in account.tables:
        for reason, texts in list(one.reasons.items())[:_MOST_SHOWN]:
            console.print(f"  raw.{one.table}: {number(texts)}  {mask(reason)}", markup=False)


def _show_coverage(console: Console, account: Account) -> None:
    coverage = account.coverage
    if coverage.is_complete:
        console.print(f"[green]{_('Complete: every day that was asked for is proven.')}[/]")
        return
    told = _("Not complete: {n} days are open, {proven} are proven. Old files hold holes.")
    proven = sum(coverage.cells.get(status, 0) for status in ("complete", "empty"))
    text = told.format(n=number(len(coverage.missing)), proven=number(proven))
    console.print(f"[bold yellow]{text}[/]")
    seen: set[str | None] = set()
    for cell in coverage.missing:
        if cell.reason not in seen and len(seen) < _MOST_SHOWN:
            seen.add(cell.reason)
            console.print(f"  {cell_as_line(cell)}", markup=False, soft_wrap=True)
    fill = _(
        "All of them: baliza gaps --database {path}. To fetch them: baliza gaps --fill --database {path}"
    )
    console.print(fill.format(path=account.database), markup=False, soft_wrap=True)


def _told(loss: Loss) -> str:
    """What would be given up, for people."""
    sentences = {
        "not migrated": _("{n} answers or groups of rows that did not come in"),
        "unbalanced": _("{n} tables that do not add up: {names}"),
        "bodies": _("{n} bodies whose records fit no table"),
        "sources": _("{n} sources of budget whose purchase is not there"),
        "tables": _("{n} tables that are not of the old layout: {names}"),
    }
    return sentences[loss.what].format(n=number(loss.count), names=", ".join(loss.names))


def _show_dropped(console: Console, account: Account) -> None:
    if account.refused:
        console.print(f"[bold red]{_('The old schema was not dropped. It would be given up:')}[/]")
    elif account.dropped and account.gives_up:
        console.print(f"[bold yellow]{_('Given up with the old schema (the backup has it):')}[/]")
    if account.refused or account.dropped:
        for loss in account.gives_up:
            console.print(f"  {_told(loss)}", markup=False)
    if account.refused:
        console.print(_("To drop it all the same: --force"))
    if account.dropped is None:
        return
    dropped = account.dropped
    told = _("{old}: {before} MB before, {after} MB now. The whole old file is kept as {backup}.")
    console.print(
        told.format(
            old=account.old,
            before=number(dropped.before / _MEGABYTE, 1),
            after=number(dropped.after / _MEGABYTE, 1),
            backup=dropped.backup,
        ),
        markup=False,
    )
    if dropped.views:
        broken = _("These views read what was dropped, and cannot be read any more: {views}")
        console.print(broken.format(views=", ".join(dropped.views)), markup=False)
