"""Receiving one page: asked for, checked against what was asked, and put on disk until it lands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from baliza.pncp import query
from baliza.pncp.client import Client, Question, RequestFailedError
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.walk import Walk
from baliza.warehouse.landing import Request, SpooledPage, Window
from baliza.warehouse.page import Page, PageReader


class StrayRecordsError(Exception):
    """Raised when the server returns records outside what was asked: a filter was ignored."""


class Reception:
    """Asks for single pages of one endpoint, checks them against what was asked, and puts them on disk.

    Args:
        spool: folder where pages wait to be landed; files are named for their requests.
        on_page: told of each page and its records, empty ones included.
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
        try:
            path = query.path(self._endpoint, window, item)
        except ValueError as error:
            raise RequestFailedError("rejected", str(error)) from error
        question = Question(
            endpoint=self._endpoint.id,
            path=path,
            params=query.params(self._endpoint, window, number, page_size),
            reader=self._reader,
            parent=window.slice,
            may_be_gone=self._endpoint.cell == "parent",
            attempts=attempts,
        )
        answer = await self._client.page(question, evidence)
        if answer.page is None:
            self._on_page(0)
            return None
        try:
            self._check_asked_for(window, answer.page, item)
        except StrayRecordsError as error:
            walk.stray = str(error)
            return None
        spool = self._spool / f"{answer.request.request_id:012d}.json"
        await asyncio.to_thread(spool.write_bytes, answer.page.body)
        self._on_page(answer.page.received)
        landable = answer.page.received - len(answer.page.defects)
        spooled = SpooledPage(spool, answer.request, number, list(answer.page.days), landable)
        walk.take(answer.page, spooled, window)
        return answer.page

    def _check_asked_for(self, window: Window, page: Page, item: int | None) -> None:
        """Refuse a page with records of other days, of another órgão, modalidade, place or item.

        Raises:
            StrayRecordsError.
        """
        if self._endpoint.day:
            _check_days(window, page)
        for expected in query.expected(self._endpoint, window, item):
            silent = 0
            for key, values in self._reader.values(page, expected.fields):
                if not any(values):
                    silent += 1
                elif expected.value not in values:
                    raise StrayRecordsError(
                        f"PNCP returned {key}, which is not of {expected.asked}: it ignored the filter"
                    )
            if silent == page.received:
                raise StrayRecordsError(f"none of {silent} records says whether it is of {expected.asked}")


def _check_days(window: Window, page: Page) -> None:
    first, last = window.since.isoformat(), window.until.isoformat()
    days = page.days
    if not days:
        # Of one defect a wrong day may well be what is wrong with it; of a whole page it is not.
        days = {defect.raw_text: defect.day or "" for defect in page.defects}
        if len(days) == 1 or any(not day or first <= day <= last for day in days.values()):
            return
    for key, day in days.items():
        if day and not first <= day <= last:
            raise StrayRecordsError(f"PNCP returned {key[:40]} of {day}, outside the days asked for")
