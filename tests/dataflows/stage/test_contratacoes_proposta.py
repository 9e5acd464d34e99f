from datetime import datetime
from decimal import Decimal

import pytest

from dataflows.raw.compras import RawCompras
from dataflows.raw.contratacoes import RawContratacoes
from dataflows.raw.contratacoes_proposta import RawContratacoesProposta
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratacoes_proposta import StageContratacoesProposta

KEY = "00394460005887-1-000020/2025"
DETAIL = {"orcamentoSigilosoCodigo": 3, "existeResultado": False}
RECORDS = [
    {"modalidadeId": 6, "valorTotalEstimado": Decimal(0), "processo": " 1 "},
    {
        "numeroControlePNCP": "b",
        "dataAtualizacaoGlobal": datetime(2025, 1, 2),  # noqa: DTZ001
        "valorTotalEstimado": Decimal(7),
    },
    {"numeroControlePNCP": "b", "fontesOrcamentarias": [{"codigo": 1}]},
    {
        "numeroControlePNCP": "c",
        "dataAberturaProposta": datetime(2025, 1, 2),  # noqa: DTZ001
        "dataEncerramentoProposta": datetime(2025, 1, 9),  # noqa: DTZ001
        "orgaoEntidade": {"cnpj": "11111111000191", "poderId": "L", "esferaId": "M"},
    },
]


@pytest.fixture
def compras(observe):
    return observe(RawCompras, numeroControlePNCP=KEY)(DETAIL)


@pytest.fixture
def raw(observe):
    return observe(RawContratacoesProposta, numeroControlePNCP=KEY)


def test_rows_have_the_shape_of_contratacoes_and_when_they_were_first_seen():
    assert list(StageContratacoesProposta.columns) == [*StageContratacoes.columns, "first_observed_at"]
    assert StageContratacoesProposta.rules()[0].name == StageContratacoes.rules()[0].name


def test_rows_are_those_that_contratacoes_would_have(node, observe, raw, compras):
    listed = observe(RawContratacoes, numeroControlePNCP=KEY)(*RECORDS)
    purchases = node("stage_contratacoes", raw_contratacoes=listed, raw_compras=compras)
    proposals = node(
        "stage_contratacoes_proposta", raw_contratacoes_proposta=raw(*RECORDS), raw_compras=compras
    )
    found = proposals.order_by("numero_controle_pncp").to_pyarrow().to_pylist()
    assert {row.pop("first_observed_at") for row in found} == {row["observed_at"] for row in found}
    assert found == purchases.order_by("numero_controle_pncp").to_pyarrow().to_pylist()
    assert [
        (row["numero_controle_pncp"], row["estimate_missing"], row["dias_proposta"]) for row in found
    ] == [
        (KEY, "secret", None),
        ("b", None, None),
        ("c", "unpublished", 7),
    ]


def test_a_record_of_nulls_keeps_its_contract(node, raw, compras):
    table = node("stage_contratacoes_proposta", raw_contratacoes_proposta=raw({}), raw_compras=compras)
    StageContratacoesProposta.validate(table.cache())


def test_the_gate_counts_keys_and_rows(node, raw, compras):
    observed = raw(*RECORDS)
    table = node("stage_contratacoes_proposta", raw_contratacoes_proposta=observed, raw_compras=compras)
    (gate,) = StageContratacoesProposta.gates
    for found, rows in ((3, table), (1, table.limit(1))):
        compared = gate.compare(stage_contratacoes_proposta=rows, raw_contratacoes_proposta=observed)
        assert compared.to_pyarrow().to_pylist() == [{"measure": "rows", "expected": 3, "found": found}]


@pytest.mark.parametrize(
    ("changed", "seen", "version", "first"),
    [
        pytest.param((1, 2), (3, 5), 5, 3, id="changed since it was first seen"),
        pytest.param((2, 1), (3, 5), 3, 3, id="an older version came later"),
        pytest.param((1, 2), (5, 3), 3, 3, id="the first seen was landed last"),
    ],
)
def test_when_a_purchase_was_first_seen(stage, observed, changed, seen, version, first):
    day = datetime(2025, 1, 1).replace  # noqa: DTZ001
    versions = (
        {"dataAtualizacaoGlobal": day(day=one), "observed_at": day(day=other)}
        for one, other in zip(changed, seen, strict=True)
    )
    listed = observed(numeroControlePNCP=KEY)(*versions)
    (row,) = stage("stage_contratacoes_proposta", raw_contratacoes_proposta=listed)
    assert (row["observed_at"], row["first_observed_at"]) == (day(day=version), day(day=first))
