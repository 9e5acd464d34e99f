"""The way a build is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class How:
    """The way a build is done.

    Attributes:
        force: tables to build though they are up to date, by node name.
        full: build no table by its changed keys.
        dry: decide, and build nothing.
    """

    force: Collection[str] = ()
    full: bool = False
    dry: bool = False


CAREFUL = How()
"""Only what is stale, for as few keys as will do."""
