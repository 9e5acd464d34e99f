"""Proving a window: walking its pages until the distinct keys are as many as PNCP says there are.

Counting rows proves nothing: PNCP's order changes between pages, so a walk repeats some records and loses as
many others while the row count agrees. Walks are therefore united until the keys agree with the total; while
the total moves, what was counted before is not comparable, and counting starts anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, Protocol

from baliza.pncp import query
from baliza.pncp.client import Failure, RequestFailedError
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.walk import EMPTY_CONFIRMATIONS, Walk
from baliza.pncp.windows import days_of
from baliza.warehouse.landing import Landing, Request, SpooledPage, Window
from baliza.warehouse.ledger import Cell, Status
from baliza.warehouse.page import Defect
from baliza.warehouse.raw_table import PARENT_KEY
from baliza.warehouse.vanished import Whole

MAX_WALKS = 16
_WALKS_WITHOUT_GAIN = 4
_PAGES_WITHOUT_GAIN = 24
"""Two pages, the last of one record, hide that record every other time, and cost little to walk again."""
_MAX_RESTARTS = 4
_MAX_BROKEN_WALKS = 2


Trouble = Failure | Literal["moving", "dead", "wrong"]
"""What stands in the way of a proof: a request's failure, a total that moves, pages that never come, or more
records than PNCP says there are."""


@dataclass(frozen=True)
class Proof:
    """What became of a window: something to land, or windows to ask for instead.

    Attributes:
        split: it must be asked for in halves.
        is_doubtful: it must be asked for again, later.
        trouble: why it failed, if it did.
    """

    landing: Landing
    split: bool = False
    is_doubtful: bool = False
    trouble: Trouble | None = None

    @property
    def failed(self) -> bool:
        """Whether an error stands in the way of a proof."""
        return self.trouble is not None

    @property
    def may_recover(self) -> bool:
        """Of one that failed: whether asking again later may help."""
        return self.trouble in {"unreachable", "down", "refused", "failed", "moving"}


class WalksWindows(Protocol):
    """Walks the windows of an endpoint: lists by their pages, details by their parents."""

    async def walk(self, window: Window, evidence: list[Request]) -> Walk:
        """All of a window once."""
        ...


@dataclass(frozen=True)
class _Union:
    """What the walks that can be compared prove together.

    Attributes:
        total: what every page of every walk agreed on; None before the first, and after the total moved.
        days: the day of each record, by key.
        keyless: texts of the records in quarantine whose key cannot be read.
        pages: of the last walk.
        walks, without_gain, restarts, broken: of all walks, those not comparable any more included.
    """

    total: int | None = None
    days: Mapping[str, str] = field(default_factory=dict)
    keyless: frozenset[str] = frozenset()
    pages: int = 0
    walks: int = 0
    without_gain: int = 0
    restarts: int = 0
    broken: int = 0

    def with_walk(self, walk: Walk) -> _Union:
        """The union after one more walk: it is added, or starts anew where the listing has moved."""
        broken = self.broken + (walk.failure is not None)
        tried = replace(self, pages=len(walk.pages), walks=self.walks + 1, broken=broken)
        if walk.total is None:
            # It moved under the walk, which can be compared with nothing.
            return replace(
                tried, total=None, days={}, keyless=frozenset(), without_gain=0, restarts=self.restarts + 1
            )
        days = {**self.days, **walk.days}
        if self.total not in {None, walk.total} or (self.days and len(days) > walk.total):
            # It moved since the walks before, perhaps one record gone and another come.
            tried = replace(tried, restarts=self.restarts + 1)
            days, keyless, gained = walk.days, walk.keyless, True
        else:
            keyless, gained = self.keyless | walk.keyless, len(days) > len(self.days)
        without_gain = 0 if gained else self.without_gain + 1
        return replace(tried, total=walk.total, days=days, keyless=keyless, without_gain=without_gain)

    @property
    def is_proven(self) -> bool:
        """Whether the distinct keys are exactly as many as PNCP says there are records."""
        return len(self.days) == self.total and not self.keyless

    @property
    def missing(self) -> int:
        """Records that PNCP counts and that never came; negative when more came than it counts."""
        return (self.total or 0) - len(self.days) - len(self.keyless)

    @property
    def _patience(self) -> int:
        # A listing of one page loses nothing to unstable order: walking it again is vain.
        if self.pages <= 1:
            return 1
        return max(_WALKS_WITHOUT_GAIN, _PAGES_WITHOUT_GAIN // self.pages)

    @property
    def may_improve(self) -> bool:
        """Whether another walk could still bring what is missing."""
        return (
            self.walks < MAX_WALKS
            and self.without_gain < self._patience
            and self.restarts <= _MAX_RESTARTS
            and self.broken < _MAX_BROKEN_WALKS
            and (self.total is None or self.missing != 0)
        )


class Prover:
    """Proves windows of one endpoint.

    Args:
        walker: of the endpoint.
    """

    def __init__(self, endpoint: Endpoint, walker: WalksWindows) -> None:
        self._endpoint = endpoint
        self._walker = walker

    async def prove(self, window: Window) -> Proof:
        """Walk the window until it is complete, proven empty, split, short or failed."""
        return await _Proving(self._endpoint, self._walker, window).prove()


class _Proving:
    """The state of proving one window."""

    def __init__(self, endpoint: Endpoint, walker: WalksWindows, window: Window) -> None:
        self._endpoint = endpoint
        self._walker = walker
        self._window = window
        self._several_days = window.until > window.since
        self._requests: list[Request] = []
        self._pages: list[SpooledPage] = []
        self._defects: list[tuple[SpooledPage, Defect]] = []
        self._received = 0
        self._seen: dict[str, str] = {}

    async def prove(self) -> Proof:
        union = _Union()
        walk = Walk()
        empties = 0
        while union.may_improve:
            try:
                walk = await self._walker.walk(self._window, self._requests)
            except RequestFailedError as error:
                return self._never_came(union, error)
            self._keep(walk)
            if walk.stray is not None:
                # Nothing of it may land: it would pass for what was asked.
                self._discard_pages()
                return self._failed(walk.stray, "rejected")
            if walk.is_empty:
                empties += 1
                if empties == EMPTY_CONFIRMATIONS:
                    return self._empty(union)
                continue
            empties = 0
            union = union.with_walk(walk)
            if union.is_proven and not (self._several_days and "" in union.days.values()):
                return self._proven(self._cells("complete", union.days, union.total, union.walks), union.days)
            if self._several_days:
                return self._split()
        return self._unproven(union, walk)

    def _keep(self, walk: Walk) -> None:
        self._pages += walk.pages
        self._defects += walk.defects
        self._received += walk.received
        self._seen |= walk.days

    def _empty(self, union: _Union) -> Proof:
        if self._received:
            reason = f"PNCP says that there is nothing, after it had shown {self._received} records"
            return self._failed(reason, "moving", union)
        return self._proven(self._cells("empty", {}, 0, EMPTY_CONFIRMATIONS), {})

    def _never_came(self, union: _Union, error: RequestFailedError) -> Proof:
        """The first page failed: wide windows break on PNCP where their halves do not."""
        if self._several_days and error.kind == "failed":
            return self._split()
        return self._failed(error.reason, error.kind, union)

    def _unproven(self, union: _Union, walk: Walk) -> Proof:
        if walk.failure is not None:
            return self._failed(walk.failure, "down" if walk.is_lost else "dead", union)
        if union.total is None:
            moved = ", ".join(map(str, sorted(walk.totals)))
            return self._failed(f"totalRegistros kept moving ({moved})", "moving", union)
        if union.missing < 0:
            reason = f"{len(union.days)} keys came, though totalRegistros is {union.total}"
            return self._failed(reason, "wrong", union)
        reasons = []
        if union.missing:
            reasons.append(f"{union.missing} never came in {union.walks} walks")
        if union.keyless:
            reasons.append(f"{len(union.keyless)} in quarantine without a key")
        return self._proof(self._cells("short", union.days, union.total, union.walks, "; ".join(reasons)))

    def _failed(self, reason: str, trouble: Trouble, union: _Union | None = None) -> Proof:
        """What had come lands all the same; only the cell stays open."""
        union = union or _Union()
        cells = self._cells("failed", self._seen, union.total, union.walks, reason)
        return replace(self._proof(cells), trouble=trouble)

    def _cells(
        self,
        status: Status,
        days_by_key: Mapping[str, str],
        total: int | None,
        walks: int,
        reason: str | None = None,
    ) -> list[Cell]:
        """The ledger rows of the window: each day with what is proven of it."""
        days = days_of(self._window)
        landed: dict[date, set[str]] = {day: set() for day in days}
        for key, text in days_by_key.items():
            landed[date.fromisoformat(text) if self._several_days else days[0]].add(key)
        quarantined = {defect.key for _, defect in self._defects}
        keyless = sum(defect.key is None for _, defect in self._defects)
        proven = status in {"complete", "empty"}
        return [
            Cell(
                endpoint=self._window.endpoint,
                modalidade=self._window.modalidade,
                slice=self._window.slice,
                day=day,
                status="empty" if status == "complete" and not landed[day] else status,
                # A window proven whole proves each of its days; otherwise only PNCP's own total counts.
                expected=len(landed[day]) if proven else None if self._several_days else total,
                landed=len(landed[day]),
                repeats=self._received - len(self._seen) - keyless if day == days[0] else 0,
                walks=walks,
                pages=len(self._pages) if day == days[0] else 0,
                quarantined=len(landed[day] & quarantined),
                reason=reason,
            )
            for day in days
        ]

    def _split(self) -> Proof:
        self._discard_pages()
        return Proof(Landing(self._window, requests=self._requests), split=True)

    def _discard_pages(self) -> None:
        for page in self._pages:
            page.path.unlink(missing_ok=True)
        self._pages, self._defects, self._received, self._seen = [], [], 0, {}

    def _proven(self, cells: list[Cell], keys: Collection[str]) -> Proof:
        proof = self._proof(cells)
        return replace(proof, landing=replace(proof.landing, whole=self._whole(keys)))

    def _proof(self, cells: list[Cell]) -> Proof:
        pages = sorted(self._pages, key=lambda page: page.request.request_id)
        return Proof(Landing(self._window, pages, self._requests, cells, self._defects, self._received))

    def _whole(self, keys: Collection[str]) -> Whole | None:
        """What the proven listing says of records that are not in it, where it says anything."""
        endpoint, window = self._endpoint, self._window
        if not (endpoint.keeps_its_day or endpoint.cell in {"snapshot", "parent"}):
            return None
        matches = tuple((wanted.fields, wanted.value) for wanted in query.expected(endpoint, window))
        if endpoint.cell == "parent":
            field = PARENT_KEY if PARENT_KEY in endpoint.key else endpoint.key[0]
            matches = (((field,), window.slice),)
        return Whole(
            endpoint=window.endpoint,
            modalidade=window.modalidade,
            slice=window.slice,
            keys=keys,
            day_field=endpoint.day,
            since=window.since,
            until=window.until,
            matches=matches,
        )
