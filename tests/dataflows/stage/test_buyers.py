import pytest

from dataflows import domains
from dataflows.raw.contratacoes import RawContratacoes
from dataflows.raw.contratos import RawContratos
from dataflows.stage.buyers import buyer, cnpj_orgao


@pytest.mark.parametrize("contract", [RawContratacoes, RawContratos], ids=["purchases", "contracts"])
def test_purchases_and_contracts_say_the_same_of_the_buyer(observed, contract):
    rows = observed(contract, {"numeroControlePNCP": "00394460005887-1-000001/2025"}, {"orgaoEntidade": {}})
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
def test_cnpj_orgao(observed, orgao, expected):
    rows = observed(
        RawContratacoes, {"numeroControlePNCP": "00394460005887-1-000001/2025"}, {"orgaoEntidade": orgao}
    )
    assert rows.select(cnpj=cnpj_orgao(rows)).to_pyarrow().to_pylist() == [{"cnpj": expected}]
