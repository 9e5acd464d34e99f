"""Windows of days: how the cells still to be fetched are asked for together, and how a window is split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from baliza.pncp.endpoints import MAX_WINDOW_DAYS, SELDOM_USED, Endpoint
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import WHOLE

_DAY = timedelta(days=1)


def windows(
    endpoint: Endpoint, slice_: str, days: Sequence[date], *, modalidade: int = 0, widest: int | None = None
) -> list[Window]:
    """The fewest windows that ask for exactly these days (in order), none wider than allowed.

    Args:
        endpoint: whose windows they are.
        slice_: '' for the whole country, or kind=value.
        days: in order, gaps allowed.
        modalidade: 0 where the endpoint has none.
        widest: days per window; by default what suits the endpoint, the modalidade and the slice.
    """
    widest = widest or widest_window(endpoint, slice_, modalidade)
    return [
        Window(endpoint.id, slice_, first, last, modalidade) for first, last in _runs(days, widest=widest)
    ]


def widest_window(endpoint: Endpoint, slice_: str, modalidade: int = 0) -> int:
    """Days that are asked for together."""
    if endpoint.cell != "day":
        return 1
    if slice_ != WHOLE or modalidade in SELDOM_USED:
        return MAX_WINDOW_DAYS
    return 1 if modalidade in endpoint.pages_by_modalidade else endpoint.widest_window


def _runs(days: Iterable[date], *, widest: int) -> Iterator[tuple[date, date]]:
    first = last = None
    for day in days:
        if first is not None and last is not None and last + _DAY == day and (day - first).days < widest:
            last = day
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = day
    if first is not None and last is not None:
        yield first, last


def days_of(window: Window) -> list[date]:
    """Every day of a window, both ends included."""
    return [window.since + n * _DAY for n in range((window.until - window.since).days + 1)]


def halves(window: Window) -> tuple[Window, Window]:
    """A window of two days or more as two."""
    middle = window.since + (window.until - window.since) // 2
    return replace(window, until=middle), replace(window, since=middle + _DAY)
