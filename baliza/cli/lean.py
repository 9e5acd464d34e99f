"""Commands start half a second sooner, and take 75 MB less, where nothing in them needs pandas.

DuckDB looks at every parameter of a statement to see whether it is `pandas.NaT`, and imports pandas for that.
Who imports pandas by a statement of Python, as Hamilton's driver does, finds it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType

_OURS = __name__.partition(".")[0] + "."
_MACHINERY = "importlib."
_PATIENCE = 2_000
"""Parameters that are looked at in vain, for 15 µs each; a command of more is better off with pandas."""


class _NotForDuckDB:
    """Finds no pandas where DuckDB asks for it, called by code of baliza, which never imports it."""

    def __init__(self) -> None:
        self._refused = 0

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """None, which leaves the search to the other finders.

        Raises:
            ModuleNotFoundError: for pandas, where it is not wanted.
        """
        if name == "pandas" and self._refused < _PATIENCE and _asking().startswith(_OURS):
            self._refused += 1
            raise ModuleNotFoundError("DuckDB needs no pandas here.", name=name)
        return None


def leave_pandas_out() -> None:
    """From here on DuckDB does without pandas in this process."""
    if not any(isinstance(finder, _NotForDuckDB) for finder in sys.meta_path):
        sys.meta_path.insert(0, _NotForDuckDB())


def _asking() -> str:
    """The module whose code is running, behind this one and Python's machinery of imports."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the documented way to the frames of callers
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_MACHINERY):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "") if frame else ""
