from datetime import date, datetime
from decimal import Decimal

import pytest

from dataflows.raw.resultados import RawResultados
from dataflows.stage.resultados import StageResultados

PARENT = "43052497000102-1-000308/2026"
MOMENT = datetime(2026, 7, 1, 7, 58, 39)  # noqa: DTZ001 - PNCP names no zone
RECORD = {
    "numeroItem": 3,
    "sequencialResultado": 2,
    "numeroControlePNCPCompra": PARENT,
    "niFornecedor": " 20321273000145 ",
    "nomeRazaoSocialFornecedor": "TOTAL &AMP; CIA  LTDA",
    "tipoPessoa": "PJ",
    "porteFornecedorId": 1,
    "porteFornecedorNome": "micro",
    "naturezaJuridicaId": "2062",
    "naturezaJuridicaNome": "x",
    "codigoPais": "BRA",
    "localidadeFornecedor": {
        "codigoIbge": "3550308",
        "nomeMunicipio": " São Paulo",
        "uf": "SP",
        "ufNome": "São Paulo",
    },
    "localidadeExterior": " ",
    "indicadorSubcontratacao": False,
    "quantidadeHomologada": Decimal("4638000.5"),
    "valorUnitarioHomologado": Decimal("0.0545"),
    "valorTotalHomologado": Decimal("252771.0273"),
    "percentualDesconto": Decimal("42.5"),
    "ordemClassificacaoSrp": 1,
    "reservaRemanescente": {"codigo": 3, "nome": "x"},
    "situacaoCompraItemResultadoId": 1,
    "situacaoCompraItemResultadoNome": "x",
    "dataResultado": date(2026, 7, 1),
    "motivoCancelamento": "",
    "aplicacaoMargemPreferencia": True,
    "amparoLegalMargemPreferencia": {"id": 1, "nome": "x"},
    "aplicacaoBeneficioMeEpp": True,
    "aplicacaoCriterioDesempate": True,
    "amparoLegalCriterioDesempate": {"id": 9999, "nome": "Lei nova, art. 60 "},
    "paisOrigemProdutoServico": {"id": "DEU", "nome": " Alemanha "},
    "moedaEstrangeira": {"id": 2, "simbolo": "US$ ", "nome": "Dólar"},
    "valorNominalMoedaEstrangeira": Decimal("10.5"),
    "dataCotacaoMoedaEstrangeira": MOMENT,
    "timezoneCotacaoMoedaEstrangeira": "America/New_York",
    "dataInclusao": MOMENT,
    "dataAtualizacao": MOMENT,
}


@pytest.fixture
def raw(observe):
    return observe(RawResultados, parent_key=PARENT, numeroItem=1, sequencialResultado=1)


@pytest.fixture
def one(stage, observed):
    """Some columns of the one row that a record makes."""
    listed = observed(parent_key=PARENT, numeroItem=1, sequencialResultado=1)

    def make(record, *names, **limits):
        (row,) = stage("stage_resultados", raw_resultados=listed(record), **limits)
        return tuple(row[name] for name in names)

    return make


