from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from statistics import mean, median

import pytest

from dataflows.mart.procurement import MartProcurement
from dataflows.mart.procurement_measures import MEASURED, PARTS
from dataflows.stage.contratacoes import CONTESTED, StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.verdicts import BUCKETS, DATE_VERDICTS, VALUE_VERDICTS

ORGAO, OTHER = "00394460005887", "11111111000191"
COMPRA = {
    "cnpj_orgao": ORGAO,
    "data_publicacao_pncp": datetime(2025, 6, 24, 0, 30, 4),  # noqa: DTZ001 - PNCP names no zone
    "modalidade_id": 6,
    "direta": False,
    "situacao_compra_id": 1,
    "estimate_verdict": "ok",
    "award_verdict": "ok",
}
CONTRATO = {
    "cnpj_orgao": ORGAO,
    "data_publicacao_pncp": datetime(2025, 1, 1),  # noqa: DTZ001
    "numero_controle_pncp_compra": f"{ORGAO}-1-000001/2025",
    "date_verdict": "ok",
    "verdict": "ok",
    "bucket": "contract",
}
NOTHING = {
    name: 0
    for name, column in MartProcurement.columns.items()
    if not column.nullable and name not in MartProcurement.key
}
"""The counts and sums of a side without records."""
UNMEASURED = dict.fromkeys(MEASURED)
MONEY = ("valor_total_estimado", "valor_total_homologado", "valor_global")


def exact(record: dict) -> dict:
    return {
        name: Decimal(str(value)) if name in MONEY and value is not None else value
        for name, value in record.items()
    }


@pytest.fixture
def records():
    """Rows of both stage tables, which differ from COMPRA and CONTRATO as said, observed in the order given."""
    ids = count(1)

    def make(compras=(), contratos=()):
        return {
            "stage_contratacoes": [exact(COMPRA | {"observation_id": next(ids)} | one) for one in compras],
            "stage_contratos": [exact(CONTRATO | {"observation_id": next(ids)} | one) for one in contratos],
        }

    return make


@pytest.fixture
def procurement(mart, records):
    def rows(compras=(), contratos=()) -> list[dict]:
        return mart("mart_procurement", **records(compras, contratos))

    return rows


@pytest.fixture
def tables(mart, table, records):
    """The mart and the tables it is made from, to be checked by rules and gates."""

    def make(compras=(), contratos=()):
        given = records(compras, contratos)
        stage = {
            "stage_contratacoes": table(StageContratacoes.schema(), *given["stage_contratacoes"]),
            "stage_contratos": table(StageContratos.schema(), *given["stage_contratos"]),
        }
        return table(MartProcurement.schema(), *mart("mart_procurement", **given)), stage

    return make


def test_a_whole_row(procurement):
    compras = [
        {
            "nome_orgao": "MINISTERIO",
            "esfera_id": "F",
            "valor_total_estimado": 10,
            "valor_total_homologado": 8,
            "dias_proposta": 8,
        },
        {"direta": True, "estimate_missing": "unpublished"},
    ]
    contrato = {
        "valor_global": 7,
        "data_vigencia_inicio": date(2025, 1, 1),
        "data_vigencia_fim": date(2025, 12, 31),
    }
    (row,) = procurement(compras, [contrato])
    assert row == NOTHING | {
        "cnpj_orgao": ORGAO,
        "ano": 2025,
        "nome_orgao": "MINISTERIO",
        "esfera_id": "F",
        "quantidade_compras": 2,
        "quantidade_compras_diretas": 1,
        "quantidade_estimativa_nao_publicada": 1,
        "quantidade_sem_resultado": 1,
        "valor_estimado": 10,
        "valor_homologado": 8,
        "quantidade_comparaveis": 1,
        "valor_estimado_comparavel": 10,
        "valor_homologado_comparavel": 8,
        "percentual_desconto": 20,
        "quantidade_com_dias_proposta": 1,
        "media_dias_proposta": 8,
        "mediana_dias_proposta": 8,
        "quantidade_contratos": 1,
        "valor_contratos": 7,
        "quantidade_contratos_compra_propria": 1,
        "valor_contratos_compra_propria": 7,
        "quantidade_contratos_com_dias": 1,
        "media_dias_contrato": 364,
        "mediana_dias_contrato": 364,
        "primeira_publicacao": date(2025, 1, 1),
        "ultima_publicacao": date(2025, 6, 24),
        "dias_do_ano": 365,
        "dias_provados_compras": 0,
        "dias_provados_contratos": 0,
    }


