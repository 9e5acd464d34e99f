import csv
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import pytest

from dataflows import code_tables, law
from dataflows.law import Law, Provision

CALLED = "2025-06-02"
LIMITS = {
    "2021-04-01": ("100000.00", "50000.00"),
    "2022-01-01": ("108040.82", "54020.41"),
    "2023-01-01": ("114416.65", "57208.33"),
    "2024-01-01": ("119812.02", "59906.02"),
    "2025-01-01": ("125451.15", "62725.59"),
    "2026-01-01": ("130984.20", "65492.11"),
}


def found(expression, **row):
    types = {"day": "date", "moment": "timestamp", "code": "int32", "text": "string"}
    schema = {name: types[name] for name in row}
    table = ibis.memtable({name: [value] for name, value in row.items()}, schema=schema)
    return table.select(found=expression(table)).to_pyarrow()["found"].to_pylist()[0]


def value_on(name, day, code):
    return found(lambda row: law.load(name).value_on(row.day, row.code), day=day, code=code)


def rows(name):
    file = Path(law.__file__).with_suffix("") / f"{name}.csv"
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def spans(name):
    """The provisions of each case and article, in order of time."""
    known = {}
    for provision in sorted(law.load(name).provisions, key=lambda one: one.since):
        article = provision.norm.partition(", ")[2]
        for case in provision.cases:
            known.setdefault((case, article), []).append(provision)
    return known


@pytest.mark.parametrize(("code", "column"), [(18, 0), (19, 1)], ids=["works", "the rest"])
@pytest.mark.parametrize("since", LIMITS)
def test_direct_limits_from_their_first_day(since, code, column):
    assert value_on("direct_limits", date.fromisoformat(since), code) == Decimal(LIMITS[since][column])


@pytest.mark.parametrize(
    ("day", "code", "limit"),
    [
        pytest.param(date(2021, 3, 31), 19, None, id="the day before the law"),
        pytest.param(date(2021, 12, 31), 19, "50000.00", id="last day of a limit"),
        pytest.param(date(2025, 12, 31), 18, "125451.15", id="last day of another"),
        pytest.param(date(2026, 12, 31), 18, "130984.20", id="last day of the last one"),
        pytest.param(date(2027, 1, 1), 18, None, id="not beyond its year"),
        pytest.param(date(2025, 1, 1), 20, None, id="another amparo legal"),
        pytest.param(None, 19, None, id="no day"),
        pytest.param(date(2025, 1, 1), None, None, id="no code"),
    ],
)
def test_the_limit_of_a_day(day, code, limit):
    assert value_on("direct_limits", day, code) == (limit and Decimal(limit))


def test_a_moment_is_of_its_day():
    limits = law.load("direct_limits")
    last = datetime(2021, 12, 31, 23, 59)  # noqa: DTZ001
    assert found(lambda row: limits.value_on(row.moment, "19"), moment=last) == Decimal("50000.00")


def test_codes_may_be_text():
    limits = law.load("direct_limits")
    assert found(lambda row: limits.value_on(ibis.date(CALLED), row.text), text="18") == Decimal("125451.15")


def test_a_case_said_once_for_all_rows():
    limits = law.load("direct_limits")
    assert found(lambda row: limits.value_on(row.day, "18"), day=date(2024, 2, 29)) == Decimal("119812.02")
    assert found(lambda row: limits.value_on(row.day, "18"), day=date(2020, 2, 29)) is None


def test_a_case_the_law_does_not_know_is_a_mistake():
    with pytest.raises(KeyError, match="growth_limits says nothing of aluguel"):
        law.load("growth_limits").value_on(ibis.date(CALLED), "aluguel")


LEAST = {
    3: (8,),
    8: (4, 5, 6, 7, 16, 17, 18, 19),
    15: (1, 13),
    25: (2,),
    35: (3,),
    None: (9, 10, 11, 12, 14, 15),
}


@pytest.mark.parametrize(
    ("modalidade", "days"), [(code, days) for days, codes in LEAST.items() for code in codes]
)
def test_the_least_proposal_period_of_each_modalidade(modalidade, days):
    assert str(modalidade) in code_tables.labels("modalidade")
    assert value_on("proposal_periods", date.fromisoformat(CALLED), modalidade) == days


def test_every_case_of_article_55_is_there():
    assert sorted((row["dispositivo"], int(row["valor"])) for row in rows("proposal_periods")) == [
        ("art. 32, § 1º, I", 25),
        ("art. 55, I, a", 8),
        ("art. 55, I, b", 15),
        ("art. 55, II, a", 10),
        ("art. 55, II, b", 25),
        ("art. 55, II, c", 60),
        ("art. 55, II, d", 35),
        ("art. 55, III", 15),
        ("art. 55, IV", 35),
        ("art. 75, § 3º", 3),
    ]


