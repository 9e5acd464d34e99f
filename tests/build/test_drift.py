"""What PNCP sends that the contracts and the code tables do not know."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from baliza.build import catalog
from baliza.build.drift import MissingCode, missing_codes, unknown_fields

NODES = [node for node in catalog.tables().values() if node.layer == "raw"]


@pytest.fixture
def con(tmp_path, prepared):
    con = duckdb.connect(str(Path(shutil.copy(prepared, tmp_path / "test.duckdb"))))
    yield con
    con.close()


@pytest.fixture
def insert(con):
    """Puts rows into a raw table; `unknown` of a row goes to unknown_fields."""
    observed = 0

    def put(table, *rows):
        nonlocal observed
        for row in rows:
            observed += 1
            values = {name: value for name, value in row.items() if name != "unknown"}
            if "unknown" in row:
                values["unknown_fields"] = json.dumps(row["unknown"])
            values["observation_id"] = observed
            names = ", ".join(f'"{name}"' for name in values)
            con.execute(
                f'INSERT INTO raw."{table}" ({names}) VALUES ({", ".join("?" * len(values))})',
                list(values.values()),
            )

    return put


LINES = {
    "text": (("a", "b"), 'novo = text("...")'),
    "text and number": (("a", 1), 'novo = text("...")'),
    "always null": ((None, None), 'novo = text("...")'),
    "integer": ((1, None, -2), 'novo = integer("...")'),
    "long integer": ((1, 12345678901), 'novo = order("...")'),
    "quantity": ((1, 1.5), 'novo = quantity("...", unit="...")'),
    "day": (("2025-03-03", "", None), 'novo = day("...")'),
    "moment": (("2025-03-03T10:00:00", "2025-03-03T10:00:00.123"), 'novo = moment("...")'),
    "day or moment": (("2025-03-03", "2025-03-03T10:00:00"), 'novo = text("...")'),
    "flag": ((True, None), 'novo = flag("...")'),
    "object": (({"a": 1},), 'novo = json("...")'),
    "list": (([1, 2],), 'novo = json("...")'),
    "flag or text": ((True, "a"), 'novo = json("...")'),
}


@pytest.mark.parametrize(("values", "line"), LINES.values(), ids=LINES.keys())
def test_the_line_for_the_contract_fits_what_was_seen(con, insert, values, line):
    insert("contratos", *({"unknown": {"novo": value}} for value in values), {"unknown": {"outro": 1}}, {})

    (found,) = [one for one in unknown_fields(con, NODES) if one.field == "novo"]
    assert (found.table, found.records, found.contract_line) == ("raw.contratos", len(values), line)


def test_money_is_known_by_its_name(con, insert):
    insert("contratos", {"unknown": {"valorNovo": 100}})

    assert [one.contract_line for one in unknown_fields(con, NODES)] == ['valorNovo = amount("...")']


def test_fields_inside_groups_and_lists_are_named_by_their_path_and_counted_once_a_record(con, insert):
    insert(
        "contratacoes",
        {"unknown": {"orgaoEntidade": {"novo": True}, "fontesOrcamentarias": [{"novo": 1}, {}, {"novo": 2}]}},
        {"unknown": {"fontesOrcamentarias": [{"novo": 1}]}},
    )

    assert [(one.field, one.records, one.contract_line) for one in unknown_fields(con, NODES)] == [
        ("fontesOrcamentarias[].novo", 2, '"novo": integer("..."),'),
        ("orgaoEntidade.novo", 1, '"novo": flag("..."),'),
    ]


def test_names_are_quoted(con, insert):
    insert("contratos", {"unknown": {"it's/odd~\"": 1}})

    assert [one.field for one in unknown_fields(con, NODES)] == ["it's/odd~\""]


def test_every_kind_of_line_makes_a_column():
    from dataflows import contract

    for _, line in LINES.values():
        made = eval(line.partition(" = ")[2], vars(contract).copy())
        assert isinstance(made, contract.Column)


def test_codes_no_table_has_with_the_label_beside_them(con, insert):
    insert(
        "contratacoes",
        {"modalidadeId": 6, "modalidadeNome": "Pregão - Eletrônico"},
        {"modalidadeId": 99, "modalidadeNome": "Nova"},
        {"modalidadeId": 99, "modalidadeNome": "Nova"},
        {
            "fontesOrcamentarias": [
                {"codigo": 88, "nome": "Lunar", "descricao": None, "dataInclusao": None},
                {"codigo": 1, "nome": "Não se aplica", "descricao": None, "dataInclusao": None},
            ]
        },
        {"orgaoEntidade": {"cnpj": "1", "razaoSocial": "x", "poderId": "Z", "esferaId": "M"}},
    )

    assert missing_codes(con, NODES) == [
        MissingCode("raw.contratacoes", "modalidadeId", "modalidade", "99", "Nova", 2),
        MissingCode("raw.contratacoes", "orgaoEntidade.poderId", "poder", "Z", None, 1),
        MissingCode(
            "raw.contratacoes", "fontesOrcamentarias[].codigo", "fonte_orcamentaria", "88", "Lunar", 1
        ),
    ]


def test_codes_deep_inside_groups_are_found(con, insert):
    con.execute(
        """
        INSERT INTO raw.instrumentos_cobranca (observation_id, recuperarContratoDTO) VALUES (1, struct_pack(
            tipoContrato := {'id': 77, 'nome': 'Novo'}
        )::STRUCT(tipoContrato STRUCT(id INTEGER, nome VARCHAR)))
        """
    )

    assert missing_codes(con, NODES) == [
        MissingCode(
            "raw.instrumentos_cobranca",
            "recuperarContratoDTO.tipoContrato.id",
            "tipo_contrato",
            "77",
            "Novo",
            1,
        )
    ]


def test_every_coded_column_that_comes_with_a_label_names_it(con):
    from baliza.build.drift import _coded, _Objects

    found = {
        f"{node.table}.{coded.path}": coded.label
        for node in NODES
        for coded in _coded(_Objects(f"raw.{node.table}", "", node.contract.columns), "")
    }
    assert found["contratacoes.tipoInstrumentoConvocatorioCodigo"] == '"tipoInstrumentoConvocatorioNome"'
    assert found["itens.situacaoCompraItem"] == '"situacaoCompraItemNome"'
    assert found["pca_itens.classificacaoCatalogoId"] == '"nomeClassificacaoCatalogo"'
    assert found["contratos.tipoContrato.id"] == '"tipoContrato"."nome"'
    assert found["contratacoes.fontesOrcamentarias[].codigo"] == 'element."nome"'
    assert {path.rpartition(".")[2] for path, label in found.items() if label == "NULL"} == {
        "poderId", "esferaId", "tipoPessoa", "tipoPessoaId", "tipoPessoaSubContratada",
    }  # fmt: skip
