"""Walking a window: all its pages once, each checked against what was asked and put on disk."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from baliza.pncp import query
from baliza.pncp.client import Client, Question, RequestFailedError
from baliza.pncp.endpoints import SMALLEST_PAGE, Endpoint
from baliza.warehouse.landing import Request, SpooledPage, Window
from baliza.warehouse.page import Defect, Page, PageReader

PAGES_WORTH_WALKING = 4
"""A window of several days with more pages is split at once: what fits one page cannot lose records."""

EMPTY_CONFIRMATIONS = 2
"""A 204 can be false under load, so emptiness must be said twice."""

_LANES = 16
"""Pages waiting for their turn at once; the pace decides how many of them are under way."""

_DEAD_IN_A_ROW = 5
"""Pages of a walk that may fail one after the other, smaller ones included, before the rest is left."""

_ATTEMPTS_IF_SPLITTABLE = 4
"""Wide windows break on PNCP where their halves do not, and pages where their parts do not: why insist."""


@dataclass
class Walk:
    """One pass over all pages, and what it brought.

    Attributes:
        totals: every totalRegistros that was said; more than one when the listing moved under the walk.
        days: the day of each record whose key is readable, by key; "" where the day is not.
        pages: on disk, waiting to be landed.
        defects: records that cannot land, with their pages.
        received: records in all pages, defects included.
        failure: why records after the first page never came.
        stray: the record that shows that a filter was ignored.
        dead_in_a_row: pages that failed since one came.
    """

    totals: set[int] = field(default_factory=set)
    days: dict[str, str] = field(default_factory=dict)
    pages: list[SpooledPage] = field(default_factory=list)
    defects: list[tuple[SpooledPage, Defect]] = field(default_factory=list)
    received: int = 0
    failure: str | None = None
    stray: str | None = None
    dead_in_a_row: int = 0

    @property
    def is_lost(self) -> bool:
        """Whether nothing but failures has come of late: the rest is not worth asking for."""
        return self.dead_in_a_row >= _DEAD_IN_A_ROW

    @property
    def total(self) -> int | None:
        """What all pages agreed on."""
        return next(iter(self.totals)) if len(self.totals) == 1 else None

    @property
    def keyless(self) -> frozenset[str]:
        """Texts of the records whose key cannot be read."""
        return frozenset(defect.raw_text for _, defect in self.defects if defect.key is None)

    @property
    def is_empty(self) -> bool:
        """Whether the first page said that there is nothing."""
        return not self.totals and self.stray is None

    def take(self, page: Page, spooled: SpooledPage, window: Window) -> None:
        """Count a page of this window in."""
        self.dead_in_a_row = 0
        first, last = window.since.isoformat(), window.until.isoformat()
        self.totals.add(page.total)
        self.days |= page.days
        for defect in page.defects:
            if defect.key is not None:
                # A defect may well be of its date: a day outside the window is as good as none.
                self.days[defect.key] = defect.day if defect.day and first <= defect.day <= last else ""
        self.pages.append(spooled)
        self.defects += [(spooled, defect) for defect in page.defects]
        self.received += page.received


class StrayRecordsError(Exception):
    """Raised when the server returns records outside what was asked: a filter was ignored."""


class Reception:
    """Asks for single pages of one endpoint, checks them against what was asked, and puts them on disk.

    Args:
        spool: folder where pages wait to be landed; files are named for their requests.
        on_page: told of each page and its records.
    """

    def __init__(
        self,
        client: Client,
        endpoint: Endpoint,
        reader: PageReader,
        spool: Path,
        on_page: Callable[[int], None],
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._reader = reader
        self._spool = spool
        self._on_page = on_page

    async def receive(
        self,
        walk: Walk,
        window: Window,
        evidence: list[Request],
        *,
        number: int = 1,
        page_size: int | None,
        item: int | None = None,
        attempts: int | None = None,
    ) -> Page | None:
        """Take one page into the walk; None where PNCP says that there is none, or it is not what was asked.

        Raises:
            RequestFailedError: it never came.
        """
        question = Question(
            endpoint=self._endpoint.id,
            path=query.path(self._endpoint, window, item),
            params=query.params(self._endpoint, window, number, page_size),
            reader=self._reader,
            parent=window.slice,
            attempts=attempts,
        )
        answer = await self._client.page(question, evidence)
        if answer.page is None:
            return None
        try:
            self._check_asked_for(window, answer.page)
        except StrayRecordsError as error:
            walk.stray = str(error)
            return None
        path = self._spool / f"{answer.request.request_id:012d}.json"
        await asyncio.to_thread(path.write_bytes, answer.page.body)
        self._on_page(answer.page.received)
        landable = answer.page.received - len(answer.page.defects)
        spooled = SpooledPage(path, answer.request, number, list(answer.page.days), landable)
        walk.take(answer.page, spooled, window)
        return answer.page

    def _check_asked_for(self, window: Window, page: Page) -> None:
        """Refuse a page with records of other days, of another órgão, modalidade or place.

        Raises:
            StrayRecordsError.
        """
        if self._endpoint.day:
            first, last = window.since.isoformat(), window.until.isoformat()
            strays = [key for key, day in page.days.items() if day and not first <= day <= last]
            if strays:
                raise StrayRecordsError(
                    f"PNCP returned {strays[0]} of {page.days[strays[0]]}, outside the days asked for"
                )
        for expected in query.expected(self._endpoint, window):
            for key, values in self._reader.values(page, expected.fields):
                if any(values) and expected.value not in values:
                    raise StrayRecordsError(
                        f"PNCP returned {key}, which is not of {expected.asked}: it ignored the filter"
                    )


class Walker:
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
                if walk.stray is not None:
                    return

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
        # The listing shrank while it was walked, and this page is now past its end.
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
