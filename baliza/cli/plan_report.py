"""What `plan` prints: what would be fetched, what would be built, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from baliza import __version__
from baliza.cli import terminal
from baliza.cli.harvest_report import endpoints_as_json, show_requests
from baliza.cli.progress import announcement
from baliza.cli.report import warn_if_synthetic
from baliza.language import _, number
from baliza.publish.masking import mask

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.plan import Plan, PlannedTable, Why

MOST_CAUSES = 8
"""Causes told of one table; the JSON object has them all."""


def as_json(plan: Plan) -> dict[str, Any]:
    """The object that `--json` prints; docs/json.md says what each member is."""
    fetch = plan.to_fetch
    return {
        "baliza": __version__,
        "command": "plan",
        "database": str(plan.database),
        "source": plan.source,
        "synthetic": plan.source != "pncp",
        "selected": list(plan.selected),
        "fetch": fetch
        and {
            "endpoints": endpoints_as_json(fetch),
            "requests": sum(fetch.requests.values()),
            "seconds": round(fetch.seconds),
        },
        "tables": [_table_as_json(table) for table in plan.tables],
        "seconds": round(plan.seconds, 3),
        "notes": list(plan.notes),
        "trouble": None if plan.trouble is None else mask(str(plan.trouble)),
        "exit_code": plan.exit_code,
    }


def _table_as_json(table: PlannedTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "location": table.location,
        "decision": table.decision,
        "causes": [
            {"kind": why.cause.kind, "name": why.cause.name or None, "before": why.before, "now": why.now}
            for why in table.why
        ],
        "awaited": list(table.awaited),
        "keys": table.keys,
        "rows": table.rows,
        "predicted_rows": table.predicted.rows,
        "predicted_seconds": table.predicted.seconds,
        "sql_diff": list(table.sql.lines),
        "sql_diff_left_out": table.sql.left_out,
    }


def show(plan: Plan) -> None:
    """Print a plan for people."""
    console = terminal.console()
    warn_if_synthetic(console, plan.source)
    _show_fetch(console, plan)
    for note in plan.notes:
        console.print(mask(note))
    console.print()
    for table in plan.tables:
        _show_table(console, table)
    if not plan.selected:
        console.print(_("No table is selected: there is nothing to build."))
    elif not plan.tables:
        console.print(_("Raw tables are filled by a harvest: there is nothing to build."))
    elif plan.seconds:
        told = _("To build what is stale: about {n} s.")
        console.print(told.format(n=_seconds(plan.seconds)))
    console.print(_("Nothing was asked of PNCP, nothing was written."))


def _show_fetch(console: Console, plan: Plan) -> None:
    fetch = plan.to_fetch
    if fetch is None or not any(fetch.windows.values()):
        console.print(_("Nothing would be fetched."))
        return
    show_requests(console, fetch)
    console.print(announcement(sum(fetch.requests.values()), fetch.seconds))


def _show_table(console: Console, table: PlannedTable) -> None:
    from rich.markup import escape

    told = "{table}: {what}"
    console.print(told.format(table=f"[bold]{table.location}[/]", what=_what(table)), soft_wrap=True)
    for why in table.why[:MOST_CAUSES]:
        console.print(f"    {escape(_why(why))}", soft_wrap=True)
    if len(table.why) > MOST_CAUSES:
        more = _("… and {n} more causes: --json has them all")
        console.print("    " + more.format(n=number(len(table.why) - MOST_CAUSES)))
    is_missing = any(why.cause.kind == "missing" for why in table.why)
    if table.awaited and not is_missing:
        awaited = _("new data expected after the fetch: {names}")
        console.print(f"    [yellow]{awaited.format(names=', '.join(table.awaited))}[/]", soft_wrap=True)
    # SQL is code: numbers of eleven digits in it are thresholds, not CPFs.
    for line in table.sql.lines:
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        console.print(f"      [{style}]{escape(line)}[/]", soft_wrap=True)
    if table.sql.left_out:
        more = _("… and {n} more lines of SQL")
        console.print("      " + more.format(n=number(table.sql.left_out)))


def _what(table: PlannedTable) -> str:
    decision = {
        "skipped": _("up to date"),
        "rebuilt": _("to be rebuilt"),
        "incremental": _("{n} keys to be renewed").format(n=number(table.keys or 0)),
        "failed": _("cannot be made"),
    }[table.decision]
    if table.decision in {"skipped", "failed"}:
        return decision
    rows, seconds = table.predicted.rows, table.predicted.seconds
    known = [] if rows is None else [_("{n} rows").format(n=number(rows))]
    known += [] if seconds is None else [_("{n} s").format(n=_seconds(seconds))]
    return ", ".join([decision, *([_("about {what}").format(what=", ".join(known))] if known else [])])


def _why(why: Why) -> str:
    template = {
        "missing": _("it is not there"),
        "forced": _("forced"),
        "new data": _("new data: {name}"),
        "parent": _("made from a table that changes: {name}"),
        "ledger": _("what the ledger says: {name}"),
        "code": _("code: {name}"),
        "contract": _("contract: {name}"),
        "parameter": _("parameter: {name}"),
        "codes": _("official codes: {name}"),
        "law": _("thresholds of the law: {name}"),
        "compiler": _("the library that writes the SQL"),
        "failed": _("failed: {name}"),
    }[why.cause.kind]
    told = template.format(name=why.cause.name)
    return told if why.now is None else f"{told}, {why.before or '–'} → {why.now}"


def _seconds(seconds: float) -> str:
    return number(Decimal(str(round(seconds, 1))), 1)
