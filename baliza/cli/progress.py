"""A build's progress: a bar on a terminal, plain lines anywhere else. Always on stderr."""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol, TextIO

from baliza.build.progress import BuildProgress
from baliza.cli import logs
from baliza.events import tell
from baliza.language import _, number
from baliza.pncp.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Iterator

_logger = logging.getLogger(__name__)

LONG_HARVEST = 60.0
"""Seconds from which a harvest is announced before it starts."""


@contextmanager
def shown(*, quiet: bool) -> Iterator[ShownProgress]:
    """The progress that fits where stderr goes."""
    if logs.is_json():
        yield Logged()
    elif quiet or logs.is_quiet():
        yield Quiet()
    elif sys.stderr.isatty():
        from baliza.cli.bar import bar

        with bar() as shown_bar:
            yield shown_bar
    else:
        yield Lines(sys.stderr)


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:  # noqa: PLR2004
        return _("{n} s").format(n=round(seconds))
    if seconds < 5400:  # noqa: PLR2004
        return _("{n} min").format(n=round(seconds / 60))
    if seconds < 172_800:  # noqa: PLR2004
        return _("{n} h").format(n=number(round(seconds / 3600, 1), 1))
    return _("{n} days").format(n=number(round(seconds / 86_400)))


def announcement(requests: int, seconds: float) -> str:
    """What is said before a long harvest."""
    if not seconds:
        return _("About {requests} requests.").format(requests=number(requests))
    return _("About {requests} requests to PNCP, {time} at this pace.").format(
        requests=number(requests), time=duration(seconds)
    )


class ShownProgress(BuildProgress, Protocol):
    """Progress somewhere a question may be asked meanwhile."""

    def paused(self) -> AbstractContextManager[None]:
        """Around a question: nothing is drawn over it."""
        ...


class Quiet(Silent):
    """Says nothing."""

    def paused(self) -> AbstractContextManager[None]:
        """Nothing is drawn in any case."""
        return nullcontext()

    def table(self, name: str) -> None:
        """Ignore."""


class Logged(Quiet):
    """Events, for machines; what lands and what is built tell of themselves."""

    def planned(self, *, requests: int, seconds: float) -> None:
        """How much there is to ask for."""
        tell(_logger, logging.INFO, "harvest planned", requests=requests, seconds=round(seconds, 1))

    def page(self, *, records: int, rate: float) -> None:
        """Each answer."""
        tell(_logger, logging.DEBUG, "page", records=records, rate=round(rate, 3) if rate else None)

    def waiting(self, reason: str, seconds: float) -> None:
        """Each wait."""
        tell(_logger, logging.WARNING, "waiting", reason=reason, seconds=round(seconds, 3))

    def table(self, name: str) -> None:
        """Each table that is looked at closely."""
        tell(_logger, logging.DEBUG, "table started", node=name)


class Lines:
    """One plain line per window and per table: for logs and pipes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._pages = 0
        self._records = 0
        self._rate = 0.0

    def planned(self, *, requests: int, seconds: float) -> None:
        """Announce a long harvest."""
        if seconds >= LONG_HARVEST:
            self._say(announcement(requests, seconds))

    def page(self, *, records: int, rate: float) -> None:
        """Count."""
        self._pages += 1
        self._records += records
        self._rate = rate

    def left(self, *, requests: int) -> None:
        """Nothing worth a line."""

    def window(self, label: str, outcome: str) -> None:
        """One line per window."""
        told = _("{pages} answers, {records} records so far").format(
            pages=self._pages, records=number(self._records)
        )
        if self._rate:
            told += ", " + _("pace {rate} req/s").format(rate=number(self._rate, 2))
        self._say(f"{label}: {outcome} [{told}]")

    def waiting(self, reason: str, seconds: float) -> None:
        """One line per wait of some length."""
        if seconds >= 1:
            self._say(_("{reason}: again in {time}").format(reason=reason, time=duration(seconds)))

    def table(self, name: str) -> None:
        """One line per table."""
        self._say(_("building {table}").format(table=name))

    def paused(self) -> AbstractContextManager[None]:
        """Lines come one by one."""
        return nullcontext()

    def _say(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()
