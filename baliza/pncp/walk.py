"""Proving a window: walking its pages until the distinct keys are as many as PNCP says there are.

Counting rows proves nothing: PNCP's order changes between pages, so a walk repeats some records and loses as many
others while the row count agrees. Walks are therefore united until the keys agree with the total; while the total
moves, what was counted before is not comparable, and counting starts anew.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from baliza.pncp.client import Answer, Client, RequestFailedError
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.windows import days_of
from baliza.warehouse.landing import Landing, Request, SpooledPage, Window
from baliza.warehouse.ledger import Cell, Status
from baliza.warehouse.page import Defect, Page, PageReader

MAX_WALKS = 16
_WALKS_WITHOUT_GAIN = 4
_MAX_RESTARTS = 4
_MAX_BROKEN_WALKS = 2
_PAGES_QUEUED = 50
_EMPTY_CONFIRMATIONS = 2
"""A 204 can be false under load, so emptiness must be said twice."""

PAGES_WORTH_WALKING = 4
"""A window of several days with more pages is split at once: pages that fit one answer cannot lose records."""

PARAMETER_OF_SLICE = "cnpj="


@dataclass
class _Union:
    """What the walks taken in so far prove together."""

    total: int | None = None
    days: dict[str, str] = field(default_factory=dict)
    quarantined: set[str] = field(default_factory=set)
    keyless: int = 0
    walks: int = 0


@dataclass
class _Walk:
    """One pass over all pages."""

    totals: set[int] = field(default_factory=set)
    pages: int = 0
    days: dict[str, str] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    failure: str | None = None
    too_long: bool = False

    @property
    def total(self) -> int | None:
        return next(iter(self.totals)) if len(self.totals) == 1 else None


@dataclass(frozen=True)
class Proof:
    """What became of a window: something to land, or windows to ask for instead."""

    landing: Landing
    split: bool = False
    failed: bool = False
    unreachable: bool = False


class StrayRecordsError(Exception):
    """Raised when the server returns records outside what was asked: a filter was ignored."""


class Prover:
    """Proves windows of one endpoint.

    Args:
        spool: folder where pages wait to be landed; files are named for their requests.
        on_page: told of each page and its records.
    """

    def __init__(
        self, client: Client, endpoint: Endpoint, reader: PageReader, spool: Path, on_page: Callable[[int], None]
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._reader = reader
        self._spool = spool
        self._on_page = on_page

    async def prove(self, window: Window) -> Proof:
        """Walk the window until it is complete, proven empty, split, short or failed."""
        return await _WindowWalker(self, window).prove()

    async def ask(self, window: Window, number: int, evidence: list[Request]) -> tuple[Answer, SpooledPage | None]:
        """One page, checked against what was asked and put on disk.

        Raises:
            RequestFailedError, StrayRecordsError.
        """
        answer = await self._client.page(
            self._endpoint.id, self._endpoint.path, self._params(window, number), self._reader, evidence
        )
        if answer.page is None:
            return answer, None
        _check_asked_for(window, answer.page)
        path = self._spool / f"{answer.request.request_id:012d}.json"
        await asyncio.to_thread(path.write_bytes, answer.page.body)
        self._on_page(answer.page.received)
        landable = answer.page.received - len(answer.page.defects)
        return answer, SpooledPage(path, answer.request, number, list(answer.page.days), landable)

    def _params(self, window: Window, number: int) -> dict[str, str]:
        params = {
            self._endpoint.since: f"{window.since:%Y%m%d}",
            self._endpoint.until: f"{window.until:%Y%m%d}",
            "pagina": str(number),
            "tamanhoPagina": str(self._endpoint.page_size),
        }
        if window.slice:
            params[self._endpoint.cnpj] = window.slice.removeprefix(PARAMETER_OF_SLICE)
        return params

    def page_count(self, total: int) -> int:
        """Pages of a listing."""
        return math.ceil(total / self._endpoint.page_size)


class _WindowWalker:
    """The state of proving one window."""

    def __init__(self, prover: Prover, window: Window) -> None:
        self._prover = prover
        self._window = window
        self._several_days = window.until > window.since
        self._requests: list[Request] = []
        self._pages: list[SpooledPage] = []
        self._defects: list[tuple[SpooledPage, Defect]] = []
        self._received = 0

    async def prove(self) -> Proof:
        union = _Union()
        walk = _Walk()
        without_gain = restarts = empties = broken = 0
        while union.walks < MAX_WALKS and without_gain < _WALKS_WITHOUT_GAIN and broken < _MAX_BROKEN_WALKS:
            try:
                walk = await self._walk()
            except RequestFailedError as error:
                return self._failed(union, error)
            except StrayRecordsError as error:
                return self._stray(str(error))
            if walk.too_long:
                return self._split()
            if not walk.totals:
                empties += 1
                if empties < _EMPTY_CONFIRMATIONS:
                    continue
                if not union.days:
                    return self._proof(self._cells("empty", union))
            broken += walk.failure is not None
            if self._has_moved(union, walk):
                # Nothing counted before can be compared with the new total.
                union = _Union(walks=union.walks + (walk.total is None))
                restarts += 1
                if restarts > _MAX_RESTARTS:
                    break
                if walk.total is None:
                    continue
            without_gain = self._unite(union, walk, without_gain)
            if len(union.days) == union.total and not (self._several_days and "" in union.days.values()):
                return self._proof(self._cells("complete", union))
            if self._several_days or len(union.days) + union.keyless == union.total:
                break
        return self._split() if self._several_days else self._unproven(union, walk)

    @staticmethod
    def _has_moved(union: _Union, walk: _Walk) -> bool:
        """Whether the listing changed while it was walked, or since the walks before."""
        if walk.total is None or union.total not in {None, walk.total}:
            return True
        return len(union.days) > 0 and len(union.days | walk.days) > walk.total

    def _unite(self, union: _Union, walk: _Walk, without_gain: int) -> int:
        before = len(union.days)
        union.total = walk.total
        union.days |= walk.days
        union.quarantined |= {defect.key for defect in walk.defects if defect.key is not None}
        union.keyless = sum(defect.key is None for defect in walk.defects)
        union.walks += 1
        return 0 if len(union.days) > before else without_gain + 1

    async def _walk(self) -> _Walk:
        """All pages once."""
        walk = _Walk()
        first, spooled = await self._prover.ask(self._window, 1, self._requests)
        if first.page is None or spooled is None:
            return walk
        self._take(walk, first.page, spooled)
        count = self._prover.page_count(first.page.total)
        if self._several_days and count > PAGES_WORTH_WALKING:
            walk.too_long = True
            return walk
        # The pace decides how many of these are under way at once.
        others = range(2, count + 1)
        for start in range(0, len(others), _PAGES_QUEUED):
            numbers = others[start : start + _PAGES_QUEUED]
            await asyncio.gather(*(self._other_page(walk, number) for number in numbers))
        return walk

    async def _other_page(self, walk: _Walk, number: int) -> None:
        try:
            answer, spooled = await self._prover.ask(self._window, number, self._requests)
        except RequestFailedError as error:
            walk.failure = f"page {number}: {error.reason}"
            return
        if answer.page is None or spooled is None:
            # Past the end: the listing shrank while it was walked, or the emptiness is false.
            walk.totals.add(0)
            return
        self._take(walk, answer.page, spooled)

    def _take(self, walk: _Walk, page: Page, spooled: SpooledPage) -> None:
        walk.totals.add(page.total)
        walk.pages += 1
        walk.days |= page.days
        walk.days |= {defect.key: defect.day or "" for defect in page.defects if defect.key is not None}
        walk.defects += page.defects
        self._received += page.received
        self._pages.append(spooled)
        self._defects += [(spooled, defect) for defect in page.defects]

    def _cells(self, status: Status, union: _Union, reason: str | None = None) -> list[Cell]:
        """The ledger rows of the window: each day with what is proven of it."""
        days = days_of(self._window)
        landed = dict.fromkeys(days, 0)
        quarantined = dict.fromkeys(days, 0)
        for key, text in union.days.items():
            day = self._window.since if len(days) == 1 else date.fromisoformat(text)
            landed[day] += 1
            quarantined[day] += key in union.quarantined
        alone = len(days) == 1
        repeats = max(0, self._received - len(union.days) - union.keyless)
        return [
            Cell(
                endpoint=self._window.endpoint,
                slice=self._window.slice,
                day=day,
                status=status if landed[day] or status != "complete" else "empty",
                # A window proven whole proves each of its days; otherwise only PNCP's own total counts.
                expected=landed[day] if status in {"complete", "empty"} else union.total if alone else None,
                landed=landed[day],
                repeats=repeats if day == days[0] else 0,
                walks=union.walks,
                pages=len(self._pages) if day == days[0] else 0,
                quarantined=quarantined[day],
                reason=reason,
            )
            for day in days
        ]

    def _unproven(self, union: _Union, walk: _Walk) -> Proof:
        if walk.failure is not None:
            return self._proof(self._cells("failed", union, walk.failure), failed=True)
        if union.total is None:
            reason = f"totalRegistros kept moving ({', '.join(map(str, sorted(walk.totals)))})"
            return self._proof(self._cells("failed", union, reason), failed=True)
        if len(union.days) > union.total:
            reason = f"{len(union.days)} keys came, though totalRegistros is {union.total}"
            return self._proof(self._cells("failed", union, reason), failed=True)
        reason = f"{union.total - len(union.days)} never came in {union.walks} walks"
        if union.keyless:
            reason += f"; {union.keyless} in quarantine without a key"
        return self._proof(self._cells("short", union, reason))

    def _failed(self, union: _Union, error: RequestFailedError) -> Proof:
        if self._several_days and error.kind == "failed" and self._window.until - self._window.since > timedelta(30):
            # Wide windows time out on PNCP where their halves do not.
            return self._split()
        landing = self._proof(self._cells("failed", union, error.reason))
        return Proof(landing.landing, failed=True, unreachable=error.kind == "unreachable")

    def _stray(self, reason: str) -> Proof:
        """Nothing of a window whose filter was ignored may land: it would pass for what was asked."""
        self._discard_pages()
        return self._proof(self._cells("failed", _Union(), reason), failed=True)

    def _split(self) -> Proof:
        self._discard_pages()
        return Proof(Landing(self._window, requests=self._requests), split=True)

    def _discard_pages(self) -> None:
        for page in self._pages:
            page.path.unlink(missing_ok=True)
        self._pages, self._defects, self._received = [], [], 0

    def _proof(self, cells: list[Cell], *, failed: bool = False) -> Proof:
        pages = sorted(self._pages, key=lambda page: page.request.request_id)
        return Proof(
            Landing(self._window, pages, self._requests, cells, self._defects, self._received), failed=failed
        )


def _check_asked_for(window: Window, page: Page) -> None:
    """Refuse a page with records of other days or of another órgão.

    Raises:
        StrayRecordsError.
    """
    first, last = window.since.isoformat(), window.until.isoformat()
    strays = [key for key, day in page.days.items() if day and not first <= day <= last]
    if strays:
        raise StrayRecordsError(f"PNCP returned {strays[0]} of {page.days[strays[0]]}, outside the days asked for")
    if window.slice:
        cnpj = window.slice.removeprefix(PARAMETER_OF_SLICE)
        strays = [key for key, owners in page.owners.items() if cnpj not in owners]
        if strays:
            raise StrayRecordsError(f"PNCP returned {strays[0]}, which is not of {window.slice}: it ignored the filter")
