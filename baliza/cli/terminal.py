"""What is on the other side of a stream: a terminal of some width, in colour or not, or a pipe."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST = 100_000
"""Of a pipe: whoever reads it cuts lines as they like."""


def width(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream is written to; None of a pipe or a file."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def has_colour(stream: TextIO) -> bool:
    """Whether colours are understood: NO_COLOR says no, FORCE_COLOR yes, else a terminal does."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}


def console(*, stderr: bool = False) -> Console:
    """What reports are printed on: a pipe gets whole lines, unless COLUMNS says how long they may be."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty():
        return Console(stderr=stderr, highlight=False)
    wide = None if os.environ.get("COLUMNS") else _WIDEST
    return Console(file=cast("IO[str]", _Unpadded(stream)), highlight=False, width=wide)


def is_bounded(console: Console) -> bool:
    """Whether lines end somewhere: at the edge of a terminal, or where COLUMNS says."""
    return console.width < _WIDEST


class _Unpadded:
    """A stream that takes no spaces at the end of a line: tables fill their last column with them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(re.sub(r" +(?=\n)", "", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
