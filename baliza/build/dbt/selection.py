"""What `--target` means to dbt: tables of baliza that it has a model of, and tables of the old project."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.dbt.models import COMPARED, MEANT, RAW, WAS, Model
from baliza.errors import UnknownTargetError


def by_name() -> dict[str, Model]:
    """The models that may be asked for: mart_spending, was_fact_contratos."""
    return {model.table.replace(".", "_", 1): model for model in (*COMPARED, *WAS)}


def choose(targets: Iterable[str]) -> list[Model]:
    """The models that targets name, each once; a pattern names those of its tables that dbt has.

    What they are made from is made too, so a plus sign before a name says nothing more.

    Raises:
        UnknownTargetError: dbt has no such model; says the nearest.
    """
    known = by_name()
    chosen = []
    for target in targets:
        wanted = target.strip().removeprefix("+").replace(".", "_", 1)
        found = [name for name in known if fnmatchcase(name, wanted)]
        if not found:
            near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.4)
            raise UnknownTargetError(
                "dbt was to build {target}.",
                "The old project has no model of that name.",
                "It has {near}." if near else "It has {known}.",
                target=target,
                near=", ".join(near),
                known=", ".join(known),
            )
        chosen += found
    return [known[name] for name in dict.fromkeys(chosen)]


def sources(models: Sequence[Model]) -> list[TableNode]:
    """The raw tables that models are made from, directly or not."""
    by_table = {model.table: model for model in (*WAS, *MEANT)}
    waiting, raw = list(models), set[str]()
    while waiting:
        for table in waiting.pop().reads.values():
            if table.startswith(f"{RAW}."):
                raw.add(table.replace(f"{RAW}.", "raw_"))
            else:
                waiting.append(by_table[table])
    return [node for name, node in catalog.tables().items() if name in raw]
