"""Walking a window: all its pages once, each checked against what was asked and put on disk."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from baliza.pncp.client import Answer, Client, RequestFailedError
from baliza.pncp.endpoints import Endpoint
from baliza.warehouse.landing import Request, SpooledPage, Window
from baliza.warehouse.page import Defect, Page, PageReader

PAGES_WORTH_WALKING = 4
"""A window of several days with more pages is split at once: what fits one page cannot lose records."""

EMPTY_CONFIRMATIONS = 2
"""A 204 can be false under load, so emptiness must be said twice."""

PARAMETER_OF_SLICE = "cnpj="

_LANES = 16
"""Pages waiting for their turn at once; the pace decides how many of them are under way."""


@dataclass
class Walk:
    """One pass over all pages, and what it brought.

    Attributes:
        totals: every totalRegistros that was said; more than one when the listing moved under the walk.
        days: the day of each record whose key is readable, by key; "" where the day is not.
        pages: on disk, waiting to be landed.
        defects: records that cannot land, with their pages.
        received: records in all pages, defects included.
        failure: why a page after the first never came.
        stray: the record that shows that a filter was ignored.
    """

    totals: set[int] = field(default_factory=set)
    days: dict[str, str] = field(default_factory=dict)
    pages: list[SpooledPage] = field(default_factory=list)
    defects: list[tuple[SpooledPage, Defect]] = field(default_factory=list)
    received: int = 0
    failure: str | None = None
    stray: str | None = None

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


class Walker:
    """Walks windows of one endpoint.

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

    async def walk(self, window: Window, evidence: list[Request]) -> Walk:
        """All pages of a window once; every attempt is added to `evidence`.

        Raises:
            RequestFailedError: the first page never came; of the others, the walk says so.
        """
        walk = Walk()
        await self._page(walk, window, 1, evidence)
        if walk.total is None:
            return walk
        count = math.ceil(walk.total / self._endpoint.page_size)
        if window.until > window.since and count > PAGES_WORTH_WALKING:
            return walk
        numbers = iter(range(2, count + 1))

        async def lane() -> None:
            for number in numbers:
                await self._later_page(walk, window, number, evidence)
                if walk.stray is not None:
                    return

        await asyncio.gather(*(lane() for _ in range(min(_LANES, count - 1))))
        return walk

    async def _page(self, walk: Walk, window: Window, number: int, evidence: list[Request]) -> bool:
        """Take one page into the walk; False where PNCP says that there is none."""
        answer = await self._ask(window, number, evidence)
        if answer.page is None:
            return False
        try:
            self._check_asked_for(window, answer.page)
        except StrayRecordsError as error:
            walk.stray = str(error)
            return True
        path = self._spool / f"{answer.request.request_id:012d}.json"
        await asyncio.to_thread(path.write_bytes, answer.page.body)
        self._on_page(answer.page.received)
        landable = answer.page.received - len(answer.page.defects)
        walk.take(
            answer.page, SpooledPage(path, answer.request, number, list(answer.page.days), landable), window
        )
        return True

    async def _later_page(self, walk: Walk, window: Window, number: int, evidence: list[Request]) -> None:
        # Nothing may be raised here: the other pages would go on being asked for behind everyone's back.
        try:
            for _ in range(EMPTY_CONFIRMATIONS):
                if await self._page(walk, window, number, evidence):
                    return
        except RequestFailedError as error:
            walk.failure = f"page {number}: {error.reason}"
            return
        # The listing shrank while it was walked, and this page is now past its end.
        walk.totals.add(0)

    async def _ask(self, window: Window, number: int, evidence: list[Request]) -> Answer:
        params = {
            self._endpoint.since: f"{window.since:%Y%m%d}",
            self._endpoint.until: f"{window.until:%Y%m%d}",
            "pagina": str(number),
            "tamanhoPagina": str(self._endpoint.page_size),
        }
        if window.slice:
            params[self._endpoint.cnpj] = window.slice.removeprefix(PARAMETER_OF_SLICE)
        return await self._client.page(self._endpoint.id, self._endpoint.path, params, self._reader, evidence)

    def _check_asked_for(self, window: Window, page: Page) -> None:
        """Refuse a page with records of other days or of another órgão.

        Raises:
            StrayRecordsError.
        """
        first, last = window.since.isoformat(), window.until.isoformat()
        strays = [key for key, day in page.days.items() if day and not first <= day <= last]
        if strays:
            raise StrayRecordsError(
                f"PNCP returned {strays[0]} of {page.days[strays[0]]}, outside the days asked for"
            )
        if window.slice:
            cnpj = window.slice.removeprefix(PARAMETER_OF_SLICE)
            strays = [key for key, owners in self._reader.owners(page) if any(owners) and cnpj not in owners]
            if strays:
                raise StrayRecordsError(
                    f"PNCP returned {strays[0]}, which is not of {window.slice}: it ignored the filter"
                )
