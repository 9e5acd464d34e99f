"""One polite request, to say whether PNCP can be reached from here, and what its clock says.

Nothing is tried again: whoever asks wants to know how it is now.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import httpx

from baliza.pncp.client import USER_AGENT
from baliza.pncp.endpoints import ENDPOINTS

Outcome = Literal[
    "answered",
    "no_name",
    "no_trust",
    "no_connection",
    "silent",
    "too_fast",
    "forbidden",
    "broken",
    "stranger",
]
"""An answer of PNCP's own; no address for the name; a certificate that is not trusted; nobody listens; no
answer in time; 429; 403; an error of PNCP's; an answer of somebody else, such as a proxy."""

_PATIENCE = httpx.Timeout(30.0, connect=10.0)


@dataclass(frozen=True)
class Probe:
    """What came of it.

    Attributes:
        outcome: as above.
        status: of HTTP; None where there was no answer.
        reason: in the words of the system or of HTTP.
        seconds: until then.
        skew: how far this machine's clock is ahead of PNCP's; None where the answer does not say.
        is_simulator: whether its data are invented.
    """

    outcome: Outcome
    status: int | None
    reason: str
    seconds: float
    skew: timedelta | None = None
    is_simulator: bool = False


def probe(url: str, day: date) -> Probe:
    """Ask for the smallest page of contracts of a day.

    Args:
        url: scheme and host.
        day: that is over.
    """
    endpoint = ENDPOINTS["contratos"]
    days = {str(name): f"{day:%Y%m%d}" for name in (endpoint.since, endpoint.until)}
    before = datetime.now(UTC)
    started = time.monotonic()
    try:
        with httpx.Client(base_url=url, timeout=_PATIENCE, headers={"User-Agent": USER_AGENT}) as client:
            response = client.get(endpoint.path, params={**days, "pagina": "1", "tamanhoPagina": "10"})
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Probe(_kind(error), None, str(error) or type(error).__name__, time.monotonic() - started)
    seconds = time.monotonic() - started
    return Probe(
        _judged(response),
        response.status_code,
        f"{response.status_code} {response.reason_phrase}",
        seconds,
        _skew(response, before + timedelta(seconds=seconds / 2)),
        "X-Baliza-Simulator" in response.headers,
    )


def _kind(error: BaseException) -> Outcome:
    """Which of the ways not to be answered it is, by what is behind the error."""
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, socket.gaierror):
            return "no_name"
        if isinstance(behind, ssl.SSLError):
            return "no_trust"
        behind = behind.__cause__ or behind.__context__
    return "silent" if isinstance(error, httpx.TimeoutException) else "no_connection"


def _judged(response: httpx.Response) -> Outcome:
    status = response.status_code
    if status == httpx.codes.NO_CONTENT:
        return "answered"
    if status == httpx.codes.OK:
        return "answered" if _is_page(response) else "stranger"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return "too_fast"
    if status in {httpx.codes.FORBIDDEN, httpx.codes.PROXY_AUTHENTICATION_REQUIRED}:
        return "forbidden"
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.UNPROCESSABLE_ENTITY:
        return "broken"
    return "stranger"


def _is_page(response: httpx.Response) -> bool:
    try:
        body = response.json()
    except ValueError:
        return False
    return isinstance(body, dict) and "data" in body


def _skew(response: httpx.Response, here: datetime) -> timedelta | None:
    try:
        there = parsedate_to_datetime(response.headers["Date"])
        age = timedelta(seconds=int(response.headers.get("Age", "0")))
    except (KeyError, ValueError, TypeError):
        return None
    # The header has whole seconds; what a cache kept is as much older as it says.
    return here - (there if there.tzinfo else there.replace(tzinfo=UTC)) - age
