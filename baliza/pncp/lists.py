"""Walking a list endpoint: page 1 says how many records there are, and the other pages follow."""

from __future__ import annotations

import asyncio
import math

from baliza.pncp.client import RequestFailedError
from baliza.pncp.endpoints import SMALLEST_PAGE
from baliza.pncp.reception import Reception
from baliza.pncp.walk import EMPTY_CONFIRMATIONS, Walk
from baliza.warehouse.landing import Request, Window

PAGES_WORTH_WALKING = 4
"""A window of several days with more pages is split at once: what fits one page cannot lose records."""

_LANES = 16
"""Pages waiting for their turn at once; the pace decides how many of them are under way."""

_ATTEMPTS_IF_SPLITTABLE = 4
"""Wide windows break on PNCP where their halves do not, and pages where their parts do not: why insist."""


class ListWalker:
    """Walks windows of one list endpoint.

    Args:
        reception: of the endpoint.
        page_size: records to ask for at once.
        lanes: pages to ask for side by side; None where the pace alone decides.
    """

    def __init__(self, reception: Reception, page_size: int, lanes: int | None = None) -> None:
        self._reception = reception
        self._page_size = page_size
        self._lanes = lanes or _LANES

    async def walk(self, window: Window, evidence: list[Request]) -> Walk:
        """All pages of a window once; every attempt is added to `evidence`.

        Raises:
            RequestFailedError: the first page never came; of the others, the walk says so.
        """
        walk = Walk()
        several_days = window.until > window.since
        await self._first_page(walk, window, evidence, several_days=several_days)
        if walk.total is None:
            return walk
        count = math.ceil(walk.total / self._page_size)
        if several_days and count > PAGES_WORTH_WALKING:
            return walk
        numbers = iter(range(2, count + 1))

        async def lane() -> None:
            for number in numbers:
                await self._later_page(walk, window, number, self._page_size, evidence)
                if walk.stray is not None or walk.total is None:
                    return  # the walk proves nothing any more

        await asyncio.gather(*(lane() for _ in range(min(self._lanes, count - 1))))
        return walk

    async def _first_page(
        self, walk: Walk, window: Window, evidence: list[Request], *, several_days: bool
    ) -> None:
        try:
            await self._reception.receive(
                walk, window, evidence, page_size=self._page_size, attempts=_ATTEMPTS_IF_SPLITTABLE
            )
        except RequestFailedError as error:
            if error.kind != "failed" or several_days or _parts(self._page_size) == 1:
                raise
            walk.dead_in_a_row += 1
            await self._smaller_pages(walk, window, 1, self._page_size, evidence)
            if not walk.totals and walk.failure:
                raise

    async def _later_page(
        self, walk: Walk, window: Window, number: int, page_size: int, evidence: list[Request]
    ) -> None:
        # Nothing may be raised here: the other pages would go on being asked for behind everyone's back.
        if walk.is_lost:
            return
        parts = _parts(page_size)
        attempts = _ATTEMPTS_IF_SPLITTABLE if parts > 1 else None
        try:
            for _ in range(EMPTY_CONFIRMATIONS):
                page = await self._reception.receive(
                    walk, window, evidence, number=number, page_size=page_size, attempts=attempts
                )
                if page is not None or walk.stray is not None:
                    return
        except RequestFailedError as error:
            walk.dead_in_a_row += 1
            if error.kind == "failed" and parts > 1 and not walk.is_lost:
                await self._smaller_pages(walk, window, number, page_size, evidence)
            else:
                walk.failure = f"page {number} of {page_size} records: {error.reason}"
            return
        if walk.totals:
            # The listing shrank while it was walked, and this page is now past its end. Where no page ever
            # told a total, it may as well be the page after those that failed, and proves nothing.
            walk.totals.add(0)

    async def _smaller_pages(
        self, walk: Walk, window: Window, number: int, page_size: int, evidence: list[Request]
    ) -> None:
        """Ask for the records of a dead page in smaller ones: one of them holds what PNCP cannot show."""
        parts = _parts(page_size)
        smaller_size = page_size // parts
        for smaller in range((number - 1) * parts + 1, number * parts + 1):
            if walk.totals and smaller > math.ceil(max(walk.totals) / smaller_size):
                return
            await self._later_page(walk, window, smaller, smaller_size, evidence)


def _parts(page_size: int) -> int:
    """Into how many smaller pages a page can be divided; 1 when it is the least PNCP allows."""
    return next(
        (parts for parts in (5, 2) if page_size % parts == 0 and page_size // parts >= SMALLEST_PAGE), 1
    )
