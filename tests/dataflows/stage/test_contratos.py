from datetime import date, datetime
from decimal import Decimal

import pytest

from dataflows import domains, parameters
from dataflows.stage.contratos import (
    StageContratos,
    contratos_buyer,
    contratos_classification,
    contratos_dates,
    contratos_evidence,
    contratos_identification,
    contratos_latest,
    contratos_supplier,
    contratos_texts,
    contratos_values,
    stage_contratos,
)

KEY = "00394460005887-2-002468/2025"
LATER = "2025-06-24T00:30:04"
RECORD = {
    "numeroControlePNCP": KEY,
    "numeroControlePncpCompra": "00394460005887-1-000020/2025",
    "anoContrato": 2025,
    "sequencialContrato": 2468,
    "numeroContratoEmpenho": " 0800100/0637 ",
    "processo": "13032263838202543",
    "tipoContrato": {"id": 1, "nome": "Contrato (termo inicial)"},
    "categoriaProcesso": {"id": 8, "nome": "Serviços"},
    "receita": False,
    "orgaoEntidade": {
        "cnpj": "00394460005887",
        "razaoSocial": "MINISTERIO DA ECONOMIA",
        "poderId": "E",
        "esferaId": "F",
    },
    "unidadeOrgao": {
        "codigoUnidade": "800100",
        "nomeUnidade": "Receita Federal\t",
        "codigoIbge": "3550308",
        "municipioNome": "São Paulo",
        "ufSigla": "SP",
        "ufNome": "São Paulo",
    },
    "niFornecedor": "35377598000117",
    "nomeRazaoSocialFornecedor": "VP &AMP; CIA",
    "tipoPessoa": "PJ",
    "objetoContrato": "Compra\r\nde café",
    "informacaoComplementar": "",
    "valorInicial": Decimal(1100),
    "valorGlobal": Decimal(1100),
    "dataAssinatura": date(2025, 6, 23),
    "dataVigenciaInicio": date(2025, 6, 23),
    "dataVigenciaFim": date(2025, 7, 23),
    "dataPublicacaoPncp": datetime.fromisoformat(LATER),
    "dataAtualizacaoGlobal": datetime.fromisoformat(LATER),
    "usuarioNome": "Ministério da Fazenda",
}
DEFAULTS = parameters.inputs()
OF_DATE = {name: DEFAULTS[name] for name in ("earliest_year", "longest_term")}
LIMITS = {
    name: DEFAULTS[name]
    for name in ("suspect_value", "review_value", "suspect_growth", "review_growth", "suspect_nines")
}


def named(*names: str) -> dict:
    return {f"domain_{name}": domains.load(name) for name in names}


def staged(raw):
    """stage.contratos as the graph puts it together."""
    table = contratos_latest(raw)
    classification = contratos_classification(table, **named("tipo_contrato", "categoria_processo"))
    return stage_contratos(
        table,
        contratos_identification(table),
        contratos_buyer(table, **named("poder", "esfera")),
        contratos_supplier(table, **named("tipo_pessoa")),
        classification,
        contratos_texts(table),
        contratos_dates(table, **OF_DATE),
        contratos_values(table, classification, **LIMITS),
        contratos_evidence(table),
    )


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def one(table, columns: dict) -> dict:
    """The single row of a column-set."""
    (row,) = rows(table.select(**columns))
    return row


