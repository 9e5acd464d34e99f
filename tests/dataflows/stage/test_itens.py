from datetime import datetime
from decimal import Decimal

import pytest

from dataflows.raw.itens import RawItens
from dataflows.stage.itens import StageItens

PARENT = "00394460005887-1-000020/2025"
MOMENT = datetime(2025, 6, 24, 0, 30, 4)  # noqa: DTZ001 - PNCP names no zone
RECORD = {
    "numeroItem": 2100054,
    "descricao": " GÁS\r\nOXIGÊNIO ",
    "materialOuServico": "M",
    "materialOuServicoNome": "Material",
    "valorUnitarioEstimado": Decimal("28.6666"),
    "valorTotal": Decimal("458665.6"),
    "quantidade": Decimal("16000.5"),
    "unidadeMedida": "M³ ",
    "orcamentoSigiloso": False,
    "itemCategoriaId": 3,
    "itemCategoriaNome": "Não se aplica",
    "patrimonio": " ",
    "codigoRegistroImobiliario": " 77 ",
    "criterioJulgamentoId": 1,
    "criterioJulgamentoNome": "menor",
    "situacaoCompraItem": 1,
    "situacaoCompraItemNome": "Em andamento",
    "tipoBeneficio": 1,
    "tipoBeneficioNome": "Participação exclusiva para ME/EPP",
    "incentivoProdutivoBasico": False,
    "temResultado": True,
    "imagem": 0,
    "aplicabilidadeMargemPreferenciaNormal": True,
    "aplicabilidadeMargemPreferenciaAdicional": False,
    "percentualMargemPreferenciaNormal": Decimal(10),
    "percentualMargemPreferenciaAdicional": Decimal("2.5"),
    "tipoMargemPreferencia": {"codigo": 2, "nome": "x"},
    "exigenciaConteudoNacional": True,
    "ncmNbsCodigo": "28044000",
    "ncmNbsDescricao": "Oxigênio\t",
    "catalogo": {"id": 1, "nome": "CNBS"},
    "categoriaItemCatalogo": {"id": 1, "nome": "x"},
    "catalogoCodigoItem": " 462372 ",
    "informacaoComplementar": "",
    "dataInclusao": MOMENT,
    "dataAtualizacao": MOMENT,
}


@pytest.fixture
def raw(observe):
    return observe(RawItens, parent_key=PARENT, numeroItem=1)


@pytest.fixture
def one(stage, observed):
    """Some columns of the one row that a record makes."""
    listed = observed(parent_key=PARENT, numeroItem=1)

    def make(record, *names, **limits):
        (row,) = stage("stage_itens", raw_itens=listed(record), **limits)
        return tuple(row[name] for name in names)

    return make


def test_a_whole_record(node, raw):
    assert node("stage_itens", raw_itens=raw(RECORD)).to_pyarrow().to_pylist() == [
        dict.fromkeys(StageItens.columns)
        | {
            "numero_controle_pncp_compra": PARENT,
            "numero_item": 2100054,
            "cnpj_orgao": "00394460005887",
            "ano_compra": 2025,
            "sequencial_compra": 20,
            "link_pncp": "https://pncp.gov.br/app/editais/00394460005887/2025/20",
            "descricao": "GÁS OXIGÊNIO",
            "material_ou_servico_id": "M",
            "material_ou_servico_nome": "Material",
            "item_categoria_id": 3,
            "item_categoria_nome": "Não se aplica",
            "criterio_julgamento_id": 1,
            "criterio_julgamento_nome": "Menor preço",
            "situacao_compra_item_id": 1,
            "situacao_compra_item_nome": "Em Andamento",
            "tem_resultado": True,
            "tipo_beneficio_id": 1,
            "tipo_beneficio_nome": "Participação exclusiva para ME/EPP",
            "incentivo_produtivo_basico": False,
            "aplicabilidade_margem_preferencia_normal": True,
            "aplicabilidade_margem_preferencia_adicional": False,
            "percentual_margem_preferencia_normal": Decimal(10),
            "percentual_margem_preferencia_adicional": Decimal("2.5"),
            "tipo_margem_preferencia_codigo": 2,
            "tipo_margem_preferencia_nome": "Resolução CICS",
            "exigencia_conteudo_nacional": True,
            "ncm_nbs_codigo": "28044000",
            "ncm_nbs_descricao": "Oxigênio",
            "catalogo_id": 1,
            "catalogo_nome": "CNBS (Catálogo Nacional de Bens e Serviços)",
            "categoria_item_catalogo_id": 1,
            "categoria_item_catalogo_nome": "Material",
            "catalogo_codigo_item": "462372",
            "codigo_registro_imobiliario": "77",
            "quantidade": Decimal("16000.5"),
            "unidade_medida": "M³",
            "orcamento_sigiloso": False,
            "valor_unitario_estimado": Decimal("28.6666"),
            "valor_total": Decimal("458665.6"),
            "estimate_verdict": "ok",
            "data_inclusao": MOMENT,
            "data_atualizacao": MOMENT,
            "observation_id": 1,
            "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
        }
    ]


