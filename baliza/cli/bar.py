"""The bar that shows a build on a terminal: pages, records, their speed, and the pace PNCP is asked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from baliza.cli import terminal
from baliza.cli.progress import LONG_HARVEST, announcement, duration
from baliza.language import _, number


@contextmanager
def bar() -> Iterator[Bar]:
    """A bar on stderr, gone when the build is done."""
    console = terminal.console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[told]}"))
    with Progress(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as shown:
        yield Bar(shown)


class Bar:
    """Told what happens, moves the bar."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task = shown.add_task(_("harvest"), total=None, told="")
        self._started = time.monotonic()
        self._pages = 0
        self._records = 0
        self._requests = 0

    def planned(self, *, requests: int, seconds: float) -> None:
        """Announce a long harvest."""
        self._requests += requests
        self._shown.update(self._task, total=self._requests)
        if seconds >= LONG_HARVEST:
            self._shown.console.print(announcement(requests, seconds))

    def page(self, *, records: int, rate: float) -> None:
        """Move on by a page."""
        self._pages += 1
        self._records += records
        self._requests = max(self._requests, self._pages)
        speed = self._records / max(0.001, time.monotonic() - self._started)
        told = _("{pages} answers, {records} records, {speed}/s").format(
            pages=number(self._pages), records=number(self._records), speed=number(round(speed))
        )
        if rate:
            told += ", " + _("pace {rate} req/s").format(rate=number(rate, 2))
        self._shown.update(self._task, completed=self._pages, total=self._requests, told=told)

    def left(self, *, requests: int) -> None:
        """What is left is known better after each window."""
        self._requests = self._pages + requests
        self._shown.update(self._task, total=self._requests)

    def window(self, label: str, outcome: str) -> None:
        """Say where it is; only what is wrong is worth a line above the bar."""
        self._shown.update(self._task, description=label.partition(" ")[0])
        if outcome.startswith(("short", "failed")):
            self._shown.console.print(f"{label}: {outcome}", style="yellow")

    def waiting(self, reason: str, seconds: float) -> None:
        """Say what is waited for."""
        told = _("{reason}: again in {time}").format(reason=reason, time=duration(seconds))
        self._shown.update(self._task, told=told)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bar away while someone answers."""
        self._shown.stop()
        try:
            yield
        finally:
            self._shown.start()

    def table(self, name: str) -> None:
        """From fetching to building."""
        self._shown.update(self._task, description=_("build"), told=name)
