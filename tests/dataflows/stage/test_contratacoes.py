from datetime import date, datetime
from decimal import Decimal

import pytest

from dataflows import domains
from dataflows.raw.compras import RawCompras
from dataflows.raw.contratacoes import RawContratacoes
from dataflows.stage.contratacoes import CANCELLED, CONTESTED, DIRECT, StageContratacoes

KEY = "00394460005887-1-000020/2025"
PUBLISHED = datetime(2025, 6, 24, 0, 30, 4)  # noqa: DTZ001 - PNCP names no zone
OPENING = datetime(2025, 6, 24, 8)  # noqa: DTZ001
CLOSING = datetime(2025, 7, 4, 7, 59)  # noqa: DTZ001
RECORD = {
    "anoCompra": 2025,
    "sequencialCompra": 20,
    "numeroCompra": " 90020 ",
    "processo": "13032263838202543",
    "modalidadeId": 8,
    "modalidadeNome": "Dispensa",
    "modoDisputaId": 4,
    "modoDisputaNome": "Dispensa Com Disputa",
    "tipoInstrumentoConvocatorioCodigo": 2,
    "tipoInstrumentoConvocatorioNome": "Aviso",
    "amparoLegal": {
        "codigo": 19,
        "nome": "Lei 14.133/2021, Art. 75, II ",
        "descricao": "dispensa\r\npor valor",
    },
    "situacaoCompraId": 1,
    "situacaoCompraNome": "Divulgada no PNCP",
    "srp": False,
    "objetoCompra": "Compra\r\nde café",
    "informacaoComplementar": "",
    "justificativaPresencial": " ",
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
    "orgaoSubRogado": {"cnpj": "11111111000191", "razaoSocial": " FUNDO "},
    "unidadeSubRogada": {"codigoUnidade": "1 ", "nomeUnidade": "A\tB"},
    "valorTotalEstimado": Decimal(1100),
    "valorTotalHomologado": Decimal("1000.5"),
    "fontesOrcamentarias": [{"codigo": 4, "nome": "federal"}, {"codigo": 99, "nome": " Nova "}, {}],
    "emendaParlamentar": True,
    "dataAberturaProposta": OPENING,
    "dataEncerramentoProposta": CLOSING,
    "dataPublicacaoPncp": PUBLISHED,
    "dataInclusao": PUBLISHED,
    "dataAtualizacao": PUBLISHED,
    "dataAtualizacaoGlobal": PUBLISHED,
    "linkSistemaOrigem": " ",
    "linkProcessoEletronico": "https://sei.exemplo.gov.br/1",
    "usuarioNome": "Compras.gov.br",
}


@pytest.fixture
def raw(observe):
    return observe(RawContratacoes, numeroControlePNCP=KEY)


@pytest.fixture
def compras(observe):
    return observe(RawCompras, numeroControlePNCP=KEY)


@pytest.fixture
def staged(stage, observed):
    """Rows of stage.contratacoes, of records and details."""
    listed, detailed = observed(numeroControlePNCP=KEY), observed(numeroControlePNCP=KEY)

    def make(*records, details=(), **limits):
        return stage(
            "stage_contratacoes", raw_contratacoes=listed(*records), raw_compras=detailed(*details), **limits
        )

    return make


@pytest.fixture
def one(staged):
    """Some columns of the one row that a record makes."""

    def make(record, *names, details=(), **limits):
        (row,) = staged(record, details=details, **limits)
        return tuple(row[name] for name in names)

    return make


def test_a_whole_record(staged):
    assert staged(RECORD) == [
        dict.fromkeys(StageContratacoes.columns)
        | {
            "numero_controle_pncp": KEY,
            "ano_compra": 2025,
            "sequencial_compra": 20,
            "numero_compra": "90020",
            "processo": "13032263838202543",
            "link_pncp": "https://pncp.gov.br/app/editais/00394460005887/2025/20",
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
            "cnpj_orgao_subrogado": "11111111000191",
            "nome_orgao_subrogado": "FUNDO",
            "codigo_unidade_subrogada": "1",
            "nome_unidade_subrogada": "A B",
            "modalidade_id": 8,
            "modalidade_nome": "Dispensa",
            "modo_disputa_id": 4,
            "modo_disputa_nome": "Dispensa Com Disputa",
            "tipo_instrumento_convocatorio_codigo": 2,
            "tipo_instrumento_convocatorio_nome": "Aviso de Contratação Direta",
            "amparo_legal_codigo": 19,
            "amparo_legal_nome": "Lei 14.133/2021, Art. 75, II",
            "amparo_legal_descricao": "dispensa por valor",
            "situacao_compra_id": 1,
            "situacao_compra_nome": "Divulgada no PNCP",
            "direta": True,
            "srp": False,
            "emenda_parlamentar": True,
            "quantidade_fontes_orcamentarias": 3,
            "fontes_orcamentarias_codigos": [4, 99, None],
            "fontes_orcamentarias_nomes": "Federal; Nova; ?",
            "objeto_compra": "Compra de café",
            "link_processo_eletronico": "https://sei.exemplo.gov.br/1",
            "usuario_nome": "Compras.gov.br",
            "data_abertura_proposta": OPENING,
            "data_encerramento_proposta": CLOSING,
            "dias_proposta": 10,
            "data_publicacao_pncp": PUBLISHED,
            "data_inclusao": PUBLISHED,
            "data_atualizacao": PUBLISHED,
            "data_atualizacao_global": PUBLISHED,
            "date_verdict": "ok",
            "valor_total_estimado": Decimal("1100.0000"),
            "estimate_verdict": "ok",
            "valor_total_homologado": Decimal("1000.5000"),
            "award_verdict": "ok",
            "observation_id": 1,
            "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
        }
    ]


