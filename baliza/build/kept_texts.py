"""Texts that this code was seen to make, which take longer to make again than to read.

They go with the code, as it is to the byte: after an edit all is made anew. As Python keeps bytecode, they
are kept beside the program and not in the database: what is run must not come out of a file that somebody
else may have made.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs

FOLDER = "code"
"""In the user's folder of caches, with a folder in it for each state of the code."""

_DAYS_KEPT = 30
"""Since it was last asked for: parameters and the day of reference stand in it, and change."""

_SECONDS_OF_A_DAY = 86_400


class KeptTexts:
    """What one state of the code was seen to make.

    Args:
        digest: of that code.
    """

    def __init__(self, digest: str) -> None:
        self._folder = platformdirs.user_cache_path("baliza") / FOLDER / digest[:16]

    def of(self, name: str, make: Callable[[], str]) -> str:
        """The text of that name, made only where it is not kept; what cannot be kept will be made again."""
        path = self._folder / name
        known = _read(path)
        if known is not None:
            return known
        text = make()
        with suppress(OSError):
            _keep(path, text)
        return text


def _read(path: Path) -> str | None:
    """What a file that is whole holds."""
    try:
        seal, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    with suppress(OSError):  # it may be another's, to be read only
        os.utime(path)
    return text.decode() if seal == _seal(text) else None


def _keep(path: Path, text: str) -> None:
    """Write a file, whole or not at all; the first of a new state of the code clears away what grew old."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        _forget(path.parent.parent)
    written = path.with_suffix(f".{os.getpid()}")
    written.write_bytes(_seal(text.encode()) + b"\n" + text.encode())
    written.replace(path)


def _forget(folder: Path) -> None:
    oldest = time.time() - _DAYS_KEPT * _SECONDS_OF_A_DAY
    for path in folder.glob("*/*"):
        if path.stat().st_mtime < oldest:
            path.unlink()
    for of_code in folder.iterdir():
        with suppress(OSError):  # it is not empty
            if of_code.stat().st_mtime < oldest:
                of_code.rmdir()


def _seal(text: bytes) -> bytes:
    """The first line of a file, by which one that was cut off is known."""
    return f"-- {hashlib.sha256(text).hexdigest()}".encode()
