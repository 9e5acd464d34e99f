"""One pass over all pages of a window, and what it brought."""

from __future__ import annotations

from dataclasses import dataclass, field

from baliza.warehouse.landing import SpooledPage, Window
from baliza.warehouse.page import Defect, Page

EMPTY_CONFIRMATIONS = 2
"""A 204 can be false under load, so emptiness must be said twice."""

_DEAD_IN_A_ROW = 5
"""Pages of a walk that may fail one after the other, smaller ones included, before the rest is left."""


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
