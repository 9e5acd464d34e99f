"""One endpoint in a harvest: how its windows are proven and landed, and what became of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from baliza.pncp.client import Client
from baliza.pncp.details import DetailWalker
from baliza.pncp.job import Job
from baliza.pncp.lists import ListWalker
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Progress
from baliza.pncp.proof import Prover
from baliza.pncp.reception import Reception
from baliza.warehouse.page import PageReader


@dataclass
class Harvested:
    """What a harvest did of one endpoint, in numbers.

    Attributes:
        failed, short: windows that ended so.
        stopped: why windows were left unasked, if they were.
    """

    windows: int = 0
    requests: int = 0
    received: int = 0
    stored: int = 0
    repeats: int = 0
    quarantined: int = 0
    failed: int = 0
    short: int = 0
    stopped: str | None = None
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)


class Feed:
    """What proving and landing the windows of one endpoint takes, and what became of them."""

    def __init__(self, job: Job, client: Client, spool: Path, progress: Progress, pace: Pace) -> None:
        endpoint = job.endpoint
        self.endpoint = endpoint
        self.table = job.table
        self.reader = PageReader(job.table, day_field=endpoint.day, shape=endpoint.shape)
        self.harvested = Harvested()
        # Some endpoints break under a second request, whatever the pace allows.
        self.turn = asyncio.Semaphore(endpoint.max_in_flight or pace.in_flight_limit)

        def on_page(records: int) -> None:
            progress.page(records=records, rate=pace.rate)

        reception = Reception(client, endpoint, self.reader, spool, on_page)
        if endpoint.cell == "parent":
            walker = DetailWalker(reception, endpoint)
        else:
            walker = ListWalker(reception, endpoint.page_size or 1, lanes=endpoint.max_in_flight)
        self.prover = Prover(endpoint, walker)
