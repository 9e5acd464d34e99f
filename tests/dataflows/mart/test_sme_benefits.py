from datetime import datetime
from decimal import Decimal
from itertools import count

import pytest

from dataflows import domains
from dataflows.mart import sme_measures
from dataflows.mart.sme_benefits import MartSmeBenefits
from dataflows.mart.sme_shares import SHARES
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.itens import StageItens
from dataflows.stage.resultados import StageResultados

ORGAO, OTHER = "00394460005887", "11111111000191"
PURCHASE = f"{ORGAO}-1-000001/2025"
COMPRA = {
    "numero_controle_pncp": PURCHASE,
    "cnpj_orgao": ORGAO,
    "nome_orgao": "MINISTERIO",
    "data_publicacao_pncp": datetime(2025, 6, 24),  # noqa: DTZ001 - PNCP names no zone
}
ITEM = {
    "numero_controle_pncp_compra": PURCHASE,
    "cnpj_orgao": ORGAO,
    "tipo_beneficio_id": 1,
    "tipo_beneficio_nome": "Exclusiva",
    "situacao_compra_item_id": 2,
    "estimate_verdict": "ok",
    "tem_resultado": False,
}
RESULTADO = {
    "numero_controle_pncp_compra": PURCHASE,
    "cnpj_orgao": ORGAO,
    "numero_item": 1,
    "porte_fornecedor_id": 1,
    "award_verdict": "ok",
    "cancelado": False,
}
NOTHING = {
    name: 0
    for name, column in MartSmeBenefits.columns.items()
    if not column.nullable and name not in MartSmeBenefits.key
}
MONEY = ("valor_total", "valor_total_homologado")


def exact(record: dict) -> dict:
    return {
        name: Decimal(str(value)) if name in MONEY and value is not None else value
        for name, value in record.items()
    }


@pytest.fixture
def records():
    """Rows of the three stage tables; items and results are numbered as they come, of item 1 if nothing is said."""

    def make(itens=(), resultados=(), compras=({},)):
        ids = count(1)
        return {
            "stage_contratacoes": [COMPRA | {"observation_id": next(ids)} | one for one in compras],
            "stage_itens": [
                exact(ITEM | {"numero_item": n, "observation_id": next(ids)} | one)
                for n, one in enumerate(itens, 1)
            ],
            "stage_resultados": [
                exact(RESULTADO | {"sequencial_resultado": n, "observation_id": next(ids)} | one)
                for n, one in enumerate(resultados, 1)
            ],
        }

    return make


@pytest.fixture
def benefits(mart, records):
    def rows(itens=(), resultados=(), compras=({},), **params) -> list[dict]:
        return mart("mart_sme_benefits", **records(itens, resultados, compras), **params)

    return rows


@pytest.fixture
def tables(mart, table, records):
    """The mart and the tables it is made from, to be checked by rules and gates."""
    contracts = {
        "stage_contratacoes": StageContratacoes,
        "stage_itens": StageItens,
        "stage_resultados": StageResultados,
    }

    def make(itens=(), resultados=(), compras=({},)):
        given = records(itens, resultados, compras)
        stage = {name: table(contracts[name].schema(), *rows) for name, rows in given.items()}
        made = table(MartSmeBenefits.schema(), *mart("mart_sme_benefits", **given))
        return made, {name: stage[name] for name in ("stage_itens", "stage_resultados")}

    return make


