"""Whether a table is stale, and everything that made it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from baliza.build import code
from baliza.build.stored import Definition, Stored

Kind = Literal[
    "missing",
    "forced",
    "new data",
    "parent",
    "ledger",
    "code",
    "contract",
    "parameter",
    "codes",
    "law",
    "compiler",
    "failed",
]


@dataclass(frozen=True)
class Cause:
    """One reason to build a table.

    Attributes:
        name: of what changed: a table, a function, a parameter; empty where the kind says it all.
    """

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}" if self.name else self.kind


def causes(
    stored: Stored | None,
    now: Definition,
    *,
    module: str,
    known: Mapping[str, str],
    forced: bool,
) -> list[Cause]:
    """Why the table is to be built; none where it is what its code would make.

    Args:
        stored: the table as it was last built, if it still is.
        now: what would make it.
        module: of its function, such as `mart.spending`.
        known: what `code.definitions` said when it was last built.
        forced: build it whatever the rest says.
    """
    if stored is None or stored.definition is None:
        return [Cause("missing")]
    before = stored.definition
    found = [Cause("forced")] if forced else []
    found += _of_parents(before, now)
    inputs = [Cause(_kind_of_input(name), name) for name in _differing(before.inputs, now.inputs)]
    if before.sql != now.sql or before.checks != now.checks:
        found += inputs + _of_code(before, now, module, known, has_inputs=bool(inputs))
    else:
        found += [cause for cause in inputs if cause.kind == "ledger"]
    return found


def _of_parents(before: Definition, now: Definition) -> list[Cause]:
    return [
        Cause("new data" if name.startswith("raw_") else "parent", name)
        for name in _differing(before.parents, now.parents)
    ]


def _of_code(
    before: Definition, now: Definition, module: str, known: Mapping[str, str], *, has_inputs: bool
) -> list[Cause]:
    """The functions and constants that differ; failing those, what the text cannot show."""
    found = [Cause("code", name) for name in code.changed(known, module)]
    if not found and before.checks != now.checks and before.sql == now.sql:
        return [Cause("contract", module)]
    return found or ([] if has_inputs else [Cause("compiler")])


def _kind_of_input(name: str) -> Kind:
    kinds: dict[str, Kind] = {"meta": "ledger", "domain": "codes", "law": "law"}
    return kinds.get(name.partition("_")[0], "parameter")


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
