"""The old project's checks: of a few records made to fail them, on the old models and on baliza's tables."""

from __future__ import annotations

from itertools import count

import pytest

from baliza.build.parity.checks import checks
from baliza.build.parity.scratch import build_old, build_ours
from baliza.settings import Resources

CNPJ = "00394460005887"


@pytest.fixture(scope="module")
def found(raw_file, tmp_path_factory):
    """By model and rule: rows failing, and those of baliza's table."""
    numbers = count(1)

    def contract(**fields):
        return {
            "numeroControlePNCP": f"{CNPJ}-2-{next(numbers):06d}/2025",
            "orgaoEntidade": {"cnpj": CNPJ, "razaoSocial": "ORGAO", "poderId": "E", "esferaId": "F"},
            "unidadeOrgao": {"codigoUnidade": "1"},
            "valorInicial": 100,
            "valorGlobal": 100,
            "niFornecedor": "11111111000191",
            "nomeRazaoSocialFornecedor": "FORNECEDOR",
            "dataAssinatura": "2025-03-01",
            "dataVigenciaInicio": "2025-03-01",
            "dataVigenciaFim": "2025-12-31",
            "dataPublicacaoPncp": "2025-03-10T10:00:00",
            "dataAtualizacao": "2025-03-10T10:00:00",
        } | fields

    spelled = {"cnpj": CNPJ, "razaoSocial": "ÓRGÃO", "poderId": "E", "esferaId": "F"}
    file = raw_file(
        contratos=[
            contract(),
            contract(orgaoEntidade=spelled),
            contract(valorInicial=-5, valorGlobal=-5),
            contract(dataVigenciaFim="2025-01-31"),
            contract(dataAssinatura="1899-12-30"),
            contract(niFornecedor=None, nomeRazaoSocialFornecedor=" "),
        ]
    )
    folder = tmp_path_factory.mktemp("checks")
    ours = folder / "ours.duckdb"
    source = build_ours(file, ours, Resources(), lambda _name: None)
    con = build_old(ours, folder / "old.duckdb", source, Resources(), lambda _name: None)
    yield {(one.model, one.rule): (one.failing, one.ours_failing) for one in checks(con)}
    con.close()


@pytest.mark.parametrize(
    "model, rule, failing",
    [
        ("dim_organizacoes", "unique: org_key", (1, 0)),
        ("dim_organizacoes", "unique: cnpj", (1, 0)),
        ("fact_contratos", "unique: contract_key", (6, 0)),
        ("fact_contratos", "unique: numero_controle_pncp", (6, 0)),
        ("fact_contratos", "valor_inicial from 0 to 1,000,000,000", (2, 0)),
        ("fact_contratos", "data_vigencia_fim from data_vigencia_inicio on", (2, 0)),
        ("fact_contratos", "data_assinatura from 2000 to today", (2, 0)),
        ("fact_contratos", "not_null: ni_fornecedor", (2, 1)),
        ("fact_contratos", "not_null: nome_razao_social_fornecedor", (0, 1)),
    ],
)
def test_a_check_counts_the_rows_that_fail_it(found, model, rule, failing):
    """Each contract is there once per spelling of its órgão in the old fact."""
    assert found[model, rule] == failing


def test_all_others_hold(found):
    failing = {rule for rule, counts in found.items() if any(counts)}

    assert len(failing) == 9
    assert len(found) == 36
