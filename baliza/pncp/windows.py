"""Windows of days: how the days still to be fetched are asked for together, and how a window is split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from baliza.pncp.endpoints import MAX_WINDOW_DAYS, Endpoint
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import WHOLE

_DAY = timedelta(days=1)


def windows(
    endpoint: Endpoint, slice_: str, days: Sequence[date], *, widest: int | None = None
) -> list[Window]:
    """The fewest windows that ask for exactly these days (in order), none wider than allowed.

    Args:
        endpoint: whose windows they are.
        slice_: '' for the whole country, or cnpj=....
        days: in order, gaps allowed.
        widest: days per window; by default the endpoint's own for the whole country, the API's for a slice.
    """
    widest = widest or (endpoint.widest_window if slice_ == WHOLE else MAX_WINDOW_DAYS)
    return [Window(endpoint.id, slice_, first, last) for first, last in _runs(days, widest)]


def _runs(days: Iterable[date], widest: int) -> list[tuple[date, date]]:
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][1] + _DAY == day and (day - runs[-1][0]).days < widest:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def days_of(window: Window) -> list[date]:
    """Every day of a window, both ends included."""
    return [window.since + n * _DAY for n in range((window.until - window.since).days + 1)]


def halves(window: Window) -> tuple[Window, Window]:
    """A window of two days or more as two."""
    middle = window.since + (window.until - window.since) // 2
    return (
        Window(window.endpoint, window.slice, window.since, middle),
        Window(window.endpoint, window.slice, middle + _DAY, window.until),
    )


def months(days: Sequence[date]) -> list[tuple[date, date]]:
    """Runs of days that stay inside one calendar month: how the sample was asked for."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][1] + _DAY == day and runs[-1][0].replace(day=1) == day.replace(day=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