def test_a_record_of_nulls_keeps_its_contract(node, raw):
    table = node("stage_itens", raw_itens=raw({})).cache()
    StageItens.validate(table)
    (row,) = table.to_pyarrow().to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "numero_controle_pncp_compra": PARENT,
        "numero_item": 1,
        "cnpj_orgao": "00394460005887",
        "ano_compra": 2025,
        "sequencial_compra": 20,
        "link_pncp": "https://pncp.gov.br/app/editais/00394460005887/2025/20",
        "estimate_missing": "unpublished",
        "estimate_verdict": "ok",
        "observation_id": 1,
        "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
    }


def test_an_item_is_its_number_in_its_purchase_and_newest_by_its_own_update(node, raw):
    observed = raw(
        {"numeroItem": 1, "dataAtualizacao": MOMENT, "descricao": "newer"},
        {"numeroItem": 1, "dataAtualizacao": datetime(2025, 1, 1), "descricao": "older"},  # noqa: DTZ001
        {"numeroItem": 2, "descricao": "another"},
        {"parent_key": "b", "numeroItem": 1, "descricao": "of another purchase"},
    )
    table = node("stage_itens", raw_itens=observed)
    assert sorted(table.descricao.to_pyarrow().to_pylist()) == ["another", "newer", "of another purchase"]
    (gate,) = StageItens.gates
    for found, rows in ((3, table), (2, table.limit(2))):
        compared = gate.compare(stage_itens=rows, raw_itens=observed)
        assert compared.to_pyarrow().to_pylist() == [{"measure": "rows", "expected": 3, "found": found}]


CODED = {
    "categoria": ("itemCategoriaId", "itemCategoriaNome", "item_categoria"),
    "critério": ("criterioJulgamentoId", "criterioJulgamentoNome", "criterio_julgamento"),
    "situação": ("situacaoCompraItem", "situacaoCompraItemNome", "situacao_compra_item"),
    "benefício": ("tipoBeneficio", "tipoBeneficioNome", "tipo_beneficio"),
}


@pytest.mark.parametrize(("code", "name", "column"), CODED.values(), ids=CODED)
def test_a_code_without_a_label_keeps_what_the_api_brought(one, code, name, column):
    columns = (f"{column}_id", f"{column}_nome")
    assert one({code: 99, name: " Código  novo "}, *columns) == (99, "Código novo")
    assert one({code: 99, name: ""}, *columns) == (99, None)


@pytest.mark.parametrize(
    ("record", "columns", "expected"),
    [
        pytest.param(
            {"materialOuServico": "S ", "materialOuServicoNome": "x"},
            ("material_ou_servico_id", "material_ou_servico_nome"),
            ("S", "Serviço"),
            id="padded code",
        ),
        pytest.param(
            {"materialOuServico": "X", "materialOuServicoNome": " Misto "},
            ("material_ou_servico_id", "material_ou_servico_nome"),
            ("X", "Misto"),
            id="unknown material",
        ),
        pytest.param(
            {"tipoMargemPreferencia": {"codigo": 9, "nome": "Nova "}},
            ("tipo_margem_preferencia_codigo", "tipo_margem_preferencia_nome"),
            (9, "Nova"),
            id="unknown margin",
        ),
        pytest.param(
            {
                "catalogo": {"id": 9, "nome": " Meu catálogo"},
                "categoriaItemCatalogo": {"id": 99, "nome": "Outra "},
            },
            ("catalogo_id", "catalogo_nome", "categoria_item_catalogo_id", "categoria_item_catalogo_nome"),
            (9, "Meu catálogo", 99, "Outra"),
            id="unknown catalogue",
        ),
    ],
)
def test_other_codes(one, record, columns, expected):
    assert one(record, *columns) == expected


