"""`baliza panel`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, MEMORY_LIMIT, TEMP_DIRECTORY, THREADS
from baliza.cli.outcome import NOTHING_WRITTEN, listened_to, told_with
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.publish.panel.making import PanelReport

_MEGABYTE = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("A site of pages in Portuguese, to look at without a server."),
        help=_(
            "Write a site that opens from disk, without server and network: what is proven day by day, "
            "search of órgãos, suppliers and municipalities, their contracts over time, concentration, red "
            "flags with their evidence, open tenders. In Portuguese; CPFs are masked.\n\n"
            "Then open site/index.html. docs/panel.md shows it."
        ),
        epilog=examples(
            "baliza build --target 'mart.*' --source sample",
            "baliza panel --database data/sample.duckdb --output site",
        ),
    )(panel)


@told_with(interrupted=NOTHING_WRITTEN)
def panel(
    output: Path = typer.Option(
        ...,
        "--output",
        "-o",
        metavar="DIR",
        help=_("Folder; made where there is none, replaced where it holds a panel and nothing else."),
    ),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    memory_limit: str | None = MEMORY_LIMIT,
    threads: str | None = THREADS,
    temp_directory: Path | None = TEMP_DIRECTORY,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Write the panel."""
    from baliza.cli import asked, read_from
    from baliza.publish.panel.making import make

    settings = asked.settings(
        database=database,
        env=env,
        memory_limit=memory_limit,
        threads=threads,
        temp_directory=temp_directory,
    )
    report = make(output, settings, _tell)
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
        else:
            read_from.tell(report.known.snapshot)
            _show(report)


_PARTS = {
    "orgaos": _("órgãos"),
    "suppliers": _("suppliers"),
    "municipios": _("municipalities"),
    "tenders": _("open tenders"),
    "pages": _("search and pages"),
}


def _tell(part: str) -> None:
    typer.echo(_("panel: {part} …").format(part=_PARTS[part]), err=True)


def _as_json(report: PanelReport) -> dict[str, Any]:
    known = report.known
    return {
        "baliza": known.version,
        "command": "panel",
        "database": str(known.database),
        "source": known.source,
        "synthetic": known.synthetic,
        "snapshot": known.snapshot and known.snapshot.as_json(),
        "output": str(report.output),
        "counts": report.counts,
        "files": report.files,
        "bytes": report.size,
        "missing": [{"table": one, "command": _command(report, one)} for one in known.missing],
        "leftovers": [str(path) for path in report.leftovers],
        "seconds": report.seconds,
        "exit_code": 0,
    }


def _command(report: PanelReport, table: str) -> str:
    from baliza.publish.panel.known import command

    return f"{command(table)} --database {report.known.database}"


def _show(report: PanelReport) -> None:
    from baliza.cli import terminal

    console = terminal.console()
    if report.known.synthetic:
        console.print(f"[bold yellow]{_('SYNTHETIC DATA: every name, CNPJ and value here is invented.')}[/]")
    written = _("{orgaos} órgãos, {suppliers} suppliers, {municipios} municipalities, {tenders} open tenders")
    console.print(
        written.format(
            orgaos=number(report.counts["orgaos"]),
            suppliers=number(report.counts["fornecedores"]),
            municipios=number(report.counts["municipios"]),
            tenders=number(report.counts["abertas"]),
        )
    )
    size = _("{files} files, {size} MB, {seconds} s")
    console.print(
        size.format(
            files=number(report.files),
            size=number(report.size / _MEGABYTE, 1),
            seconds=number(report.seconds, 1),
        )
    )
    for table in report.known.missing:
        lacking = _("{table} was never built in this file; the pages say so. It is made by: {command}")
        console.print(
            f"[yellow]{lacking.format(table=table, command=_command(report, table))}[/]", soft_wrap=True
        )
    for path in report.leftovers:
        left = _("{path} is what a panel left that was killed, unless one is running: it can be deleted.")
        console.print(f"[yellow]{left.format(path=path)}[/]", soft_wrap=True)
    console.print(_("Open {page}").format(page=report.output / "index.html"), soft_wrap=True, markup=False)
