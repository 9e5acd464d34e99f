"""What `baliza explain` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from baliza.cli import footing_report, terminal
from baliza.cli.report import warn_if_synthetic
from baliza.cli.values import shown
from baliza.language import _, number, reais

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.explanation import Explanation, Records
    from baliza.build.lineage import Step

_FIGURES = ("valor_", "quantidade_", "celulas", "registros_")
"""How the columns begin that are told of each of several rows: those of the first kind that a mart has."""

_MOST_FIGURES = 2


def show(found: Explanation) -> None:
    """Print it for people."""
    console = terminal.console()
    warn_if_synthetic(console, found.source or "pncp")
    _show_rows(console, found)
    for one in found.records:
        # Where the evidence lies in one table, the other has nothing to show.
        if one.total or found.evidence is None:
            _show_records(console, one)
    _show_check(console, found)
    _heading(console, _("Coverage of the days it rests on"))
    for one in found.footing:
        footing_report.show(console, one)
    if not found.footing:
        console.print(_("It is made of the ledger itself."))
    _heading(console, _("The way it came"))
    for step in found.way:
        _show_step(console, step)


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/]")


def _show_rows(console: Console, found: Explanation) -> None:
    from rich.markup import escape
    from rich.table import Table

    wanted = ", ".join(f"{name} = {shown(value)}" for name, value in found.wanted.items())
    told = _("{n} rows") if found.total > 1 else _("{n} row")
    console.print(f"[bold]{found.node.location}[/] {escape(wanted)}: {told.format(n=number(found.total))}")
    columns = found.node.contract.columns
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=found.total > 1)
    if found.total == 1:
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in found.rows[0].items():
            table.add_row(name, escape(reais(value) if columns[name].unit == "BRL" else shown(value)))
    else:
        figures = _figures(found)
        for name in (*found.node.contract.key, *figures):
            table.add_column(name, overflow="fold", justify="right" if name in figures else "left")
        for row in found.rows:
            table.add_row(*(escape(shown(row[name])) for name in (*found.node.contract.key, *figures)))
    console.print(table)
    _show_more(console, found.total - len(found.rows))


def _figures(found: Explanation) -> list[str]:
    names = [name for name in found.node.contract.columns if name not in found.node.contract.key]
    for begin in _FIGURES:
        if some := [name for name in names if name.startswith(begin)]:
            return some[:_MOST_FIGURES]
    return []


def _show_records(console: Console, one: Records) -> None:
    from rich.markup import escape

    told = _("Records behind it in {table}: {n}").format(table=one.table, n=number(one.total))
    _heading(console, told)
    for group in one.groups:
        sums = "; ".join(f"{name} {reais(value)}" for name, value in group.sums.items())
        console.print(f"  {one.grouped_by} {group.name or '–'}: {number(group.records)}; {sums}".rstrip("; "))
    for record in one.records:
        for line in _record(one, record):
            console.print(escape(line), soft_wrap=True)
    _show_more(console, one.total - len(one.records))


def _record(one: Records, record: Mapping[str, Any]) -> list[str]:
    """A record on one line, and the address of its page on another."""
    amounts = set(one.groups[0].sums)
    facts = [
        f"{name} {reais(value)}"
        if name in amounts
        else f"{name} {shown(value)}"
        if isinstance(value, int)
        else shown(value)
        for name, value in record.items()
        if name != "link_pncp" and value not in (None, "")
    ]
    return ["  " + " | ".join(facts), *([f"    {record['link_pncp']}"] if record.get("link_pncp") else [])]


def _show_check(console: Console, found: Explanation) -> None:
    console.print()
    if found.evidence is not None:
        told = _("The evidence names {named} of {counted} records; {found} of them are in the file.")
        told = told.format(
            named=number(found.evidence.named),
            counted=number(found.evidence.counted),
            found=number(found.evidence.found),
        )
        console.print(told)
    of_all = found.evidence is not None
    if not found.check.differing:
        told = (
            _("Made again of all records of its órgãos, every column comes out the same.")
            if of_all
            else _("Made again of these records alone, every column comes out the same.")
        )
        console.print(f"[green]{told}[/]")
        return
    told = (
        _("Made again of all records of its órgãos, {n} columns come out the same; these do not: {columns}")
        if of_all
        else _("Made again of these records alone, {n} columns come out the same; these do not: {columns}")
    )
    told = told.format(n=number(len(found.check.same)), columns=", ".join(found.check.differing))
    console.print(f"[yellow]{told}[/]")
    if any(step.is_behind for step in found.way):
        told = _("The tables below are not of one build, so this may be no more than that.")
    else:
        told = _("They rest on other records too, or on days beyond these.")
    console.print(told)


def _show_step(console: Console, step: Step) -> None:
    function = step.functions[0]
    run = (
        _(", run {run_id} ({command}, baliza {version})").format(
            run_id=step.run.run_id, command=step.run.command, version=step.run.version
        )
        if step.run
        else ""
    )
    built = shown(step.built_at) + " UTC" if step.built_at else "–"
    rows = _("{n} rows").format(n=number(step.rows)) if step.rows is not None else "–"
    console.print(f"  {step.table}: {rows}, {built}{run}", soft_wrap=True)
    console.print(f"    {function.name}  {function.place}", soft_wrap=True)
    if step.is_behind:
        told = _("What it is made from has changed since: baliza build --target {name}")
        console.print(f"    [yellow]{told.format(name=function.name)}[/]", soft_wrap=True)


def _show_more(console: Console, more: int) -> None:
    if more > 0:
        told = _("… and {n} more: --limit shows more").format(n=number(more))
        console.print(f"  {told}")
