"""Nodes and tables are found by reading functions."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir
import pytest

from baliza.build import catalog, discovery
from baliza.build.outline import Outline
from dataflows.raw.contratos import RawContratos


def plain(x: int) -> int: ...
def table(x: int) -> ir.Table: ...
def noted(x: int) -> Annotated[ir.Table, "no contract"]: ...
def unsaid(x): ...
def contracted(x: int) -> Annotated[ir.Table, "first a note", RawContratos]: ...


@pytest.mark.parametrize(
    ("function", "contract"),
    [(plain, None), (table, None), (noted, None), (unsaid, None), (contracted, RawContratos)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_contract_of(function, contract):
    assert discovery.contract_of(function) is contract


def test_the_outline_is_what_the_functions_say():
    found = discovery.discover()
    assert found.nodes["mart_spending"].module == "mart.spending"
    assert "stage_contratos" in found.nodes["mart_spending"].reads
    assert found.nodes["mart_spending"].makes_table
    assert not found.nodes["contratos_values"].makes_table
    assert {"domain_poder", "law_direct_limits"} <= set(found.facts)
    assert {name for name, node in found.nodes.items() if node.makes_table} == set(catalog.tables())


def test_an_outline_that_was_kept_is_the_same():
    found = discovery.discover()
    assert Outline.of_text(found.as_text()) == found
