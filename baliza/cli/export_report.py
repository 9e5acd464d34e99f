"""What `baliza export` tells at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baliza.cli import terminal
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.publish.export.exporting import ExportReport
    from baliza.publish.export.table import Written

_MEGABYTE = 1_000_000
MOST_FILES = 12
"""Shown of a table."""


def as_json(report: ExportReport) -> dict[str, Any]:
    """The report as JSON's own types."""
    from baliza.publish.export import stamp
    from baliza.publish.export.folder import PACKAGE

    choice = report.choice
    return {
        "baliza": choice.version,
        "command": "export",
        "database": str(report.database),
        "source": choice.source,
        "synthetic": choice.synthetic,
        "snapshot": report.snapshot and report.snapshot.as_json(),
        "output": str(report.output),
        "format": choice.format,
        "datapackage": str(report.output / PACKAGE),
        "tables": [
            {
                **{
                    name: value
                    for name, value in stamp.facts(one.table, choice).items()
                    if name in {"table", "period", "complete", "asOf", "builtAt", "cpf", "where"}
                },
                "rows": one.rows,
                "files": [
                    {
                        "path": file.path.as_posix(),
                        "rows": file.rows,
                        "bytes": file.size,
                        "sha256": file.sha256,
                    }
                    for file in one.files
                ],
                "notes": [note.text.format(**note.facts) for note in one.notes],
            }
            for one in report.written
        ],
        "left_out": report.left_out,
        "leftovers": [str(path) for path in report.leftovers],
        "seconds": report.seconds,
        "exit_code": 0,
    }


def show(report: ExportReport) -> None:
    """Print the report for people."""
    console = terminal.console()
    if report.choice.synthetic:
        console.print(f"[bold yellow]{_('SYNTHETIC DATA: every name, CNPJ and value here is invented.')}[/]")
    for one in report.written:
        _show_table(console, report, one)
    for location in report.left_out:
        console.print(_("{table} was left out: it was never built in this file.").format(table=location))
    for path in report.leftovers:
        left = _("{path} is what an export left that was killed, unless one is running: it can be deleted.")
        console.print(f"[yellow]{left.format(path=path)}[/]", soft_wrap=True)


def _show_table(console: Any, report: ExportReport, one: Written) -> None:
    told = _("{table}: {n} rows, {size} MB").format(
        table=one.table.location,
        n=number(one.rows),
        size=number(sum(file.size for file in one.files) / _MEGABYTE, 1),
    )
    console.print(f"[bold]{told}[/]")
    for file in one.files[:MOST_FILES]:
        console.print(f"  {report.output / file.path}", soft_wrap=True, markup=False)
    if len(one.files) > MOST_FILES:
        console.print("  " + _("… and {n} more files").format(n=number(len(one.files) - MOST_FILES)))
    for note in one.notes:
        console.print(f"  [yellow]{_(note.text).format(**note.facts)}[/]", soft_wrap=True)
    if not one.table.coverage:
        console.print("  " + _("It rests on nothing that was asked of PNCP by day."))
    elif not one.table.is_complete:
        since, until = one.table.period or ("", "")
        partial = _("NOT complete from {since} to {until}; see: baliza gaps").format(since=since, until=until)
        console.print(f"  [yellow]{partial}[/]")
