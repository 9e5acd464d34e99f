"""What `baliza diff` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baliza import __version__
from baliza.cli import terminal
from baliza.cli.report import warn_if_synthetic
from baliza.cli.values import plain, shown
from baliza.language import _, number, reais

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.diff.comparison import Comparison, Side, TableDiff
    from baliza.build.diff.money import Money, Moved
    from baliza.build.diff.rows import ChangedRow, Rows


def as_json(found: Comparison) -> dict[str, Any]:
    """The object that `--json` prints; docs/json.md says what each member is."""
    return {
        "baliza": __version__,
        "command": "diff",
        "before": _side(found.before),
        "after": _side(found.after),
        "same": not found.exit_code,
        "tables": [table_as_json(one) for one in found.tables],
        "exit_code": found.exit_code,
    }


def _side(side: Side) -> dict[str, Any]:
    return {"asked": side.asked, "database": str(side.path), "source": side.source}


def table_as_json(one: TableDiff) -> dict[str, Any]:
    """One table, as `--json` tells it."""
    pair, is_in_both = one.pair, one.rows is not None
    return {
        "table": pair.location,
        "same": one.is_same,
        "rows_before": one.counts[0],
        "rows_after": one.counts[1],
        "columns": {
            "added": pair.added if is_in_both else {},
            "dropped": pair.dropped if is_in_both else {},
            "retyped": {name: {"before": a, "after": b} for name, (a, b) in pair.retyped.items()},
        },
        "rows": one.rows and _rows(one.rows),
        "money": [
            {
                **_amounts(money),
                "column": money.column,
                "orgao_count": money.orgaos,
                "orgaos": [
                    {"cnpj_orgao": plain(each.cnpj), "nome_orgao": plain(each.name), **_amounts(each)}
                    for each in money.largest
                ],
            }
            for money in one.money
        ],
    }


def _rows(rows: Rows) -> dict[str, Any]:
    return {
        "key": list(rows.key),
        "removed": rows.removed,
        "added": rows.added,
        "changed": rows.changed,
        "changed_by_column": dict(rows.changed_by_column),
        "removed_sample": plain(rows.removed_sample),
        "added_sample": plain(rows.added_sample),
        "changed_sample": [
            {
                "key": plain(dict(one.key)),
                "values": [
                    {"column": value.column, "before": plain(value.before), "after": plain(value.after)}
                    for value in one.values
                ],
            }
            for one in rows.changed_sample
        ],
    }


def _amounts(one: Moved) -> dict[str, Any]:
    return {name: plain(getattr(one, name)) for name in ("before", "after", "difference")}


def show(found: Comparison) -> None:
    """Print it for people: what differs, table by table, and in one line what does not."""
    console = terminal.console()
    for source in dict.fromkeys((found.before.source or "pncp", found.after.source or "pncp")):
        warn_if_synthetic(console, source)
    console.print(f"A: {_told_side(found.before)}", markup=False, soft_wrap=True)
    console.print(f"B: {_told_side(found.after)}", markup=False, soft_wrap=True)
    if found.before.path.samefile(found.after.path):
        console.print(_("A and B are one and the same file."))
        return
    same = [one.pair.location for one in found.tables if one.is_same]
    for one in found.tables:
        if not one.is_same:
            show_table(console, one)
    if not found.tables:
        console.print(_("Neither file has a table of stage or mart."))
    elif len(same) == len(found.tables):
        told = _("Nothing differs in {n} tables.").format(n=number(len(same)))
        console.print(f"[green]{told}[/]")
    elif same:
        console.print("\n" + _("The same in both: {tables}").format(tables=", ".join(same)))


def _told_side(side: Side) -> str:
    return str(side.path) if side.asked == str(side.path) else f"{side.path} ({_('run')} {side.asked})"


def show_table(console: Console, one: TableDiff) -> None:
    """One table that differs, in columns, rows or money."""
    before, after = one.counts
    console.print()
    if one.rows is None:
        told = _("only in B, {n} rows") if before is None else _("only in A, {n} rows")
        rows = after if before is None else before
        console.print(f"[bold]{one.pair.location}[/]: {told.format(n=number(rows or 0))}")
        return
    told = _("{before} rows in A, {after} in B").format(before=number(before or 0), after=number(after or 0))
    console.print(f"[bold]{one.pair.location}[/]: {told}")
    _show_columns(console, one)
    _show_rows(console, one.rows)
    if one.money:
        console.print(
            "  " + _("money by órgão, A → B, over all rows of the table (suspect values of stage included):")
            if one.pair.location.startswith("stage.")
            else "  " + _("money by órgão, A → B:")
        )
    for money in one.money:
        _show_money(console, money)


def _show_columns(console: Console, one: TableDiff) -> None:
    for template, columns in (
        (_("columns only in A: {columns}"), one.pair.dropped),
        (_("columns only in B: {columns}"), one.pair.added),
    ):
        if columns:
            listed = ", ".join(f"{name} {dtype}" for name, dtype in columns.items())
            _print(console, template.format(columns=listed))
    for name, (before, after) in one.pair.retyped.items():
        _print(
            console, _("type of {column}: {before} → {after}").format(column=name, before=before, after=after)
        )


def _show_rows(console: Console, rows: Rows) -> None:
    if not rows.key and not rows.are_same:
        _print(console, _("compared whole: no key tells which rows are one"))
    for template, count, sample in (
        (_("only in A: {n}"), rows.removed, rows.removed_sample),
        (_("only in B: {n}"), rows.added, rows.added_sample),
    ):
        if count:
            _print(console, template.format(n=number(count)))
            for row in sample:
                _print(console, f"  {_pairs(row)}")
            _show_more(console, count, sample)
    if rows.changed:
        by_column = ", ".join(f"{name} {number(count)}" for name, count in rows.changed_by_column.items())
        told = _("changed: {n} ({columns})").format(n=number(rows.changed), columns=by_column)
        _print(console, told)
        for row in rows.changed_sample:
            _show_changed(console, row)
        _show_more(console, rows.changed, rows.changed_sample)


def _show_changed(console: Console, row: ChangedRow) -> None:
    _print(console, f"  {_pairs(row.key)}")
    for value in row.values:
        _print(console, f"    {value.column}: {shown(value.before)} → {shown(value.after)}")


def _show_money(console: Console, money: Money) -> None:
    told = _("{column}: {amounts}; {n} órgãos differ").format(
        column=money.column, amounts=_moved(money), n=number(money.orgaos)
    )
    _print(console, f"  {told}")
    for one in money.largest:
        name = f" {shown(one.name)}" if one.name else ""
        _print(console, f"    {shown(one.cnpj)}{name}: {_moved(one)}")
    _show_more(console, money.orgaos, money.largest)


def _moved(one: Moved) -> str:
    sign = "+" if one.difference > 0 else ""
    return f"{reais(one.before)} → {reais(one.after)} ({sign}{number(one.difference, 2)})"


def _pairs(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in row.items())


def _show_more(console: Console, count: int, sample: Sequence[object]) -> None:
    if sample and count > len(sample):
        _print(console, "  " + _("… and {n} more: --limit shows more").format(n=number(count - len(sample))))


def _print(console: Console, line: str) -> None:
    console.print(f"  {line}", markup=False, soft_wrap=True)