def test_a_record_of_nulls_keeps_its_contract(node, raw, compras):
    table = node("stage_contratacoes", raw_contratacoes=raw({}), raw_compras=compras()).cache()
    StageContratacoes.validate(table)
    (row,) = table.to_pyarrow().to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "numero_controle_pncp": KEY,
        "cnpj_orgao": "00394460005887",
        "direta": False,
        "date_verdict": "ok",
        "estimate_missing": "unpublished",
        "estimate_verdict": "ok",
        "award_verdict": "ok",
        "observation_id": 1,
        "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
    }


def test_only_the_latest_version_of_each_key_is_left(staged):
    rows = staged(
        {"numeroControlePNCP": "a", "dataAtualizacaoGlobal": PUBLISHED, "processo": "newer"},
        {"numeroControlePNCP": "a", "processo": "unknown"},
        {"numeroControlePNCP": "b", "processo": "only"},
    )
    assert {(row["numero_controle_pncp"], row["processo"]) for row in rows} == {("a", "newer"), ("b", "only")}


def test_the_gate_counts_keys_and_rows(node, raw, compras):
    observed = raw({"numeroControlePNCP": "a"}, {"numeroControlePNCP": "a"}, {"numeroControlePNCP": "b"})
    table = node("stage_contratacoes", raw_contratacoes=observed, raw_compras=compras())
    (gate,) = StageContratacoes.gates
    for found, rows in ((2, table), (1, table.limit(1))):
        compared = gate.compare(stage_contratacoes=rows, raw_contratacoes=observed)
        assert compared.to_pyarrow().to_pylist() == [{"measure": "rows", "expected": 2, "found": found}]


@pytest.mark.parametrize(
    ("modalidade", "expected"),
    [(6, False), (7, False), (8, True), (9, True), (12, False), (14, True), (99, False), (None, False)],
)
def test_direta(one, modalidade, expected):
    assert one({"modalidadeId": modalidade}, "direta") == (expected,)


CODED = {
    "modalidade": ("modalidadeId", "modalidadeNome", "modalidade_id", "modalidade_nome"),
    "modo de disputa": ("modoDisputaId", "modoDisputaNome", "modo_disputa_id", "modo_disputa_nome"),
    "instrumento": (
        "tipoInstrumentoConvocatorioCodigo",
        "tipoInstrumentoConvocatorioNome",
        "tipo_instrumento_convocatorio_codigo",
        "tipo_instrumento_convocatorio_nome",
    ),
    "situação": ("situacaoCompraId", "situacaoCompraNome", "situacao_compra_id", "situacao_compra_nome"),
}


@pytest.mark.parametrize(("code", "name", "id_column", "label_column"), CODED.values(), ids=CODED)
def test_a_code_without_a_label_keeps_what_the_api_brought(one, code, name, id_column, label_column):
    assert one({code: 99, name: " Código  novo "}, id_column, label_column) == (99, "Código novo")
    assert one({code: 99, name: " "}, id_column, label_column) == (99, None)
    assert one({code: 1, name: "outro"}, label_column) != ("outro",)


@pytest.mark.parametrize(
    ("amparo", "expected"),
    [
        pytest.param({"codigo": 1, "nome": "x"}, (1, "Lei 14.133/2021, Art. 28, I"), id="official"),
        pytest.param({"codigo": 9999, "nome": "Lei nova "}, (9999, "Lei nova"), id="unknown"),
        pytest.param(None, (None, None), id="null"),
    ],
)
def test_amparo_legal(one, amparo, expected):
    assert one({"amparoLegal": amparo}, "amparo_legal_codigo", "amparo_legal_nome") == expected


