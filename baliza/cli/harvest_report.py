"""What `harvest`, `sync` and `gaps` print of what was fetched, and what a harvest would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baliza import __version__
from baliza.cli import terminal
from baliza.cli.progress import announcement
from baliza.cli.report import cell_as_line, coverage_as_json, harvest_as_json, warn_if_synthetic
from baliza.language import _, number
from baliza.publish.masking import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from baliza.build.collect import Estimate, HarvestReport
    from baliza.pncp.feed import Harvested

MOST_SHOWN = 10
"""Open days listed one by one; `baliza gaps` lists them all."""


def as_json(report: HarvestReport) -> dict[str, Any]:
    """The object that `harvest --json` prints; docs/json.md says what each member is."""
    period = report.request.scope.period
    return {
        "baliza": __version__,
        "command": "harvest",
        "database": str(report.request.database),
        "source": report.source,
        "synthetic": report.source != "pncp",
        "endpoints": [endpoint.id for endpoint in report.request.endpoints],
        "period": period and {"since": f"{period.since}", "until": f"{period.until}"},
        "slices": report.request.scope.slices,
        "modalidades": list(report.request.scope.modalidades),
        "harvests": harvest_as_json(report.harvests),
        "coverage": {**coverage_as_json(report.coverage), "complete": report.is_complete},
        "notes": report.notes,
        "seconds": report.seconds,
        "exit_code": report.exit_code,
    }


def estimate_as_json(estimate: Estimate) -> dict[str, Any]:
    """The object that `harvest --dry-run --json` prints."""
    return {
        "baliza": __version__,
        "command": "harvest",
        "dry_run": True,
        "endpoints": endpoints_as_json(estimate),
        "requests": sum(estimate.requests.values()),
        "seconds": round(estimate.seconds),
        "notes": estimate.notes,
        "exit_code": 0,
    }


def endpoints_as_json(estimate: Estimate) -> list[dict[str, Any]]:
    """What each endpoint would be asked."""
    return [
        {"endpoint": endpoint, "windows": windows, "requests": estimate.requests[endpoint]}
        for endpoint, windows in estimate.windows.items()
    ]


def show(report: HarvestReport) -> None:
    """Print a harvest for people."""
    console = terminal.console()
    warn_if_synthetic(console, report.source)
    show_harvests(console, report.harvests)
    for note in report.notes:
        console.print(mask(note))
    _show_coverage(console, report)


def show_estimate(estimate: Estimate) -> None:
    """Print what a harvest would take."""
    console = terminal.console()
    show_requests(console, estimate)
    for note in estimate.notes:
        console.print(mask(note))
    console.print(announcement(sum(estimate.requests.values()), estimate.seconds))
    console.print(_("Nothing was asked of PNCP."))


def show_requests(console: Console, estimate: Estimate) -> None:
    """Print one line per endpoint that would be asked."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("endpoint"), no_wrap=True)
    for heading in (_("windows"), _("requests, about")):
        table.add_column(heading, justify="right")
    for endpoint, windows in estimate.windows.items():
        table.add_row(endpoint, number(windows), number(estimate.requests[endpoint]))
    console.print(table)


def show_harvests(console: Console, harvests: Mapping[str, Harvested]) -> None:
    """Print one line per endpoint that was asked."""
    from rich.table import Table

    if not harvests:
        console.print(_("Nothing was left to ask for."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("endpoint"), no_wrap=True)
    for heading in (
        _("requests"),
        _("records"),
        _("new or changed"),
        _("in quarantine"),
        _("failed windows"),
    ):
        table.add_column(heading, justify="right")
    for endpoint, harvested in harvests.items():
        numbers = (
            harvested.requests,
            harvested.received,
            harvested.stored,
            harvested.quarantined,
            harvested.failed,
        )
        table.add_row(endpoint, *map(number, numbers))
    console.print(table)
    for stopped in dict.fromkeys(one.stopped for one in harvests.values() if one.stopped):
        console.print(f"[bold yellow]{_('Stopped early: {reason}').format(reason=mask(stopped))}[/]")


def _show_coverage(console: Console, report: HarvestReport) -> None:
    coverage = report.coverage
    if not coverage.cells:
        return
    if report.is_complete:
        told = _("Complete: all that was asked for is proven ({landed} records, by endpoint and day).")
        console.print(f"[green]{told.format(landed=number(coverage.landed))}[/]")
        return
    told = _(
        "Not complete: {n} open; {landed} records are here, and PNCP announced {expected} where it answered."
    )
    console.print(
        "[bold yellow]"
        + told.format(
            n=number(len(coverage.missing)),
            landed=number(coverage.landed),
            expected=number(coverage.expected),
        )
        + "[/]"
    )
    for cell in coverage.missing[:MOST_SHOWN]:
        console.print(f"  {cell_as_line(cell)}")
    console.print(_("All of them: baliza gaps. To go on: the same command again, or baliza gaps --fill"))