def test_its_contract_holds(tables):
    made, _ = tables([{"valor_total_estimado": 1}], [{"valor_global": 1}])
    MartProcurement.validate(made)


SUSPECT_ESTIMATE = {"valor_total_estimado": 4, "estimate_verdict": "suspect"}
SUSPECT_AWARD = {"valor_total_homologado": 4, "award_verdict": "suspect"}
BOTH = {"valor_total_estimado": 100, "valor_total_homologado": 90}


@pytest.mark.parametrize(
    ("compras", "expected"),
    [
        pytest.param(
            [{}, {"direta": True}, {"direta": True}], {"quantidade_compras_diretas": 2}, id="direct"
        ),
        pytest.param(
            [{"situacao_compra_id": code, "valor_total_estimado": 1} for code in (1, 2, 3, 4, None)],
            {"quantidade_compras_canceladas": 2, "valor_estimado_cancelado": 2, "valor_estimado": 5},
            id="revoked and annulled, not suspended",
        ),
        pytest.param(
            [{"situacao_compra_id": code, "valor_total_homologado": 1} for code in (1, 2, 3, 4, None)],
            {"valor_homologado_cancelado": 2, "valor_homologado": 5},
            id="awards of revoked and annulled",
        ),
        pytest.param(
            [
                SUSPECT_AWARD | {"situacao_compra_id": 2},
                SUSPECT_ESTIMATE | {"situacao_compra_id": 3, "valor_total_homologado": 1},
            ],
            {"valor_homologado_cancelado": 1, "valor_estimado_cancelado": 0},
            id="a suspect award is no part of those given up",
        ),
        pytest.param(
            [SUSPECT_ESTIMATE | {"situacao_compra_id": 2}],
            {"quantidade_compras_canceladas": 1, "valor_estimado_cancelado": 0},
            id="a suspect estimate is no part of those given up",
        ),
        pytest.param(
            [
                {"estimate_missing": "secret"},
                {"estimate_missing": "unpublished"},
                {"estimate_missing": "unpublished"},
                {"valor_total_estimado": 0},
                {"valor_total_estimado": 0},
                {"valor_total_estimado": 0},
                {"valor_total_estimado": "0.0001"},
            ],
            {
                "quantidade_estimativa_sigilosa": 1,
                "quantidade_estimativa_nao_publicada": 2,
                "quantidade_estimativa_zero": 3,
            },
            id="without estimate: secret, unpublished, zero",
        ),
        pytest.param(
            [{"valor_total_homologado": value} for value in (None, 0, 0, "0.0001", 1)],
            {
                "quantidade_sem_resultado": 1,
                "quantidade_homologacao_zero": 2,
                "valor_homologado": Decimal("1.0001"),
            },
            id="null is no result, zero is one",
        ),
        pytest.param(
            [SUSPECT_ESTIMATE, {"valor_total_estimado": 2}, {"valor_total_estimado": 1}],
            {"quantidade_estimativas_suspeitas": 1, "valor_estimado_suspeito": 4, "valor_estimado": 3},
            id="suspect estimates apart",
        ),
        pytest.param(
            [SUSPECT_AWARD, {"valor_total_homologado": 2}, {"valor_total_homologado": 1}],
            {"quantidade_homologacoes_suspeitas": 1, "valor_homologado_suspeito": 4, "valor_homologado": 3},
            id="suspect awards apart",
        ),
        pytest.param(
            [SUSPECT_ESTIMATE | {"valor_total_homologado": 1}, SUSPECT_AWARD | {"valor_total_estimado": 2}],
            {"valor_estimado": 2, "valor_homologado": 1},
            id="the verdicts of estimate and award are separate",
        ),
        pytest.param(
            [
                {"valor_total_estimado": 1, "estimate_verdict": "review"},
                {"valor_total_estimado": 2},
                SUSPECT_ESTIMATE,
            ],
            {"valor_estimado_em_revisao": 1, "valor_estimado": 3},
            id="estimates under review are in, and told",
        ),
        pytest.param(
            [
                {"valor_total_homologado": 1, "award_verdict": "review"},
                {"valor_total_homologado": 2},
                SUSPECT_AWARD,
            ],
            {"valor_homologado_em_revisao": 1, "valor_homologado": 3},
            id="awards under review are in, and told",
        ),
        pytest.param(
            [
                {"valor_total_homologado": 1, "srp": True},
                {"valor_total_homologado": 2, "srp": False},
                {"valor_total_homologado": 8, "srp": None},
                SUSPECT_AWARD | {"srp": True},
            ],
            {"valor_homologado_srp": 1, "valor_homologado": 11},
            id="registered prices",
        ),
        pytest.param(
            [{"valor_total_estimado": "0.0001"}, {"valor_total_estimado": "99999999999999999.9999"}],
            {"valor_estimado": Decimal("100000000000000000.0000")},
            id="exact to four decimals",
        ),
        pytest.param(
            [{"dias_proposta": days} for days in (0, 1, 8, None)],
            {"quantidade_com_dias_proposta": 3, "media_dias_proposta": 3, "mediana_dias_proposta": 1},
            id="days of proposal, where known; zero is known",
        ),
        pytest.param(
            [{"dias_proposta": 900, "modalidade_id": code} for code in (8, 9, 10, 11, 12, 14, 15, None)],
            {"quantidade_com_dias_proposta": 0, "media_dias_proposta": None, "mediana_dias_proposta": None},
            id="no days of direct purchases and of calls",
        ),
        pytest.param(
            [{"dias_proposta": 8, "modalidade_id": code} for code in CONTESTED]
            + [{"dias_proposta": 900, "modalidade_id": 12}],
            {"quantidade_com_dias_proposta": 12, "media_dias_proposta": 8, "mediana_dias_proposta": 8},
            id="days of contests alone",
        ),
        pytest.param(
            [{"dias_proposta": 1}, {"dias_proposta": 2}],
            {"media_dias_proposta": Decimal("1.5"), "mediana_dias_proposta": Decimal("1.5")},
            id="halves of days",
        ),
        pytest.param(
            [{"dias_proposta": 1}, {"dias_proposta": 1}, {"dias_proposta": 2}],
            {"media_dias_proposta": Decimal("1.3333")},
            id="four decimals of a day",
        ),
    ],
)
def test_purchases(procurement, compras, expected):
    (row,) = procurement(compras)
    assert {name: row[name] for name in expected} == expected
    assert row["quantidade_compras"] == len(compras)


