"""Finding the nodes of the graph by reading the functions of the dataflow: nothing is registered anywhere.

All of the dataflow is imported for it, and Ibis with it, which takes longer than most commands.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Annotated, Any

import dataflows
from baliza.build.facts import facts
from baliza.build.outline import LAYERS, Node, Outline, fingerprint
from dataflows.contract import Contract


def discover() -> Outline:
    """The graph of the dataflow as it is."""
    found = {function.__name__: _outlined(function) for layer in LAYERS for function in _functions(layer)}
    return Outline(found, {name: fingerprint(value) for name, value in facts().items()})


def contract_of(function: Callable[..., Any]) -> type[Contract] | None:
    """The contract in `-> Annotated[ir.Table, Contract]`, or None for a node that is no table."""
    returned = typing.get_type_hints(function, include_extras=True).get("return")
    if typing.get_origin(returned) is not Annotated:
        return None
    notes = typing.get_args(returned)[1:]
    return next((note for note in notes if isinstance(note, type) and issubclass(note, Contract)), None)


def _functions(layer: str) -> Iterator[Callable[..., Any]]:
    """Those of every module of a layer that makes a table: they are the graph.

    The other modules hold what those share, such as the cleaning of texts; their functions are no nodes.
    """
    package = importlib.import_module(f"{dataflows.__name__}.{layer}")
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        found = _public_functions(importlib.import_module(f"{package.__name__}.{name}"))
        if any(map(contract_of, found)):
            yield from found


def _public_functions(module: ModuleType) -> list[Callable[..., Any]]:
    """The functions written in this module itself."""
    return [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    ]


def _outlined(function: Callable[..., Any]) -> Node:
    return Node(
        module=function.__module__.partition(".")[2],
        reads=list(inspect.signature(function).parameters),
        makes_table=contract_of(function) is not None,
    )
