from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from dataflows import domains, parameters
from dataflows.raw.termos import RawTermos
from dataflows.stage.termos import (
    StageTermos,
    stage_termos,
    termos_buyer,
    termos_classification,
    termos_dates,
    termos_evidence,
    termos_identification,
    termos_latest,
    termos_supplier,
    termos_texts,
    termos_values,
)

CONTRATO = "00394460005887-2-002468/2025"
EARLY = datetime(2025, 6, 24, 0, 30, 4)  # noqa: DTZ001 - PNCP names no zone
LATE = datetime(2025, 6, 25)  # noqa: DTZ001
RECORD = {
    "parent_key": CONTRATO,
    "sequencialTermoContrato": 3,
    "numeroTermoContrato": "2º ",
    "processo": " 1/2025",
    "tipoTermoContratoNome": "Termo Aditivo",
    "objetoTermoContrato": "Prorroga\r\no prazo",
    "fundamentoLegal": "",
    "informativoObservacao": " a  b ",
    "informacaoComplementar": None,
    "qualificacaoAcrescimoSupressao": True,
    "qualificacaoVigencia": True,
    "qualificacaoFornecedor": False,
    "qualificacaoReajuste": None,
    "prazoAditadoDias": 180,
    "valorAcrescido": Decimal("-2230421.58"),
    "valorGlobal": Decimal(5000),
    "valorParcela": Decimal(100),
    "numeroParcelas": 50,
    "dataAssinatura": date(2025, 6, 20),
    "dataVigenciaInicio": date(2025, 6, 23),
    "dataVigenciaFim": date(2025, 12, 20),
    "orgaoEntidade": {
        "cnpj": "00394460005887",
        "razaoSocial": "MINISTERIO DA ECONOMIA",
        "poderId": "E",
        "esferaId": "F",
    },
    "unidade": {
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
    "dataPublicacaoPncp": EARLY,
    "dataInclusao": EARLY,
    "dataAtualizacao": EARLY,
}
LIMITS = parameters.inputs()
OF_DATE = {name: LIMITS[name] for name in ("earliest_year", "longest_term")}
OF_VALUE = {name: LIMITS[name] for name in ("suspect_value", "review_value", "suspect_nines")}


@pytest.fixture
def raw(observe):
    return observe(RawTermos, parent_key=CONTRATO, sequencialTermoContrato=1)


def named(*names: str) -> dict:
    return {f"domain_{name}": domains.load(name) for name in names}


def staged(raw):
    """stage.termos as the graph puts it together."""
    table = termos_latest(raw)
    return stage_termos(
        table,
        termos_identification(table),
        termos_buyer(table, **named("poder", "esfera")),
        termos_supplier(table, **named("tipo_pessoa")),
        termos_classification(table, **named("tipo_termo_contrato")),
        termos_texts(table),
        termos_dates(table, **OF_DATE),
        termos_values(table, **OF_VALUE),
        termos_evidence(table),
    )


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def one(table, columns: dict) -> dict:
    (row,) = rows(table.select(**columns))
    return row


def test_a_whole_record(raw):
    assert rows(staged(raw(RECORD))) == [
        dict.fromkeys(StageTermos.columns)
        | {
            "numero_controle_pncp": CONTRATO,
            "sequencial_termo_contrato": 3,
            "numero_termo_contrato": "2º",
            "processo": "1/2025",
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
            "tipo_termo_contrato_id": 2,
            "tipo_termo_contrato_nome": "Termo Aditivo",
            "qualificacao_acrescimo_supressao": True,
            "qualificacao_vigencia": True,
            "qualificacao_fornecedor": False,
            "objeto_termo_contrato": "Prorroga o prazo",
            "informativo_observacao": "a b",
            "prazo_aditado_dias": 180,
            "data_assinatura": date(2025, 6, 20),
            "data_vigencia_inicio": date(2025, 6, 23),
            "data_vigencia_fim": date(2025, 12, 20),
            "data_publicacao_pncp": EARLY,
            "data_inclusao": EARLY,
            "data_atualizacao": EARLY,
            "date_verdict": "ok",
            "valor_acrescido": Decimal("-2230421.5800"),
            "valor_parcela": Decimal("100.0000"),
            "valor_global": Decimal("5000.0000"),
            "numero_parcelas": 50,
            "verdict": "ok",
            "observation_id": 1,
            "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
        }
    ]


def test_a_record_of_nulls_keeps_its_contract(raw):
    table = staged(raw({"parent_key": "outside the mask"})).cache()
    StageTermos.validate(table)
    (row,) = rows(table)
    assert {name: value for name, value in row.items() if value is not None} == {
        "numero_controle_pncp": "outside the mask",
        "sequencial_termo_contrato": 1,
        "cnpj_orgao": "outside the ma",
        "date_verdict": "ok",
        "verdict": "ok",
        "observation_id": 1,
        "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
    }


def test_only_the_latest_version_of_each_termo_is_left(raw):
    table = staged(
        raw(
            {"parent_key": "a", "dataAtualizacao": LATE, "processo": "newer"},
            {"parent_key": "a", "dataAtualizacao": EARLY, "processo": "older"},
            {"parent_key": "a", "dataAtualizacao": None, "processo": "unknown"},
            {"parent_key": "a", "sequencialTermoContrato": 2, "processo": "another termo"},
            {"parent_key": "b", "processo": "another contrato"},
        )
    )
    found = {
        (row["numero_controle_pncp"], row["sequencial_termo_contrato"], row["processo"])
        for row in rows(table)
    }
    assert found == {("a", 1, "newer"), ("a", 2, "another termo"), ("b", 1, "another contrato")}
    assert len(rows(table)) == 3


def test_the_gate_counts_keys_and_rows(raw):
    observed = raw(
        {"parent_key": "a"},
        {"parent_key": "a"},
        {"parent_key": "a", "sequencialTermoContrato": 2},
        {"parent_key": "b"},
    )
    (gate,) = StageTermos.gates
    whole, lost = staged(observed), staged(observed).limit(1)
    assert rows(gate.compare(stage_termos=whole, raw_termos=observed)) == [
        {"measure": "rows", "expected": 3, "found": 3}
    ]
    assert rows(gate.compare(stage_termos=lost, raw_termos=observed)) == [
        {"measure": "rows", "expected": 3, "found": 1}
    ]


def test_sub_rogated_orgao_and_unidade(raw):
    table = raw(
        {
            "orgaoSubrogado": {"cnpj": "11111111000191", "razaoSocial": " FUNDO "},
            "unidadeSubrogada": {"codigoUnidade": "1 ", "nomeUnidade": "A\tB"},
        }
    )
    row = one(table, termos_buyer(table, **named("poder", "esfera")))
    assert row["cnpj_orgao"] == "00394460005887"
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
            {"niFornecedor": " 1", "nomeRazaoSocialFornecedor": " A  B ", "tipoPessoa": "PF"},
            ("1", "A B", "PF", "Pessoa física"),
            id="flat",
        ),
        pytest.param(
            {"fornecedor": {"niFornecedor": "2 ", "nomeRazaoSocial": "FLORES      ", "tipoPessoaId": "PJ"}},
            ("2", "FLORES", "PJ", "Pessoa jurídica"),
            id="nested alone, padded",
        ),
        pytest.param(
            {
                "niFornecedor": "1",
                "nomeRazaoSocialFornecedor": "",
                "tipoPessoa": "PE",
                "fornecedor": {"niFornecedor": "2", "nomeRazaoSocial": "B", "tipoPessoaId": "PJ"},
            },
            ("1", "B", "PE", "Pessoa estrangeira"),
            id="both: flat first, nested where it is blank",
        ),
        pytest.param({"tipoPessoa": "PJ"}, (None, None, "PJ", "Pessoa jurídica"), id="keeps the contrato's"),
        pytest.param({"tipoPessoa": "??"}, (None, None, "??", None), id="unknown code"),
    ],
)
def test_supplier(raw, record, expected):
    table = raw(record)
    row = one(table, termos_supplier(table, **named("tipo_pessoa")))
    names = ("ni_fornecedor", "nome_fornecedor", "tipo_pessoa_id", "tipo_pessoa_nome")
    assert tuple(row[name] for name in names) == expected


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(
            {
                "niFornecedorSubContratado": " 1",
                "nomeFornecedorSubContratado": " A ",
                "tipoPessoaSubContratada": "PJ ",
            },
            id="flat",
        ),
        pytest.param(
            {
                "fornecedorSubContratado": {
                    "niFornecedor": "1",
                    "nomeRazaoSocial": "A   ",
                    "tipoPessoaId": "PJ",
                }
            },
            id="nested",
        ),
    ],
)
def test_subcontractor(raw, record):
    table = raw(record)
    row = one(table, termos_supplier(table, **named("tipo_pessoa")))
    assert {name: value for name, value in row.items() if "subcontrata" in name} == {
        "ni_fornecedor_subcontratado": "1",
        "nome_fornecedor_subcontratado": "A",
        "tipo_pessoa_subcontratada_id": "PJ",
    }


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        pytest.param("Termo de Rescisão", (1, "Termo de Rescisão"), id="rescisão"),
        pytest.param(" Termo  Aditivo ", (2, "Termo Aditivo"), id="aditivo, padded"),
        pytest.param("Termo de Apostilamento", (3, "Termo de Apostilamento"), id="apostilamento"),
        pytest.param("Termo novo", (None, "Termo novo"), id="unknown label stays, without code"),
        pytest.param(None, (None, None), id="none"),
    ],
)
def test_the_code_of_the_kind_comes_from_its_label(raw, label, expected):
    table = raw({"tipoTermoContratoNome": label})
    row = one(table, termos_classification(table, **named("tipo_termo_contrato")))
    assert (row["tipo_termo_contrato_id"], row["tipo_termo_contrato_nome"]) == expected