@pytest.mark.parametrize(
    ("sigiloso", "resultado", "unit", "total", "expected"),
    [
        pytest.param(True, False, "0", "0", (None, None, "secret", "ok"), id="secret, no result"),
        pytest.param(True, None, "0", "0", (None, None, "secret", "ok"), id="secret, result unsaid"),
        pytest.param(True, True, "0", "0", (0, 0, None, "review"), id="secret, with result: kept"),
        pytest.param(False, False, "0", "0", (0, 0, None, "review"), id="not secret: kept"),
        pytest.param(None, False, "0", "0", (0, 0, None, "review"), id="secrecy unsaid: kept"),
        pytest.param(
            True, False, "2", "0", (2, None, "secret", "ok"), id="secret total, published unit price"
        ),
        pytest.param(True, False, "0", "4", (None, 4, None, "ok"), id="published total, secret unit price"),
        pytest.param(True, False, None, None, (None, None, "unpublished", "ok"), id="null"),
        pytest.param(
            False, False, "1", "43000000000000", (1, 43 * 10**12, None, "suspect"), id="43 trillion"
        ),
        pytest.param(False, False, "1", "1000000000", (1, 10**9, None, "review"), id="a billion"),
    ],
)
def test_values(one, sigiloso, resultado, unit, total, expected):
    record = {
        "orcamentoSigiloso": sigiloso,
        "temResultado": resultado,
        "valorUnitarioEstimado": unit and Decimal(unit),
        "valorTotal": total and Decimal(total),
    }
    columns = ("valor_unitario_estimado", "valor_total", "estimate_missing", "estimate_verdict")
    assert one(record, *columns) == expected


def test_verdicts_follow_their_parameters(one):
    for limit, expected in (
        ("suspect_value", "suspect"),
        ("review_value", "review"),
        ("suspect_nines", "suspect"),
    ):
        assert one({"valorTotal": Decimal(99)}, "estimate_verdict") == ("ok",)
        assert one({"valorTotal": Decimal(99)}, "estimate_verdict", **{limit: 2}) == (expected,)


RULE = "valor_total is quantidade times valor_unitario_estimado, but for cents"


@pytest.mark.parametrize(
    ("number", "price", "total", "holds"),
    [
        pytest.param("3", "2.50", "7.50", True, id="the product"),
        pytest.param("3", "2.3333", "7.00", True, id="of a price of four decimals, in cents"),
        pytest.param("1000", "0.33", "333.33", True, id="of a price in cents"),
        pytest.param("1000", "0.33", "335.01", True, id="the last cent"),
        pytest.param("1000", "0.33", "335.02", False, id="a cent more"),
        pytest.param("1000", "0.33", "324.98", False, id="a cent less"),
        pytest.param("12", "100", "100", False, id="the unit price for the total"),
        pytest.param("3", "2.50", "0", False, id="a total of zero"),
        pytest.param("0", "2.50", "7.50", None, id="no quantity"),
        pytest.param("3", "0", "7.50", None, id="no unit price"),
        pytest.param("3", "2.50", None, None, id="no total"),
        pytest.param(None, "2.50", "7.50", None, id="quantity null"),
    ],
)
def test_the_rule_of_the_product_warns(table, number, price, total, holds):
    (rule,) = [rule for rule in StageItens.rules() if rule.name == RULE]
    known = {"quantidade": number, "valor_unitario_estimado": price, "valor_total": total}
    made = table(StageItens.schema(), {name: value and Decimal(value) for name, value in known.items()})
    assert made.select(holds=rule.holds(made)).to_pyarrow().to_pylist() == [{"holds": holds}]
    assert rule.severity == "warning"