def test_a_whole_row(benefits):
    itens = [
        {"valor_total": 30, "tem_resultado": True},
        {"valor_total": 10, "tipo_beneficio_id": 4, "tipo_beneficio_nome": "Sem benefício"},
    ]
    resultados = [{"valor_total_homologado": 20}, {"valor_total_homologado": 5, "porte_fornecedor_id": 3}]
    found = benefits(itens, resultados)
    mine = {
        "cnpj_orgao": ORGAO,
        "ano": 2025,
        "nome_orgao": "MINISTERIO",
        "compras": 1,
        "compras_com_itens": 1,
        "dias_do_ano": 365,
        "dias_provados_compras": 0,
    }
    assert found == [
        NOTHING
        | mine
        | {
            "tipo_beneficio_id": 1,
            "tipo_beneficio_nome": "Exclusiva",
            "com_beneficio": True,
            "quantidade_itens": 1,
            "valor_estimado_itens": 30,
            "percentual_itens": 50,
            "percentual_valor_estimado": 75,
            "quantidade_itens_com_resultado": 1,
            "quantidade_itens_resultado_baixado": 1,
            "quantidade_resultados": 2,
            "valor_homologado_itens": 25,
            "quantidade_resultados_me_epp": 1,
            "quantidade_resultados_outro_porte": 1,
            "valor_me_epp": 20,
            "valor_outro_porte": 5,
            "percentual_resultados_me_epp": 50,
            "percentual_valor_me_epp": 80,
        },
        NOTHING
        | mine
        | {
            "tipo_beneficio_id": 4,
            "tipo_beneficio_nome": "Sem benefício",
            "com_beneficio": False,
            "quantidade_itens": 1,
            "valor_estimado_itens": 10,
            "percentual_itens": 50,
            "percentual_valor_estimado": 25,
            "percentual_resultados_me_epp": None,
            "percentual_valor_me_epp": None,
        },
    ]


def test_its_contract_holds(tables):
    made, _ = tables([{"valor_total": 1}], [{"valor_total_homologado": 1}])
    MartSmeBenefits.validate(made)


@pytest.mark.parametrize(
    ("domain", "codes", "labels"),
    [
        pytest.param(
            "tipo_beneficio",
            sme_measures.WITH_BENEFIT,
            [
                "Participação exclusiva para ME/EPP",
                "Subcontratação para ME/EPP",
                "Cota reservada para ME/EPP",
            ],
            id="benefits",
        ),
        pytest.param(
            "tipo_beneficio",
            sme_measures.WITHOUT_BENEFIT,
            ["Sem benefício", "Não se aplica"],
            id="no benefit",
        ),
        pytest.param(
            "situacao_item",
            sme_measures.FAILED,
            ["Anulado/Revogado/Cancelado", "Deserto", "Fracassado"],
            id="failed items",
        ),
        pytest.param("porte_empresa", sme_measures.ME_EPP, ["ME", "EPP"], id="small"),
        pytest.param(
            "porte_empresa",
            sme_measures.OTHER_SIZES,
            ["Demais", "Não se aplica (pessoa física)"],
            id="not small",
        ),
        pytest.param("reserva_remanescente", [sme_measures.RESERVE], ["Cadastro de Reserva"], id="reserve"),
        pytest.param(
            "situacao_resultado",
            [sme_measures.RESERVE],
            ["Informado cadastro de reserva"],
            id="reserve, by situation",
        ),
    ],
)
def test_codes_are_those_of_the_official_tables(domain, codes, labels):
    known = domains.inputs()[f"domain_{domain}"].labels
    assert [known[str(code)] for code in codes] == labels


@pytest.mark.parametrize(
    ("code", "expected"), [(1, True), (2, True), (3, True), (4, False), (5, False), (6, None), (None, None)]
)
def test_com_beneficio(benefits, code, expected):
    (row,) = benefits([{"tipo_beneficio_id": code}])
    assert row["com_beneficio"] is expected


WITH_RESULT = {"tem_resultado": True}
SUSPECT_ITEM = {"valor_total": 8, "estimate_verdict": "suspect"}


@pytest.mark.parametrize(
    ("itens", "expected"),
    [
        pytest.param(
            [{"valor_total": None}, {"valor_total": 0}, {"valor_total": "0.0001"}],
            {"quantidade_itens_sem_estimativa": 2, "valor_estimado_itens": Decimal("0.0001")},
            id="null and zero are no estimate",
        ),
        pytest.param(
            [SUSPECT_ITEM, {"valor_total": 1}, {"valor_total": 2, "estimate_verdict": "review"}],
            {
                "quantidade_itens_suspeitos": 1,
                "valor_estimado_itens_suspeito": 8,
                "valor_estimado_itens": 3,
                "percentual_valor_estimado": 100,
            },
            id="suspects apart",
        ),
        pytest.param(
            [{"situacao_compra_item_id": code} for code in (1, 2, 3, 4, 5, None)],
            {"quantidade_itens_fracassados": 3},
            id="cancelled, deserted, failed",
        ),
        pytest.param(
            [{"tem_resultado": value} for value in (True, True, False, None)],
            {"quantidade_itens_com_resultado": 2, "quantidade_itens_resultado_baixado": 0},
            id="results that are not in the file",
        ),
        pytest.param(
            [{"valor_total": 0}], {"percentual_itens": 100, "percentual_valor_estimado": None}, id="of zero"
        ),
    ],
)
def test_items(benefits, itens, expected):
    (row,) = benefits(itens)
    assert {name: row[name] for name in expected} == expected
    assert row["quantidade_itens"] == len(itens)