def test_a_whole_record(node, raw):
    assert node("stage_resultados", raw_resultados=raw(RECORD)).to_pyarrow().to_pylist() == [
        dict.fromkeys(StageResultados.columns)
        | {
            "numero_controle_pncp_compra": PARENT,
            "numero_item": 3,
            "sequencial_resultado": 2,
            "cnpj_orgao": "43052497000102",
            "ano_compra": 2026,
            "sequencial_compra": 308,
            "link_pncp": "https://pncp.gov.br/app/editais/43052497000102/2026/308",
            "ni_fornecedor": "20321273000145",
            "nome_fornecedor": "TOTAL & CIA LTDA",
            "tipo_pessoa_id": "PJ",
            "tipo_pessoa_nome": "Pessoa jurídica",
            "porte_fornecedor_id": 1,
            "porte_fornecedor_nome": "ME",
            "natureza_juridica_id": "2062",
            "natureza_juridica_nome": "Sociedade Empresária Limitada",
            "codigo_pais_fornecedor": "BRA",
            "uf_sigla_fornecedor": "SP",
            "uf_nome_fornecedor": "São Paulo",
            "codigo_ibge_fornecedor": "3550308",
            "municipio_nome_fornecedor": "São Paulo",
            "indicador_subcontratacao": False,
            "situacao_compra_item_resultado_id": 1,
            "situacao_compra_item_resultado_nome": "Informado",
            "cancelado": False,
            "ordem_classificacao_srp": 1,
            "reserva_remanescente_codigo": 3,
            "reserva_remanescente_nome": "Cadastro de Reserva",
            "aplicacao_beneficio_me_epp": True,
            "aplicacao_margem_preferencia": True,
            "amparo_legal_margem_preferencia_id": 1,
            "amparo_legal_margem_preferencia_nome": "Lei 14.133/2021, Art. 28, I",
            "aplicacao_criterio_desempate": True,
            "amparo_legal_criterio_desempate_id": 9999,
            "amparo_legal_criterio_desempate_nome": "Lei nova, art. 60",
            "pais_origem_produto_servico_id": "DEU",
            "pais_origem_produto_servico_nome": "Alemanha",
            "data_resultado": date(2026, 7, 1),
            "data_inclusao": MOMENT,
            "data_atualizacao": MOMENT,
            "date_verdict": "ok",
            "quantidade_homologada": Decimal("4638000.5"),
            "valor_unitario_homologado": Decimal("0.0545"),
            "valor_total_homologado": Decimal("252771.0273"),
            "percentual_desconto": Decimal("42.5"),
            "award_verdict": "ok",
            "moeda_estrangeira_id": 2,
            "moeda_estrangeira_simbolo": "US$",
            "moeda_estrangeira_nome": "Dólar",
            "valor_nominal_moeda_estrangeira": Decimal("10.5"),
            "data_cotacao_moeda_estrangeira": MOMENT,
            "timezone_cotacao_moeda_estrangeira": "America/New_York",
            "observation_id": 1,
            "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
        }
    ]


def test_a_record_of_nulls_keeps_its_contract(node, raw):
    table = node("stage_resultados", raw_resultados=raw({})).cache()
    StageResultados.validate(table)
    (row,) = table.to_pyarrow().to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "numero_controle_pncp_compra": PARENT,
        "numero_item": 1,
        "sequencial_resultado": 1,
        "cnpj_orgao": "43052497000102",
        "ano_compra": 2026,
        "sequencial_compra": 308,
        "link_pncp": "https://pncp.gov.br/app/editais/43052497000102/2026/308",
        "cancelado": False,
        "date_verdict": "ok",
        "award_verdict": "ok",
        "observation_id": 1,
        "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
    }


def test_a_result_is_its_sequence_in_its_item_and_newest_by_its_own_update(node, raw):
    observed = raw(
        {"dataAtualizacao": MOMENT, "niFornecedor": "newer"},
        {"dataAtualizacao": datetime(2025, 1, 1), "niFornecedor": "older"},  # noqa: DTZ001
        {"sequencialResultado": 2, "niFornecedor": "second"},
        {"numeroItem": 2, "niFornecedor": "of another item"},
        {"parent_key": "b", "niFornecedor": "of another purchase"},
    )
    table = node("stage_resultados", raw_resultados=observed)
    assert sorted(table.ni_fornecedor.to_pyarrow().to_pylist()) == [
        "newer",
        "of another item",
        "of another purchase",
        "second",
    ]
    (gate,) = StageResultados.gates
    for found, rows in ((4, table), (3, table.limit(3))):
        compared = gate.compare(stage_resultados=rows, raw_resultados=observed)
        assert compared.to_pyarrow().to_pylist() == [{"measure": "rows", "expected": 4, "found": found}]


@pytest.mark.parametrize(
    ("situacao", "cancelled", "expected"),
    [
        pytest.param(1, None, False, id="informed"),
        pytest.param(2, None, True, id="cancelled by its code"),
        pytest.param(1, MOMENT, True, id="cancelled by its date"),
        pytest.param(2, MOMENT, True, id="by both"),
        pytest.param(3, None, False, id="reserve register"),
        pytest.param(None, None, False, id="nobody says"),
        pytest.param(None, MOMENT, True, id="a date alone"),
    ],
)
def test_cancelado(one, situacao, cancelled, expected):
    record = {"situacaoCompraItemResultadoId": situacao, "dataCancelamento": cancelled}
    assert one(record, "cancelado", "data_cancelamento") == (expected, cancelled)


