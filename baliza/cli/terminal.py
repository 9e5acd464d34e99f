"""What is on the other side of a stream: a terminal of some width, in colour or not, or a pipe."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, TextIO

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
    import sys

    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    is_piped = not stream.isatty() and not os.environ.get("COLUMNS")
    return Console(stderr=stderr, highlight=False, width=_WIDEST if is_piped else None)
