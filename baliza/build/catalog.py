"""Every table of the dataflow, known by its outline: the code is imported where more is asked for."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import dataflows
from baliza.build import code
from baliza.build.outline import LAYERS, Outline
from baliza.errors import UnknownTargetError

if TYPE_CHECKING:
    from dataflows.contract import Contract


@dataclass(frozen=True)
class TableNode:
    """A function of the dataflow that makes a table.

    Attributes:
        name: of the node and the function, such as `mart_spending`.
        module: where its function is, below `dataflows`: `mart.spending`.
    """

    name: str
    module: str

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself, whose module is imported for it."""
        return function_of(self.name)

    @property
    def contract(self) -> type[Contract]:
        """Named in the annotation of what it returns."""
        return _contract(self.name)

    @property
    def layer(self) -> str:
        """raw, stage or mart: the schema of the table."""
        return self.name.partition("_")[0]

    @property
    def table(self) -> str:
        """The table's name in its schema."""
        return self.name.partition("_")[2]

    @property
    def location(self) -> str:
        """Schema and table, such as `mart.spending`."""
        return f"{self.layer}.{self.table}"

    @property
    def summary(self) -> str:
        """First line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def notes(self) -> str:
        """The notes of the function's docstring: what its numbers are not. Empty where it has none."""
        text = " ".join((inspect.getdoc(self.function) or "").split())
        return text.partition(" Notes: ")[2]


@cache
def tables() -> dict[str, TableNode]:
    """Every table by node name, raw first."""
    nodes = _outline().nodes.items()
    found = [TableNode(name, node.module) for name, node in nodes if node.makes_table]
    return {node.name: node for node in sorted(found, key=lambda node: (LAYERS.index(node.layer), node.name))}


@cache
def modules() -> list[ModuleType]:
    """The modules of the nodes, imported: they are the graph.

    With them all else is read that tables are made by: they are built of one state of the code, whatever is
    edited meanwhile.

    Raises:
        EditedError: it is no longer what it was when this process began.
    """
    from baliza.build.facts import facts as read_facts  # noqa: PLC0415 - imports Ibis

    found = [_module(name) for name in dict.fromkeys(node.module for node in _outline().nodes.values())]
    read_facts()
    code.definitions()
    code.refuse_edited()
    return found


def facts() -> Mapping[str, str]:
    """The external inputs that are part of the code (official codes, the law), by fingerprint."""
    return _outline().facts


def ancestors(name: str) -> set[str]:
    """Every node and input a node is made from, directly or not, itself included."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if is_node(node):
                waiting += reads(node)
    return seen


def parents(name: str) -> list[str]:
    """The tables a table is made from, with no table between."""
    return [node for node in _read_by(name) if node in tables()]


def in_order(targets: Iterable[str]) -> list[TableNode]:
    """The tables these are made from and they themselves, each after those it is made from."""
    ordered: dict[str, TableNode] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for parent in parents(name):
                visit(parent)
            ordered[name] = tables()[name]

    for name in targets:
        visit(name)
    return list(ordered.values())


def inputs(name: str) -> list[str]:
    """The external inputs a table is made from, with no table between."""
    return [node for node in _read_by(name) if node not in tables()]


def is_node(name: str) -> bool:
    """Whether it is a function of the dataflow, not an external input."""
    return name in _outline().nodes


def reads(name: str) -> list[str]:
    """The nodes and external inputs that a function asks for by name."""
    return list(_outline().nodes[name].reads)


def function_of(name: str) -> Callable[..., Any]:
    """The function of a node, a table's or another's."""
    function: Callable[..., Any] = getattr(_module(_outline().nodes[name].module), name)
    return function


def functions_of(name: str) -> list[str]:
    """The functions that make a table from other tables: its own first, then those it asks for as nodes."""
    seen = [name]
    for one in seen:
        seen += [node for node in reads(one) if is_node(node) and node not in tables() and node not in seen]
    return seen


def tables_behind(name: str) -> list[str]:
    """A table itself; of any other node, the tables it reads with no table between."""
    return [name] if name in tables() else parents(name) if is_node(name) else []


@cache
def _read_by(name: str) -> list[str]:
    """The tables and external inputs a table is made from, with no table between."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = reads(name)
    while waiting:
        node = waiting.pop()
        if node in tables() or not is_node(node):
            found.add(node)
        elif node not in seen:
            seen.add(node)
            waiting += reads(node)
    return sorted(found)


@cache
def _outline() -> Outline:
    """Kept with the code, as it is to the byte, and made anew after an edit."""
    return Outline.of_text(code.kept("outline.json", _discovered))


def _discovered() -> str:
    from baliza.build.discovery import discover  # noqa: PLC0415 - imports all of the dataflow

    return discover().as_text()


@cache
def _contract(name: str) -> type[Contract]:
    from baliza.build.discovery import contract_of  # noqa: PLC0415 - imports Ibis

    return cast("type[Contract]", contract_of(function_of(name)))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{dataflows.__name__}.{name}")


def find(target: str) -> TableNode:
    """The table a user means by `mart_spending` or `mart.spending`.

    Raises:
        UnknownTargetError: there is none; says the nearest.
    """
    nodes = tables()
    node = nodes.get(target.strip().replace(".", "_", 1))
    if node is not None:
        return node
    near = difflib.get_close_matches(target.replace(".", "_"), nodes, n=3, cutoff=0.4)
    raise UnknownTargetError(
        "The target {target} was asked for.",
        "There is no such table.",
        "Did you mean {near}? All of them: baliza targets" if near else "See which there are: baliza targets",
        target=target,
        near=", ".join(near),
    )
