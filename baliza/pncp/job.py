"""What a harvest is given: whom to ask, and for what; and how long that will take, about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baliza.pncp.endpoints import Endpoint
from baliza.pncp.walk import EMPTY_CONFIRMATIONS
from baliza.pncp.windows import days_of
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import WHOLE
from baliza.warehouse.raw_table import RawTable

if TYPE_CHECKING:
    import httpx

_SECONDS_PER_PAGE = 5.0
"""What a page of 500 takes PNCP on an ordinary day."""


@dataclass(frozen=True)
class Server:
    """Whom to ask, and how fast.

    Attributes:
        source: "pncp" or "sample"; a simulator says of itself that it is one.
        transport: replaces the network (the sample).
    """

    url: str
    source: str = "pncp"
    max_rps: float = 1.0
    max_in_flight: int = 2
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True)
class Job:
    """Windows of one endpoint to fetch."""

    endpoint: Endpoint
    table: RawTable
    windows: Sequence[Window]


def estimate(jobs: Sequence[Job], server: Server) -> tuple[int, float]:
    """How many requests these windows will take, about, and how many seconds at the polite pace."""
    requests = sum(requests_of(job.endpoint, window) for job in jobs for window in job.windows)
    if server.transport is not None or not server.max_rps:
        return requests, 0.0
    return requests, requests * max(1 / server.max_rps, _SECONDS_PER_PAGE / server.max_in_flight)


def requests_of(endpoint: Endpoint, window: Window) -> int:
    """Requests of one window on a busy day; what is empty must be said to be so twice."""
    if endpoint.cell == "parent":
        return max(1, len(window.items)) * (EMPTY_CONFIRMATIONS if endpoint.is_mostly_empty else 1)
    pages = endpoint.typical_pages
    if window.modalidade:
        pages = endpoint.pages_by_modalidade.get(window.modalidade, 0)
    if not pages:
        return EMPTY_CONFIRMATIONS
    return len(days_of(window)) * pages if window.slice == WHOLE else 1
