"""What the pages of an old listing prove, cell by cell.

The rule is that of a harvest (pncp.proof): a listing is whole when its distinct keys are as many as PNCP said
there are, while that number stood still. A month proven whole proves each of its days; of one that is not, no
day is proven, for PNCP told the number of the month alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from baliza.migration.body import Body
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.walk import EMPTY_CONFIRMATIONS
from baliza.pncp.windows import days_of
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import Cell, Status

_BRASILIA = timedelta(hours=3)
"""How far behind UTC. Old files do not say their zone; taken for UTC, a day is over rather too late."""


@dataclass
class Tally:
    """What the answers of one window have shown while PNCP's total stood still.

    Attributes:
        total: what every page agreed on; None before the first.
        days: the day of each record, by key; "" where it cannot be read.
        numbers: of the pages.
        since, until: when the first and the last of them were asked for.
        received: records of all pages.
        empties: when it was said that there is nothing; the same answer kept twice says it once.
        keyless: records whose key cannot be read.
        quarantined: keys that are in quarantine only.
        doubts: why the pages prove nothing, however many came.
        failure: what was wrong with the last answer that was no page.
    """

    total: int | None = None
    days: dict[str, str] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)
    pages: int = 0
    received: int = 0
    since: datetime | None = None
    until: datetime | None = None
    empties: set[datetime] = field(default_factory=set)
    keyless: int = 0
    quarantined: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)
    failure: str | None = None

    def moved(self, body: Body) -> bool:
        """Whether a body says another total than those before it: it begins a tally of its own."""
        said = _total(body)
        return None not in {said, self.total} and said != self.total

    def take(self, body: Body, number: int | None, at: datetime) -> None:
        """Count an answer in, that did not move."""
        said = _total(body)
        if said is None:
            self.failure = body.reason
            return
        self.total = said
        self.since, self.until = self.since or at, at
        if body.page is None:
            self.empties.add(at)
            return
        self.pages += 1
        self.numbers |= {number} if number else set()
        self.received += body.page.received
        self.days |= body.page.days
        for defect in body.page.defects:
            if defect.key is None:
                self.keyless += 1
            else:
                self.days[defect.key] = defect.day or ""
                self.quarantined.add(defect.key)
        if not body.is_whole:
            self.doubts.append(body.reason or "a page is of another endpoint than was asked")

    def status(self, window: Window) -> tuple[Status, str | None]:
        """Of the window as a whole, and why it is not better."""
        if self.total is None:
            return "failed", self.failure or "no page of it came"
        if self.total == 0:
            if len(self.empties) >= EMPTY_CONFIRMATIONS:
                return "empty", None
            return "short", "it was said only once that there is nothing, which PNCP also says under load"
        outside = self._outside(window)
        doubts = [*dict.fromkeys(self.doubts)]
        if outside:
            doubts.append(f"{outside} records are of other days than were asked for")
        if self.keyless:
            doubts.append(f"{self.keyless} records in quarantine without a key")
        if len(self.days) != self.total:
            doubts.insert(0, f"{len(self.days)} of {self.total} records, {self._told_pages()}")
        elif "" in self.days.values() and window.since != window.until and ENDPOINTS[window.endpoint].day:
            doubts.append("some records do not say their day")
        return ("short", "; ".join(doubts)) if doubts else ("complete", None)

    def _told_pages(self) -> str:
        size = max(1, round(self.received / max(1, self.pages)))
        last = max(self.numbers, default=0)
        all_pages = max(last, -(-(self.total or 0) // size))
        return f"{len(self.numbers) or self.pages} of about {all_pages} pages"

    def _outside(self, window: Window) -> int:
        if not ENDPOINTS[window.endpoint].day:
            return 0
        first, last = window.since.isoformat(), window.until.isoformat()
        return sum(1 for day in self.days.values() if day and not first <= day <= last)

    def inferred(self, endpoint: Endpoint, modalidade: int) -> Window | None:
        """The days between the first record and the last, of a listing that does not say its window.

        A window holds all days between two of its own: whole, it proves these, whatever it was.
        """
        known = sorted(day for day in self.days.values() if day)
        if not known or not endpoint.day:
            return None
        return Window(
            endpoint.id, "", date.fromisoformat(known[0]), date.fromisoformat(known[-1]), modalidade
        )

    def cells(self, window: Window) -> list[Cell]:
        """The ledger's rows of a window."""
        status, reason = self.status(window)
        endpoint = ENDPOINTS[window.endpoint]
        days = days_of(window)
        several = len(days) > 1
        name = f"{window.since}..{window.until}"
        if several:
            reason = reason and f"{name}: {reason}"
        if status == "complete" and endpoint.cell == "snapshot":
            status, reason = "short", "it was asked only up to a deadline: more may have been open"
        elif status == "complete" and several and endpoint.cell != "day":
            status, reason = "short", f"{name}: asked for together, which does not say what each day held"
        landed = Counter(self.days.values()) if several else Counter({f"{days[0]}": len(self.days)})
        apart = Counter(self.days[key] for key in self.quarantined)
        proven = status in {"complete", "empty"}
        cells = []
        for day in days:
            here = landed[f"{day}"]
            own: tuple[Status, str | None] = (status, reason)
            if proven:
                own = ("complete" if here else "empty", None)
            if proven and not self._was_over(day):
                own = ("short", "it was asked for before the day was over")
            expected = None if several or endpoint.cell == "snapshot" else self.total
            cells.append(
                Cell(
                    endpoint=window.endpoint,
                    day=day,
                    status=own[0],
                    slice=window.slice,
                    modalidade=window.modalidade,
                    expected=here if own[0] in {"complete", "empty"} else expected,
                    landed=here,
                    repeats=max(0, self.received - len(self.days) - self.keyless) if day == days[0] else 0,
                    walks=1 if self.pages else 0,
                    pages=self.pages if day == days[0] else 0,
                    quarantined=apart[f"{day}"] if several else len(self.quarantined),
                    reason=own[1],
                )
            )
        return cells

    def _was_over(self, day: date) -> bool:
        """Whether a day was over when the first page was asked for."""
        return self.since is not None and (self.since - _BRASILIA).date() > day


def _total(body: Body) -> int | None:
    """How many records PNCP says there are; None where the body does not say."""
    if body.kind == "empty":
        return 0
    return body.page.total if body.page is not None and body.kind == "records" else None