@pytest.mark.parametrize(
    ("fontes", "expected"),
    [
        pytest.param(None, (None, None, None), id="null"),
        pytest.param([], (0, [], None), id="none informed"),
        pytest.param([{"codigo": 2, "nome": None}], (1, [2], "Municipal"), id="one"),
        pytest.param([{"codigo": 2}, {"codigo": 2}], (2, [2, 2], "Municipal; Municipal"), id="repeated"),
    ],
)
def test_sources_of_the_budget(one, fontes, expected):
    columns = (
        "quantidade_fontes_orcamentarias",
        "fontes_orcamentarias_codigos",
        "fontes_orcamentarias_nomes",
    )
    assert one({"fontesOrcamentarias": fontes}, *columns) == expected


SECRET = {"orcamentoSigilosoCodigo": 3, "orcamentoSigilosoDescricao": "Compra totalmente sigilosa"}


@pytest.mark.parametrize(
    ("estimated", "awarded", "details", "expected"),
    [
        pytest.param("0", None, [], ("0", None, "review"), id="zero, no detail: kept"),
        pytest.param("0", None, [SECRET], (None, "secret", "ok"), id="wholly secret, no result"),
        pytest.param(
            "0", None, [SECRET | {"existeResultado": False}], (None, "secret", "ok"), id="result denied"
        ),
        pytest.param(
            "0", None, [SECRET | {"existeResultado": True}], ("0", None, "review"), id="secret, with result"
        ),
        pytest.param("0", "5", [SECRET], ("0", None, "review"), id="secret, awarded"),
        pytest.param("7", None, [SECRET], ("7", None, "ok"), id="secret, yet published"),
        pytest.param(
            "0",
            None,
            [{"orcamentoSigilosoCodigo": 2}],
            ("0", None, "review"),
            id="partly secret: not certain",
        ),
        pytest.param("0", None, [{"orcamentoSigilosoCodigo": 1}], ("0", None, "review"), id="not secret"),
        pytest.param("0", None, [{}], ("0", None, "review"), id="detail without a word on it"),
        pytest.param(None, None, [SECRET], (None, "unpublished", "ok"), id="null"),
    ],
)
def test_an_estimate_of_zero_is_null_only_where_it_is_certainly_secret(
    one, estimated, awarded, details, expected
):
    record = {
        "valorTotalEstimado": estimated and Decimal(estimated),
        "valorTotalHomologado": awarded and Decimal(awarded),
    }
    value, why, verdict = one(
        record, "valor_total_estimado", "estimate_missing", "estimate_verdict", details=details
    )
    assert (value, why, verdict) == (expected[0] and Decimal(expected[0]), *expected[1:])


def test_secrecy_is_that_of_the_latest_detail_of_the_same_purchase(staged):
    rows = staged(
        {"numeroControlePNCP": "a"},
        {"numeroControlePNCP": "b"},
        details=[
            {"numeroControlePNCP": "a", "orcamentoSigilosoCodigo": 1},
            SECRET | {"numeroControlePNCP": "a", "existeResultado": True},
            {"numeroControlePNCP": "c", "orcamentoSigilosoCodigo": 2},
        ],
    )
    names = ("orcamento_sigiloso_codigo", "orcamento_sigiloso_nome", "existe_resultado")
    assert {row["numero_controle_pncp"]: tuple(row[name] for name in names) for row in rows} == {
        "a": (3, "Compra totalmente sigilosa", True),
        "b": (None, None, None),
    }


@pytest.mark.parametrize(
    ("estimated", "awarded", "expected"),
    [
        pytest.param("100", "90", ("ok", "ok"), id="a discount"),
        pytest.param("100", None, ("ok", "ok"), id="no result yet"),
        pytest.param("100", "0", ("ok", "review"), id="awarded zero"),
        pytest.param("100", "1000", ("review", "review"), id="awarded ten times the estimate"),
        pytest.param("0.06", "1138637.47", ("suspect", "suspect"), id="one of the two is wrong"),
        pytest.param("0", "1138637.47", ("review", "ok"), id="no estimate to compare with"),
        pytest.param("43000000000000", None, ("suspect", "ok"), id="43 trillion"),
        pytest.param("43000000000000", "900", ("suspect", "ok"), id="43 trillion estimated, 900 awarded"),
        pytest.param("1000", "43000000000000", ("suspect", "suspect"), id="43 trillion awarded"),
        pytest.param("2000000000", "1500000000", ("review", "review"), id="billions"),
        pytest.param("999999.99", None, ("suspect", "ok"), id="all nines"),
        pytest.param("-1", "-1", ("suspect", "suspect"), id="negative"),
    ],
)
def test_verdicts_on_values(one, estimated, awarded, expected):
    record = {
        "valorTotalEstimado": Decimal(estimated),
        "valorTotalHomologado": awarded and Decimal(awarded),
    }
    values = one(record, "valor_total_estimado", "valor_total_homologado")
    assert values == (Decimal(estimated), awarded and Decimal(awarded))
    assert one(record, "estimate_verdict", "award_verdict") == expected