def test_a_whole_record(raw):
    assert rows(staged(raw(RECORD))) == [
        dict.fromkeys(StageContratos.columns)
        | {
            "numero_controle_pncp": KEY,
            "numero_controle_pncp_compra": "00394460005887-1-000020/2025",
            "ano_contrato": 2025,
            "sequencial_contrato": 2468,
            "numero_contrato_empenho": "0800100/0637",
            "processo": "13032263838202543",
            "link_pncp": "https://pncp.gov.br/app/contratos/00394460005887/2025/2468",
            "cnpj_orgao": "00394460005887",
            "nome_orgao": "MINISTERIO DA ECONOMIA",
            "poder_id": "E",
            "poder_nome": "Executivo",
            "esfera_id": "F",
            "esfera_nome": "Federal",
            "codigo_unidade": "800100",
            "nome_unidade": "Receita Federal",
            "uf_sigla": "SP",
            "uf_nome": "São Paulo",
            "codigo_ibge": "3550308",
            "municipio_nome": "São Paulo",
            "ni_fornecedor": "35377598000117",
            "nome_fornecedor": "VP & CIA",
            "tipo_pessoa_id": "PJ",
            "tipo_pessoa_nome": "Pessoa jurídica",
            "tipo_contrato_id": 1,
            "tipo_contrato_nome": "Contrato (termo inicial)",
            "categoria_processo_id": 8,
            "categoria_processo_nome": "Serviços",
            "empenho": False,
            "receita": False,
            "objeto_contrato": "Compra de café",
            "usuario_nome": "Ministério da Fazenda",
            "data_assinatura": date(2025, 6, 23),
            "data_vigencia_inicio": date(2025, 6, 23),
            "data_vigencia_fim": date(2025, 7, 23),
            "data_publicacao_pncp": datetime.fromisoformat(LATER),
            "data_atualizacao_global": datetime.fromisoformat(LATER),
            "date_verdict": "ok",
            "valor_inicial": Decimal("1100.0000"),
            "valor_global": Decimal("1100.0000"),
            "verdict": "ok",
            "bucket": "contract",
            "observation_id": 1,
            "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
        }
    ]


def test_a_record_of_nulls_keeps_its_contract(raw):
    table = staged(raw({"numeroControlePNCP": KEY})).cache()
    StageContratos.validate(table)
    (row,) = rows(table)
    assert {name: value for name, value in row.items() if value is not None} == {
        "numero_controle_pncp": KEY,
        "cnpj_orgao": "00394460005887",
        "empenho": False,
        "date_verdict": "ok",
        "verdict": "ok",
        "bucket": "contract",
        "observation_id": 1,
        "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
    }


def test_only_the_latest_version_of_each_key_is_left(raw):
    moment = datetime.fromisoformat(LATER)
    table = staged(
        raw(
            {"numeroControlePNCP": "a", "dataAtualizacaoGlobal": moment, "processo": "newer"},
            {"numeroControlePNCP": "a", "dataAtualizacaoGlobal": None, "processo": "unknown"},
            {"numeroControlePNCP": "b", "processo": "only"},
        )
    )
    found = {(row["numero_controle_pncp"], row["processo"], row["observation_id"]) for row in rows(table)}
    assert found == {("a", "newer", 1), ("b", "only", 3)}


def test_the_contract_gate_counts_keys_and_rows(raw):
    observed = raw({"numeroControlePNCP": "a"}, {"numeroControlePNCP": "a"}, {"numeroControlePNCP": "b"})
    (gate,) = StageContratos.gates
    assert rows(gate.compare(stage_contratos=staged(observed), raw_contratos=observed)) == [
        {"measure": "rows", "expected": 2, "found": 2}
    ]
    lost = staged(observed).limit(1)
    assert rows(gate.compare(stage_contratos=lost, raw_contratos=observed)) == [
        {"measure": "rows", "expected": 2, "found": 1}
    ]


@pytest.mark.parametrize(
    ("ano", "sequencial", "orgao", "expected"),
    [
        pytest.param(
            2025, 7, "00394460005887", "00394460005887/2025/7", id="no zeros in front of the sequence"
        ),
        pytest.param(2025, 123456, "00394460005887", "00394460005887/2025/123456", id="long sequence"),
        pytest.param(2025, 7, None, "00394460005887/2025/7", id="CNPJ of the control number"),
        pytest.param(2026, 7, "12ABC34501DE35", "12ABC34501DE35/2026/7", id="CNPJ with letters"),
        pytest.param(None, 7, "00394460005887", None, id="no year, no link"),
        pytest.param(2025, None, "00394460005887", None, id="no sequence, no link"),
    ],
)
def test_link_pncp(raw, ano, sequencial, orgao, expected):
    table = raw(
        {"anoContrato": ano, "sequencialContrato": sequencial, "orgaoEntidade": orgao and {"cnpj": orgao}}
    )
    link = one(table, contratos_identification(table))["link_pncp"]
    assert link == (expected and f"https://pncp.gov.br/app/contratos/{expected}")


