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