def test_items_whose_results_are_in_the_file(benefits):
    itens = [{"tem_resultado": value} for value in (True, True, False)]
    both = [{"numero_item": 1, "cancelado": True}, {"numero_item": 1}, {"numero_item": 3}]
    (row,) = benefits(itens, [*both, {"numero_item": 2, "numero_controle_pncp_compra": "another"}][:3])
    assert row["quantidade_itens_resultado_baixado"] == 1
    found = benefits(itens, [{"numero_item": 2, "numero_controle_pncp_compra": f"{ORGAO}-1-000002/2025"}])
    assert [row["quantidade_itens_resultado_baixado"] for row in found if row["quantidade_itens"]] == [0]


KINDS = ("", "_reserva", "_suspeitos", "_cancelados")
OF_ITEM_2 = {"numero_item": 2}


@pytest.mark.parametrize(
    ("resultados", "counts", "sums"),
    [
        pytest.param([{}, {}], (2, 0, 0, 0), (3, 0, 0), id="two awards"),
        pytest.param([{"cancelado": True}, {}], (1, 0, 0, 1), (2, 0, 0), id="cancelled"),
        pytest.param(
            [{"award_verdict": "suspect"}, {"award_verdict": "review"}],
            (1, 0, 1, 0),
            (2, 0, 1),
            id="suspect, review",
        ),
        pytest.param(
            [{"cancelado": True, "award_verdict": "suspect"}],
            (0, 0, 0, 1),
            (0, 0, 0),
            id="cancelled goes first",
        ),
        pytest.param(
            [{}, {"reserva_remanescente_codigo": 3}], (1, 1, 0, 0), (1, 2, 0), id="reserve register"
        ),
        pytest.param(
            [{}, {"situacao_compra_item_resultado_id": 3}],
            (1, 1, 0, 0),
            (1, 2, 0),
            id="reserve, by its situation",
        ),
        pytest.param(
            [{"reserva_remanescente_codigo": 3, "ordem_classificacao_srp": 1}],
            (0, 1, 0, 0),
            (0, 1, 0),
            id="reserve is no award even alone",
        ),
        pytest.param(
            [
                {"reserva_remanescente_codigo": 3, "ordem_classificacao_srp": 1},
                {"ordem_classificacao_srp": 2},
            ],
            (1, 1, 0, 0),
            (2, 1, 0),
            id="reserve outranks nobody",
        ),
        pytest.param(
            [{"reserva_remanescente_codigo": 3, "award_verdict": "suspect"}],
            (0, 0, 1, 0),
            (0, 0, 1),
            id="suspect goes before reserve",
        ),
        pytest.param(
            [
                {"reserva_remanescente_codigo": 1, "situacao_compra_item_resultado_id": 1},
                {"reserva_remanescente_codigo": 2, "situacao_compra_item_resultado_id": 4},
            ],
            (2, 0, 0, 0),
            (3, 0, 0),
            id="remanescente is an award",
        ),
        pytest.param(
            [{"ordem_classificacao_srp": 1}, {"ordem_classificacao_srp": 2}],
            (1, 1, 0, 0),
            (1, 2, 0),
            id="outranked",
        ),
        pytest.param(
            [{"ordem_classificacao_srp": 1}, {"ordem_classificacao_srp": 1}],
            (2, 0, 0, 0),
            (3, 0, 0),
            id="both first",
        ),
        pytest.param([{"ordem_classificacao_srp": 2}], (1, 0, 0, 0), (1, 0, 0), id="second, alone"),
        pytest.param(
            [{"ordem_classificacao_srp": 1, "cancelado": True}, {"ordem_classificacao_srp": 2}],
            (1, 0, 0, 1),
            (2, 0, 0),
            id="second, after the first was cancelled",
        ),
        pytest.param(
            [{"ordem_classificacao_srp": 1, "award_verdict": "suspect"}, {"ordem_classificacao_srp": 2}],
            (0, 1, 1, 0),
            (0, 2, 1),
            id="second, behind a suspect",
        ),
        pytest.param(
            [
                {"ordem_classificacao_srp": None},
                {"ordem_classificacao_srp": 1},
                {"ordem_classificacao_srp": 2},
            ],
            (2, 1, 0, 0),
            (3, 4, 0),
            id="without a rank is first",
        ),
        pytest.param(
            [{"ordem_classificacao_srp": 1}, {"ordem_classificacao_srp": 2} | OF_ITEM_2],
            (2, 0, 0, 0),
            (3, 0, 0),
            id="ranks are within an item",
        ),
        pytest.param([{}, OF_ITEM_2], (2, 0, 0, 0), (3, 0, 0), id="of two items"),
    ],
)
def test_results(benefits, resultados, counts, sums):
    valued = [{"valor_total_homologado": 2**n} | one for n, one in enumerate(resultados)]
    (row,) = benefits([{}, {}], valued)
    assert tuple(row[f"quantidade_resultados{kind}"] for kind in KINDS) == counts
    assert tuple(row[f"valor_homologado_itens{kind}"] for kind in ("", "_reserva", "_suspeito")) == sums
    assert row["valor_me_epp"] == sums[0]
    assert row["quantidade_resultados_me_epp"] == counts[0]


