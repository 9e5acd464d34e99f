"""Walking the details of one purchase or contract: its items, the results of each, its terms, itself.

These answers are bare lists that announce no total. A list is at its end where a page is shorter than asked,
which says little by itself: a server that answers less than asked for would look the same. So only a first
page of few records, and of no round number, is believed to be all there is; otherwise pages are asked for
until one brings nothing.
"""

from __future__ import annotations

from baliza.pncp.client import RequestFailedError
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.reception import Reception
from baliza.pncp.walk import Walk
from baliza.warehouse.landing import Request, Window

_MAX_PAGES = 1000
_ROUND = 10
_CAP = 5
"""Servers cap what they show at multiples of this."""

_SHORT_LIST = 20
"""A server that answers less than was asked for answers a round number, or this many at least."""


class DetailWalker:
    """Walks the details of single parents."""

    def __init__(self, reception: Reception, endpoint: Endpoint) -> None:
        self._reception = reception
        self._page_size = endpoint.page_size
        self._by_item = "{item}" in endpoint.path

    async def walk(self, window: Window, evidence: list[Request]) -> Walk:
        """All records of a parent once; its total is how many came, repeats included.

        Raises:
            RequestFailedError: the first answer never came; of the others, the walk says so.
        """
        walk = Walk()
        total = 0
        for item in window.items if self._by_item else (None,):
            try:
                total += await self._list(walk, window, item, evidence)
            except RequestFailedError as error:
                if not walk.pages:
                    raise
                walk.failure = error.reason if item is None else f"item {item}: {error.reason}"
                break
        if walk.pages:
            # How long a list is that broke off nobody knows: totals that disagree prove nothing.
            walk.totals = {total} if walk.failure is None else {0, walk.received}
        return walk

    async def _list(self, walk: Walk, window: Window, item: int | None, evidence: list[Request]) -> int:
        """Take one list into the walk; how many records it has."""
        total = 0
        before: set[str] = set()
        for number in range(1, _MAX_PAGES + 1):
            page = await self._reception.receive(
                walk, window, evidence, number=number, page_size=self._page_size, item=item
            )
            if page is None and (number > 1 or item is not None):
                # Something else of the parent has come, so the prover will not ask twice: it is asked here.
                page = await self._reception.receive(
                    walk, window, evidence, number=number, page_size=self._page_size, item=item
                )
            if page is None:
                break
            shown = {*page.days, *(defect.raw_text for defect in page.defects)}
            if shown == before:
                # The server does not page. What it shows is all, unless it is as many as a server would cap.
                if page.received <= (self._page_size or 0) and page.received % _CAP == 0:
                    walk.failure = f"the same {page.received} records came as page {number - 1} and {number}"
                break
            total += page.received
            before = shown
            if self._page_size is None or (number == 1 and self._is_surely_whole(page.received)):
                break
        else:
            walk.failure = f"more than {_MAX_PAGES} pages came, and no end of them"
        return total

    def _is_surely_whole(self, received: int) -> bool:
        """Whether a first page is too short to be anything but all there is."""
        return received < _SHORT_LIST and received % _ROUND != 0
