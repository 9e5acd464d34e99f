"""What may go wrong between PNCP and who asks: named rates, and presets for the usual kinds of day."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

from baliza.simulator.chance import dice

RATED = (
    "html_429",
    "http_500",
    "http_503",
    "html_504",
    "html_200",
    "cut_json",
    "short_body",
    "reset",
    "spurious_422",
    "false_empty",
    "stall",
)
"""Faults that strike a request at random; at most one per request, so their rates add up."""


@dataclass(frozen=True)
class Faults:
    """How unkind the simulated PNCP is. The default is a perfect service.

    Rates are shares of all requests, 0 to 1. Each was seen in the real service, most of them under load.

    Attributes:
        seed: changes which requests are struck, not how many.
        html_429: refused by the firewall: HTML, no Retry-After.
        http_500: JSON "Erro na comunicação com o banco de dados.".
        http_503: JSON "Service Unavailable".
        html_504: the gateway's HTML page.
        html_200: an HTML error page under status 200.
        cut_json: a body that ends in the middle, with a Content-Length that agrees with it.
        short_body: a body that ends before its Content-Length, after which the connection closes.
        reset: connection reset before any byte.
        spurious_422: the refusal of a window over 365 days, for a window that is not.
        false_empty: 204 for a window that has data.
        stall: no byte for `stall_seconds`, then connection reset.
        stall_seconds: how long a stalled request is held.
        lost: least and greatest share of its rows that a walk over several pages loses, others being
            repeated in their place; (0, 0) keeps the order stable.
        drift: share of the pages after the first before which some rows leave the window, so that the
            total shrinks and the rows at the page border are skipped.
        dead_pages: (first day, last day, pagina) that always answer 500, the days as the request writes them
            and the page of whatever size; smaller windows get through.
        dead_rows: (first day, last day, position) of rows, counted from 0 in the listing of that very window,
            that cannot be read: every page that covers one answers 500; smaller pages lose less.
        dead_days: days (AAAAMMDD) that no window can hold without answering 500.
        cap: most rows a page shows whatever size is asked, the number of pages agreeing with it; None for as
            many as the endpoint allows.
        ignored_filters: names of filters that are accepted and narrow nothing.
        outage_after: requests answered before everything fails; None for never.
        outage_requests: requests that fail once the outage has begun.
        outage_seconds: seconds the outage lasts; it ends when both this and `outage_requests` are over.
        latency: seconds that every answer takes.
    """

    seed: int = 0
    html_429: float = 0.0
    http_500: float = 0.0
    http_503: float = 0.0
    html_504: float = 0.0
    html_200: float = 0.0
    cut_json: float = 0.0
    short_body: float = 0.0
    reset: float = 0.0
    spurious_422: float = 0.0
    false_empty: float = 0.0
    stall: float = 0.0
    stall_seconds: float = 5.0
    lost: tuple[float, float] = (0.0, 0.0)
    drift: float = 0.0
    dead_pages: frozenset[tuple[str, str, int]] = frozenset()
    dead_rows: frozenset[tuple[str, str, int]] = frozenset()
    dead_days: frozenset[str] = frozenset()
    cap: int | None = None
    ignored_filters: frozenset[str] = frozenset()
    outage_after: int | None = None
    outage_requests: int = 0
    outage_seconds: float = 0.0
    latency: float = 0.0

    def __post_init__(self) -> None:
        rates = [getattr(self, name) for name in RATED]
        if min(rates) < 0 or sum(rates) > 1:
            raise ValueError(
                f"The rates of faults must be positive and add up to 1 at most, not {sum(rates)}."
            )


CALM = Faults()
UNSTABLE = Faults(lost=(0.19, 0.33))
STORM = Faults(
    html_429=0.07,
    http_500=0.06,
    html_504=0.03,
    html_200=0.02,
    cut_json=0.02,
    short_body=0.03,
    reset=0.03,
    spurious_422=0.02,
)
OUTAGE = Faults(outage_after=20, outage_requests=30)

PRESETS: dict[str, Faults] = {"calm": CALM, "unstable": UNSTABLE, "storm": STORM, "outage": OUTAGE}


class FaultDeck:
    """Draws the fault of each request, in order of arrival.

    The n-th request gets the same fault whatever thread serves it, so a client that asks in a fixed order
    sees the same day twice.

    Args:
        faults: the rates.
        seed: the simulator's seed, mixed with that of `faults`.
    """

    def __init__(self, faults: Faults, seed: int = 0) -> None:
        self.faults = faults
        self.drawn: Counter[str] = Counter()
        self._seed = (faults.seed, seed)
        self._asked = 0
        self._outage_began: float | None = None
        self._lock = threading.Lock()

    def draw(self) -> str | None:
        """Say what happens to the next request: one of `RATED`, or None for nothing."""
        with self._lock:
            self._asked += 1
            fault = self._outage() or self._chance()
            if fault:
                self.drawn[fault] += 1
            return fault

    def _outage(self) -> str | None:
        after = self.faults.outage_after
        if after is None or self._asked <= after:
            return None
        now = time.monotonic()
        if self._outage_began is None:
            self._outage_began = now
        requests_over = self._asked > after + self.faults.outage_requests
        seconds_over = now - self._outage_began >= self.faults.outage_seconds
        if requests_over and seconds_over:
            return None
        return "reset" if self._asked % 3 == 0 else "http_503"

    def _chance(self) -> str | None:
        spot = dice("fault", *self._seed, self._asked).random()
        for name in RATED:
            spot -= getattr(self.faults, name)
            if spot < 0:
                return name
        return None