@pytest.mark.parametrize(
    ("compras", "sums", "percent"),
    [
        pytest.param([BOTH], (1, 100, 90), 10, id="a discount"),
        pytest.param([BOTH | {"valor_total_homologado": 120}], (1, 100, 120), -20, id="above the estimate"),
        pytest.param([BOTH | {"valor_total_homologado": 100}], (1, 100, 100), 0, id="none"),
        pytest.param(
            [BOTH, {"valor_total_estimado": 300, "valor_total_homologado": 150}],
            (2, 400, 240),
            40,
            id="by value, not by purchase",
        ),
        pytest.param(
            [BOTH, {"valor_total_estimado": 1000}, {"valor_total_homologado": 1000}],
            (1, 100, 90),
            10,
            id="only purchases that have both",
        ),
        pytest.param(
            [BOTH, BOTH | {"valor_total_estimado": 0}, BOTH | {"valor_total_homologado": 0}],
            (1, 100, 90),
            10,
            id="zero is not known",
        ),
        pytest.param(
            [BOTH, BOTH | {"estimate_verdict": "suspect"}, BOTH | {"award_verdict": "suspect"}],
            (1, 100, 90),
            10,
            id="suspects are not believed",
        ),
        pytest.param(
            [BOTH | {"estimate_verdict": "review", "award_verdict": "review"}], (1, 100, 90), 10, id="review"
        ),
        pytest.param(
            [{"valor_total_estimado": "0.0001", "valor_total_homologado": "0.0001"}],
            (1, Decimal("0.0001"), Decimal("0.0001")),
            0,
            id="the smallest values are known",
        ),
        pytest.param(
            [{"valor_total_estimado": 3, "valor_total_homologado": 2}],
            (1, 3, 2),
            Decimal("33.3333"),
            id="four decimals",
        ),
        pytest.param(
            [{"valor_total_estimado": 1, "valor_total_homologado": 99}], (1, 1, 99), -9800, id="far above"
        ),
        pytest.param([{"valor_total_estimado": 100}], (0, 0, 0), None, id="nothing to compare"),
    ],
)
def test_discount(procurement, compras, sums, percent):
    (row,) = procurement(compras)
    names = ("quantidade_comparaveis", "valor_estimado_comparavel", "valor_homologado_comparavel")
    assert tuple(row[name] for name in names) == sums
    assert row["percentual_desconto"] == percent


