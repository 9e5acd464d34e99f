"""Every table of the dataflow, found by reading its functions: nothing is registered anywhere."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Annotated, Any

import dataflows
from baliza.errors import UnknownTargetError
from dataflows.contract import Contract

LAYERS = ("raw", "stage", "mart")


@dataclass(frozen=True)
class TableNode:
    """A function of the dataflow that makes a table.

    Attributes:
        name: of the node and the function, such as `mart_spending`.
        function: the function itself.
        contract: named in the annotation of what it returns.
    """

    name: str
    function: Callable[..., Any]
    contract: type[Contract]

    @property
    def layer(self) -> str:
        """raw, stage or mart: the schema of the table."""
        return self.name.partition("_")[0]

    @property
    def table(self) -> str:
        """The table's name in its schema."""
        return self.name.partition("_")[2]

    @property
    def module(self) -> str:
        """Where its function is, below `dataflows`: `mart.spending`."""
        return self.function.__module__.partition(".")[2]

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
def modules() -> list[ModuleType]:
    """The modules of the three layers that make a table: they are the graph.

    The others hold what those share, such as the cleaning of texts; their functions are no nodes.
    """
    found = []
    for layer in LAYERS:
        package = importlib.import_module(f"{dataflows.__name__}.{layer}")
        names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
        found += [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [module for module in found if any(map(contract_of, _public_functions(module).values()))]


@cache
def tables() -> dict[str, TableNode]:
    """Every table by node name, raw first."""
    nodes = {}
    for module in modules():
        for name, function in _public_functions(module).items():
            contract = contract_of(function)
            if contract is not None:
                nodes[name] = TableNode(name, function, contract)
    return dict(sorted(nodes.items(), key=lambda item: (LAYERS.index(item[1].layer), item[0])))


def contract_of(function: Callable[..., Any]) -> type[Contract] | None:
    """The contract in `-> Annotated[ir.Table, Contract]`, or None for a node that is no table."""
    returned = typing.get_type_hints(function, include_extras=True).get("return")
    if typing.get_origin(returned) is not Annotated:
        return None
    notes = typing.get_args(returned)[1:]
    return next((note for note in notes if isinstance(note, type) and issubclass(note, Contract)), None)


def ancestors(name: str) -> set[str]:
    """Every node and input a node is made from, directly or not, itself included."""
    functions = _functions()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            if node in functions:
                waiting += inspect.signature(functions[node]).parameters
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
    return name in _functions()


def reads(name: str) -> list[str]:
    """The nodes and external inputs that a function asks for by name."""
    return list(inspect.signature(_functions()[name]).parameters)


def function_of(name: str) -> Callable[..., Any]:
    """The function of a node, a table's or another's."""
    return _functions()[name]


def functions_of(name: str) -> list[str]:
    """The functions that make a table from other tables: its own first, then those it asks for as nodes."""
    seen = [name]
    for one in seen:
        seen += [node for node in reads(one) if is_node(node) and node not in tables() and node not in seen]
    return seen


def tables_behind(name: str) -> list[str]:
    """A table itself; of any other node, the tables it reads with no table between."""
    return [name] if name in tables() else parents(name) if name in _functions() else []


@cache
def _read_by(name: str) -> list[str]:
    """The tables and external inputs a table is made from, with no table between."""
    functions, nodes = _functions(), tables()
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(inspect.signature(functions[name]).parameters)
    while waiting:
        node = waiting.pop()
        if node in nodes or node not in functions:
            found.add(node)
        elif node not in seen:
            seen.add(node)
            waiting += inspect.signature(functions[node]).parameters
    return sorted(found)


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    return {name: function for module in modules() for name, function in _public_functions(module).items()}


def _public_functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The functions written in this module itself."""
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


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
