"""Checking a table just written against its contract: one pass for all rules, counts only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from baliza.build import small_results
from baliza.build.checked import Measure, Violation
from dataflows.contract import Contract, Gate, Rule
from dataflows.expressions import Expression

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

SAMPLE_ROWS = 5
"""Failing rows kept per rule."""


def violations(backend: Backend, table: ir.Table, contract: type[Contract]) -> list[Violation]:
    """Every rule of the contract that the table breaks."""
    if difference := _schema_difference(table, contract):
        return [Violation("columns and types are the contract's", "error", len(difference), difference)]
    rules = contract.rules()
    (counted,) = small_results.rows(backend, count_failures(table, contract))
    repeated, *counts = counted.values()
    found = [
        Violation(rule.name, rule.severity, failing, _sample(backend, table, contract, rule))
        for rule, failing in zip(rules, counts, strict=True)
        if failing
    ]
    # Two keys may have one hash: then there is none that repeats.
    if repeated and (keys := _repeated_keys(backend, table, contract)):
        found.append(Violation(f"({', '.join(contract.key)}) is unique", "error", repeated, keys))
    return found


def count_failures(table: ir.Table, contract: type[Contract]) -> ir.Table:
    """One row: how many keys repeat, then how many rows break each rule, in one pass over the table.

    Keys are counted by their hashes, which takes half the time: where no hash repeats, no key does.
    """
    key: Expression = ibis.struct({name: table[name] for name in contract.key}).hash()
    failing = {
        f"rule_{number}": (~rule.holds(table)).sum().coalesce(0)
        for number, rule in enumerate(contract.rules())
    }
    return table.aggregate(repeated=table.count() - key.nunique(), **failing)


def reconcile(backend: Backend, gate: Gate, known: Mapping[str, Any]) -> list[Measure]:
    """Every measure of a gate, whether its two sides are equal or not."""
    rows = small_results.rows(backend, compare(gate, known))
    return [Measure(gate.name, row["measure"], row["expected"], row["found"]) for row in rows]


def broken_gates(measures: Sequence[Measure]) -> list[Violation]:
    """The gates of which a measure differs."""
    differing: dict[str, list[str]] = {}
    for one in measures:
        if one.expected != one.found:
            told = {"measure": one.name, "expected": one.expected, "found": one.found}
            differing.setdefault(one.gate, []).append(json.dumps(told, default=_written))
    return [Violation(gate, "error", len(sample), sample) for gate, sample in differing.items()]


def _written(value: object) -> str:
    # With separators: eleven digits in a row are taken for a CPF, and masked, wherever people look.
    return f"{value:,}" if isinstance(value, Decimal) else str(value)


def compare(gate: Gate, known: Mapping[str, Any]) -> ir.Table:
    """The gate's table of measure, expected and found; its parameters name the tables and inputs it reads."""
    names = gate.compare.__code__.co_varnames[: gate.compare.__code__.co_argcount]
    return gate.compare(**{name: known[name] for name in names})


def _schema_difference(table: ir.Table, contract: type[Contract]) -> list[str]:
    expected, found = contract.schema(), table.schema()
    names = [*expected, *(name for name in found if name not in expected)]
    differing = [
        json.dumps({"column": name, "expected": str(expected.get(name)), "found": str(found.get(name))})
        for name in names
        if not _same_type(expected.get(name), found.get(name))
    ]
    if not differing and list(expected) != list(found):
        return [json.dumps({"expected": list(expected), "found": list(found)})]
    return differing


def _same_type(expected: object, found: object) -> bool:
    # DuckDB timestamps are microseconds, which Ibis writes as timestamp(6).
    return str(expected).replace("timestamp(6)", "timestamp") == str(found).replace(
        "timestamp(6)", "timestamp"
    )


def _sample(backend: Backend, table: ir.Table, contract: type[Contract], rule: Rule) -> list[str]:
    return _keys(backend, table.filter(~rule.holds(table)), contract)


def _repeated_keys(backend: Backend, table: ir.Table, contract: type[Contract]) -> list[str]:
    counted = table.group_by(*contract.key).aggregate(times=table.count())
    return _keys(backend, counted.filter(_.times > 1), contract)


def _keys(backend: Backend, rows: ir.Table, contract: type[Contract]) -> list[str]:
    found = small_results.rows(backend, rows.select(*contract.key).limit(SAMPLE_ROWS))
    return [json.dumps(row, default=str, ensure_ascii=False) for row in found]