@pytest.mark.parametrize("said", [True, False, None])
def test_qualifications_stay_as_published(raw, said):
    names = {
        "qualificacaoAcrescimoSupressao": "qualificacao_acrescimo_supressao",
        "qualificacaoVigencia": "qualificacao_vigencia",
        "qualificacaoFornecedor": "qualificacao_fornecedor",
        "qualificacaoReajuste": "qualificacao_reajuste",
    }
    for field, name in names.items():
        table = raw({field: said})
        row = one(table, termos_classification(table, **named("tipo_termo_contrato")))
        assert {other: row[other] for other in names.values() if row[other] is not None} == (
            {} if said is None else {name: said}
        )


def test_texts_are_one_line_each(raw):
    fields = ("objetoTermoContrato", "fundamentoLegal", "informativoObservacao", "informacaoComplementar")
    table = raw({field: f" {field}\n b " for field in fields})
    assert one(table, termos_texts(table)) == {
        "objeto_termo_contrato": "objetoTermoContrato b",
        "fundamento_legal": "fundamentoLegal b",
        "informativo_observacao": "informativoObservacao b",
        "informacao_complementar": "informacaoComplementar b",
    }


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({}, "ok", id="in order"),
        pytest.param({"dataVigenciaFim": date(2076, 6, 17)}, "implausible", id="ends in half a century"),
        pytest.param(
            {"dataVigenciaInicio": date(2025, 11, 26), "dataVigenciaFim": date(2025, 11, 9)},
            "reversed",
            id="ends before it begins",
        ),
        pytest.param({"dataAssinatura": date(2025, 6, 25)}, "signed_after_publication", id="signed later"),
        pytest.param(
            {"dataVigenciaInicio": date(2025, 1, 1), "dataVigenciaFim": date(2025, 6, 19)},
            "signed_after_end",
            id="signed the day after the end",
        ),
        pytest.param(
            {"dataVigenciaInicio": date(2025, 6, 19), "dataVigenciaFim": date(2025, 6, 18)},
            "reversed",
            id="reversed, and signed after the end: the first that applies",
        ),
        pytest.param(
            {"dataVigenciaInicio": date(2025, 1, 1), "dataVigenciaFim": date(2025, 6, 20)},
            "ok",
            id="signed on the last day",
        ),
        pytest.param({"dataVigenciaInicio": None, "dataVigenciaFim": None}, "ok", id="no validity"),
        pytest.param({"dataAssinatura": None}, "ok", id="no signature"),
    ],
)
def test_date_verdict(raw, dates, expected):
    table = raw(RECORD | dates)
    assert one(table, termos_dates(table, **OF_DATE))["date_verdict"] == expected


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        pytest.param(Decimal(-10), "ok", id="taken away"),
        pytest.param(Decimal("-999999.00"), "suspect", id="only nines, taken away"),
        pytest.param(Decimal(-1_000_000_000), "review", id="a billion taken away"),
        pytest.param(None, "ok", id="value unchanged"),
    ],
)
def test_verdict(raw, added, expected):
    table = raw({"valorAcrescido": added, "valorGlobal": Decimal(999_999)})
    row = one(table, termos_values(table, **OF_VALUE))
    assert (row["valor_acrescido"], row["verdict"]) == (added, expected)


def test_the_real_termos(real_raw):
    raw = real_raw(RawTermos, "termos_contrato")
    found = rows(staged(raw))
    keys = {(row["parent_key"], row["sequencialTermoContrato"]) for row in rows(raw)}
    assert {(row["numero_controle_pncp"], row["sequencial_termo_contrato"]) for row in found} == keys
    assert len(found) == len(keys)
    assert all(row["numero_controle_pncp"].startswith(row["cnpj_orgao"] + "-2-") for row in found)
    assert Counter(row["tipo_termo_contrato_nome"] for row in found) == Counter(
        row["tipoTermoContratoNome"] for row in rows(raw)
    )
    assert None not in {row["tipo_termo_contrato_id"] for row in found}
    assert {row["verdict"] for row in found} == {"ok"}