@pytest.mark.parametrize(
    ("name", "case", "value", "norm"),
    [
        ("publication_periods", "licitacao", 20, "Lei 14.133/2021, art. 94, I"),
        ("publication_periods", "contratacao_direta", 10, "Lei 14.133/2021, art. 94, II"),
        ("growth_limits", "geral", 25, "Lei 14.133/2021, art. 125"),
        ("growth_limits", "reforma", 50, "Lei 14.133/2021, art. 125"),
        ("proposal_periods", "4", 8, "Lei 14.133/2021, art. 55, I, a"),
        ("direct_limits", "19", Decimal("62725.59"), "Decreto 12.343/2024, art. 75, II"),
    ],
)
def test_value_and_norm(name, case, value, norm):
    table = law.load(name)
    day = date.fromisoformat(CALLED)
    assert found(lambda row: table.value_on(row.day, case), day=day) == value
    assert found(lambda row: table.norm_on(row.day, case), day=day) == norm


def test_where_several_hold_the_least_counts_and_is_named():
    more = Provision(("a",), Decimal(9), "2021-01-01", None, "more", "")
    less = Provision(("a", "b"), Decimal(7), "2022-01-01", "2022-12-31", "less", "")
    table = Law("made", dt.int32, (less, more))
    values = [
        (
            found(lambda row: table.value_on(row.day, "a"), day=day),
            found(lambda row: table.norm_on(row.day, row.text), day=day, text="a"),
        )
        for day in (date(2021, 1, 1), date(2022, 1, 1), date(2022, 12, 31), date(2023, 1, 1))
    ]
    assert values == [(9, "more"), (7, "less"), (7, "less"), (9, "more")]


def test_a_changed_value_changes_the_sql():
    day = ibis.table({"day": "date"}, name="t").day
    one, other = (
        ibis.to_sql(
            Law("made", dt.int32, (Provision(("a",), value, "2021-01-01", None, "", ""),))
            .value_on(day, "a")
            .name("x")
        )
        for value in (Decimal(1), Decimal(2))
    )
    assert one != other


@pytest.mark.parametrize("name", law.TABLES)
def test_spans_follow_one_another_without_hole_or_overlap_and_values_rise(name):
    for provisions in spans(name).values():
        assert provisions[0].since == "2021-04-01", "from the law on"
        assert provisions[-1].until == (
            f"{provisions[-1].since[:4]}-12-31" if name == "direct_limits" else None
        )
        for before, after in pairwise(provisions):
            assert date.fromisoformat(before.until) + timedelta(days=1) == date.fromisoformat(after.since)
            assert before.value < after.value


@pytest.mark.parametrize("name", law.TABLES)
def test_every_row_says_what_it_is_and_where_it_was_read(name):
    for row in rows(name):
        assert row["descricao"]
        assert row["norma"].startswith(("Lei ", "Decreto "))
        assert row["dispositivo"].startswith("art. ")
        assert row["fonte"].startswith(("https://", "http://"))
        assert Decimal(row["valor"]) > 0


@pytest.mark.parametrize("name", ["direct_limits", "proposal_periods"])
def test_cases_are_codes_of_pncp(name):
    table = {"direct_limits": "amparo_legal", "proposal_periods": "modalidade"}[name]
    assert {case for one in law.load(name).provisions for case in one.cases} <= set(code_tables.labels(table))


def test_the_codes_of_the_limits_are_those_of_article_75():
    labels = code_tables.labels("amparo_legal")
    assert (labels["18"], labels["19"]) == ("Lei 14.133/2021, Art. 75, I", "Lei 14.133/2021, Art. 75, II")


def test_inputs_are_named_for_the_graph():
    assert set(law.inputs()) == {f"law_{name}" for name in law.TABLES}
    assert law.inputs()["law_growth_limits"] is law.load("growth_limits")
    files = Path(law.__file__).with_suffix("").glob("*.csv")
    assert {file.stem for file in files} == {*law.TABLES, "norms"}
    assert [law.load(name).name for name in law.TABLES] == list(law.TABLES)


@pytest.mark.parametrize(("name", "dtype"), law.TABLES.items())
def test_the_least_stands_first_and_has_its_type(name, dtype):
    table = law.load(name)
    values = [one.value for one in table.provisions]
    assert values == sorted(values)
    assert table.value_on(ibis.date(CALLED), ibis.literal("4")).type() == dtype


WITHOUT_ADDRESS = {"Decreto 10.922/2021"}


def test_every_norm_has_the_address_of_its_official_text_but_one():
    norms = {row["norma"] for name in law.TABLES for row in rows(name)}
    assert set(law.official_texts()) == norms - WITHOUT_ADDRESS


@pytest.mark.parametrize(("norm", "address"), law.official_texts().items())
def test_an_official_text_is_the_planaltos_of_its_number_and_year(norm, address):
    kind, number, year = re.fullmatch(r"(Lei|Decreto) ([\d.]+)/(\d{4})", norm).groups()
    folder = f"https://www.planalto.gov.br/ccivil_03/_ato[0-9]{{4}}-[0-9]{{4}}/{year}/{kind.lower()}"
    assert re.fullmatch(f"{folder}/[{kind[0]}{kind[0].lower()}]{number.replace('.', '')}.htm", address)


@pytest.mark.parametrize("name", law.TABLES)
def test_what_is_read_once_for_all_cannot_be_changed(name):
    assert hash(law.load(name)) == hash(law.load.__wrapped__(name))
