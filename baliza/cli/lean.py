"""Commands import little: what libraries look for and baliza does not need, the more the more is installed.

A build of a few pages takes a quarter less time for it, and a command that reads a third. Who imports one of
these modules by a statement of Python, and needs it, finds it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType

_NEEDLESS = {
    "pandas": "baliza.",  # DuckDB imports it, to see whether a parameter is pandas.NaT
    "pandera": "hamilton.data_quality.",  # for decorators that the dataflow has not
}
"""Modules, and how the names of those begin that import them in vain, or at whose calls DuckDB does."""

_ANNOTATIONS = ("numpy", "pandas")
"""Packages of which Hamilton's driver needs the names alone, of types that no table of the dataflow has."""

_MACHINERY = "importlib."
_PATIENCE = 10_000
"""Parameters that are looked at in vain, for 35 µs each; a command of more is better off with pandas."""


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


class _Hamilton(Loader):
    """Imports Hamilton with its driver, without pandas: 70 MB less, and half of the time that it takes."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Hamilton's own, but for who loads it."""
        spec = PathFinder.find_spec(name, path, target) if name == "hamilton" else None
        if spec is not None and spec.loader is not None:
            self._own, spec.loader = spec.loader, self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run its code and its driver's, which is imported later, with pandas, if names are not enough."""
        self._own.exec_module(module)
        # Extensions to whatever is installed, which would take the names for the packages.
        import_module("hamilton.registry").disable_autoload()
        known = set(sys.modules)
        try:
            with _names_only(*(name for name in _ANNOTATIONS if name not in sys.modules)):
                import_module("hamilton.driver")
        except Exception:  # noqa: BLE001 - whatever it is, Hamilton is to be imported as anywhere else
            for name in {*sys.modules} - known:
                if name.startswith("hamilton."):
                    del sys.modules[name]
                    vars(module).pop(name.split(".")[1], None)


class _Names(ModuleType):
    """In the place of a package: every name of it is an empty type."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> type:
        """The same type each time."""
        if name.startswith("__"):
            raise AttributeError(name)
        setattr(self, name, type(name, (), {}))
        return getattr(self, name)


class _NamesOnly(Loader):
    """Finds names in the place of packages, and of what is in them."""

    def __init__(self, packages: Sequence[str]) -> None:
        self._packages = packages

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """None of another package."""
        return ModuleSpec(name, self) if name.partition(".")[0] in self._packages else None

    def create_module(self, spec: ModuleSpec) -> _Names:
        """Empty."""
        return _Names(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run."""


@contextmanager
def _names_only(*packages: str) -> Iterator[None]:
    """Meanwhile these packages are names alone; who imports them afterwards finds them as they are."""
    finder = _NamesOnly(packages)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
            del sys.modules[name]


def import_little() -> None:
    """From here on this process imports only what it needs. To be called before Hamilton is imported."""
    if not any(isinstance(finder, _Needless) for finder in sys.meta_path):
        sys.meta_path[:0] = [_Needless(), _Hamilton()]


def _asking() -> str:
    """The module whose code is running, behind this one and Python's machinery of imports."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the documented way to the frames of callers
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_MACHINERY):
        frame = frame.f_back
    return frame.f_globals.get("__name__", "") if frame else ""
