"""What a build prints: the rows worth reading, what is proven, and the command to type next."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from baliza import __version__
from baliza.cli import terminal
from baliza.cli.runs import show_jumps
from baliza.language import _, compact_reais, number, reais
from baliza.publish import summary
from baliza.publish.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from baliza.build.run import BuildReport, BuildRequest
    from baliza.pncp.feed import Harvested
    from baliza.warehouse.ledger import Cell, Coverage

MOST_MISSING = 100
"""Missing cells listed in the JSON object; their number is always told."""

_EXAMPLE_CNPJ = "00394460000141"


def as_json(report: BuildReport) -> dict[str, Any]:
    """The object that `--json` prints; docs/json.md says what each member is."""
    return {
        "baliza": __version__,
        "command": "build",
        "database": str(report.database),
        "source": report.source,
        "synthetic": report.source != "pncp",
        "period": report.period and {"since": f"{report.period.since}", "until": f"{report.period.until}"},
        "selected": report.selected,
        "slices": report.slices,
        "harvests": harvest_as_json(report.harvests),
        "tables": [
            {
                "name": table.name,
                "location": table.location,
                "decision": table.decision,
                "reason": table.reason,
                "keys": table.keys,
                "rows": table.rows,
                "seconds": table.seconds,
                "warnings": [{"rule": one.rule, "failing": one.failing} for one in table.warnings],
            }
            for table in report.tables
        ],
        "jumps": [asdict(jump) for jump in report.jumps],
        "coverage": coverage_as_json(report.coverage),
        "notes": report.notes,
        "trouble": None if report.trouble is None else str(report.trouble),
        "seconds": report.seconds,
        "exit_code": report.exit_code,
    }


def harvest_as_json(harvests: Mapping[str, Harvested]) -> list[dict[str, Any]]:
    """What was fetched, one object per endpoint."""
    return [
        {
            "endpoint": endpoint,
            "requests": harvested.requests,
            "received": harvested.received,
            "stored": harvested.stored,
            "repeats": harvested.repeats,
            "quarantined": harvested.quarantined,
            "failed_windows": harvested.failed,
            "short_windows": harvested.short,
            "stopped": harvested.stopped,
            "seconds": round(harvested.seconds, 3),
        }
        for endpoint, harvested in harvests.items()
    ]


def coverage_as_json(coverage: Coverage) -> dict[str, Any]:
    """What is proven."""
    return {
        "complete": coverage.is_complete,
        "cells": coverage.cells,
        "expected": coverage.expected,
        "landed": coverage.landed,
        "missing_cells": len(coverage.missing),
        "missing": [_cell(cell) for cell in coverage.missing[:MOST_MISSING]],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "endpoint": cell.endpoint,
        "modalidade": cell.modalidade,
        "slice": cell.slice,
        "day": f"{cell.day}",
        "status": cell.status,
        "expected": cell.expected,
        "landed": cell.landed,
        "reason": cell.reason,
    }


def cell_as_line(cell: Cell) -> str:
    """An open cell on one line."""
    modalidade = f"modalidade={cell.modalidade}" if cell.modalidade else ""
    where = " ".join(filter(None, (cell.endpoint, modalidade, cell.slice, f"{cell.day}")))
    return mask(f"{where}: {cell.status}" + (f", {cell.reason}" if cell.reason else ""))


def warn_if_synthetic(console: Console, source: str) -> None:
    """Say of invented data that they are, before anything else."""
    if source != "pncp":
        console.print(
            f"[bold yellow]{_('SYNTHETIC DATA: every name, CNPJ and value here is invented.')}[/]\n"
        )


def show(request: BuildRequest, report: BuildReport) -> None:
    """Print the report for people."""
    console = terminal.console()
    warn_if_synthetic(console, report.source)
    if not report.selected:
        console.print(_("No table is selected: there is nothing to build."))
    for target in _shown(request, report):
        if target == "mart_spending":
            _show_spending(console, summary.spending(report.database))
        else:
            _show_rows(console, report, target)
    _show_tables(console, report)
    show_jumps(console, report.jumps)
    _show_coverage(console, request, report)
    _show_next(console, report)


def _shown(request: BuildRequest, report: BuildReport) -> list[str]:
    """The tables whose first rows are shown: those called by their names."""
    named = {target.strip().replace(".", "_", 1) for target in request.targets}
    return [name for name in report.selected if name in named]


def _show_spending(console: Console, spending: summary.SpendingSummary) -> None:
    from rich.table import Table

    ends = dict.fromkeys(f"{month:%Y-%m}" for month in (spending.first, spending.last) if month is not None)
    months = f", {' – '.join(ends)}" if ends else ""
    table = Table(
        title=_("Contracted by órgão{months}: what was signed, not what was paid").format(months=months),
        title_justify="left",
        expand=terminal.is_bounded(console),
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    table.add_column(_("órgão"), overflow="ellipsis", no_wrap=True, ratio=1)
    table.add_column("UF")
    for heading in (_("contracts"), _("contracted"), _("to review"), _("empenhos")):
        table.add_column(heading, justify="right", no_wrap=True)
    for buyer in spending.buyers:
        table.add_row(
            mask(buyer.name),
            buyer.uf,
            number(buyer.contracts),
            compact_reais(buyer.contracted),
            compact_reais(buyer.in_review),
            compact_reais(buyer.commitments),
        )
    console.print(table)
    names = {
        "contract": _("contracts"),
        "empenho": _("empenhos (overlap contracts: do not add)"),
        "income": _("income contracts, not spending"),
        "suspect": _("suspect values, in no total"),
    }
    console.print()
    for name, (count, value) in spending.buckets.items():
        console.print(f"{reais(value):>26}  {number(count)} {names[name]}")
    console.print()


def _show_rows(console: Console, report: BuildReport, target: str) -> None:
    """A few rows on their side: tables of this house are wider than terminals."""
    from rich.table import Table

    location = target.replace("_", ".", 1)
    names, rows = summary.first_rows(report.database, location, limit=3)
    table = Table(
        title=location,
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=False,
        expand=terminal.is_bounded(console),
    )
    table.add_column(no_wrap=True, style="bold")
    for _row in rows:
        table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
    for number_of, name in enumerate(names):
        table.add_row(name, *(_text(row[number_of]) for row in rows))
    console.print(table)


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return number(value, 2)
    if isinstance(value, date):
        return value.isoformat()
    return mask(str(value))


def _show_tables(console: Console, report: BuildReport) -> None:
    for table in report.tables:
        decision = {
            "skipped": _("up to date"),
            "rebuilt": _("rebuilt"),
            "incremental": _("{n} keys renewed").format(n=number(table.keys or 0)),
        }[table.decision]
        console.print(
            _("{table}: {rows} rows, {decision}, {seconds} s").format(
                table=table.location,
                rows=number(table.rows),
                decision=decision,
                seconds=number(Decimal(str(table.seconds)), 1),
            )
        )
        for warning in table.warnings:
            console.print(f"  [yellow]{warning.rule}: {number(warning.failing)}[/]")


def _show_coverage(console: Console, request: BuildRequest, report: BuildReport) -> None:
    coverage = report.coverage
    if report.trouble is not None:
        console.print(f"[yellow]{' '.join(report.trouble.sentences(_))}[/]")
    for harvested in report.harvests.values():
        if harvested.stopped:
            console.print(f"[yellow]{_('The harvest stopped early')}: {harvested.stopped}[/]")
        if harvested.quarantined:
            told = _("{n} records could not be read and are kept as text in meta.quarantine.")
            console.print("[yellow]" + told.format(n=number(harvested.quarantined)) + "[/]")
    if report.period is None:
        return
    days = f"{report.period.since} – {report.period.until}"
    if coverage.is_complete:
        told = _("Coverage {days}: complete, {landed} of {expected} records.")
        console.print("[green]" + told.format(days=days, **_numbers(coverage)) + "[/]")
        return
    told = _("Coverage {days}: NOT complete, {landed} records landed; {missing} days are not proven:")
    console.print("[bold yellow]" + told.format(days=days, **_numbers(coverage)) + "[/]")
    for note in report.notes:
        console.print(mask(note))
    for cell in coverage.missing[:5]:
        console.print(f"  {cell_as_line(cell)}")
    if len(coverage.missing) > 5:  # noqa: PLR2004
        console.print("  …")
    told = _("To go on where it stopped:\n  {command}")
    console.print(told.format(command=_again(request, report)), soft_wrap=True)


def _numbers(coverage: Coverage) -> dict[str, str]:
    return {
        "landed": number(coverage.landed),
        "expected": number(coverage.expected),
        "missing": number(len(coverage.missing)),
    }


def _again(request: BuildRequest, report: BuildReport) -> str:
    """The command that fetches what is missing."""
    words = ["baliza", "build"]
    for target in request.targets:
        words += ["--target", target]
    if request.source == "sample":
        words += ["--source", "sample"]
    elif report.period is not None:
        words += ["--since", f"{report.period.since}", "--until", f"{report.period.until}"]
    for kind, value in request.scope.filters:
        words += [f"--{kind}", value]
    for modalidade in request.scope.modalidades:
        words += ["--modalidade", str(modalidade)]
    return shlex.join([*words, "--database", str(request.database)])


def _show_next(console: Console, report: BuildReport) -> None:
    where = _("The file is yours: {database}")
    console.print(where.format(database=report.database))
    if report.source == "sample":
        told = _("Next, real data of one órgão for a year:\n  {command}")
        last_year = date.today().year - 1  # noqa: DTZ011 - an example
        command = f"baliza build --cnpj {_EXAMPLE_CNPJ} --since {last_year}-01-01 --until {last_year}-12-31"
        console.print(told.format(command=command), soft_wrap=True)
