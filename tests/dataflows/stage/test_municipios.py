from datetime import datetime

import pytest

from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.municipios import StageMunicipios, municipios_mentions, stage_municipios
from dataflows.stage.termos import StageTermos

EARLY, LATE = datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)  # noqa: DTZ001 - PNCP names no zone


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def sources(observe):
    """The three tables that name municípios, of records given by table."""

    def make(contratacoes=(), contratos=(), termos=()):
        return {
            "stage_contratacoes": observe(StageContratacoes, numero_controle_pncp="p")(*contratacoes),
            "stage_contratos": observe(StageContratos, numero_controle_pncp="c")(*contratos),
            "stage_termos": observe(StageTermos, numero_controle_pncp="c")(*termos),
        }

    return make


def made(sources):
    return stage_municipios(municipios_mentions(**sources)).order_by("codigo_ibge")


def test_one_municipio_in_three_tables(sources):
    found = sources(
        contratacoes=[
            {"codigo_ibge": "3550308", "municipio_nome": "S. PAULO", "data_atualizacao_global": EARLY}
        ],
        contratos=[
            {
                "codigo_ibge": "3550308",
                "municipio_nome": "SAO PAULO",
                "uf_sigla": "SP",
                "uf_nome": "São Paulo",
                "data_atualizacao_global": EARLY,
            }
        ],
        termos=[{"codigo_ibge": "3550308", "municipio_nome": "São Paulo", "data_atualizacao": LATE}],
    )
    table = made(found).cache()
    StageMunicipios.validate(table)
    assert rows(table) == [
        {
            "codigo_ibge": "3550308",
            "municipio_nome": "São Paulo",
            "outros_nomes": ["S. PAULO", "SAO PAULO"],
            "uf_sigla": "SP",
            "uf_nome": "São Paulo",
            "regiao": "Sudeste",
            "visto_em": LATE,
        }
    ]


@pytest.mark.parametrize(
    ("codigo", "expected"),
    [
        pytest.param("1302603", "Norte", id="Manaus"),
        pytest.param("2304400", "Nordeste", id="Fortaleza"),
        pytest.param("3304557", "Sudeste", id="Rio de Janeiro"),
        pytest.param("4205407", "Sul", id="Florianópolis"),
        pytest.param("5300108", "Centro-Oeste", id="Brasília"),
        pytest.param("9999999", None, id="no region begins with 9"),
    ],
)
def test_regiao(sources, codigo, expected):
    (row,) = rows(made(sources(contratos=[{"codigo_ibge": codigo}])))
    assert row["regiao"] == expected


@pytest.mark.parametrize(
    ("codigo", "expected"),
    [("3550308", True), ("355030", False), ("35503081", False), ("355030A", False)],
    ids=["seven digits", "six", "eight", "a letter"],
)
def test_the_rule_of_seven_digits_warns(sources, codigo, expected):
    (rule,) = [rule for rule in StageMunicipios.rules() if rule.name == "codigo_ibge has seven digits"]
    table = made(sources(contratos=[{"codigo_ibge": codigo}]))
    assert rows(table.select(holds=rule.holds(table))) == [{"holds": expected}]
    assert rule.severity == "warning"


def test_records_without_a_place_have_no_row_and_the_gate_leaves_them_out(sources):
    found = sources(contratos=[{"codigo_ibge": "1302603"}, {"codigo_ibge": None, "municipio_nome": "X"}])
    (gate,) = StageMunicipios.gates
    assert [row["codigo_ibge"] for row in rows(made(found))] == ["1302603"]
    compared = {tuple(row.values()) for row in rows(gate.compare(stage_municipios=made(found), **found))}
    assert compared == {
        ("records of contratacoes", 0, 0),
        ("records of contratos", 1, 1),
        ("records of termos", 0, 0),
    }
    compared = {tuple(row.values()) for row in rows(gate.compare(made(found).limit(0), **found))}
    assert ("records of contratos", 1, 0) in compared


def test_the_real_municipios(real, real_records, newest_said):
    records = [
        {**record, "place": record[unidade]}
        for table, unidade in (
            ("contratacoes", "unidadeOrgao"),
            ("contratos", "unidadeOrgao"),
            ("termos", "unidade"),
        )
        for record in real_records[table]
    ]
    names = newest_said(
        records, lambda record: (record["place"]["codigoIbge"], record["place"]["municipioNome"])
    )
    found = real("stage_municipios")
    assert {row["codigo_ibge"]: row["municipio_nome"] for row in found} == names
    assert len(found) == len(names)
    first = {"Norte": "1", "Nordeste": "2", "Sudeste": "3", "Sul": "4", "Centro-Oeste": "5"}
    assert all(row["codigo_ibge"].startswith(first[row["regiao"]]) for row in found)