@pytest.mark.parametrize(
    ("contratos", "expected"),
    [
        pytest.param(
            [{"bucket": bucket, "valor_global": value} for value, bucket in enumerate(BUCKETS, 1)],
            {
                "quantidade_contratos": 1,
                "valor_contratos": BUCKETS.index("contract") + 1,
                "quantidade_contratos_compra_propria": 1,
            },
            id="bucket contract only",
        ),
        pytest.param(
            [{"valor_global": None}, {"valor_global": 0}, {"valor_global": "0.0001"}],
            {"quantidade_contratos": 3, "quantidade_contratos_sem_valor": 2},
            id="null and zero are no value",
        ),
        pytest.param([{"valor_global": None}], {"valor_contratos": 0}, id="a sum of nulls is zero"),
        pytest.param(
            [
                {"valor_global": 1},
                {"valor_global": 2, "numero_controle_pncp_compra": f"{OTHER}-1-000001/2025"},
                {"valor_global": 4, "numero_controle_pncp_compra": f"{OTHER}-1-000001/2025"},
                {"valor_global": 8, "numero_controle_pncp_compra": None},
                {"valor_global": 16, "numero_controle_pncp_compra": None},
                {"valor_global": 32, "numero_controle_pncp_compra": None},
            ],
            {
                "quantidade_contratos_compra_propria": 1,
                "valor_contratos_compra_propria": 1,
                "quantidade_contratos_compra_alheia": 2,
                "valor_contratos_compra_alheia": 6,
                "quantidade_contratos_sem_compra": 3,
                "valor_contratos": 63,
            },
            id="of its own purchase, of another's, of none",
        ),
    ],
)
def test_contracts(procurement, contratos, expected):
    (row,) = procurement((), contratos)
    assert {name: row[name] for name in expected} == expected


START, END = date(2025, 1, 1), date(2025, 1, 11)
TERM = {"data_vigencia_inicio": START, "data_vigencia_fim": END}


