from datetime import date, datetime
from decimal import Decimal
from itertools import count

import pytest

from dataflows.mart.supply import MartSupply

ORGAO, OTHER = "00394460005887", "11111111000191"
CONTRATO = {
    "cnpj_orgao": ORGAO,
    "numero_controle_pncp": "00394460005887-2-000001/2025",
    "link_pncp": "https://pncp.gov.br/app/contratos/00394460005887/2025/1",
    "data_publicacao_pncp": datetime(2025, 6, 24, 0, 30, 4),  # noqa: DTZ001 - PNCP names no zone
    "ni_fornecedor": "11222333000181",
    "tipo_pessoa_id": "PJ",
    "categoria_processo_id": 2,
    "valor_global": 1,
    "verdict": "ok",
    "bucket": "contract",
}


@pytest.fixture
def supply(mart):
    """The rows of the mart over contracts that differ from CONTRATO as said, observed in the order given."""

    def rows(*changes: dict) -> list[dict]:
        records = [
            CONTRATO | {"observation_id": n} | change for n, change in zip(count(1), changes, strict=False)
        ]
        for one in records:
            value = one["valor_global"]
            one["valor_global"] = None if value is None else Decimal(value)
        return mart("mart_supply", stage_contratos=records)

    return rows


def test_a_whole_row(supply, table):
    found = supply(
        {"valor_global": 10, "nome_orgao": "MINISTERIO", "nome_fornecedor": "EMPRESA LTDA"},
        {
            "valor_global": 30,
            "verdict": "review",
            "numero_controle_pncp": "00394460005887-2-000002/2025",
            "link_pncp": "https://pncp.gov.br/app/contratos/00394460005887/2025/2",
            "data_publicacao_pncp": datetime(2025, 1, 2),  # noqa: DTZ001
            "categoria_processo_nome": "Compras",
        },
        {"valor_global": None},
    )
    MartSupply.validate(table(MartSupply.schema(), *found))
    assert found == [
        {
            "cnpj_orgao": ORGAO,
            "ni_fornecedor": "11222333000181",
            "categoria_processo_id": 2,
            "ano": 2025,
            "nome_orgao": "MINISTERIO",
            "nome_fornecedor": "EMPRESA LTDA",
            "tipo_pessoa_id": "PJ",
            "cnpj_raiz": "11222333",
            "categoria_processo_nome": "Compras",
            "quantidade_contratos": 3,
            "quantidade_sem_valor": 1,
            "valor_contratos": Decimal(40),
            "valor_em_revisao": Decimal(30),
            "maior_contrato": Decimal(30),
            "numero_controle_maior_contrato": "00394460005887-2-000002/2025",
            "link_pncp": "https://pncp.gov.br/app/contratos/00394460005887/2025/2",
            "primeira_publicacao": date(2025, 1, 2),
            "ultima_publicacao": date(2025, 6, 24),
            "dias_do_ano": 365,
            "dias_provados_contratos": 0,
        }
    ]


def test_only_contracts_are_summed(supply):
    (row,) = supply(
        {"valor_global": 1},
        *({"valor_global": 100, "bucket": bucket} for bucket in ("empenho", "income", "suspect")),
    )
    assert (row["quantidade_contratos"], row["valor_contratos"]) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"cnpj_orgao": OTHER}, id="another órgão"),
        pytest.param({"ni_fornecedor": "11222333000262"}, id="a branch"),
        pytest.param({"ni_fornecedor": None}, id="no supplier"),
        pytest.param({"categoria_processo_id": None}, id="no categoria"),
        pytest.param({"data_publicacao_pncp": datetime(2024, 12, 31)}, id="another year"),  # noqa: DTZ001
    ],
)
def test_what_has_a_row_of_its_own(supply, change):
    assert len(supply({}, change)) == 2


def test_the_largest_contract_is_one_record_also_where_it_has_no_page(supply):
    (row,) = supply(
        {"valor_global": 1},
        {"valor_global": 2, "numero_controle_pncp": "odd", "link_pncp": None},
    )
    assert (row["maior_contrato"], row["numero_controle_maior_contrato"], row["link_pncp"]) == (
        2,
        "odd",
        None,
    )


def test_of_equals_the_largest_is_that_of_the_higher_number(supply):
    (row,) = supply({"numero_controle_pncp": "b"}, {"numero_controle_pncp": "a"})
    assert row["numero_controle_maior_contrato"] == "b"


def test_without_values_there_is_no_largest(supply):
    (row,) = supply({"valor_global": None})
    assert (row["maior_contrato"], row["numero_controle_maior_contrato"], row["link_pncp"]) == (
        None,
        None,
        None,
    )
