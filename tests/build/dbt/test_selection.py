"""What targets mean to dbt."""

from __future__ import annotations

import pytest

from baliza.build.dbt.selection import choose, sources
from baliza.errors import UnknownTargetError


@pytest.mark.parametrize(
    "targets, tables",
    [
        (["mart_spending"], ["mart.spending"]),
        (["mart.spending", "+mart_spending"], ["mart.spending"]),
        (["stage.*"], ["stage.contratos", "stage.contratacoes", "stage.orgaos", "stage.unidades"]),
        (["was_fact_contratos", "mart.sme_benefits"], ["was.fact_contratos", "mart.sme_benefits"]),
    ],
    ids=["name", "place and plus, once", "pattern", "as it was"],
)
def test_targets_name_models(targets, tables):
    assert [model.table for model in choose(targets)] == tables


@pytest.mark.parametrize(
    "target, near",
    [("mart_red_flags", "mart_"), ("was.fact_contrato", "was_fact_contratos"), ("changed", "It has")],
    ids=["a mart without a model", "a slip", "what only the dataflow knows"],
)
def test_what_dbt_does_not_have_is_refused_with_what_it_has(target, near):
    with pytest.raises(UnknownTargetError) as refused:
        choose([target])

    assert target in str(refused.value)
    assert near in str(refused.value)


@pytest.mark.parametrize(
    "target, raw",
    [
        ("mart_spending", {"raw_contratos"}),
        ("stage_orgaos", {"raw_contratos", "raw_contratacoes", "raw_compras", "raw_atas", "raw_termos"}),
        ("was_mart_compras_beneficios", {"raw_itens", "raw_contratacoes", "raw_contratos"}),
    ],
)
def test_what_is_fetched_is_what_models_are_made_from(target, raw):
    assert {node.name for node in sources(choose([target]))} == raw
