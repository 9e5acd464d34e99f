"""`baliza doctor`."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from baliza.cli import terminal
from baliza.cli.examples import examples
from baliza.cli.options import AS_JSON, DATABASE, DEBUG, ENV, PNCP_URL
from baliza.cli.outcome import listened_to, told
from baliza.language import _

if TYPE_CHECKING:
    from baliza.build.checkup.finding import Finding
    from baliza.settings import Settings

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
WRONG = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("What is wrong with the file and around it, and the command that mends it."),
        help=_(
            "What is wrong with the file and around it: versions, settings, disk, lock, last build, what "
            "killed runs left, coverage, PNCP (one request), the clock. Nothing is changed.\n\n"
            "Exit codes: 0 nothing is wrong; 1 something is; 2 wrong usage."
        ),
        epilog=examples("baliza doctor", "baliza doctor --offline --json"),
    )(doctor)


@told
def doctor(
    offline: bool = typer.Option(False, "--offline", help=_("Do not ask PNCP.")),
    database: Path | None = DATABASE,
    pncp_url: str | None = PNCP_URL,
    env: str | None = ENV,
    as_json: bool = AS_JSON,
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Look at everything."""
    from baliza.build.checkup import around
    from baliza.build.checkup.file import file

    settings, wrong = _settings(database=database, pncp_url=pncp_url, env=env)
    path = settings.database.value
    found = [
        around.versions(),
        wrong or around.configuration(settings),
        around.disk(path),
        *file(path, settings),
    ]
    if not offline:
        from baliza.build.checkup.reaching import reaching

        found += reaching(settings.pncp_url.value)
    code = 0 if all(one.state == "ok" for one in found) else WRONG
    with listened_to():
        if as_json:
            typer.echo(json.dumps(_as_json(path, found, code), ensure_ascii=False, indent=2))
        else:
            _show(found)
    raise typer.Exit(code)


def _settings(**options: object) -> tuple[Settings, Finding | None]:
    """The settings; where they cannot be read, what is wrong, and what holds without what is wrong."""
    from baliza import settings as setting
    from baliza.build.checkup.finding import of_error
    from baliza.cli import asked
    from baliza.configuration import VARIABLE
    from baliza.errors import UsageError

    try:
        return asked.settings(**options), None  # pyright: ignore[reportArgumentType]
    except UsageError as error:
        wrong = of_error("settings", error)
    unset = {VARIABLE: os.devnull}
    for environment in (unset | {"BALIZA_DATABASE": os.environ.get("BALIZA_DATABASE", "")}, unset):
        try:
            return setting.resolve(environment, {"database": options["database"]}), wrong
        except UsageError:
            continue
    return setting.resolve(unset), wrong


def _as_json(database: Path, found: list[Finding], code: int) -> dict[str, object]:
    from baliza import __version__

    checks = []
    for one in found:
        told_found, remedy = one.sentences(_)
        checks.append({"name": one.name, "state": one.state, "found": told_found, "remedy": remedy or None})
    return {
        "baliza": __version__,
        "command": "doctor",
        "database": str(database),
        "checks": checks,
        "exit_code": code,
    }


def _show(found: list[Finding]) -> None:
    from rich.text import Text

    names = {
        "versions": _("versions"),
        "settings": _("settings"),
        "disk": _("disk"),
        "file": _("file"),
        "lock": _("lock"),
        "last build": _("last build"),
        "leftovers": _("leftovers"),
        "coverage": _("coverage"),
        "PNCP": "PNCP",
        "clock": _("clock"),
    }
    states = {"ok": _("ok"), "warn": _("warn"), "fail": _("fail")}
    console = terminal.console()
    margin = [max(map(len, states.values())) + 2, max(len(names[one.name]) for one in found) + 2]
    for one in found:
        told_found, remedy = one.sentences(_)
        state = (states[one.state].ljust(margin[0]), f"bold {_COLOURS[one.state]}")
        lines = [
            *_wrapped(told_found, sum(margin)),
            *(_wrapped(f"→ {remedy}", sum(margin)) if remedy else ()),
        ]
        starts = [[state, names[one.name].ljust(margin[1])], *[[" " * sum(margin)]] * (len(lines) - 1)]
        for start, line in zip(starts, lines, strict=True):
            console.print(Text.assemble(*start, line), soft_wrap=True)
    wrong = ", ".join(names[one.name] for one in found if one.state != "ok")
    if wrong:
        console.print(_("To be mended: {names}").format(names=wrong), style="bold", markup=False)
    else:
        console.print(_("Nothing is wrong."), style="green")


def _wrapped(text: str, margin: int) -> list[str]:
    """Lines of a terminal; of a pipe, one."""
    room = terminal.width(sys.stdout)
    return [text] if room is None else textwrap.wrap(text, max(room - margin, 20), break_on_hyphens=False)
