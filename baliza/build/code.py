"""The code that makes the tables, as fingerprints: of all of it, and of each thing it defines.

The first says at once that nothing changed, without compiling anything. The second says what did.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import dataflows
from baliza.build.kept_texts import KeptTexts
from baliza.errors import EditedError

_ROOT = Path(dataflows.__file__).parent
_BESIDE = tuple(
    Path(__file__).parents[1] / name
    for name in (
        "build/checks.py",
        "build/code.py",
        "build/discovery.py",
        "build/engine.py",
        "build/facts.py",
        "build/landed.py",
        "build/outline.py",
        "build/raw_tables.py",
        "warehouse/raw_table.py",
    )
)
"""Files outside of the dataflow that decide what becomes of it, or how that is kept.

Its checks, these fingerprints, its graph, its SQL, official codes and the law, its raw tables.
"""

_DEFINITIONS = f"definitions-{sys.implementation.cache_tag}.json"
"""Of one Python: another parses the same code into another tree."""

_LIBRARIES = ("holidays", "ibis-framework", "sqlglot")
"""Whose versions decide what SQL the code becomes: those that write it, and one that knows facts it holds."""

_WAS_IMPORTED = "dataflows.contract" in sys.modules
"""Whether code of the dataflow was imported before its digest was taken."""


def digest() -> str:
    """Of every byte of the dataflow, of the files beside it, and of the libraries' versions.

    As they were when this module was imported: code is imported once, and `refuse_edited` tells whether it
    can be that code.
    """
    return _FIRST


def refuse_edited() -> None:
    """To be called when code was read: what comes of it is kept, and remembered, as of that digest.

    Raises:
        EditedError: the code is no longer what it was when this process began.
    """
    if _read_digest() != _FIRST:
        raise EditedError(
            "The code in {folder} was to be read.",
            "It, or what baliza makes of it, was edited since this process began.",
            "Start again (in a notebook, restart the kernel); what was fetched has landed.",
            folder=_ROOT,
        )


def kept(name: str, read: Callable[[], str]) -> str:
    """A text that comes of reading the code, which is read only where the text is not kept.

    Where code was imported before this module, it may be another than that of the digest: then nothing is
    kept, and what was kept of the digest is not what this process runs.

    Raises:
        EditedError: as `refuse_edited`.
    """

    def made() -> str:
        text = read()
        refuse_edited()
        return text

    return made() if _WAS_IMPORTED else KeptTexts(digest()).of(name, made)


def _read_digest() -> str:
    found = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for path in _BESIDE:
        found.update(path.read_bytes())
    for path in _files("*.py", "*.csv"):
        found.update(f"{path.relative_to(_ROOT)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


@cache
def definitions() -> dict[str, str]:
    """The fingerprint of each function, class and constant, by its name: `stage.contratos.contratos_dates`.

    Comments, blank lines and docstrings count for nothing. To parse all of the code takes half a second.
    """
    found: dict[str, str] = json.loads(kept(_DEFINITIONS, _read_definitions))
    return found


def _read_definitions() -> str:
    found: dict[str, str] = {}
    for path in _files("*.py"):
        found |= definitions_in(_module(path), path.read_text(encoding="utf-8"))
    return json.dumps(found)


def definitions_in(module: str, text: str) -> dict[str, str]:
    """Those of one module."""
    return {
        f"{module}.{name}": hashlib.sha256(ast.dump(statement).encode()).hexdigest()[:12]
        for name, statement in _defined(ast.parse(text))
    }


def changed(before: Mapping[str, str], module: str) -> list[str]:
    """What differs from `before` among what a module of the dataflow uses, itself included.

    Args:
        before: what `definitions` once said.
        module: such as `stage.contratos`.
    """
    now, used = definitions(), _used_by(module)
    names = sorted({*before, *now})
    return [name for name in names if name.rpartition(".")[0] in used and before.get(name) != now.get(name)]


def _files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in _ROOT.rglob(pattern))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(_ROOT).with_suffix("").parts)


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for statement in tree.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(inner) is not None:
                inner.body = inner.body[1:]
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name, statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from ((target.id, statement) for target in targets if isinstance(target, ast.Name))


@cache
def _used_by(module: str) -> frozenset[str]:
    """The modules of the dataflow that a module imports, directly or not, and itself."""
    known = {_module(path): path for path in _files("*.py")}
    used: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in used or name not in known:
            continue
        used.add(name)
        for statement in ast.walk(ast.parse(known[name].read_text(encoding="utf-8"))):
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("dataflows"):
                package = (statement.module or "").removeprefix("dataflows").lstrip(".")
                waiting += [package, *(f"{package}.{alias.name}".lstrip(".") for alias in statement.names)]
    return frozenset(used)


_FIRST = _read_digest()
