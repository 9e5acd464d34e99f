"""`baliza quarantine list` and `baliza quarantine show`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, WITH_PERSONAL_DATA
from baliza.cli.outcome import listened_to, told
from baliza.language import _, number

if TYPE_CHECKING:
    from baliza.build.quarantined import QuarantinedRecord


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help=_("The records that could not be typed: which, and why."),
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("baliza quarantine list"),
    )
    group.command(
        "list",
        help=_("List them, newest first."),
        epilog=examples("baliza quarantine list", "baliza quarantine list --table contratos"),
    )(list_)
    group.command(
        "show",
        help=_("Show one as it came, with its request."),
        epilog=examples("baliza quarantine show 12"),
    )(show)
    app.add_typer(group, name="quarantine")


@told
def list_(
    database: Path | None = DATABASE,
    env: str | None = ENV,
    table: str | None = typer.Option(
        None, "--table", metavar="TABLE", help=_("Only what is of this raw table, such as contratos.")
    ),
    with_personal_data: bool = WITH_PERSONAL_DATA,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """List what is in quarantine."""
    from baliza.build.quarantined import listing
    from baliza.cli import asked

    records = listing(asked.settings(database=database, env=env).database.value, table=table)
    shown = _shown(with_personal_data=with_personal_data)
    with listened_to():
        if as_json:
            listed = [_without_text(record) for record in records]
            typer.echo(shown(json.dumps({"records": listed}, ensure_ascii=False, indent=2)))
        else:
            _show_list(records, shown)


@told
def show(
    id_: int = typer.Argument(metavar="ID", help=_("Number in the list.")),
    database: Path | None = DATABASE,
    env: str | None = ENV,
    with_personal_data: bool = WITH_PERSONAL_DATA,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Show one record in quarantine."""
    from baliza.build.quarantined import find
    from baliza.cli import asked

    record = find(asked.settings(database=database, env=env).database.value, id_)
    shown = _shown(with_personal_data=with_personal_data)
    with listened_to():
        if as_json:
            typer.echo(shown(json.dumps(record.as_json(), ensure_ascii=False, indent=2)))
        else:
            _show_one(record, shown)


def _shown(*, with_personal_data: bool) -> Callable[[str], str]:
    """What a text goes through before it is printed."""
    from baliza.publish.masking import mask

    return str if with_personal_data else mask


def _without_text(record: QuarantinedRecord) -> dict[str, Any]:
    return {name: value for name, value in record.as_json().items() if name != "raw_text"}


def _show_list(records: list[QuarantinedRecord], shown: Callable[[str], str]) -> None:
    from rich.table import Table
    from rich.text import Text

    console = terminal.console()
    if not records:
        console.print(_("Nothing is in quarantine."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (_("id"), _("table"), _("key"), _("day"), _("reason"), _("page")):
        table.add_column(heading, overflow="fold")
    for record in records:
        cells = (
            str(record.id), record.table, record.key or "–", str(record.day or "–"), record.reason,
            str(record.page),
        )  # fmt: skip
        # As text: a reason may hold what Rich would take for a style.
        table.add_row(*(Text(shown(cell)) for cell in cells))
    console.print(table)
    console.print(
        _("{n} records; each whole: baliza quarantine show ID; after a fix: baliza replay").format(
            n=number(len(records))
        )
    )


def _show_one(record: QuarantinedRecord, shown: Callable[[str], str]) -> None:
    modalidade = f"modalidade={record.modalidade}" if record.modalidade else ""
    days = f"{record.since}" if record.since == record.until else f"{record.since} – {record.until}"
    facts = {
        _("table"): record.table,
        _("key"): record.key or "–",
        _("day"): str(record.day or "–"),
        _("reason"): record.reason,
        _("cell"): " ".join(filter(None, (record.endpoint, modalidade, record.slice, days))),
        _("page"): str(record.page),
        _("request"): f"{record.request_id} {record.url or ''}".strip(),
        _("asked (UTC)"): str(record.requested_at or "–"),
        _("quarantined (UTC)"): str(record.quarantined_at),
    }
    width = max(map(len, facts)) + 2
    for name, value in facts.items():
        typer.echo(f"{name}:".ljust(width) + shown(value))
    typer.echo("\n" + shown(_indented(record.raw_text)))


def _indented(text: str) -> str:
    """The record over several lines, to be read; as it came where it is no JSON."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text
