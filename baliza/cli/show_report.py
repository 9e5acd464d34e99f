"""What `baliza show` prints: the rows, and on standard error what they are and what is proven."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from baliza.build.column_values import Days
from baliza.cli import fitting, footing_report, read_from, terminal, values
from baliza.cli.fitting import GAP
from baliza.language import _, number
from baliza.publish.masking import mask
from baliza.publish.showing import Shown, proven
from dataflows.contract import Column

_MOST_LISTED = 8
"""Columns that are left out, by name."""


def introduce(found: Shown, *, unpublished: bool) -> None:
    """Which table it is, of which state, and whether it is invented."""
    console = terminal.console(stderr=True)
    read_from.tell(found.answer.snapshot, unpublished=unpublished)
    if found.synthetic:
        console.print(f"[bold yellow]{_('SYNTHETIC DATA: every name, CNPJ and value here is invented.')}[/]")
    told = _("{n} rows") if found.total != 1 else _("{n} row")
    wanted = ", ".join(f"{name} = {_wanted(value)}" for name, value in found.wanted.items())
    line = f"{found.node.location}{', ' if wanted else ''}{wanted}: {told.format(n=number(found.total))}"
    console.print(line, style="bold", markup=False, soft_wrap=True)
    if found.nothing is not None:
        _asked, why, near = found.nothing.sentences(_)
        console.print(mask(f"{why} {near}"), style="yellow", markup=False, soft_wrap=True)


def conclude(found: Shown, limit: int | None, left_out: Sequence[str]) -> None:
    """What was not shown, and how far the days behind the rows are proven."""
    console = terminal.console(stderr=True)
    if limit is not None and found.total > limit:
        told = _("The first {n} rows of {total}: --limit N shows more, --format csv all.")
        console.print(told.format(n=number(limit), total=number(found.total)), soft_wrap=True)
    if left_out:
        names = ", ".join(left_out[:_MOST_LISTED]) + (", …" if len(left_out) > _MOST_LISTED else "")
        told = _("Columns not shown, {n} (--columns NAME,... or all): {names}")
        console.print(told.format(n=number(len(left_out)), names=names), style="dim", markup=False)
    for one in proven(found):
        footing_report.show(console, one, indent="")


def write_table(found: Shown, *, with_personal_data: bool, all_columns: bool) -> list[str]:
    """Write the rows side by side, as many columns as fit a terminal; one below the other where none do.

    Returns:
        The columns left out.
    """
    masking = str if with_personal_data else mask
    names, known = found.answer.columns, found.node.contract.columns
    columns = [
        _Shown(name, _unit(name, known[name]), is_number=known[name].dtype.is_numeric()) for name in names
    ]
    for row in found.answer.rows:
        for one, value in zip(columns, row, strict=True):
            one.cells.append(_cell(one.name, known[one.name], value, masking))
    room = terminal.width(sys.stdout)
    if room is None:
        # Whoever reads a pipe wants each name on one line, and nothing cut.
        titles = [f"{one.name} ({one.unit})" if one.unit else one.name for one in columns]
        widths = [max(map(len, (title, *one.cells))) for title, one in zip(titles, columns, strict=True)]
        _write_side_by_side([[title] for title in titles], columns, widths)
        return []
    shown = columns if found.chosen or all_columns else _chosen(found, columns, room)
    fitted = fitting.fitted([one.bounds for one in shown], room)
    if fitted is None:
        _write_records(shown)
    else:
        headings = [
            fitting.heading(one.name, one.unit, width) for one, width in zip(shown, fitted, strict=True)
        ]
        _write_side_by_side(headings, shown, fitted)
    return [one.name for one in columns if one not in shown]


@dataclass(frozen=True)
class _Shown:
    """A column, its values as people read them."""

    name: str
    unit: str
    is_number: bool
    cells: list[str] = field(default_factory=list)

    @property
    def bounds(self) -> tuple[int, int]:
        return fitting.natural(self.name, self.unit, self.cells, is_text=not self.is_number)


def _chosen(found: Shown, columns: Sequence[_Shown], room: int) -> list[_Shown]:
    told = [name for name, value in found.wanted.items() if not isinstance(value, list | Days)]
    bounds = {one.name: one.bounds for one in columns}
    names = fitting.chosen(found.node.contract, [*bounds], bounds, told, room)
    return [one for one in columns if one.name in names]


def _write_side_by_side(
    headings: Sequence[Sequence[str]], columns: Sequence[_Shown], widths: Sequence[int]
) -> None:
    deepest = max(len(lines) for lines in headings)
    # Names stand on the rule, so that each is above its column however many lines its neighbours take.
    raised = [[*[""] * (deepest - len(lines)), *lines] for lines in headings]
    bold, end = ("\033[1m", "\033[0m") if terminal.has_colour(sys.stdout) else ("", "")
    right = [one.is_number for one in columns]
    for line in zip(*raised, strict=True):
        sys.stdout.write(f"{bold}{_line(line, widths, right)}{end}\n")
    sys.stdout.write(_line(["─" * width for width in widths], widths, right) + "\n")
    for row in zip(*(one.cells for one in columns), strict=True):
        sys.stdout.write(_line(row, widths, right) + "\n")


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        _cut(cell, width).rjust(width) if is_right else _cut(cell, width).ljust(width)
        for cell, width, is_right in zip(cells, widths, right, strict=True)
    ]
    return (" " * GAP).join(padded).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _write_records(columns: Sequence[_Shown]) -> None:
    widest = max(len(one.name) for one in columns)
    for n, row in enumerate(zip(*(one.cells for one in columns), strict=True), start=1):
        sys.stdout.write(f"-[ {n} ]-\n")
        for one, cell in zip(columns, row, strict=True):
            sys.stdout.write(f"{one.name.ljust(widest)}  {cell}\n")


def _unit(name: str, column: Column) -> str:
    """As it stands in a heading; not where the name says it: quantidade_contratos are contratos."""
    if column.unit == "BRL":
        return "R$"
    return "" if _plain(column.unit) in name.lower().split("_") else column.unit


def _plain(text: str) -> str:
    """Without accents, as columns are named."""
    return "".join(
        one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one)
    )


def _cell(name: str, column: Column, value: Any, masking: Callable[[str], str]) -> str:
    """A value on one line, as people read it."""
    if value is None or value == []:
        return "–"
    if isinstance(value, str):
        text = masking(value)
    elif name == "mes":
        text = f"{value:%Y-%m}"
    elif isinstance(value, Decimal):
        text = number(value, 2)
    elif isinstance(value, int) and column.unit and not isinstance(value, bool):
        text = number(value)
    else:
        text = values.shown(value, masking)
    return " ".join(text.split())


def _wanted(value: Any) -> str:
    return ", ".join(map(_wanted, value)) if isinstance(value, list) else values.shown(value)
