from datetime import datetime

import pytest

from dataflows import domains
from dataflows.stage.contratos import StageContratos
from dataflows.stage.fornecedores import StageFornecedores, fornecedores_mentions, stage_fornecedores
from dataflows.stage.resultados import StageResultados
from dataflows.stage.termos import StageTermos

EARLY, LATE = datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)  # noqa: DTZ001 - PNCP names no zone


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture
def sources(observe):
    """The three tables that name suppliers, of records given by table."""

    def make(contratos=(), termos=(), resultados=()):
        return {
            "stage_contratos": observe(StageContratos, numero_controle_pncp="c")(*contratos),
            "stage_termos": observe(StageTermos, numero_controle_pncp="c")(*termos),
            "stage_resultados": observe(StageResultados, numero_controle_pncp_compra="c")(*resultados),
        }

    return make


def made(sources):
    return stage_fornecedores(fornecedores_mentions(**sources), domains.load("tipo_pessoa")).order_by(
        "ni_fornecedor"
    )


def test_one_supplier_in_two_tables(sources):
    found = sources(
        contratos=[
            {
                "ni_fornecedor": "35377598000117",
                "nome_fornecedor": "VP LTDA",
                "tipo_pessoa_id": "PJ",
                "codigo_pais_fornecedor": "BRA",
                "data_atualizacao_global": EARLY,
            }
        ],
        termos=[
            {
                "ni_fornecedor": "35377598000117",
                "nome_fornecedor": "VP S.A.",
                "tipo_pessoa_id": "PJ",
                "data_atualizacao": LATE,
            }
        ],
    )
    table = made(found).cache()
    StageFornecedores.validate(table)
    assert rows(table) == [
        {
            "ni_fornecedor": "35377598000117",
            "nome_fornecedor": "VP S.A.",
            "outros_nomes": ["VP LTDA"],
            "tipo_pessoa_id": "PJ",
            "tipo_pessoa_nome": "Pessoa jurídica",
            "codigo_pais_fornecedor": "BRA",
            "cnpj_raiz": "35377598",
            "cnpj_filial": "0001",
            "digitos_corretos": True,
            "visto_em": LATE,
        }
    ]


@pytest.mark.parametrize(
    ("ni", "tipo", "expected"),
    [
        pytest.param("12ABC34501DE35", "PJ", ("12ABC345", "01DE", True), id="CNPJ with letters"),
        pytest.param("00394460000142", "PJ", ("00394460", "0001", False), id="CNPJ with wrong digits"),
        pytest.param("39446000014", "PJ", (None, None, False), id="a company without a CNPJ"),
        pytest.param("52998224725", "PF", (None, None, True), id="CPF"),
        pytest.param("52998224726", "PF", (None, None, False), id="CPF with wrong digits"),
        pytest.param("35377598000117", "PF", (None, None, False), id="a person with a CNPJ"),
        pytest.param("ESTRANG0001785", "PE", (None, None, None), id="foreigner's, in the shape of a CNPJ"),
        pytest.param("RFC: RAS101026PH7", "PE", (None, None, None), id="foreigner's, free text"),
        pytest.param("35377598000117", None, (None, None, None), id="no kind of person"),
        pytest.param("35377598000117", "??", (None, None, None), id="unknown kind of person"),
    ],
)
def test_root_branch_and_check_digits(sources, ni, tipo, expected):
    (row,) = rows(made(sources(contratos=[{"ni_fornecedor": ni, "tipo_pessoa_id": tipo}])))
    assert (row["cnpj_raiz"], row["cnpj_filial"], row["digitos_corretos"]) == expected


@pytest.mark.parametrize("name", ["contratos", "termos"])
def test_a_subcontractor_is_a_supplier_too_without_the_others_country(sources, name):
    own = {
        "ni_fornecedor": "1",
        "nome_fornecedor": "A",
        "tipo_pessoa_id": "PE",
        "ni_fornecedor_subcontratado": "2",
        "nome_fornecedor_subcontratado": "B",
        "tipo_pessoa_subcontratada_id": "PF",
    }
    if name == "contratos":
        own |= {"codigo_pais_fornecedor": "DEU"}
    found = rows(made(sources(**{name: [own]})))
    names = ("ni_fornecedor", "nome_fornecedor", "tipo_pessoa_id", "codigo_pais_fornecedor")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("1", "A", "PE", "DEU" if name == "contratos" else None),
        ("2", "B", "PF", None),
    ]


