"""Commands import little: what libraries look for and baliza does not need, the more the more is installed.

A small build is a tenth quicker for it, in an environment of nothing else, and a command that reads a third.
Who imports one of these modules by a statement of Python, and needs it, finds it.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType

_NEEDLESS = {
    "pandas": "baliza.",  # DuckDB imports it, to see whether a parameter is pandas.NaT
    "pandera": "hamilton.data_quality.",  # for decorators that the dataflow has not
}
"""Modules, and how the names of those begin that import them in vain, or at whose calls DuckDB does."""

_MACHINERY = "importlib."
_PATIENCE = 2_000
"""Parameters that are looked at in vain, for 15 µs each; a command of more is better off with pandas."""


class _Needless:
    """Finds no module where it is not needed, though it is installed."""

    def __init__(self) -> None:
        self._refused: Counter[str] = Counter()

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """None, which leaves the search to the other finders.

        Raises:
            ModuleNotFoundError: for a module that is not wanted.
        """
        if name in _NEEDLESS and self._refused[name] < _PATIENCE and _asking().startswith(_NEEDLESS[name]):
            self._refused[name] += 1
            raise ModuleNotFoundError(f"{name} is not needed here.", name=name)
        return None


def import_little() -> None:
    """From here on this process imports only what it needs. To be called before Hamilton is imported."""
    os.environ.setdefault("HAMILTON_AUTOLOAD_EXTENSIONS", "0")  # its extensions to whatever is installed
    if not any(isinstance(finder, _Needless) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Needless())


def _asking() -> str:
    """The module whose code is running, behind this one and Python's machinery of imports."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the documented way to the frames of callers
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_MACHINERY):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "") if frame else ""