@pytest.mark.parametrize(
    ("orgao", "expected"),
    [
        pytest.param({"cnpj": "11111111000191"}, "11111111000191", id="the órgão's own"),
        pytest.param({"cnpj": " 11111111000191 "}, "11111111000191", id="padded"),
        pytest.param({"cnpj": " "}, "00394460005887", id="blank: that of the control number"),
        pytest.param({"cnpj": None}, "00394460005887", id="null: that of the control number"),
        pytest.param(None, "00394460005887", id="no órgão: that of the control number"),
    ],
)
def test_cnpj_orgao(raw, orgao, expected):
    table = raw({"orgaoEntidade": orgao})
    assert one(table, contratos_buyer(table, **named("poder", "esfera")))["cnpj_orgao"] == expected


@pytest.mark.parametrize(
    ("orgao", "expected"),
    [
        pytest.param({"poderId": "L", "esferaId": "M"}, ("L", "Legislativo", "M", "Municipal"), id="known"),
        pytest.param(
            {"poderId": "X", "esferaId": "Y"}, ("X", None, "Y", None), id="unknown codes stay, without label"
        ),
        pytest.param({"poderId": " ", "esferaId": ""}, (None, None, None, None), id="blank"),
        pytest.param(None, (None, None, None, None), id="no órgão"),
    ],
)
def test_labels_of_poder_and_esfera(raw, orgao, expected):
    table = raw({"orgaoEntidade": orgao})
    row = one(table, contratos_buyer(table, **named("poder", "esfera")))
    assert (row["poder_id"], row["poder_nome"], row["esfera_id"], row["esfera_nome"]) == expected


def test_sub_rogated_orgao_and_unidade(raw):
    table = raw(
        {
            "orgaoSubRogado": {"cnpj": "11111111000191", "razaoSocial": " FUNDO "},
            "unidadeSubRogada": {"codigoUnidade": "1 ", "nomeUnidade": "A\tB"},
        }
    )
    row = one(table, contratos_buyer(table, **named("poder", "esfera")))
    assert {name: value for name, value in row.items() if "subroga" in name} == {
        "cnpj_orgao_subrogado": "11111111000191",
        "nome_orgao_subrogado": "FUNDO",
        "codigo_unidade_subrogada": "1",
        "nome_unidade_subrogada": "A B",
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(
            {"niFornecedor": "123 ", "tipoPessoa": "PF", "nomeRazaoSocialFornecedor": ""},
            {"ni_fornecedor": "123", "tipo_pessoa_id": "PF", "tipo_pessoa_nome": "Pessoa física"},
            id="person, empty name",
        ),
        pytest.param(
            {"niFornecedor": "RFC: RAS101026PH7", "tipoPessoa": "PE", "codigoPaisFornecedor": "MEX"},
            {
                "ni_fornecedor": "RFC: RAS101026PH7",
                "tipo_pessoa_id": "PE",
                "tipo_pessoa_nome": "Pessoa estrangeira",
                "codigo_pais_fornecedor": "MEX",
            },
            id="foreigner",
        ),
        pytest.param({"tipoPessoa": "??"}, {"tipo_pessoa_id": "??"}, id="unknown code"),
        pytest.param(
            {
                "niFornecedorSubContratado": " 1",
                "nomeFornecedorSubContratado": " A  B ",
                "tipoPessoaSubContratada": "PJ",
            },
            {
                "ni_fornecedor_subcontratado": "1",
                "nome_fornecedor_subcontratado": "A B",
                "tipo_pessoa_subcontratada_id": "PJ",
            },
            id="subcontractor",
        ),
    ],
)
def test_supplier(raw, record, expected):
    table = raw(record)
    row = one(table, contratos_supplier(table, **named("tipo_pessoa")))
    assert {name: value for name, value in row.items() if value is not None} == expected