@pytest.mark.parametrize(
    ("contrato", "resultado", "expected"),
    [
        pytest.param(
            EARLY, {"data_atualizacao": LATE}, ("Vencedor", ["Contratado"]), id="the result is newer"
        ),
        pytest.param(
            LATE, {"data_atualizacao": EARLY}, ("Contratado", ["Vencedor"]), id="the contract is newer"
        ),
        pytest.param(
            EARLY,
            {"data_atualizacao": EARLY, "numero_controle_pncp_compra": "d"},
            ("Vencedor", ["Contratado"]),
            id="the same moment: by control number",
        ),
        pytest.param(
            EARLY,
            {"data_atualizacao": LATE, "cancelado": True},
            ("Vencedor", ["Contratado"]),
            id="a cancelled result names its supplier all the same",
        ),
    ],
)
def test_whoever_won_an_item_is_a_supplier_by_the_same_rule(sources, contrato, resultado, expected):
    one = {"ni_fornecedor": "1", "tipo_pessoa_id": "PJ"}
    found = sources(
        contratos=[one | {"nome_fornecedor": "Contratado", "data_atualizacao_global": contrato}],
        resultados=[
            one | {"nome_fornecedor": "Vencedor"} | resultado,
            {
                "ni_fornecedor": "2",
                "nome_fornecedor": "Só de itens",
                "tipo_pessoa_id": "PE",
                "codigo_pais_fornecedor": "DEU",
            },
        ],
    )
    known, new = rows(made(found))
    assert (known["nome_fornecedor"], known["outros_nomes"]) == expected
    names = ("ni_fornecedor", "nome_fornecedor", "tipo_pessoa_nome", "codigo_pais_fornecedor")
    assert tuple(new[name] for name in names) == ("2", "Só de itens", "Pessoa estrangeira", "DEU")


def test_records_without_a_supplier_have_no_row_and_the_gate_leaves_them_out(sources):
    found = sources(
        contratos=[{"ni_fornecedor": "1"}, {"ni_fornecedor": "2"}, {}],
        termos=[{}],
        resultados=[{"ni_fornecedor": "3"}, {}],
    )
    (gate,) = StageFornecedores.gates

    def compared(fornecedores) -> set[tuple]:
        return {tuple(row.values()) for row in rows(gate.compare(fornecedores, **found))}

    assert compared(made(found)) == {
        ("records of contratos", 2, 2),
        ("records of termos", 0, 0),
        ("records of resultados", 1, 1),
    }
    assert ("records of contratos", 2, 1) in compared(made(found).limit(1))
    assert ("records of resultados", 1, 0) in compared(made(found).limit(2))


def test_the_real_suppliers(real, real_records, newest_said):
    def said(record):
        nested = record.get("fornecedor") or {}
        ni = record["niFornecedor"] or nested.get("niFornecedor") or ""
        name = record["nomeRazaoSocialFornecedor"] or nested.get("nomeRazaoSocial") or ""
        return ni.strip(), " ".join(name.replace("&AMP;", "&").split())

    records = [record for table in ("contratos", "termos", "resultados") for record in real_records[table]]
    names = newest_said([record for record in records if all(said(record))], said)
    found = real("stage_fornecedores")
    assert {row["ni_fornecedor"]: row["nome_fornecedor"] for row in found} == names
    assert len(found) == len(names)
    for row in found:
        ni, tipo = row["ni_fornecedor"], row["tipo_pessoa_id"]
        assert row["digitos_corretos"] is (None if tipo == "PE" else True)
        assert row["cnpj_raiz"] == (ni[:8] if tipo == "PJ" else None)
    assert {row["tipo_pessoa_id"] for row in found} == {"PJ", "PF", "PE"}