@pytest.mark.parametrize(
    ("record", "columns", "expected"),
    [
        pytest.param(
            {"porteFornecedorId": 9, "porteFornecedorNome": " Média "},
            ("porte_fornecedor_id", "porte_fornecedor_nome"),
            (9, "Média"),
            id="unknown size",
        ),
        pytest.param(
            {"naturezaJuridicaId": "0000"},
            ("natureza_juridica_id", "natureza_juridica_nome"),
            ("0000", "Natureza Jurídica não informada"),
            id="legal nature keeps its zeros",
        ),
        pytest.param(
            {"naturezaJuridicaId": "9999", "naturezaJuridicaNome": "Nova"},
            ("natureza_juridica_id", "natureza_juridica_nome"),
            ("9999", "Nova"),
            id="unknown legal nature",
        ),
        pytest.param({"tipoPessoa": "??"}, ("tipo_pessoa_id", "tipo_pessoa_nome"), ("??", None), id="person"),
        pytest.param(
            {"situacaoCompraItemResultadoId": 9, "situacaoCompraItemResultadoNome": "Novo"},
            ("situacao_compra_item_resultado_id", "situacao_compra_item_resultado_nome"),
            (9, "Novo"),
            id="unknown situation",
        ),
        pytest.param(
            {"reservaRemanescenteId": {"codigo": 2, "nome": "x"}},
            ("reserva_remanescente_codigo", "reserva_remanescente_nome"),
            (2, "Remanescente"),
            id="reserve under the manual's name",
        ),
        pytest.param(
            {"reservaRemanescente": {"codigo": 9, "nome": "Nova "}},
            ("reserva_remanescente_codigo", "reserva_remanescente_nome"),
            (9, "Nova"),
            id="unknown reserve",
        ),
        pytest.param(
            {"amparoLegalMargemPreferencia": {"id": 9999, "nome": "Lei nova"}},
            ("amparo_legal_margem_preferencia_id", "amparo_legal_margem_preferencia_nome"),
            (9999, "Lei nova"),
            id="unknown law",
        ),
        pytest.param(
            {
                "niFornecedor": "RFC: RAS101026PH7",
                "localidadeExterior": " Puebla,  México",
                "motivoCancelamento": "a\nb",
            },
            ("ni_fornecedor", "localidade_exterior", "motivo_cancelamento"),
            ("RFC: RAS101026PH7", "Puebla, México", "a b"),
            id="foreigner",
        ),
    ],
)
def test_codes_and_texts(one, record, columns, expected):
    assert one(record, *columns) == expected


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        pytest.param(date(1, 1, 1), "implausible", id="01/01/0001"),
        pytest.param(date(1900, 1, 1), "implausible", id="01/01/1900"),
        pytest.param(date(2026, 7, 1), "ok", id="the day it was entered"),
        pytest.param(date(2026, 7, 2), "dated_after_inclusion", id="the day after"),
    ],
)
def test_an_absurd_date_stays_beside_its_verdict(one, decided, expected):
    record = {"dataResultado": decided, "dataInclusao": MOMENT}
    assert one(record, "data_resultado", "date_verdict") == (decided, expected)


def test_the_year_of_the_earliest_date_is_a_parameter(one):
    assert one({"dataResultado": date(2020, 1, 1)}, "date_verdict", earliest_year=2021) == ("implausible",)


@pytest.mark.parametrize(
    ("total", "expected"),
    [(None, "ok"), ("0", "review"), ("100", "ok"), ("-1", "suspect"), ("43000000000000", "suspect")],
)
def test_award_verdict(one, total, expected):
    value = total and Decimal(total)
    columns = ("valor_total_homologado", "award_verdict")
    assert one({"valorTotalHomologado": value}, *columns) == (value, expected)


@pytest.mark.parametrize("limit", ["suspect_value", "review_value", "suspect_nines"])
def test_verdicts_follow_their_parameters(one, limit):
    expected = limit.partition("_")[0]
    assert one({"valorTotalHomologado": Decimal(99)}, "award_verdict", **{limit: 2}) == (expected,)
