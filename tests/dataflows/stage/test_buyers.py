import pytest

from dataflows import domains
from dataflows.raw.contratacoes import RawContratacoes
from dataflows.raw.contratos import RawContratos
from dataflows.stage.buyers import buyer, cnpj_orgao

NUMBER = "00394460005887-1-000001/2025"


@pytest.mark.parametrize("contract", [RawContratacoes, RawContratos], ids=["purchases", "contracts"])
def test_purchases_and_contracts_say_the_same_of_the_buyer(observe, contract):
    rows = observe(contract, numeroControlePNCP=NUMBER)({"orgaoEntidade": {}})
    columns = buyer(rows, domains.load("poder"), domains.load("esfera"))
    (row,) = rows.select(**columns).to_pyarrow().to_pylist()
    assert row == dict.fromkeys(columns) | {"cnpj_orgao": "00394460005887"}


@pytest.mark.parametrize(
    ("orgao", "expected"),
    [
        pytest.param({"cnpj": " 11111111000191 "}, "11111111000191", id="padded"),
        pytest.param({"cnpj": " "}, "00394460005887", id="blank: that of the control number"),
        pytest.param(None, "00394460005887", id="no órgão: that of the control number"),
    ],
)
def test_cnpj_orgao(observe, orgao, expected):
    rows = observe(RawContratacoes, numeroControlePNCP=NUMBER)({"orgaoEntidade": orgao})
    found = cnpj_orgao(rows.orgaoEntidade.cnpj, rows.numeroControlePNCP)
    assert rows.select(cnpj=found).to_pyarrow().to_pylist() == [{"cnpj": expected}]


def test_texts_are_cleaned_and_codes_without_padding(observe):
    record = {
        "orgaoEntidade": {"cnpj": " 1 ", "razaoSocial": " Um\n", "poderId": " E ", "esferaId": " F "},
        "unidadeOrgao": {
            "codigoUnidade": " 2 ",
            "nomeUnidade": "Dois\r\nmais",
            "ufSigla": " SP ",
            "ufNome": "São  Paulo",
            "codigoIbge": " 3550308 ",
            "municipioNome": "São\tPaulo",
        },
        "orgaoSubRogado": {"cnpj": " 3 ", "razaoSocial": "Três "},
        "unidadeSubRogada": {"codigoUnidade": " 4 ", "nomeUnidade": " Quatro"},
    }
    rows = observe(RawContratos, numeroControlePNCP=NUMBER)(record)
    columns = buyer(rows, domains.load("poder"), domains.load("esfera"))
    assert rows.select(**columns).to_pyarrow().to_pylist() == [
        {
            "cnpj_orgao": "1",
            "nome_orgao": "Um",
            "poder_id": "E",
            "poder_nome": "Executivo",
            "esfera_id": "F",
            "esfera_nome": "Federal",
            "codigo_unidade": "2",
            "nome_unidade": "Dois mais",
            "uf_sigla": "SP",
            "uf_nome": "São Paulo",
            "codigo_ibge": "3550308",
            "municipio_nome": "São Paulo",
            "cnpj_orgao_subrogado": "3",
            "nome_orgao_subrogado": "Três",
            "codigo_unidade_subrogada": "4",
            "nome_unidade_subrogada": "Quatro",
        }
    ]