def test_ranks_are_within_a_purchase(benefits):
    another = {"numero_controle_pncp_compra": f"{ORGAO}-1-000002/2025", "ordem_classificacao_srp": 2}
    found = benefits([{}], [{"ordem_classificacao_srp": 1}, another])
    assert sorted((row["quantidade_resultados"], row["quantidade_resultados_reserva"]) for row in found) == [
        (1, 0),
        (1, 0),
    ]


@pytest.mark.parametrize(
    ("portes", "counts", "sums", "percents"),
    [
        pytest.param([1], (1, 0, 0), (1, 0, 0), (100, 100), id="micro"),
        pytest.param([2], (1, 0, 0), (1, 0, 0), (100, 100), id="small"),
        pytest.param([3], (0, 1, 0), (0, 1, 0), (0, 0), id="neither"),
        pytest.param([4], (0, 1, 0), (0, 1, 0), (0, 0), id="person"),
        pytest.param([5], (0, 0, 1), (0, 0, 1), (None, None), id="not informed"),
        pytest.param([None], (0, 0, 1), (0, 0, 1), (None, None), id="null"),
        pytest.param([6], (0, 0, 1), (0, 0, 1), (None, None), id="unknown code"),
        pytest.param([1, 3], (1, 1, 0), (1, 2, 0), (50, Decimal("33.3333")), id="by number and by value"),
        pytest.param(
            [1, 3, 5], (1, 1, 1), (1, 2, 4), (50, Decimal("33.3333")), id="not informed is on no side"
        ),
    ],
)
def test_sizes(benefits, portes, counts, sums, percents):
    won = [{"porte_fornecedor_id": porte, "valor_total_homologado": 2**n} for n, porte in enumerate(portes)]
    (row,) = benefits([WITH_RESULT], won)
    kinds = ("me_epp", "outro_porte", "porte_desconhecido")
    assert tuple(row[f"quantidade_resultados_{kind}"] for kind in kinds) == counts
    assert tuple(row[f"valor_{kind}"] for kind in kinds) == sums
    assert (row["percentual_resultados_me_epp"], row["percentual_valor_me_epp"]) == percents


@pytest.mark.parametrize(
    "change",
    [{"cancelado": True}, {"award_verdict": "suspect"}, {"reserva_remanescente_codigo": 3}],
    ids=["cancelled", "suspect", "reserve"],
)
@pytest.mark.parametrize("porte", [1, 3, 5])
def test_what_is_no_award_goes_to_nobody(benefits, change, porte):
    lost = {"porte_fornecedor_id": porte, "valor_total_homologado": 1} | change
    (row,) = benefits([WITH_RESULT], [lost])
    assert all(row[name] == 0 for name in NOTHING if name.endswith(("_me_epp", "_porte", "_desconhecido")))
    assert row["percentual_resultados_me_epp"] is row["percentual_valor_me_epp"] is None


