from calendar import isleap
from datetime import date, datetime, timedelta

import pytest

from dataflows import code_tables
from dataflows.ledger import CONTRACTS, PURCHASES
from dataflows.mart.procurement import MartProcurement
from dataflows.mart.proven_days import days_in

A, B = "00394460005887", "11111111000191"
MODALIDADES = tuple(int(code) for code in code_tables.labels("modalidade"))
DAYS = {number: date(2025, 6, number) for number in range(1, 31)}
FIELDS = ("dias_do_ano", "dias_provados_compras", "dias_provados_contratos")


def cells(*days, endpoint=CONTRACTS, listing="", status="complete", modalidades=(0,)) -> list[dict]:
    return [
        {
            "endpoint": endpoint,
            "modalidade": modalidade,
            "slice": listing,
            "day": day if isinstance(day, date) else DAYS[day],
            "status": status,
        }
        for day in days
        for modalidade in modalidades
    ]


def purchases(*days, without=(), only=MODALIDADES, **facts) -> list[dict]:
    asked = [code for code in only if code not in without]
    return cells(*days, endpoint=PURCHASES, modalidades=asked, **facts)


@pytest.fixture
def proven(mart):
    """The days proven of each órgão and year, by mart.procurement, which has both kinds."""

    def said(coverage: list[dict], *years: int | None) -> dict:
        records = [
            {"cnpj_orgao": orgao, "data_publicacao_pncp": year and datetime(year, 6, 1)}  # noqa: DTZ001
            for orgao in (A, B)
            for year in years or (2025,)
        ]
        found = mart("mart_procurement", stage_contratacoes=records, meta_coverage=coverage)
        return {(row["cnpj_orgao"], row["ano"]): tuple(row[name] for name in FIELDS) for row in found}

    return said


@pytest.mark.parametrize(
    ("coverage", "of_a", "of_b"),
    [
        pytest.param([], (0, 0), (0, 0), id="nothing asked for"),
        pytest.param(cells(1, 2, 9), (0, 3), (0, 3), id="the country"),
        pytest.param(cells(1, status="empty"), (0, 1), (0, 1), id="empty is proof"),
        pytest.param(
            cells(1, status="short") + cells(2, status="failed") + cells(3, status="pending"), (0, 0), (0, 0),
            id="nothing else is",
        ),
        pytest.param(cells(1, 2, listing=f"cnpj={A}"), (0, 2), (0, 0), id="an órgão's own"),
        pytest.param(cells(1, 2) + cells(2, 3, listing=f"cnpj={A}"), (0, 3), (0, 2), id="both, none twice"),
        pytest.param(cells(1, listing="uf=SP"), (0, 0), (0, 0), id="a state's is no órgão's"),
        pytest.param(cells(1, endpoint="contratos_atualizacao"), (0, 0), (0, 0), id="updates are no proof"),
        pytest.param(purchases(1, 2), (2, 0), (2, 0), id="every modalidade"),
        pytest.param(purchases(1, 2, without=[7]), (0, 0), (0, 0), id="all but one"),
        pytest.param(purchases(1, without=[7]) + purchases(1, only=[7], status="short"), (0, 0), (0, 0), id="one short"),
        pytest.param(purchases(1, without=[7]) + purchases(1, only=[7], status="empty"), (1, 0), (1, 0), id="one empty"),
        pytest.param(purchases(1, listing=f"cnpj={A}"), (1, 0), (0, 0), id="every modalidade of an órgão"),
        pytest.param(
            purchases(1, without=[7]) + purchases(1, only=[7], listing=f"cnpj={A}"), (1, 0), (0, 0),
            id="the country and the órgão's own, together",
        ),
        pytest.param(
            purchases(1, without=[7]) + purchases(1, only=[6], listing=f"cnpj={A}"), (0, 0), (0, 0),
            id="together, and one is missing",
        ),
        pytest.param(
            purchases(1, without=[7]) + purchases(2, only=[7], listing=f"cnpj={A}"), (0, 0), (0, 0),
            id="of different days",
        ),
        pytest.param(cells(1) + purchases(1, 2), (2, 1), (2, 1), id="contracts and purchases apart"),
    ],
)  # fmt: skip
def test_days_proven_of_an_orgao(proven, coverage, of_a, of_b):
    found = proven(coverage)
    assert (found[A, 2025], found[B, 2025]) == ((365, *of_a), (365, *of_b))


def test_a_day_is_of_its_year(proven):
    found = proven(cells(date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31)), 2023, 2024, None)
    assert found[A, 2023] == (365, 0, 1)
    assert found[A, 2024] == (366, 0, 2)
    assert found[A, None] == (None, None, None)


def test_the_days_of_a_year_are_those_of_the_calendar(table):
    years = table({"ano": "int32"}, *({"ano": ano} for ano in (None, *range(1990, 2201))))
    found = years.select("ano", dias=days_in(years.ano)).to_pyarrow().to_pylist()
    assert {row["ano"]: row["dias"] for row in found} == {
        None: None,
        **{ano: 365 + isleap(ano) for ano in range(1990, 2201)},
    }


@pytest.mark.parametrize("name", ["mart_suppliers", "mart_concentration", "mart_supply"])
def test_what_the_marts_of_contracts_say(mart, name):
    record = {
        "cnpj_orgao": A,
        "ni_fornecedor": B,
        "data_publicacao_pncp": datetime(2025, 6, 1),  # noqa: DTZ001
        "bucket": "contract",
        "verdict": "ok",
        "empenho": False,
    }
    coverage = cells(1, 2) + cells(3, listing=f"cnpj={A}")
    (row,) = mart(name, stage_contratos=[record], meta_coverage=coverage)
    of_orgao = 0 if name == "mart_suppliers" else 1
    assert (row["dias_do_ano"], row["dias_provados_contratos"]) == (365, 2 + of_orgao)


def test_what_the_mart_of_benefits_says(mart):
    number = f"{A}-1-000001/2025"
    item = {
        "numero_controle_pncp_compra": number,
        "numero_item": 1,
        "cnpj_orgao": A,
        "estimate_verdict": "ok",
    }
    purchase = {
        "numero_controle_pncp": number,
        "cnpj_orgao": A,
        "data_publicacao_pncp": datetime(2025, 6, 1),  # noqa: DTZ001
    }
    rows = mart(
        "mart_sme_benefits",
        stage_itens=[item],
        stage_contratacoes=[purchase],
        meta_coverage=purchases(*(date(2025, 1, 1) + timedelta(days=n) for n in range(365))),
    )
    assert [(row["dias_do_ano"], row["dias_provados_compras"]) for row in rows] == [(365, 365)]


@pytest.mark.parametrize(
    ("of_year", "purchases", "contracts", "holds"),
    [
        (365, 365, 0, True),
        (366, 366, 366, True),
        (365, 366, 0, False),
        (365, 0, 366, False),
        (None, None, None, None),
    ],
)
def test_the_rule_catches_more_days_than_the_year_has(table, of_year, purchases, contracts, holds):
    (rule,) = [
        one for one in MartProcurement.rules() if one.name == "no more days are proven than the year has"
    ]
    row = dict(zip(FIELDS, (of_year, purchases, contracts), strict=True))
    made = table(MartProcurement.schema(), row)
    assert made.select(holds=rule.holds(made)).to_pyarrow().to_pylist() == [{"holds": holds}]
