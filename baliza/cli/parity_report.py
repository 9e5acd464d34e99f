"""What `baliza parity` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from baliza import __version__
from baliza.cli import diff_report
from baliza.cli.report import warn_if_synthetic
from baliza.cli.values import plain
from baliza.language import _, number, reais

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.parity.checks import Check
    from baliza.build.parity.comparison import Parity, TableParity
    from baliza.build.parity.faults import Fault


def as_json(found: Parity) -> dict[str, Any]:
    """The object that `--json` prints; docs/json.md says what each member is."""
    return {
        "baliza": __version__,
        "command": "parity",
        "database": str(found.database),
        "snapshot": found.snapshot and found.snapshot.as_json(),
        "source": found.source,
        "same": not found.exit_code,
        "tables": [
            {
                "table": one.model.table,
                "old": one.model.old,
                "same": one.is_same,
                "rows": one.rows,
                "cells": one.cells,
                "differing_cells": one.differing_cells,
                "not_compared": one.not_compared,
                "difference": None if one.is_same else diff_report.table_as_json(one.diff),
            }
            for one in found.tables
        ],
        "faults": [
            {
                "fault": one.fault,
                "records": one.records,
                "touched": one.touched,
                "total": one.total,
                "amount": plain(one.amount),
                "total_amount": plain(one.total_amount),
            }
            for one in found.faults
        ],
        "checks": [asdict(one) for one in found.checks],
        "exit_code": found.exit_code,
    }


def show(found: Parity) -> None:
    """Print it for people: the tables, what differs, and what the old faults touch."""
    from baliza.cli import terminal

    console = terminal.console()
    warn_if_synthetic(console, found.source or "pncp")
    _show_tables(console, found.tables)
    if found.exit_code:
        console.print("\n" + _("A: what the old project should have meant; B: baliza"))
    for one in found.tables:
        if not one.is_same:
            diff_report.show_table(console, one.diff)
    told = _("{n} of {total} cells differ.").format(
        n=number(sum(one.differing_cells for one in found.tables)),
        total=number(sum(one.cells for one in found.tables)),
    )
    console.print(f"\n[{'red' if found.exit_code else 'green'}]{told}[/]")
    _show_faults(console, found.faults)
    _show_checks(console, found.checks)


def _show_tables(console: Console, tables: list[TableParity]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("table"))
    table.add_column(_("in the dbt project"))
    for name in (_("rows"), _("cells"), _("differing")):
        table.add_column(name, justify="right")
    table.add_column(_("not compared"))
    for one in tables:
        table.add_row(
            one.model.table,
            one.model.old or "–",
            number(one.rows),
            number(one.cells),
            number(one.differing_cells),
            ", ".join(one.not_compared) or "–",
        )
    console.print(table)


def _show_faults(console: Console, faults: list[Fault]) -> None:
    from rich.table import Table

    console.print("\n[bold]" + _("What the faults of the old models touch in this file") + "[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("fault"))
    table.add_column(_("records"))
    for name in (_("touched"), _("of"), "R$", _("of R$")):
        table.add_column(name, justify="right")
    for one in faults:
        money = ("–", "–")
        if one.total_amount is not None:
            money = (reais(one.amount or 0), reais(one.total_amount))
        table.add_row(one.fault, one.records, number(one.touched), number(one.total), *money)
    console.print(table)
    console.print(_("docs/parity.md says what each means."))


def _show_checks(console: Console, checks: list[Check]) -> None:
    from rich.table import Table

    told = _(
        "{n} checks of the old project, on its models and on baliza's tables; those that fail on either:"
    )
    console.print("\n[bold]" + told.format(n=number(len(checks))) + "[/]")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("in the dbt project"))
    table.add_column(_("check"))
    for name in (_("failing"), _("of")):
        table.add_column(name, justify="right")
    table.add_column("baliza")
    for name in (_("failing"), _("of")):
        table.add_column(name, justify="right")
    for one in checks:
        if one.failing or one.ours_failing:
            old = (number(one.failing), number(one.rows))
            table.add_row(
                one.model, one.rule, *old, one.table, number(one.ours_failing), number(one.ours_rows)
            )
    console.print(table)
