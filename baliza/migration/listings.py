"""Bringing a listing's answers in: its pages land a few at a time, and its cells with the last of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from baliza.migration.answers import Answer, Answers, Listing
from baliza.migration.body import LANDS, Body, judge
from baliza.migration.destination import Destination, Parcel
from baliza.migration.old_file import PARSED_REQUESTS
from baliza.migration.tally import Tally
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.warehouse.landing import PAGES_PER_STATEMENT, Request, Window
from baliza.warehouse.ledger import COVERED, Cell

_READ_TOGETHER = 1000
"""Answers whose place in the old file is looked up at once; their bodies are read one by one."""

_NOWHERE = "contratos"
"""Under which endpoint answers are written down of which none is known, and nothing lands."""


class ListingMigration:
    """One listing on its way in.

    Args:
        answers: of the old file.
        destination: today's file.
        listing: to bring in.
    """

    def __init__(self, answers: Answers, destination: Destination, listing: Listing) -> None:
        self._answers = answers
        self._destination = destination
        self._listing = listing
        self._asked: Endpoint | None = ENDPOINTS.get(listing.endpoint or "")
        self._proven: list[tuple[datetime | None, list[Cell]]] = []
        self._tally = Tally()
        self._modalidades: set[int] = set()
        self._had_bodies = False
        self._first_at: datetime | None = None
        self.cells: list[Cell] = []

    def run(self) -> None:
        """Land what has not landed yet, and write what the pages prove."""
        chunks = list(self._chunks_of_numbers())
        if self._destination.resumes and all(self._is_done(chunk) for chunk in chunks):
            return
        for index, chunk in enumerate(chunks):
            self._take(self._answers.of(chunk), is_last=index == len(chunks) - 1)
        self._destination.progress.window(self._listing.label, self._outcome())

    def _chunks_of_numbers(self) -> Iterator[Sequence[int]]:
        numbers = self._listing.numbers
        for start in range(0, len(numbers), _READ_TOGETHER):
            yield numbers[start : start + _READ_TOGETHER]

    def _is_done(self, numbers: Sequence[int]) -> bool:
        places = [(answer.origin, answer.row) for answer in self._answers.of(numbers)]
        return len(self._destination.done(places)) == len(places)

    def _take(self, answers: list[Answer], *, is_last: bool) -> None:
        done = self._destination.done([(answer.origin, answer.row) for answer in answers])
        for start in range(0, len(answers), PAGES_PER_STATEMENT):
            few = answers[start : start + PAGES_PER_STATEMENT]
            parcels: dict[str, Parcel] = {}
            for answer in few:
                self._read(answer, parcels, is_done=(answer.origin, answer.row) in done)
            ends = is_last and start + PAGES_PER_STATEMENT >= len(answers)
            self._land(list(parcels.values()), ends=ends)

    def _land(self, parcels: list[Parcel], *, ends: bool) -> None:
        """Land parcels, the cells with the last; where all of it had landed before, the cells alone."""
        if ends:
            parcels = parcels or [self._parcel({}, self._asked)]
        for index, parcel in enumerate(parcels):
            if ends and index == len(parcels) - 1:
                self._destination.land(parcel, self._prove)
            else:
                self._destination.land(parcel)

    def _read(self, answer: Answer, parcels: dict[str, Parcel], *, is_done: bool) -> None:
        self._had_bodies = self._had_bodies or answer.origin != PARSED_REQUESTS
        self._first_at = self._first_at or answer.asked.at
        try:
            content, trouble = self._answers.body(answer), None
        except ValueError as error:
            content, trouble = None, str(error)
        digest = None if content is None else hashlib.sha256(content).hexdigest()
        body = judge(content, answer.status, self._asked)
        if trouble:
            body = Body("unknown", reason=trouble)
        number = answer.page or body.number
        received = body.page.received if body.page is not None else 0
        is_copy = bool(not is_done and received and digest) and self._destination.is_copy(
            digest or "", answer.asked.at
        )
        if not is_copy or self._listing.window is not None:
            self._count(answer, body, number)
        if is_copy:
            parcel = self._parcel(parcels, body.endpoint or self._asked)
            parcel.received += received
            parcel.answers.append((answer.origin, answer.row, "copy"))
        elif not is_done:
            self._put(answer, body, content, digest, number, parcels)
        self._destination.progress.page(records=received, rate=0)

    def _put(
        self,
        answer: Answer,
        body: Body,
        content: bytes | None,
        digest: str | None,
        number: int | None,
        parcels: dict[str, Parcel],
    ) -> None:
        """Into the parcel of its endpoint, with the evidence that it came."""
        parcel = self._parcel(parcels, body.endpoint or self._asked)
        kind = "parsed" if answer.origin == PARSED_REQUESTS and answer.content is None else body.kind
        misnamed = answer.asked.is_misnamed or (self._asked is not None and self._is_elsewhere(body))
        outcome = f"{kind}, misnamed" if misnamed and kind in LANDS else kind
        parcel.answers.append((answer.origin, answer.row, outcome))
        request = Request(
            request_id=answer.request_id,
            endpoint=parcel.endpoint if body.endpoint or self._asked else answer.asked.name or "?",
            url=_address(answer),
            requested_at=answer.asked.at,
            seconds=0.0,
            status=answer.status,
            size=len(content or b""),
            sha256=digest,
            outcome=body.kind if body.kind in {"records", "empty"} else f"{body.kind}: {body.reason}",
        )
        request = self._destination.told(parcel, request)
        if body.page is not None and body.kind in LANDS:
            self._destination.spooled(parcel, request, body.page, number or 0)

    def _parcel(self, parcels: dict[str, Parcel], endpoint: Endpoint | None) -> Parcel:
        name = endpoint.id if endpoint else _NOWHERE
        window = self._listing.window if endpoint == self._asked else None
        return parcels.setdefault(name, Parcel(name, window))

    def _is_elsewhere(self, body: Body) -> bool:
        """Whether a body holds records of another endpoint than was asked."""
        return body.endpoint is not None and body.endpoint is not self._asked

    def _count(self, answer: Answer, body: Body, number: int | None) -> None:
        """What an answer proves of its window."""
        if self._is_elsewhere(body):
            self._tally.doubts.append("a page holds records of another endpoint than was asked")
            return
        is_next_walk = self._listing.window is None and number == 1 and self._tally.pages
        if self._tally.moved(body) or is_next_walk:
            self._begin_anew()
        self._tally.take(body, number, answer.asked.at)
        if self._listing.window is None and body.page is not None and self._asked is not None:
            self._modalidades |= _modalidades(body, self._asked)

    def _begin_anew(self) -> None:
        """Begin a new tally; what the one before proves is kept."""
        window = self._listing.window or self._inferred()
        if window is not None:
            proves = self._tally.status(window)[0] in COVERED
            if proves or self._listing.window is None:
                self._proven.append((self._as_of, self._cells(window)))
        self._tally = Tally()
        self._modalidades = set()

    def _cells(self, window: Window) -> list[Cell]:
        """The cells of a window.

        Where the answers do not say it, and it is not whole, only days with records are known to be of it.
        """
        cells = self._destination.cells(window, self._tally)
        if self._listing.window is not None:
            return cells
        return [
            cell if cell.status in COVERED else replace(cell, expected=None)
            for cell in cells
            if cell.status in COVERED or cell.landed
        ]

    @property
    def _as_of(self) -> datetime | None:
        """When the first page of the tally was asked for; of one without a page, the first answer."""
        return self._tally.since or self._first_at

    def _inferred(self) -> Window | None:
        """The window of a walk that says none: what its records say."""
        if self._asked is None or len(self._modalidades) > 1:
            return None
        if self._asked.modalidade and not self._modalidades:
            return None
        orgaos = {key[:14] for key in self._tally.days}
        if len(self._tally.days) > 1 and len(orgaos) == 1:
            self._tally.doubts.append("all records are of one órgão, which may be all that was asked for")
        return self._tally.inferred(self._asked, next(iter(self._modalidades), 0))

    def _prove(self) -> None:
        """Write what is proven; within the transaction of the last pages.

        Where the bodies were dropped once they were parsed, the rows tell (parsed_proof).
        """
        if not self._had_bodies:
            return
        window = self._listing.window or self._inferred()
        if window is not None:
            self._proven.append((self._as_of, self._cells(window)))
        for as_of, cells in self._proven:
            if as_of is not None:
                self._destination.record(cells, as_of)
            self.cells += cells

    def _outcome(self) -> str:
        statuses = {cell.status for cell in self.cells}
        worst = next((one for one in ("failed", "short", "complete", "empty") if one in statuses), "landed")
        reason = next((cell.reason for cell in self.cells if cell.reason), None)
        return f"{worst} ({reason})" if reason else worst


def _modalidades(body: Body, endpoint: Endpoint) -> set[int]:
    if endpoint.modalidade is None or body.page is None:
        return set()
    (name,) = endpoint.modalidade.fields
    return {int(value) for record in body.page.records if (value := getattr(record, name)) is not None}


def _address(answer: Answer) -> str:
    """The address it was asked with, its parameters put back."""
    url, parameters = answer.asked.url or "", answer.asked.parameters
    return f"{url or 'old file'} {parameters}" if parameters and "?" not in url else url or "old file"
