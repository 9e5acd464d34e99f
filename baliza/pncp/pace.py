"""How fast PNCP is asked: never above the limits, slower when it strains, faster again when it is well.

PNCP breaks above about three requests at once and one request per second from one address; under strain,
asking again at once makes it worse. So the pace follows the classic rule of congestion control: a little
faster with each good answer, half as fast with each bad one (additive increase, multiplicative decrease).
When nothing but failures comes, whatever was asked, everyone pauses, longer each time, and then one request
tries again: an outage of minutes is waited out, and costs PNCP a handful of requests.

Libraries limit at a rate that is fixed beforehand (aiolimiter) or break a circuit with an error (purgatory);
none that is kept follows the server's health and resumes, so this is written here.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SLOW_ANSWER = 20.0
"""Seconds from which an answer counts as a sign of strain: healthy pages take 1 to 8."""

_LOWEST_RATE = 1 / 30

_OUTAGE = 12
"""Failures in a row from which PNCP is taken to be down: more than any one request makes."""

_jitter = random.Random()  # noqa: S311 - spreads retries, keeps no secret


class Pace:
    """Lets requests through one by one.

    Args:
        max_rps: requests per second at most; 0 for no limit (a server of one's own): pauses and back-offs are
            then at most one second.
        max_in_flight: requests under way at once at most.
    """

    def __init__(self, *, max_rps: float, max_in_flight: int) -> None:
        self._max_rps = max_rps
        self._rate = max_rps
        self._max_in_flight = max_in_flight
        self._in_flight_limit = float(max_in_flight)
        self._in_flight = 0
        self._room = asyncio.Condition()
        self._next_start = 0.0
        self._failures_in_a_row = 0
        self._refusals_in_a_row = 0
        self._silent_since = time.monotonic()

    @property
    def rate(self) -> float:
        """Requests per second at present; 0 means no limit."""
        return self._rate

    @property
    def in_flight_limit(self) -> int:
        """Requests under way at once at present."""
        return max(1, int(self._in_flight_limit))

    @property
    def is_outage(self) -> bool:
        """Whether nothing but failures has come for a while."""
        return self._failures_in_a_row >= _OUTAGE

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing good has come for so long that the rest is better left for another time."""
        patience = 1800.0 if self._max_rps else 10.0
        in_vain = self._failures_in_a_row + self._refusals_in_a_row >= _OUTAGE
        return in_vain and time.monotonic() - self._silent_since > patience

    @property
    def _longest_pause(self) -> float:
        return 120.0 if self._max_rps else 0.3

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn to send one request, and hold it while the request is under way."""
        async with self._room:
            await self._room.wait_for(lambda: self._in_flight < self.in_flight_limit)
            self._in_flight += 1
        try:
            await self._wait_for_start()
            yield
        finally:
            async with self._room:
                self._in_flight -= 1
                self._room.notify_all()

    async def _wait_for_start(self) -> None:
        # Reserved before sleeping, so that requests that wait together start one interval apart.
        start = max(time.monotonic(), self._next_start)
        self._next_start = start + (1 / self._rate if self._rate else 0.0)
        await asyncio.sleep(max(0.0, start - time.monotonic()))

    def answered(self, seconds: float) -> None:
        """A good answer came after so many seconds."""
        self._failures_in_a_row = 0
        self._refusals_in_a_row = 0
        self._silent_since = time.monotonic()
        if seconds > _SLOW_ANSWER:
            self._slow_down()
            return
        self._rate = min(self._max_rps, self._rate + self._max_rps / 20)
        self._in_flight_limit = min(self._max_in_flight, self._in_flight_limit + 0.1)

    def refused(self, attempt: int) -> float:
        """The server refused by rate (429): slow down and let everyone rest; how long, in seconds."""
        self._slow_down()
        self._refusals_in_a_row += 1
        return self._rest((20.0 if self._max_rps else 0.1) * 2**attempt)

    def failed(self, attempt: int) -> float:
        """The server failed or was silent: slow down; how long this request should wait, in seconds."""
        self._slow_down()
        self._failures_in_a_row += 1
        if self.is_outage:
            return self._rest((30.0 if self._max_rps else 0.05) * 2 ** (self._failures_in_a_row - _OUTAGE))
        wait = min(self._longest_pause / 2, (2.0 if self._max_rps else 0.05) * 2**attempt)
        return wait * _jitter.uniform(0.5, 1.0)

    def _rest(self, seconds: float) -> float:
        """Hold everyone back for so long (within bounds): no request starts before."""
        pause = min(self._longest_pause, seconds)
        self._next_start = max(self._next_start, time.monotonic() + pause)
        return pause

    def _slow_down(self) -> None:
        if self._max_rps:
            self._rate = min(self._max_rps, max(_LOWEST_RATE, self._rate / 2))
        self._in_flight_limit = max(1.0, self._in_flight_limit / 2)