@pytest.mark.parametrize(
    ("contrato", "days"),
    [
        pytest.param(TERM, 10, id="from start to end"),
        pytest.param(TERM | {"data_assinatura": date(2024, 12, 22)}, 10, id="not from signature"),
        pytest.param(
            {"data_assinatura": START, "data_vigencia_fim": END}, 10, id="without start, from signature"
        ),
        pytest.param(TERM | {"data_vigencia_fim": START}, 0, id="one day"),
        pytest.param({"data_vigencia_inicio": START}, None, id="no end"),
        pytest.param({"data_vigencia_fim": END}, None, id="no start, no signature"),
        pytest.param(
            {"data_assinatura": END, "data_vigencia_fim": START},
            None,
            id="signed after the end, without start",
        ),
        *(
            pytest.param(
                TERM | {"date_verdict": verdict},
                None if verdict in {"implausible", "reversed"} else 10,
                id=f"verdict {verdict}",
            )
            for verdict in DATE_VERDICTS
        ),
    ],
)
def test_contract_days(procurement, contrato, days):
    (row,) = procurement((), [contrato])
    assert row["quantidade_contratos_com_dias"] == (days is not None)
    assert row["media_dias_contrato"] == row["mediana_dias_contrato"] == days


def test_mean_and_median_of_contract_days_are_of_contracts_with_days(procurement):
    terms = [TERM | {"data_vigencia_fim": date(2025, 1, day)} for day in (2, 3, 22)]
    (row,) = procurement((), [*terms, {}, TERM | {"bucket": "empenho"}])
    assert row["quantidade_contratos_com_dias"] == 3
    assert (row["media_dias_contrato"], row["mediana_dias_contrato"]) == (8, 2)


LAST_YEAR = {"data_publicacao_pncp": datetime(2024, 12, 31, 23, 59, 59)}  # noqa: DTZ001
NO_DATE = {"data_publicacao_pncp": None}


@pytest.mark.parametrize(
    ("compras", "contratos", "expected"),
    [
        pytest.param([], [], {}, id="nothing"),
        pytest.param([{}], [{}], {(ORGAO, 2025): (1, 1)}, id="both sides"),
        pytest.param([{}, {}], [], {(ORGAO, 2025): (2, 0)}, id="purchases only"),
        pytest.param([], [{}, {}], {(ORGAO, 2025): (0, 2)}, id="contracts only"),
        pytest.param([], [{"bucket": "empenho"}], {}, id="empenhos make no row"),
        pytest.param(
            [{}, {"cnpj_orgao": OTHER}],
            [{}, LAST_YEAR],
            {(ORGAO, 2024): (0, 1), (ORGAO, 2025): (1, 1), (OTHER, 2025): (1, 0)},
            id="each year and órgão has a row",
        ),
        pytest.param(
            [NO_DATE, {}],
            [NO_DATE, NO_DATE, {"cnpj_orgao": OTHER} | NO_DATE],
            {(ORGAO, 2025): (1, 0), (ORGAO, None): (1, 2), (OTHER, None): (0, 1)},
            id="null years are one year",
        ),
    ],
)
def test_a_row_is_of_either_side(procurement, compras, contratos, expected):
    found = procurement(compras, contratos)
    assert {
        (row["cnpj_orgao"], row["ano"]): (row["quantidade_compras"], row["quantidade_contratos"])
        for row in found
    } == expected
    assert len(found) == len(expected)


def test_a_side_without_records_is_zero_and_has_no_means(procurement):
    unproven = {"dias_do_ano": 365, "dias_provados_compras": 0, "dias_provados_contratos": 0}
    mine = {"cnpj_orgao": ORGAO, "ano": 2025, "nome_orgao": None, "esfera_id": None} | unproven
    without = {"quantidade_estimativa_nao_publicada": 0, "quantidade_sem_resultado": 1}
    assert procurement([{}]) == [
        NOTHING | UNMEASURED | mine | without | {"quantidade_compras": 1} | only(date(2025, 6, 24))
    ]
    counted = {
        "quantidade_contratos": 1,
        "quantidade_contratos_sem_valor": 1,
        "quantidade_contratos_compra_propria": 1,
    }
    assert procurement((), [{}]) == [NOTHING | UNMEASURED | mine | counted | only(date(2025, 1, 1))]


def only(day: date | None) -> dict:
    return {"primeira_publicacao": day, "ultima_publicacao": day}


def on(month: int, day: int) -> dict:
    return {"data_publicacao_pncp": datetime(2025, month, day, 23, 59)}  # noqa: DTZ001