def test_awards_of_zero_have_a_share_of_number_but_not_of_value(benefits):
    (row,) = benefits([WITH_RESULT], [{"valor_total_homologado": 0}, {"valor_total_homologado": None}])
    assert (row["quantidade_resultados"], row["valor_homologado_itens"]) == (2, 0)
    assert (row["percentual_resultados_me_epp"], row["percentual_valor_me_epp"]) == (100, None)


def number(n: int, orgao: str = ORGAO) -> str:
    return f"{orgao}-1-{n:06}/2025"


def purchases(how_many: int) -> list[dict]:
    return [{"numero_controle_pncp": number(n)} for n in range(1, how_many + 1)]


@pytest.mark.parametrize(
    ("compras", "with_items", "told"),
    [
        pytest.param(20, 20, True, id="all"),
        pytest.param(20, 19, True, id="95 %"),
        pytest.param(19, 18, False, id="94.7 %"),
        pytest.param(20, 1, False, id="one"),
    ],
)
def test_no_shares_when_too_few_purchases_have_items(benefits, compras, with_items, told):
    itens = [{"numero_controle_pncp_compra": number(n), "valor_total": 1} for n in range(1, with_items + 1)]
    itens[0] |= WITH_RESULT
    (row,) = benefits(itens, [{"valor_total_homologado": 1}], purchases(compras))
    assert (row["compras"], row["compras_com_itens"]) == (compras, with_items)
    assert row["quantidade_itens"] == row["valor_estimado_itens"] == with_items
    assert {row[name] for name in SHARES} == {100 if told else None}


@pytest.mark.parametrize(
    ("itens", "with_results", "told"),
    [
        pytest.param(20, 20, True, id="all"),
        pytest.param(20, 19, True, id="95 %"),
        pytest.param(19, 18, False, id="94.7 %"),
    ],
)
def test_no_shares_of_winners_when_too_few_items_have_results(benefits, itens, with_results, told):
    won = [{"numero_item": n, "valor_total_homologado": 1} for n in range(1, with_results + 1)]
    (row,) = benefits([{"tem_resultado": True, "valor_total": 1}] * itens, won)
    assert (row["percentual_itens"], row["percentual_valor_estimado"]) == (100, 100)
    assert {row[name] for name in SHARES[2:]} == {100 if told else None}


def test_results_of_another_benefit_do_not_hold_back_a_row(benefits):
    itens = [{"tem_resultado": True}, {"tem_resultado": True, "tipo_beneficio_id": 4}]
    found = benefits(itens, [{"valor_total_homologado": 1}])
    assert [row["percentual_valor_me_epp"] for row in found] == [100, None]


@pytest.mark.parametrize(
    ("itens", "told"),
    [
        pytest.param([{}, {"tipo_beneficio_id": 4}], False, id="no item has a result, says PNCP"),
        pytest.param([WITH_RESULT, {"tipo_beneficio_id": 4}], True, id="one has"),
        pytest.param([{"tipo_beneficio_id": 4, "numero_item": 9}], False, id="no item at all"),
    ],
)
def test_no_shares_of_winners_in_a_row_without_items_that_have_results(benefits, itens, told):
    found = benefits(itens, [{"valor_total_homologado": 1}])
    won = [row for row in found if row["quantidade_resultados"]]
    assert [{row[name] for name in SHARES[2:]} for row in won] == [{100 if told else None}]


def test_how_much_must_be_there_is_a_parameter(benefits):
    itens = [{"numero_controle_pncp_compra": number(1), "tem_resultado": known} for known in (True, False)]
    won = [{"numero_controle_pncp_compra": number(1), "numero_item": 2}]
    for least, told in ((50, [True, False]), (51, [False, False]), (0, [True, True])):
        (row,) = benefits(itens, won, purchases(2), least_details_coverage=least)
        assert [row["percentual_itens"], row["percentual_resultados_me_epp"]] == [
            100 if one else None for one in told
        ]