@pytest.mark.parametrize(
    ("tipo", "categoria", "expected"),
    [
        pytest.param(
            {"id": 7, "nome": "empenho da API"},
            {"id": 2, "nome": None},
            (7, "Empenho", 2, "Compras", True),
            id="official",
        ),
        pytest.param(
            {"id": 99, "nome": " Tipo  novo "},
            {"id": 98, "nome": "Categoria nova"},
            (99, "Tipo novo", 98, "Categoria nova", False),
            id="unknown codes: the API's names",
        ),
        pytest.param(
            {"id": 99, "nome": None},
            {"id": 98, "nome": " "},
            (99, None, 98, None, False),
            id="no name at all",
        ),
        pytest.param(None, None, (None, None, None, None, False), id="null objects"),
    ],
)
def test_classification(raw, tipo, categoria, expected):
    table = raw({"tipoContrato": tipo, "categoriaProcesso": categoria})
    row = one(table, contratos_classification(table, **named("tipo_contrato", "categoria_processo")))
    names = (
        "tipo_contrato_id",
        "tipo_contrato_nome",
        "categoria_processo_id",
        "categoria_processo_nome",
        "empenho",
    )
    assert tuple(row[name] for name in names) == expected


@pytest.mark.parametrize("said", [True, False, None])
def test_flags_stay_as_published(raw, said):
    names = {
        "receita": "receita",
        "frutoAdesao": "fruto_adesao",
        "temRemanejamento": "tem_remanejamento",
        "emendaParlamentar": "emenda_parlamentar",
    }
    table = raw(dict.fromkeys(names, said))
    row = one(table, contratos_classification(table, **named("tipo_contrato", "categoria_processo")))
    assert {name: row[name] for name in names.values()} == dict.fromkeys(names.values(), said)


def test_texts_are_one_line_each(raw):
    fields = ("objetoContrato", "informacaoComplementar", "usuarioNome")
    table = raw(dict.fromkeys(fields, " a\n b ") | {"identificadorCipi": " 1 ", "urlCipi": ""})
    assert one(table, contratos_texts(table)) == {
        "objeto_contrato": "a b",
        "informacao_complementar": "a b",
        "identificador_cipi": "1",
        "url_cipi": None,
        "usuario_nome": "a b",
    }


def test_dates_stay_as_published_beside_their_verdict(raw):
    table = raw({"dataVigenciaInicio": date(2025, 1, 2), "dataVigenciaFim": date(2025, 1, 1)})
    row = one(table, contratos_dates(table, **OF_DATE))
    assert {name: value for name, value in row.items() if value is not None} == {
        "data_vigencia_inicio": date(2025, 1, 2),
        "data_vigencia_fim": date(2025, 1, 1),
        "date_verdict": "reversed",
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param({"valorGlobal": Decimal(-1)}, ("suspect", "suspect"), id="negative"),
        pytest.param(
            {"valorGlobal": Decimal(-1), "receita": True}, ("suspect", "income"), id="negative income"
        ),
        pytest.param(
            {"tipoContrato": {"id": 7}, "valorGlobal": Decimal(0)},
            ("review", "empenho"),
            id="empenho of zero",
        ),
        pytest.param(
            {"valorGlobal": Decimal(500), "valorInicial": Decimal(1)},
            ("suspect", "suspect"),
            id="grown 500 times",
        ),
        pytest.param({"valorGlobal": None}, ("ok", "contract"), id="no value"),
    ],
)
def test_verdict_and_bucket(raw, record, expected):
    table = raw(record)
    classification = contratos_classification(table, **named("tipo_contrato", "categoria_processo"))
    row = one(table, contratos_values(table, classification, **LIMITS))
    assert (row["verdict"], row["bucket"]) == expected
    assert row["valor_global"] == record["valorGlobal"]