@pytest.mark.parametrize(
    ("compras", "contratos", "days"),
    [
        pytest.param(
            [on(3, 1), on(2, 1), on(4, 1)], [], (date(2025, 2, 1), date(2025, 4, 1)), id="purchases"
        ),
        pytest.param(
            [], [on(3, 1), on(2, 1), on(4, 1)], (date(2025, 2, 1), date(2025, 4, 1)), id="contracts"
        ),
        pytest.param(
            [on(2, 1), on(4, 1)], [on(3, 1)], (date(2025, 2, 1), date(2025, 4, 1)), id="contracts within"
        ),
        pytest.param(
            [on(3, 1)], [on(2, 1), on(4, 1)], (date(2025, 2, 1), date(2025, 4, 1)), id="purchases within"
        ),
        pytest.param(
            [on(3, 1)],
            [{"bucket": "empenho"} | on(2, 1), {"bucket": "income"} | on(4, 1)],
            (date(2025, 3, 1), date(2025, 3, 1)),
            id="of contracts, not of other buckets",
        ),
        pytest.param([NO_DATE], [NO_DATE], (None, None), id="no date"),
    ],
)
def test_days_of_publication(procurement, compras, contratos, days):
    (row,) = procurement(compras, contratos)
    assert (row["primeira_publicacao"], row["ultima_publicacao"]) == days


OLD, NEW = datetime(2025, 1, 1), datetime(2025, 2, 1)  # noqa: DTZ001


@pytest.mark.parametrize("column", ["nome_orgao", "esfera_id"])
@pytest.mark.parametrize(
    ("compras", "contratos", "expected"),
    [
        pytest.param([("a", NEW)], [("b", OLD)], "a", id="the purchase is newer"),
        pytest.param([("a", OLD)], [("b", NEW)], "b", id="the contract is newer"),
        pytest.param([("a", OLD)], [(None, NEW)], "a", id="null is no name"),
        pytest.param(
            [("a", OLD)], [("b", OLD)], "b", id="ties by observation, which all tables count together"
        ),
        pytest.param([], [("b", OLD)], "b", id="contracts only"),
        pytest.param([("a", OLD)], [], "a", id="purchases only"),
    ],
)
def test_names_are_the_newest_of_both_tables(procurement, column, compras, contratos, expected):
    def said(pairs):
        return [{column: name, "data_atualizacao_global": moment} for name, moment in pairs]

    (row,) = procurement(said(compras), said(contratos))
    assert row[column] == expected


def test_a_name_may_come_from_another_year_or_bucket_but_not_from_another_orgao(procurement):
    empenho = LAST_YEAR | {"bucket": "empenho", "nome_orgao": "mine"}
    found = procurement([{}], [empenho, {"cnpj_orgao": OTHER, "nome_orgao": "theirs"}])
    assert {row["cnpj_orgao"]: row["nome_orgao"] for row in found} == {ORGAO: "mine", OTHER: "theirs"}


def compared(made, stage) -> dict:
    (gate,) = MartProcurement.gates
    rows = gate.compare(mart_procurement=made, **stage).to_pyarrow().to_pylist()
    return {row["measure"]: (row["expected"], row["found"]) for row in rows}


EVERYTHING = [
    {
        "valor_total_estimado": n,
        "valor_total_homologado": 10 * n,
        "estimate_verdict": one,
        "award_verdict": two,
    }
    for n, (one, two) in enumerate(((a, b) for a in VALUE_VERDICTS for b in VALUE_VERDICTS), 1)
]
SPLIT = {"estimado": "valor_estimado", "homologado": "valor_homologado"}


def test_the_gate_measures_all_that_adds_up(tables):
    made, stage = tables([*EVERYTHING, NO_DATE], [{"valor_global": 5}, {"valor_global": 7} | NO_DATE])
    measures = compared(made, stage)
    assert all(expected == found for expected, found in measures.values())
    assert measures["quantidade_compras"] == (10, 10)
    assert measures["estimado"] == (45, 45)
    assert measures["homologado"] == (450, 450)
    assert measures["quantidade_contratos"] == (2, 2)
    assert measures["valor_contratos"] == (12, 12)
    assert {name for name in measures if name not in SPLIT} == {
        name
        for name in NOTHING
        if "contratos" not in name or name in {"quantidade_contratos", "valor_contratos"}
    }