def test_a_share_is_of_the_orgao_and_year(benefits):
    compras = [
        {},
        {"numero_controle_pncp": "older", "data_publicacao_pncp": datetime(2024, 12, 31, 23, 59)},  # noqa: DTZ001
        {"numero_controle_pncp": "other", "cnpj_orgao": OTHER},
    ]
    itens = [
        {"valor_total": 1},
        {"valor_total": 3, "tipo_beneficio_id": 4},
        {"valor_total": 4, "tipo_beneficio_id": None},
        {"valor_total": 64, "numero_controle_pncp_compra": "older"},
        {"valor_total": 64, "numero_controle_pncp_compra": "other", "cnpj_orgao": OTHER},
    ]
    found = {tuple(row[name] for name in MartSmeBenefits.key): row for row in benefits(itens, (), compras)}
    assert {
        key: (row["percentual_itens"], row["percentual_valor_estimado"]) for key, row in found.items()
    } == {
        (ORGAO, 2024, 1): (100, 100),
        (ORGAO, 2025, 1): (Decimal("33.3333"), Decimal("12.5")),
        (ORGAO, 2025, 4): (Decimal("33.3333"), Decimal("37.5")),
        (ORGAO, 2025, None): (Decimal("33.3333"), 50),
        (OTHER, 2025, 1): (100, 100),
    }
    assert {row["compras"] for row in found.values()} == {1}


def test_a_purchase_with_many_items_is_one_purchase_with_items(benefits):
    (row,) = benefits([{}, {}, {}])
    assert (row["compras"], row["compras_com_itens"], row["quantidade_itens"]) == (1, 1, 3)


NO_DATE = [{"data_publicacao_pncp": None}]


def test_details_of_purchases_outside_the_file_are_kept_without_year_and_shares(benefits):
    (row,) = benefits([{"valor_total": 1}], [{"valor_total_homologado": 1}], ())
    assert row == NOTHING | dict.fromkeys(SHARES) | {
        "cnpj_orgao": ORGAO,
        "ano": None,
        "dias_do_ano": None,
        "dias_provados_compras": None,
        "tipo_beneficio_id": 1,
        "nome_orgao": None,
        "tipo_beneficio_nome": "Exclusiva",
        "com_beneficio": True,
        "quantidade_itens": 1,
        "quantidade_itens_sem_compra": 1,
        "valor_estimado_itens": 1,
        "quantidade_resultados": 1,
        "valor_homologado_itens": 1,
        "quantidade_resultados_me_epp": 1,
        "valor_me_epp": 1,
    }


def test_a_purchase_without_date_has_no_year_and_no_shares_but_is_counted(benefits):
    (row,) = benefits([{"valor_total": 1}], [{"valor_total_homologado": 1}], NO_DATE)
    assert (row["ano"], row["compras"], row["compras_com_itens"]) == (None, 1, 1)
    assert row["quantidade_itens_sem_compra"] == 0
    assert {row[name] for name in SHARES} == {None}


def test_results_of_items_outside_the_file_have_no_benefit(benefits):
    found = benefits([{}], [{"numero_item": 7}, {"numero_item": 7, "cancelado": True}, {}])
    assert [(row["tipo_beneficio_id"], row["quantidade_resultados"]) for row in found] == [(1, 1), (None, 1)]
    assert [row["quantidade_resultados_sem_item"] for row in found] == [0, 2]
    assert [row["quantidade_itens"] for row in found] == [1, 0]
    assert [row["compras"] for row in found] == [1, 1]


def test_details_count_for_the_orgao_of_their_purchase(benefits):
    found = benefits([{}], [{}], [{"cnpj_orgao": OTHER}])
    assert [(row["cnpj_orgao"], row["quantidade_itens"], row["quantidade_resultados"]) for row in found] == [
        (OTHER, 1, 1)
    ]


def test_a_year_without_details_has_no_row(benefits):
    assert benefits() == []
    assert benefits((), (), ()) == []


def test_names_are_the_newest(benefits):
    old, new = datetime(2025, 1, 1), datetime(2025, 2, 1)  # noqa: DTZ001
    compras = [
        {"data_atualizacao_global": new, "nome_orgao": "new"},
        {"data_atualizacao_global": old, "nome_orgao": "old", "numero_controle_pncp": "another"},
    ]
    itens = [
        {"data_atualizacao": new, "tipo_beneficio_nome": "new label"},
        {"data_atualizacao": old, "tipo_beneficio_nome": "old label"},
        {"data_inclusao": old, "data_atualizacao": None, "tipo_beneficio_nome": "older label"},
    ]
    (row,) = benefits(itens, (), compras)
    assert (row["nome_orgao"], row["tipo_beneficio_nome"]) == ("new", "new label")