@pytest.mark.parametrize("limit", ["suspect_value", "review_value", "suspect_growth", "review_growth"])
def test_verdicts_follow_their_parameters(one, limit):
    record = {"valorTotalEstimado": Decimal(50), "valorTotalHomologado": Decimal(100)}
    names = ("estimate_verdict", "award_verdict")
    assert one(record, *names) == ("ok", "ok")
    assert one(record, *names, **{limit: 2}) == (limit.partition("_")[0],) * 2


@pytest.mark.parametrize(
    ("opening", "closing", "expected"),
    [
        pytest.param("2025-06-24T08:00", "2025-07-04T07:59", 10, id="days of the calendar"),
        pytest.param("2025-06-24T08:00", "2025-06-24T18:00", 0, id="the same day"),
        pytest.param("2025-06-24T23:59", "2025-06-25T00:00", 1, id="a minute over midnight"),
        pytest.param("2025-06-24T08:00", "2025-06-23T08:00", None, id="reversed"),
        pytest.param("2025-06-24T08:00", "2205-07-04T08:00", None, id="implausible"),
        pytest.param("2024-06-24T08:00", "2024-06-25T08:00", 1, id="closed before publication"),
        pytest.param(None, "2025-07-04T08:00", None, id="no opening"),
        pytest.param("2025-06-24T08:00", None, None, id="no closing"),
    ],
)
def test_dias_proposta(one, opening, closing, expected):
    record = {
        "dataAberturaProposta": opening and datetime.fromisoformat(opening),
        "dataEncerramentoProposta": closing and datetime.fromisoformat(closing),
        "dataPublicacaoPncp": PUBLISHED,
    }
    assert one(record, "dias_proposta") == (expected,)
    dates = one(record, "data_abertura_proposta", "data_encerramento_proposta")
    assert dates == (record["dataAberturaProposta"], record["dataEncerramentoProposta"])


def test_dates_follow_their_parameters(one):
    record = {"dataAberturaProposta": OPENING, "dataEncerramentoProposta": CLOSING.replace(year=2027)}
    assert one(record, "date_verdict") == ("ok",)
    assert one(record, "date_verdict", longest_proposal=1) == ("implausible",)
    assert one(record, "date_verdict", earliest_year=2026) == ("implausible",)


@pytest.mark.parametrize(
    ("ano", "sequencial", "orgao", "expected"),
    [
        pytest.param(2025, 7, "00394460005887", "00394460005887/2025/7", id="no zeros in front"),
        pytest.param(2025, 7, None, "00394460005887/2025/7", id="CNPJ of the control number"),
        pytest.param(2026, 7, "12ABC34501DE35", "12ABC34501DE35/2026/7", id="CNPJ with letters"),
        pytest.param(None, 7, "00394460005887", None, id="no year, no link"),
        pytest.param(2025, None, "00394460005887", None, id="no sequence, no link"),
    ],
)
def test_link_pncp(one, ano, sequencial, orgao, expected):
    record = {"anoCompra": ano, "sequencialCompra": sequencial, "orgaoEntidade": orgao and {"cnpj": orgao}}
    assert one(record, "link_pncp") == (expected and f"https://pncp.gov.br/app/editais/{expected}",)


def test_days_are_of_the_calendar_of_whole_years(one):
    record = {"dataAberturaProposta": OPENING, "dataEncerramentoProposta": CLOSING.replace(year=2028)}
    assert one(record, "dias_proposta") == ((date(2028, 7, 4) - date(2025, 6, 24)).days,)


@pytest.mark.parametrize(
    ("domain", "codes", "labels"),
    [
        pytest.param(
            "modalidade",
            DIRECT,
            {"Dispensa", "Inexigibilidade", "Inaplicabilidade da Licitação"},
            id="direct",
        ),
        pytest.param(
            "modalidade",
            {*range(1, 20)} - {*CONTESTED, *DIRECT},
            {"Manifestação de Interesse", "Pré-qualificação", "Credenciamento", "Chamada pública"},
            id="calls, which are no contests",
        ),
        pytest.param("situacao_compra", CANCELLED, {"Revogada", "Anulada"}, id="cancelled"),
    ],
)
def test_codes_are_those_of_the_official_tables(domain, codes, labels):
    known = domains.inputs()[f"domain_{domain}"].labels
    assert {known[str(code)] for code in codes} == labels


def test_a_contest_is_not_direct():
    assert not {*CONTESTED} & {*DIRECT}