@pytest.mark.parametrize(
    "column",
    sorted({*PARTS, "valor_estimado_suspeito", "valor_homologado_suspeito", "quantidade_sem_resultado"}),
)
def test_the_gate_catches_a_tampered_column(tables, column):
    made, stage = tables(EVERYTHING, [{"valor_global": 5}])
    measures = compared(made.mutate(**{column: made[column] + 1}), stage)
    wholes = {whole for whole, part in SPLIT.items() if column in {part, f"{part}_suspeito"}}
    assert {name for name, (expected, found) in measures.items() if expected != found} == {column, *wholes}


def test_the_gate_catches_a_lost_row(tables):
    made, stage = tables([{}, {"cnpj_orgao": OTHER}], [{}])
    assert compared(made.filter(made.cnpj_orgao == ORGAO), stage)["quantidade_compras"] == (2, 1)


def test_the_gate_does_not_rely_on_verdicts_that_exist(tables):
    made, stage = tables([{"valor_total_estimado": 3, "estimate_verdict": None}])
    assert compared(made, stage)["estimado"] == (3, 0)


def test_the_gate_holds_over_nothing(tables):
    made, stage = tables()
    assert all(expected == found == 0 for expected, found in compared(made, stage).values())


RULES = {rule.name: rule for rule in MartProcurement.rules()}


def holds(rule: str, made) -> list:
    return made.select(holds=RULES[rule].holds(made)).to_pyarrow()["holds"].to_pylist()


@pytest.mark.parametrize("rule", RULES)
def test_rules_hold_for_real_rows(tables, rule):
    made, _ = tables([*EVERYTHING, {"cnpj_orgao": OTHER} | BOTH], [TERM | {"valor_global": 5}, NO_DATE])
    assert all(held in {True, None} for held in holds(rule, made))


@pytest.mark.parametrize(
    ("whole", "parts"),
    [pytest.param(whole, parts, id=" + ".join(parts)) for whole in PARTS for parts in PARTS[whole]],
)
def test_the_rule_catches_parts_that_exceed_the_whole(tables, whole, parts):
    made, _ = tables([{}])
    empty = made.mutate(**dict.fromkeys(NOTHING, 0))
    for more, expected in ((0, True), (1, False)):
        changed = empty.mutate(**{whole: len(parts)} | dict.fromkeys(parts, 1) | {parts[0]: 1 + more})
        assert holds("parts do not exceed the whole", changed) == [expected]


@pytest.mark.parametrize(
    "kind",
    [
        "quantidade_contratos_compra_propria",
        "quantidade_contratos_compra_alheia",
        "quantidade_contratos_sem_compra",
    ],
)
def test_the_rule_catches_a_contract_of_no_kind_or_two(tables, kind):
    made, _ = tables((), [{}])
    assert not any(
        holds(
            "a contract is of an own purchase, of another's, or says of none",
            made.mutate(**{kind: made[kind] + 1}),
        )
    )


def test_the_rule_catches_a_row_of_nothing(tables):
    made, _ = tables([{}], [{}])
    rule = "a row is of purchases or contracts"
    for changes, expected in (
        ({"quantidade_compras": 0}, True),
        ({"quantidade_contratos": 0}, True),
        ({"quantidade_compras": 0, "quantidade_contratos": 0}, False),
    ):
        assert holds(rule, made.mutate(**changes)) == [expected]


