from datetime import datetime

import pytest

from dataflows import domains
from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.orgaos import StageOrgaos, orgaos_mentions, stage_orgaos
from dataflows.stage.termos import StageTermos

EARLY, LATE = datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)  # noqa: DTZ001 - PNCP names no zone


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def sources(observe):
    """The four tables that name órgãos, of records given by table."""

    def make(contratacoes=(), contratos=(), atas=(), termos=()):
        return {
            "stage_contratacoes": observe(StageContratacoes, numero_controle_pncp="p")(*contratacoes),
            "stage_contratos": observe(StageContratos, numero_controle_pncp="c")(*contratos),
            "stage_atas": observe(StageAtas, numero_controle_pncp_ata="a")(*atas),
            "stage_termos": observe(StageTermos, numero_controle_pncp="c")(*termos),
        }

    return make


def made(sources):
    return stage_orgaos(orgaos_mentions(**sources), domains.load("poder"), domains.load("esfera")).order_by(
        "cnpj_orgao"
    )


def test_one_orgao_in_four_tables(sources):
    found = sources(
        contratacoes=[{"cnpj_orgao": "1", "nome_orgao": "GOVERNO", "data_atualizacao_global": EARLY}],
        contratos=[
            {
                "cnpj_orgao": "1",
                "nome_orgao": "PREFEITURA",
                "poder_id": "E",
                "esfera_id": "M",
                "data_atualizacao_global": EARLY,
            }
        ],
        atas=[{"cnpj_orgao": "1", "nome_orgao": "MUNICIPIO", "data_atualizacao_global": LATE}],
        termos=[
            {
                "cnpj_orgao": "1",
                "nome_orgao": "CAMARA",
                "poder_id": "X",
                "esfera_id": "M",
                "data_atualizacao": datetime(2023, 1, 1),  # noqa: DTZ001
            }
        ],
    )
    table = made(found).cache()
    StageOrgaos.validate(table)
    assert rows(table) == [
        {
            "cnpj_orgao": "1",
            "nome_orgao": "MUNICIPIO",
            "outros_nomes": ["CAMARA", "GOVERNO", "PREFEITURA"],
            "poder_id": "E",
            "poder_nome": "Executivo",
            "esfera_id": "M",
            "esfera_nome": "Municipal",
            "visto_em": LATE,
        }
    ]


@pytest.mark.parametrize("name", ["contratacoes", "contratos", "atas", "termos"])
def test_a_sub_rogated_orgao_is_one_too_with_its_own_name_alone(sources, name):
    own = {"cnpj_orgao": "1", "nome_orgao": "A", "cnpj_orgao_subrogado": "2", "nome_orgao_subrogado": "B"}
    if name != "atas":
        own |= {"poder_id": "L", "esfera_id": "M"}
    found = {row["cnpj_orgao"]: row for row in rows(made(sources(**{name: [own]})))}
    assert {cnpj: row["nome_orgao"] for cnpj, row in found.items()} == {"1": "A", "2": "B"}
    assert (found["2"]["poder_id"], found["2"]["esfera_nome"], found["2"]["outros_nomes"]) == (None, None, [])


def test_the_gate_counts_records_and_those_found(sources):
    found = sources(
        contratacoes=[{"cnpj_orgao": "1"}],
        contratos=[{"cnpj_orgao": "1"}, {"cnpj_orgao": "2"}],
        atas=[{"cnpj_orgao": "1"}],
        termos=[],
    )
    (gate,) = StageOrgaos.gates

    def compared(orgaos) -> set[tuple]:
        return {tuple(row.values()) for row in rows(gate.compare(stage_orgaos=orgaos, **found))}

    assert compared(made(found)) == {
        ("records of contratacoes", 1, 1),
        ("records of contratos", 2, 2),
        ("records of atas", 1, 1),
        ("records of termos", 0, 0),
    }
    assert ("records of contratos", 2, 1) in compared(made(found).limit(1))


def test_the_real_orgaos(real, real_records):
    nested = [*real_records["contratacoes"], *real_records["contratos"], *real_records["termos"]]
    expected = {record["orgaoEntidade"]["cnpj"] for record in nested}
    expected |= {record["cnpjOrgao"] for record in real_records["atas"]}
    found = real("stage_orgaos")
    assert {row["cnpj_orgao"] for row in found} == expected
    assert len(found) == len(expected)
    spheres = {record["orgaoEntidade"]["cnpj"]: record["orgaoEntidade"]["esferaId"] for record in nested}
    assert {row["cnpj_orgao"]: row["esfera_id"] for row in found if row["esfera_id"]} == spheres
    assert all(row["nome_orgao"] for row in found)
