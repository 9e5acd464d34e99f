"""What a harvest says of itself while it runs; the terminal and the tests listen in their own ways."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told what happens, in order; must not block."""

    def planned(self, *, requests: int, seconds: float) -> None:
        """The harvest will need about so many requests, and so long at the polite pace."""

    def page(self, *, records: int, rate: float) -> None:
        """A page came, perhaps an empty one; `rate` is requests per second at present (0: no limit)."""

    def left(self, *, requests: int) -> None:
        """About so many requests are left."""

    def window(self, label: str, outcome: str) -> None:
        """A window landed, with this outcome."""

    def waiting(self, reason: str, seconds: float) -> None:
        """A request will be tried again after so many seconds."""


class Silent:
    """Says nothing."""

    def planned(self, *, requests: int, seconds: float) -> None:
        """Ignore."""

    def page(self, *, records: int, rate: float) -> None:
        """Ignore."""

    def left(self, *, requests: int) -> None:
        """Ignore."""

    def window(self, label: str, outcome: str) -> None:
        """Ignore."""

    def waiting(self, reason: str, seconds: float) -> None:
        """Ignore."""
