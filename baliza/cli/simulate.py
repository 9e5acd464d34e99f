"""`baliza simulate`."""

from __future__ import annotations

from pathlib import Path

import typer

from baliza.cli.examples import examples
from baliza.cli.options import DEBUG
from baliza.cli.outcome import told
from baliza.language import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        short_help=_("Serve a PNCP of invented data on this machine."),
        help=_(
            "Serve a PNCP of invented contracts on this machine, with every known fault, until Ctrl-C. "
            "Elsewhere, build from it: the second example."
        ),
        epilog=examples(
            "baliza simulate --port 8800 --faults unstable",
            "BALIZA_MAX_RPS=0 baliza build --pncp-url http://127.0.0.1:8800 --database simulated.duckdb",
        ),
    )(simulate)


@told
def simulate(
    port: int = typer.Option(
        8800, metavar="PORT", min=0, max=65535, help=_("Port on 127.0.0.1; 0 picks a free one.")
    ),
    seed: int = typer.Option(1, metavar="N", help=_("The same seed makes the same data.")),
    since: str | None = typer.Option(
        None, metavar="DATE", help=_("First day with data (default: 30 days ago).")
    ),
    until: str | None = typer.Option(
        None, metavar="DATE", help=_("Last day with data (default: yesterday).")
    ),
    faults: str = typer.Option("calm", metavar="NAME", help=_("calm, storm, unstable or outage.")),
    per_day: float = typer.Option(60.0, metavar="N", min=0.1, help=_("Contracts on a working day.")),
    truth: Path | None = typer.Option(
        None, metavar="PATH", help=_("Write what is served to this file, one record per line.")
    ),
    debug: bool = DEBUG,  # noqa: ARG001 - read by `told`
) -> None:
    """Serve synthetic data as PNCP would."""
    from datetime import timedelta

    from baliza.build import period
    from baliza.errors import UsageError
    from baliza.simulator.faults import PRESETS
    from baliza.simulator.server import run

    if faults not in PRESETS:
        raise UsageError(
            "Faults {faults} were asked for.",
            "There is no such weather.",
            "Choose among {names}.",
            faults=faults,
            names=", ".join(PRESETS),
        )
    today = period.today()
    days = period.resolve(since or f"{today - timedelta(days=30)}", until, today=today)
    try:
        run(
            port=port,
            seed=seed,
            since=days.since,
            until=days.until,
            faults=faults,
            per_day=per_day,
            truth=truth,
            announce=lambda line: typer.echo(line, err=True),
        )
    except OSError as error:
        raise UsageError(
            "A simulator on port {port} was asked for.",
            "It cannot be started: {error}.",
            "Choose another port, or 0 for a free one.",
            port=port,
            error=error,
        ) from error