EVERY_ITEM = [{"valor_total": 1}, SUSPECT_ITEM, {"valor_total": 2, "tipo_beneficio_id": None}]
EVERY_RESULT = [
    {"valor_total_homologado": 1, "porte_fornecedor_id": 1},
    {"valor_total_homologado": 2, "porte_fornecedor_id": 3},
    {"valor_total_homologado": 4, "porte_fornecedor_id": 5, "numero_item": 9},
    {"valor_total_homologado": 8, "reserva_remanescente_codigo": 3},
    {"valor_total_homologado": 16, "award_verdict": "suspect"},
    {"valor_total_homologado": 32, "cancelado": True},
    {"valor_total_homologado": 64, "cancelado": True, "award_verdict": "suspect"},
]
MEASURES = {
    "quantidade_itens": 3,
    "quantidade_itens_suspeitos": 1,
    "valor_estimado_itens": 3,
    "valor_estimado_itens_suspeito": 8,
    "resultados": 7,
    "quantidade_resultados_cancelados": 2,
    "quantidade_resultados_suspeitos": 1,
    "valor_homologado_itens_suspeito": 16,
    "homologado": 15,
}
PART_OF = {
    "quantidade_resultados": {"resultados"},
    "quantidade_resultados_reserva": {"resultados"},
    "quantidade_resultados_suspeitos": {"resultados", "quantidade_resultados_suspeitos"},
    "quantidade_resultados_cancelados": {"resultados", "quantidade_resultados_cancelados"},
    "valor_homologado_itens": {"homologado"},
    "valor_homologado_itens_reserva": {"homologado"},
}


def compared(made, stage) -> dict:
    (gate,) = MartSmeBenefits.gates
    rows = gate.compare(mart_sme_benefits=made, **stage).to_pyarrow().to_pylist()
    return {row["measure"]: (row["expected"], row["found"]) for row in rows}


@pytest.mark.parametrize("compras", [({},), (), NO_DATE], ids=["known", "outside the file", "without date"])
def test_the_gate_measures_every_item_and_result(tables, compras):
    assert compared(*tables(EVERY_ITEM, EVERY_RESULT, compras)) == {
        name: (value, value) for name, value in MEASURES.items()
    }


@pytest.mark.parametrize("column", [*(name for name in MEASURES if name in NOTHING), *PART_OF])
def test_the_gate_catches_a_tampered_column(tables, column):
    made, stage = tables([{"valor_total": 1}], EVERY_RESULT[:1])
    measures = compared(made.mutate(**{column: made[column] + 1}), stage)
    wrong = {name for name, (expected, found) in measures.items() if expected != found}
    assert wrong == PART_OF.get(column, {column})


def test_the_gate_catches_a_lost_row(tables):
    made, stage = tables(EVERY_ITEM, EVERY_RESULT)
    measures = compared(made.filter(made.tipo_beneficio_id == 1), stage)
    assert measures["quantidade_itens"] == (3, 2)
    assert measures["resultados"] == (7, 6)


def test_the_gate_holds_over_nothing(tables):
    assert all(expected == found == 0 for expected, found in compared(*tables((), (), ())).values())


RULES = {rule.name: rule for rule in MartSmeBenefits.rules()}
PARTS, SIZES, SHARE = (
    "parts do not exceed the whole",
    "what is awarded goes to ME/EPP, to others or to unknown sizes",
    "shares are of a year, and from 0 to 100 %",
)


def holds(rule: str, made) -> list:
    return made.select(holds=RULES[rule].holds(made)).to_pyarrow()["holds"].to_pylist()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("compras", [({},), ()], ids=["known", "outside the file"])
