"""Where data come from: PNCP, or the embedded sample."""

from __future__ import annotations

from typing import Literal

from baliza.build.period import Period
from baliza.build.scope import Scope
from baliza.pncp.job import Server

SOURCE = Literal["pncp", "sample"]

DAYS_OF_SAMPLE_WINDOWS = 31
"""The sample has nothing to lose: it is asked for by the month, and is built in seconds."""


def sample_server() -> Server:
    """The embedded sample, as a server without limits."""
    from baliza.simulator.embedded import BASE_URL, SampleTransport, embedded  # noqa: PLC0415 - brings httpx

    return Server(url=BASE_URL, source="sample", max_rps=0, transport=SampleTransport(embedded()))


def sample_scope(filters: tuple[tuple[str, str], ...] = (), modalidades: tuple[int, ...] = ()) -> Scope:
    """All the days of the sample, narrowed; its proposals were open on the last of them."""
    from baliza.simulator.embedded import embedded  # noqa: PLC0415 - brings httpx

    sample = embedded()
    return Scope(Period(sample.since, sample.until), filters, modalidades, snapshot=sample.until)
