"""What a build says of itself while it runs: a harvest's progress, and the tables after it."""

from __future__ import annotations

from typing import Protocol

from baliza.pncp.progress import Progress


class BuildProgress(Progress, Protocol):
    """A harvest's progress, and the tables after it."""

    def table(self, name: str) -> None:
        """A table is being looked at."""