def test_rules_hold_for_rows_that_are_made(tables, rule, compras):
    made, _ = tables(EVERY_ITEM, EVERY_RESULT, compras)
    assert all(held in {True, None} for held in holds(rule, made))


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        pytest.param("compras", ["compras_com_itens"], id="compras_com_itens"),
        pytest.param("quantidade_itens", ["quantidade_itens_sem_compra"], id="sem_compra"),
        pytest.param("quantidade_itens", ["quantidade_itens_fracassados"], id="fracassados"),
        pytest.param(
            "quantidade_itens",
            ["quantidade_itens_sem_estimativa", "quantidade_itens_suspeitos"],
            id="sem_estimativa + suspeitos",
        ),
        pytest.param("quantidade_itens", ["quantidade_itens_com_resultado"], id="com_resultado"),
        pytest.param(
            "quantidade_itens_com_resultado", ["quantidade_itens_resultado_baixado"], id="resultado_baixado"
        ),
        *(
            pytest.param(
                f"quantidade_resultados{kind}",
                ["quantidade_resultados_sem_item"],
                id=f"sem_item of resultados{kind}",
            )
            for kind in KINDS
        ),
    ],
)
def test_the_rule_catches_parts_that_exceed_the_whole(tables, whole, parts):
    made, _ = tables([{}])
    empty = made.mutate(**dict.fromkeys(NOTHING, 0)).mutate(quantidade_itens=9, compras=9)
    room = {whole: len(parts)} | dict.fromkeys(parts, 1)
    assert holds(PARTS, empty.mutate(**room)) == [True]
    assert holds(PARTS, empty.mutate(**room | {parts[0]: 2})) == [False]


def test_the_rule_catches_a_row_of_nothing(tables):
    made, _ = tables([{"valor_total": 1}], [{}])
    assert holds(PARTS, made) == [True]
    assert holds(PARTS, made.mutate(quantidade_itens=0)) == [True]
    assert holds(PARTS, made.mutate(quantidade_resultados=0)) == [True]
    assert holds(PARTS, made.mutate(quantidade_itens=0, quantidade_resultados=0)) == [False]


@pytest.mark.parametrize(
    "column",
    [
        f"{what}_{kind}"
        for what in ("quantidade_resultados", "valor")
        for kind in ("me_epp", "outro_porte", "porte_desconhecido")
    ],
)
def test_the_rule_catches_an_award_of_two_sizes(tables, column):
    made, _ = tables([{}], [{"valor_total_homologado": 1}])
    assert holds(SIZES, made) == [True]
    assert holds(SIZES, made.mutate(**{column: made[column] + 1})) == [False]


@pytest.mark.parametrize("share", SHARES)
def test_the_rule_catches_a_share_out_of_range_or_of_no_year(tables, share):
    made, _ = tables([{"valor_total": 1}], [{"valor_total_homologado": 1}])
    for value, held in ((0, True), (100, True), (-1, False), (101, False)):
        assert holds(SHARE, made.mutate(**{share: value})) == [held]
    outside, _ = tables([{}], (), ())
    assert holds(SHARE, outside) == [True]
    assert holds(SHARE, outside.mutate(**{share: 50})) == [False]


def test_the_real_details_in_plain_python(real, real_records):
    """Items by órgão and benefit, and who won them, as they came: their purchases are not at hand."""
    itens, resultados = real_records["itens"], real_records["resultados"]
    benefit = {(one["parent_key"], one["numeroItem"]): one["tipoBeneficio"] for one in itens}
    assert not {one["parent_key"] for one in itens} & {
        one["numeroControlePNCP"] for one in real_records["contratacoes"]
    }
    expected: dict[tuple, list] = {}
    for one in itens:
        row = expected.setdefault(
            (one["parent_key"][:14], one["tipoBeneficio"]), [0, Decimal(0), 0, Decimal(0), 0]
        )
        row[0] += 1
        row[1] += Decimal(str(one["valorTotal"]))
    for one in resultados:
        row = expected[one["parent_key"][:14], benefit[one["parent_key"], one["numeroItem"]]]
        row[2] += 1
        row[3] += Decimal(str(one["valorTotalHomologado"]))
        row[4] += one["porteFornecedorId"] in {1, 2}
    assert len(expected) > 2
    found = {
        (row["cnpj_orgao"], row["tipo_beneficio_id"]): [
            row["quantidade_itens"],
            row["valor_estimado_itens"],
            row["quantidade_resultados"],
            row["valor_homologado_itens"],
            row["quantidade_resultados_me_epp"],
        ]
        for row in real("mart_sme_benefits")
        if (row["ano"], row["percentual_itens"]) == (None, None)
    }
    assert found == expected