@pytest.mark.parametrize(
    ("change", "good"),
    [
        pytest.param({}, True, id="good"),
        pytest.param({"primeira_publicacao": date(2025, 6, 25)}, False, id="reversed"),
        pytest.param({"primeira_publicacao": date(2024, 12, 31)}, False, id="of another year"),
        pytest.param({"ano": 2024}, False, id="in another year"),
    ],
)
def test_the_rule_catches_days_out_of_the_year(tables, change, good):
    made, _ = tables([{}], [{}])
    rule = "the first day is not after the last, both are of the year, and without it none"
    assert holds(rule, made.mutate(**change)) == [good]


@pytest.mark.parametrize(("name", "known"), MEASURED.items())
def test_the_rule_catches_a_measure_of_nothing_and_none_of_something(tables, name, known):
    made, _ = tables([BOTH | {"dias_proposta": 1}], [TERM])
    rule = "means, medians and the discount are there when something was measured"
    assert holds(rule, made) == [True]
    assert holds(rule, made.mutate(**{known: 0})) == [False]
    assert holds(rule, made.mutate(**{name: made[name].nullif(made[name])})) == [False]


def test_sums_of_the_real_answers_found_in_plain_python(real, real_records):
    expected = defaultdict(lambda: defaultdict(list))
    for record in real_records["contratacoes"]:
        key = (record["orgaoEntidade"]["cnpj"], int(record["dataPublicacaoPncp"][:4]))
        expected[key]["compras"].append(record)
    for record in real_records["contratos"]:
        if record["tipoContrato"]["id"] != 7 and not record["receita"]:
            key = (record["orgaoEntidade"]["cnpj"], int(record["dataPublicacaoPncp"][:4]))
            expected[key]["contratos"].append(record)
    found = {(row["cnpj_orgao"], row["ano"]): row for row in real("mart_procurement")}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        compras, contratos = expected[key]["compras"], expected[key]["contratos"]
        assert row["quantidade_compras"] == len(compras)
        assert row["quantidade_contratos"] == len(contratos)
        assert row["quantidade_sem_resultado"] == sum(one["valorTotalHomologado"] is None for one in compras)
        assert row["valor_contratos"] == added(contratos, "valorGlobal")
        zero = [one for one in compras if one["valorTotalHomologado"] == 0]
        assert row["quantidade_homologacao_zero"] == len(zero)
        days = [date.fromisoformat(one["dataPublicacaoPncp"][:10]) for one in compras + contratos]
        assert (row["primeira_publicacao"], row["ultima_publicacao"]) == (min(days), max(days))
        assert row["valor_estimado"] + row["valor_estimado_suspeito"] == added(compras, "valorTotalEstimado")
        awarded = row["valor_homologado"] + row["valor_homologado_suspeito"]
        assert awarded == added(compras, "valorTotalHomologado")
        own = [one for one in contratos if one["numeroControlePncpCompra"][:14] == key[0]]
        assert row["quantidade_contratos_compra_propria"] == len(own)
        assert row["quantidade_contratos_compra_alheia"] == len(contratos) - len(own)


def added(records, field) -> Decimal:
    return sum((Decimal(str(record[field] or 0)) for record in records), Decimal(0))


def test_days_of_the_real_contracts_found_in_plain_python(real, real_records):
    days = defaultdict(list)
    for one in real_records["contratos"]:
        if one["tipoContrato"]["id"] == 7 or one["receita"]:
            continue
        start, end = (
            date.fromisoformat(one[name][:10]) for name in ("dataVigenciaInicio", "dataVigenciaFim")
        )
        signed, published = (int(one[name][:4]) for name in ("dataAssinatura", "dataPublicacaoPncp"))
        latest = max(signed, start.year, end.year)
        if start <= end and end.year - signed <= 35 and latest - published <= 35:
            days[one["orgaoEntidade"]["cnpj"], published].append((end - start).days)
    measured = {
        (row["cnpj_orgao"], row["ano"]): (row["media_dias_contrato"], row["mediana_dias_contrato"])
        for row in real("mart_procurement")
        if row["quantidade_contratos_com_dias"]
    }
    assert measured == {
        key: (round(Decimal(mean(known)), 4), Decimal(median(known))) for key, known in days.items()
    }
