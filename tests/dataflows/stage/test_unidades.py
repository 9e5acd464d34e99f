from datetime import datetime

import pytest

from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.termos import StageTermos
from dataflows.stage.unidades import StageUnidades, stage_unidades, unidades_mentions

EARLY, LATE = datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)  # noqa: DTZ001 - PNCP names no zone


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def sources(observe):
    """The four tables that name unidades, of records given by table."""

    def make(contratacoes=(), contratos=(), atas=(), termos=()):
        return {
            "stage_contratacoes": observe(StageContratacoes, numero_controle_pncp="p", cnpj_orgao="1")(
                *contratacoes
            ),
            "stage_contratos": observe(StageContratos, numero_controle_pncp="c", cnpj_orgao="1")(*contratos),
            "stage_atas": observe(StageAtas, numero_controle_pncp_ata="a", cnpj_orgao="1")(*atas),
            "stage_termos": observe(StageTermos, numero_controle_pncp="c", cnpj_orgao="1")(*termos),
        }

    return make


def made(sources):
    return stage_unidades(unidades_mentions(**sources)).order_by("cnpj_orgao", "codigo_unidade")


def test_one_unidade_in_four_tables(sources):
    found = sources(
        contratacoes=[{"codigo_unidade": "10", "nome_unidade": "POSTO", "data_atualizacao_global": EARLY}],
        contratos=[
            {
                "codigo_unidade": "10",
                "nome_unidade": "SAUDE",
                "codigo_ibge": "3550308",
                "municipio_nome": "São Paulo",
                "uf_sigla": "SP",
                "data_atualizacao_global": EARLY,
            }
        ],
        atas=[{"codigo_unidade": "10", "nome_unidade": "Saúde", "data_atualizacao_global": LATE}],
        termos=[{"codigo_unidade": "10", "nome_unidade": "SAUDE", "data_atualizacao": EARLY}],
    )
    table = made(found).cache()
    StageUnidades.validate(table)
    assert rows(table) == [
        {
            "cnpj_orgao": "1",
            "codigo_unidade": "10",
            "nome_unidade": "Saúde",
            "outros_nomes": ["POSTO", "SAUDE"],
            "codigo_ibge": "3550308",
            "municipio_nome": "São Paulo",
            "uf_sigla": "SP",
            "visto_em": LATE,
        }
    ]


def test_the_same_code_in_another_orgao_is_another_unidade(sources):
    found = sources(
        contratos=[
            {"codigo_unidade": "0000", "nome_unidade": "A"},
            {"codigo_unidade": "0000", "nome_unidade": "B", "cnpj_orgao": "2"},
            {"codigo_unidade": None, "nome_unidade": "C", "cnpj_orgao": "3"},
        ]
    )
    assert [(row["cnpj_orgao"], row["nome_unidade"]) for row in rows(made(found))] == [("1", "A"), ("2", "B")]


@pytest.mark.parametrize("name", ["contratacoes", "contratos", "atas", "termos"])
def test_a_sub_rogated_unidade_is_one_too_without_the_others_place(sources, name):
    own = {
        "codigo_unidade": "10",
        "nome_unidade": "A",
        "cnpj_orgao_subrogado": "2",
        "codigo_unidade_subrogada": "20",
        "nome_unidade_subrogada": "B",
    }
    if name != "atas":
        own |= {"codigo_ibge": "3550308", "uf_sigla": "SP"}
    found = rows(made(sources(**{name: [own]})))
    names = ("cnpj_orgao", "codigo_unidade", "nome_unidade")
    assert [tuple(row[name] for name in names) for row in found] == [("1", "10", "A"), ("2", "20", "B")]
    assert (found[1]["codigo_ibge"], found[1]["uf_sigla"]) == (None, None)


def test_the_gate_leaves_out_records_without_a_code(sources):
    found = sources(contratos=[{"codigo_unidade": "1"}, {"codigo_unidade": "2"}, {"codigo_unidade": None}])
    (gate,) = StageUnidades.gates

    def compared(unidades) -> set[tuple]:
        return {tuple(row.values()) for row in rows(gate.compare(stage_unidades=unidades, **found))}

    assert ("records of contratos", 2, 2) in compared(made(found))
    assert ("records of contratos", 2, 1) in compared(made(found).limit(1))


def test_the_real_unidades(real, real_records):
    expected = {
        (record["orgaoEntidade"]["cnpj"], record[unidade]["codigoUnidade"].strip())
        for table, unidade in (
            ("contratacoes", "unidadeOrgao"),
            ("contratos", "unidadeOrgao"),
            ("termos", "unidade"),
        )
        for record in real_records[table]
    }
    expected |= {
        (record["cnpjOrgao"], record["codigoUnidadeOrgao"].strip()) for record in real_records["atas"]
    }
    found = real("stage_unidades")
    assert {(row["cnpj_orgao"], row["codigo_unidade"]) for row in found} == expected
    assert len(found) == len(expected)
