"""Asking PNCP for one page, and not believing the answer until it is one.

PNCP says "nothing here" in four ways (204, an empty 200, an empty envelope, a 404 with a known text) and
"something is wrong" in many: HTML with status 200 or 429, JSON errors, cut-off bodies, silence. What is not
proven to be a page or to be empty is tried again, and in the end failed; it never becomes emptiness.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

import httpx

from baliza import __version__
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Progress
from baliza.warehouse.landing import Request
from baliza.warehouse.page import Page, PageReader, UnreadablePageError

USER_AGENT = f"Mozilla/5.0 (compatible; baliza/{__version__}; +https://github.com/franklinbaldo/baliza)"

ATTEMPTS = 8
ATTEMPTS_IF_NEVER_REACHED = 3
"""A wrong address or no network is not worth minutes of waiting."""

_ATTEMPTS_IF_HOPELESS = 1
"""Once PNCP has been down for longer than it is worth waiting."""

_TIMES_422 = 4
"""PNCP sends 422 for valid dates under load, so it is believed only when it says so this often."""

# The gateway gives up after 60 to 70 seconds: waiting longer gains nothing.
_TIMEOUT = httpx.Timeout(70.0, connect=15.0)
_WHOLE_ANSWER = 300.0
"""Seconds for an answer to come whole: one that trickles never runs into the other timeouts."""

Failure = Literal["unreachable", "down", "refused", "failed", "rejected"]
"""No connection; PNCP fails whatever is asked; asked too fast; this failed; this is wrong, says PNCP."""


@dataclass(frozen=True)
class Question:
    """One page to ask for.

    Attributes:
        parent: control number of the purchase or contract it is about, where the records do not say.
        may_be_gone: whether it is about one purchase or contract, which may have been deleted.
        attempts: after which the question is given up.
    """

    endpoint: str
    path: str
    params: Mapping[str, str]
    reader: PageReader
    parent: str | None = None
    may_be_gone: bool = False
    attempts: int | None = None


@dataclass(frozen=True)
class Answer:
    """A usable answer: one page, or the proof that there is nothing (`page` is None)."""

    request: Request
    page: Page | None


class RequestFailedError(Exception):
    """Raised when a request found no usable answer in all its attempts; `kind` is the sort of the last."""

    def __init__(self, kind: Failure, reason: str) -> None:
        super().__init__(reason)
        self.kind: Failure = kind
        self.reason = reason


@dataclass(frozen=True)
class _Verdict:
    """What one attempt brought: an answer, or what was wrong."""

    outcome: str
    answer: Answer | None = None
    failure: Failure | None = None

    def is_believed(self, rejections: int) -> bool:
        """Whether PNCP says that the request is wrong, and means it: a 422 may only be a sign of strain."""
        insists = rejections >= _TIMES_422 or not self.outcome.startswith("422")
        return self.failure == "rejected" and insists


NOTHING_FOUND = re.compile(
    r"Nenhuma? (instrumento de cobrança|contrato|contratação|compra|ata|plano|item|resultado|termo|registro)"
    r"( .{1,40})? encontrad[oa]\.?",
    re.IGNORECASE,
)
"""What PNCP says with a 404 where others say 204: "Nenhum instrumento de Cobrança encontrado."."""

_GONE = re.compile(r"(Compra|Contrato|Contratação|Item) não (encontrad|cadastrad)[oa]\.?", re.IGNORECASE)
"""What PNCP says of one that was deleted: "Compra não encontrada"."""

_TAG = re.compile(r"<[^>]*>?")

_MakeRequest = Callable[[str], Request]


class Client:
    """Asks one server, at one pace, and numbers every request.

    Attributes:
        source: what the server's data are: "pncp", or "simulator" when its answers say so.
        reached: whether any answer was PNCP's.
    """

    def __init__(
        self,
        base_url: str,
        *,
        pace: Pace,
        first_request_id: int,
        progress: Progress,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.source = "pncp"
        self.reached = False
        self._pace = pace
        self._progress = progress
        self._request_ids = itertools.count(first_request_id)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=_TIMEOUT,
            follow_redirects=True,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def page(self, question: Question, evidence: list[Request]) -> Answer:
        """Ask until a usable answer comes; every attempt is added to `evidence`.

        Raises:
            RequestFailedError: when the attempts are used up, or the server says that the request is wrong.
        """
        verdict = _Verdict("never asked", failure="unreachable")
        rejections = 0
        for attempt in range(ATTEMPTS):
            verdict = await self._attempt(question, evidence)
            if verdict.answer is not None:
                return verdict.answer
            rejections += verdict.failure == "rejected"
            if verdict.is_believed(rejections):
                raise RequestFailedError("rejected", verdict.outcome)
            wait = self._slow_down(verdict, attempt)
            if self._gives_up(verdict, attempt + 1, question.attempts or ATTEMPTS):
                break
            self._progress.waiting(verdict.outcome, wait)
            if verdict.failure != "refused":
                # After a refusal the pace itself holds everyone back, and this request queues like any other.
                await asyncio.sleep(wait)
        kind = verdict.failure or "failed"
        if kind == "rejected":
            kind = "failed"  # PNCP did not insist: asking again later may help
        raise RequestFailedError(
            "down" if kind == "failed" and self._pace.is_outage else kind, verdict.outcome
        )

    def _gives_up(self, verdict: _Verdict, made: int, attempts: int) -> bool:
        if verdict.failure == "unreachable" and not self.reached:
            return made >= ATTEMPTS_IF_NEVER_REACHED
        if self._pace.is_hopeless:
            return made >= _ATTEMPTS_IF_HOPELESS
        # Fewer attempts are for what may never come; who asks too fast or is cut off only has to wait.
        return made >= (attempts if verdict.failure == "failed" else ATTEMPTS)

    def _slow_down(self, verdict: _Verdict, attempt: int) -> float:
        """Tell the pace of a failure; how many seconds to wait before the next attempt."""
        if verdict.failure == "refused":
            return self._pace.refused(attempt)
        return self._pace.failed(attempt)

    async def _attempt(self, question: Question, evidence: list[Request]) -> _Verdict:
        async with self._pace.turn():
            request_id = next(self._request_ids)
            requested_at = datetime.now(UTC).replace(tzinfo=None)
            started = time.monotonic()
            response, trouble = await self._send(question)
            seconds = time.monotonic() - started

        def request(outcome: str) -> Request:
            return Request(
                request_id=request_id,
                endpoint=question.endpoint,
                url=str(self._http.build_request("GET", question.path, params=dict(question.params)).url),
                requested_at=requested_at,
                seconds=round(seconds, 6),
                status=None if response is None else response.status_code,
                size=0 if response is None else len(response.content),
                sha256=None if response is None else hashlib.sha256(response.content).hexdigest(),
                outcome=outcome,
            )

        if response is None:
            evidence.append(request(trouble.outcome))
            return trouble
        verdict = self._judge(response, question, request)
        if verdict.answer is not None:
            # In this order: the thread that lands reads `source` once `reached` is true.
            if "X-Baliza-Simulator" in response.headers:
                self.source = "simulator"
            self.reached = True
            self._pace.answered(seconds)
            evidence.append(verdict.answer.request)
        else:
            evidence.append(request(verdict.outcome))
        return verdict

    async def _send(self, question: Question) -> tuple[httpx.Response | None, _Verdict]:
        """The response with its whole body, or why there is none."""
        try:
            async with asyncio.timeout(_WHOLE_ANSWER):
                return await self._http.get(question.path, params=dict(question.params)), _Verdict("answered")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return None, _Verdict(
                f"no connection: {str(error) or type(error).__name__}", failure="unreachable"
            )
        except (httpx.TimeoutException, TimeoutError) as error:
            return None, _Verdict(f"no answer in time ({type(error).__name__})", failure="failed")
        except Exception as error:  # noqa: BLE001 - no answer whatever may end a harvest
            return None, _Verdict(f"answer cut off: {str(error) or type(error).__name__}", failure="failed")

    def _judge(self, response: httpx.Response, question: Question, request: _MakeRequest) -> _Verdict:
        if _says_nothing_is_there(response, may_be_gone=question.may_be_gone):
            return _Verdict("empty", Answer(request("empty"), None))
        if response.status_code == httpx.codes.NO_CONTENT:
            return _Verdict("204 from another address than the one asked", failure="failed")
        if response.status_code == httpx.codes.OK:
            return self._judge_page(response, question, request)
        outcome = f"{response.status_code} {response.reason_phrase}: {_excerpt(response)}"
        return _Verdict(outcome, failure=_failure(response))

    @staticmethod
    def _judge_page(response: httpx.Response, question: Question, request: _MakeRequest) -> _Verdict:
        try:
            page = question.reader.read(response.content, question.parent)
        except UnreadablePageError as error:
            outcome = f"200 with a body that is not PNCP's ({error.__cause__}): {_excerpt(response)}"
            return _Verdict(outcome, failure="failed")
        if page.received:
            return _Verdict("records", Answer(request("records"), page))
        if page.total:
            return _Verdict(f"200 without records, though the listing has {page.total}", failure="failed")
        return _Verdict("empty", Answer(request("empty"), None))


def _says_nothing_is_there(response: httpx.Response, *, may_be_gone: bool) -> bool:
    """Whether PNCP says so in one of its ways; of a 404, its own, and not that of a wrong address."""
    if response.history:
        return False  # a portal in between says whatever it likes
    match response.status_code:
        case httpx.codes.NO_CONTENT:
            return True
        case httpx.codes.OK:
            return _is_empty(response)
        case httpx.codes.GONE:
            return may_be_gone
        case httpx.codes.NOT_FOUND:
            body = _json(response)
            message = str(body.get("message", "")) if isinstance(body, dict) else ""
            return bool(NOTHING_FOUND.fullmatch(message) or (may_be_gone and _GONE.fullmatch(message)))
        case _:
            return False


def _is_empty(response: httpx.Response) -> bool:
    """Whether a body without a byte was meant so: a connection that was cut off leaves none either."""
    meant = response.headers.get("Content-Length") == "0" or "chunked" in response.headers.get(
        "Transfer-Encoding", ""
    )
    return not response.content and not response.num_bytes_downloaded and meant


def _json(response: httpx.Response) -> Any:
    """The body as JSON; None where it is not, or is nested as nothing of PNCP's is."""
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _failure(response: httpx.Response) -> Failure:
    """What an error of PNCP means for who asks."""
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "refused"
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        return "failed"
    return "failed" if _is_cut_off(response) else "rejected"


def _is_cut_off(response: httpx.Response) -> bool:
    """Whether a body that should be JSON ends in the middle: what it meant to say is not known."""
    return "json" in response.headers.get("Content-Type", "") and _json(response) is None


def _excerpt(response: httpx.Response) -> str:
    """The message of a JSON error, or the beginning of anything else but records, on one line."""
    body = _json(response)
    if body is None:
        body = _TAG.sub(" ", response.content[:4000].decode("utf-8", errors="replace"))
    elif isinstance(body, dict):
        # Records name people: they are no part of a message.
        body = body.get("message", f"an object with {', '.join(list(body)[:6])}")
    elif isinstance(body, list):
        body = f"a list of {len(body)}"
    return " ".join(str(body).split())[:120]
