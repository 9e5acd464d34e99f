"""Receiving one page: asked for, checked against what was asked, and put on disk until it lands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from baliza.pncp import query
from baliza.pncp.client import Client, Question
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
