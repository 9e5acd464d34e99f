from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows import parameters
from dataflows.contract import MONEY
from dataflows.stage.verdicts import (
    BUCKETS,
    DATE_VERDICTS,
    PROPOSAL_VERDICTS,
    RESULT_VERDICTS,
    VALUE_VERDICTS,
    amount_verdict,
    bucket,
    change_verdict,
    date_verdict,
    estimate_verdict,
    proposal_verdict,
    result_verdict,
    value_verdict,
)

DEFAULTS = parameters.inputs()
OF_VALUE = ("suspect_value", "review_value", "suspect_growth", "review_growth", "suspect_nines")
OF_AMOUNT = ("suspect_value", "review_value", "suspect_nines")
OF_DATE = ("earliest_year", "longest_term")


def decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.fixture
def value_verdicts(table):
    """The verdicts on pairs of (value, initial)."""

    def verdicts(*pairs, **changed: int) -> list[str]:
        rows = [
            {"n": n, "value": decimal(value), "initial": decimal(initial)}
            for n, (value, initial) in enumerate(pairs)
        ]
        amounts = table({"n": "int64", "value": MONEY, "initial": MONEY}, *rows)
        limits = {name: DEFAULTS[name] for name in OF_VALUE} | changed
        judged = amounts.select(
            "n", verdict=value_verdict(amounts.value, amounts.initial, **limits)
        ).order_by("n")
        return judged.verdict.to_pyarrow().to_pylist()

    return verdicts


@pytest.mark.parametrize(
    ("value", "initial", "expected"),
    [
        pytest.param(None, None, "ok", id="null"),
        pytest.param(None, "1", "ok", id="null beside an initial value"),
        pytest.param("0.01", "0.01", "ok", id="one centavo"),
        pytest.param("-0.01", None, "suspect", id="negative"),
        pytest.param("0", None, "review", id="zero"),
        pytest.param("0", "100", "review", id="zero beside an initial value"),
        pytest.param("999999998.99", None, "ok", id="below 1 billion"),
        pytest.param("1000000000", None, "review", id="1 billion"),
        pytest.param("9999999998.99", None, "review", id="below 10 billion"),
        pytest.param("10000000000", None, "suspect", id="10 billion"),
        pytest.param("99999999999999999999", None, "suspect", id="the largest there can be"),
        pytest.param("999999.00", None, "suspect", id="six nines"),
        pytest.param("99.00", None, "ok", id="two nines"),
        pytest.param("99999", None, "ok", id="five nines"),
        pytest.param("999.99", None, "ok", id="five nines, two of them decimals"),
        pytest.param("9999.99", None, "suspect", id="six nines, two of them decimals"),
        pytest.param("9999.9900", None, "suspect", id="decimal zeros dropped"),
        pytest.param("99.9999", None, "suspect", id="six nines, four of them decimals"),
        pytest.param("9999999999999.99", None, "suspect", id="fifteen nines"),
        pytest.param("99999900.00", None, "ok", id="nines, then zeros that are no decimals"),
        pytest.param("9999990", None, "ok", id="nines, then one zero"),
        pytest.param("999999.90", None, "suspect", id="seven nines, one of them a decimal"),
        pytest.param("999999.09", None, "ok", id="a zero among the nines"),
        pytest.param("1999999.99", None, "ok", id="another digit in front"),
        pytest.param("999998.99", None, "ok", id="another digit inside"),
        pytest.param("99.99", "10", "ok", id="growth below 10"),
        pytest.param("100", "10", "review", id="growth 10"),
        pytest.param("999.98", "10", "review", id="growth below 100"),
        pytest.param("1000", "10", "suspect", id="growth 100"),
        pytest.param("1000", "0", "ok", id="initial zero"),
        pytest.param("1000", None, "ok", id="initial null"),
        pytest.param("1000", "-1", "ok", id="initial negative"),
        pytest.param("0.0100", "0.0001", "suspect", id="growth of the smallest amounts"),
        pytest.param("99999999999999999999.9998", "99999999999999999999.9999", "suspect", id="no overflow"),
        pytest.param("100", "99999999999999999999", "ok", id="a smaller value than the initial"),
    ],
)
def test_value_verdict(value_verdicts, value, initial, expected):
    assert value_verdicts((value, initial)) == [expected]


@pytest.mark.parametrize(
    ("changed", "pair", "expected"),
    [
        pytest.param({"suspect_value": 50}, ("50", None), "suspect", id="suspect_value"),
        pytest.param({"review_value": 50}, ("50", None), "review", id="review_value"),
        pytest.param({"suspect_growth": 2}, ("50", "25"), "suspect", id="suspect_growth"),
        pytest.param({"review_growth": 2}, ("50", "25"), "review", id="review_growth"),
        pytest.param({"suspect_nines": 2}, ("99", None), "suspect", id="suspect_nines"),
        pytest.param({"suspect_nines": 7}, ("999999", None), "ok", id="more nines"),
    ],
)
def test_value_verdict_follows_its_parameters(value_verdicts, changed, pair, expected):
    assert value_verdicts(pair) != [expected]
    assert value_verdicts(pair, **changed) == [expected]


def rule(value: Decimal | None, initial: Decimal | None) -> str:
    """The rule of design.md once more, in plain Python."""
    if value is None:
        return "ok"
    whole, _, decimals = f"{value:f}".partition(".")
    digits = whole + decimals.rstrip("0")
    grown = value / initial if initial is not None and initial > 0 else 0
    if value < 0 or value >= 10**10 or (len(digits) >= 6 and set(digits) == {"9"}) or grown >= 100:
        return "suspect"
    if value == 0 or value >= 10**9 or grown >= 10:
        return "review"
    return "ok"


def rule_of_estimate(estimated: Decimal | None, awarded: Decimal | None) -> str:
    """The rule of an amount that stands alone, or what is awarded of it if that is the worse."""
    if estimated is None:
        return "ok"
    grown = awarded / estimated if awarded is not None and estimated > 0 else 0
    worse = "suspect" if grown >= 100 else "review" if grown >= 10 else "ok"
    return max(rule(estimated, None), worse, key=VALUE_VERDICTS.index)


NINES = st.builds(
    lambda nines, places: Decimal("9" * nines).scaleb(-places), st.integers(1, 18), st.integers(0, 4)
)
AMOUNTS = st.none() | NINES | st.decimals(-(10**6), 10**12, places=4) | st.integers(0, 10**11).map(Decimal)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=20, max_size=40))
def test_any_value_has_exactly_one_verdict(pairs):
    import ibis
    import pyarrow as pa

    money = pa.decimal128(24, 4)
    columns = zip(*pairs, strict=True)
    arrays = [
        pa.array([None if v is None else v.quantize(Decimal("0.0001")) for v in column], money)
        for column in columns
    ]
    amounts = ibis.memtable(pa.table([*arrays, pa.array(range(len(pairs)))], names=["value", "initial", "n"]))
    limits = {name: DEFAULTS[name] for name in OF_VALUE}
    alone = {name: DEFAULTS[name] for name in OF_AMOUNT}
    judged = amounts.select(
        "n",
        verdict=value_verdict(amounts.value, amounts.initial, **limits),
        alone=amount_verdict(amounts.value, **alone),
        estimate=estimate_verdict(amounts.initial, amounts.value, **limits),
    ).order_by("n")
    found = judged.to_pyarrow().to_pydict()
    assert set(found["verdict"]) <= set(VALUE_VERDICTS)
    assert found["verdict"] == [rule(value, initial) for value, initial in pairs]
    assert found["alone"] == [rule(value, None) for value, _ in pairs]
    assert found["estimate"] == [rule_of_estimate(initial, value) for value, initial in pairs]


@pytest.mark.parametrize(
    ("signed", "start", "end", "published", "expected"),
    [
        pytest.param(None, None, None, None, "ok", id="all null"),
        pytest.param("2024-01-01", "2024-01-01", "2024-12-31", "2024-01-02", "ok", id="an ordinary contract"),
        pytest.param("1989-12-31", None, None, None, "implausible", id="signed before 1990"),
        pytest.param("1990-01-01", None, None, None, "ok", id="signed in 1990"),
        pytest.param(None, "1900-01-01", None, None, "implausible", id="starts before 1990"),
        pytest.param(None, "1990-01-01", None, None, "ok", id="starts in 1990"),
        pytest.param(None, None, "0001-01-01", None, "implausible", id="ends in the year 1"),
        pytest.param(None, None, "1990-01-01", None, "ok", id="ends in 1990"),
        pytest.param("2025-06-30", None, "2060-12-31", None, "ok", id="35 years after signature"),
        pytest.param("2025-06-30", None, "2061-01-01", None, "implausible", id="36 years after signature"),
        pytest.param(None, None, "2060-12-31", "2025-06-30", "ok", id="35 years after publication"),
        pytest.param(None, None, "2061-01-01", "2025-06-30", "implausible", id="36 years after publication"),
        pytest.param(
            "2024-12-31", None, "2060-01-01", "2025-06-30", "implausible", id="36 years after signature alone"
        ),
        pytest.param(
            "2026-01-01",
            None,
            "2061-01-01",
            "2025-06-30",
            "implausible",
            id="36 years after publication alone",
        ),
        pytest.param(
            "2060-12-31", None, None, "2025-06-30", "signed_after_publication", id="signed 35 years late"
        ),
        pytest.param("2061-01-01", None, None, "2025-06-30", "implausible", id="signed 36 years late"),
        pytest.param(None, "2060-12-31", None, "2025-06-30", "ok", id="starts 35 years later"),
        pytest.param(None, "2061-01-01", None, "2025-06-30", "implausible", id="starts 36 years later"),
        pytest.param(
            "7203-01-01", "7203-01-01", "7204-01-01", "2025-06-30", "implausible", id="year 7203 in all dates"
        ),
        pytest.param(
            "2024-01-01", "7203-01-01", None, "2025-06-30", "implausible", id="starts in 7203 without end"
        ),
        pytest.param("2005-01-01", "2005-01-01", "2040-12-31", "2025-06-30", "ok", id="published late"),
        pytest.param("2025-01-01", "2025-01-01", "7203-07-27", None, "implausible", id="year 7203"),
        pytest.param("2024-01-01", "2024-05-02", "2024-05-01", None, "reversed", id="ends before it starts"),
        pytest.param("2024-01-01", "2024-05-01", "2024-05-01", None, "ok", id="a single day"),
        pytest.param(
            "2024-01-03", None, None, "2024-01-02", "signed_after_publication", id="signed after publication"
        ),
        pytest.param("2024-01-02", None, None, "2024-01-02", "ok", id="signed on the day of publication"),
        pytest.param(
            "1900-01-01",
            "2024-05-02",
            "2024-05-01",
            "1899-01-01",
            "implausible",
            id="implausible comes first",
        ),
        pytest.param(
            "2024-06-01", "2024-05-02", "2024-05-01", "2024-01-01", "reversed", id="reversed comes second"
        ),
        pytest.param(None, "2024-01-01", "2024-12-31", None, "ok", id="neither signature nor publication"),
    ],
)
def test_date_verdict(table, signed, start, end, published, expected):
    row = {
        name: text and date.fromisoformat(text)
        for name, text in (("signed", signed), ("start", start), ("end", end))
    }
    row["published"] = published and datetime.fromisoformat(f"{published}T00:00:01")
    dates = table({"signed": "date", "start": "date", "end": "date", "published": "timestamp"}, row)
    limits = {name: DEFAULTS[name] for name in OF_DATE}
    verdict = date_verdict(dates.signed, dates.start, dates.end, dates.published, **limits)
    assert expected in DATE_VERDICTS
    assert dates.select(verdict=verdict).to_pyarrow().to_pylist() == [{"verdict": expected}]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [({"earliest_year": 2025}, "implausible"), ({"longest_term": 0}, "implausible"), ({}, "ok")],
    ids=["earliest_year", "longest_term", "defaults"],
)
def test_date_verdict_follows_its_parameters(table, limit, expected):
    dates = table({"signed": "date", "end": "date"}, {"signed": date(2024, 1, 1), "end": date(2025, 1, 1)})
    limits = {name: DEFAULTS[name] for name in OF_DATE} | limit
    published = dates.signed.cast("timestamp")
    verdict = date_verdict(dates.signed, dates.signed, dates.end, published, **limits)
    assert dates.select(verdict=verdict).to_pyarrow().to_pylist() == [{"verdict": expected}]


@pytest.mark.parametrize(
    ("receita", "verdict", "empenho", "expected"),
    [
        pytest.param(True, "suspect", True, "income", id="income goes before all"),
        pytest.param(True, "ok", False, "income", id="income"),
        pytest.param(False, "suspect", True, "suspect", id="suspect goes before empenho"),
        pytest.param(False, "suspect", False, "suspect", id="suspect"),
        pytest.param(False, "review", True, "empenho", id="empenho under review"),
        pytest.param(False, "ok", True, "empenho", id="empenho"),
        pytest.param(False, "review", False, "contract", id="contract under review"),
        pytest.param(False, "ok", False, "contract", id="contract"),
        pytest.param(None, "ok", False, "contract", id="null receita is expense"),
        pytest.param(None, "ok", True, "empenho", id="null receita of an empenho"),
        pytest.param(None, "suspect", False, "suspect", id="null receita of a suspect"),
    ],
)
def test_bucket(table, receita, verdict, empenho, expected):
    schema = {"receita": "boolean", "verdict": "string", "empenho": "boolean"}
    rows = table(schema, {"receita": receita, "verdict": verdict, "empenho": empenho})
    assert expected in BUCKETS
    placed = rows.select(bucket=bucket(rows.receita, rows.verdict, rows.empenho))
    assert placed.to_pyarrow().to_pylist() == [{"bucket": expected}]


@pytest.mark.parametrize(
    ("opening", "closing", "published", "expected"),
    [
        pytest.param(None, None, None, "ok", id="all null"),
        pytest.param("2025-01-02T08:00", "2025-01-10T08:00", "2025-01-02T07:00", "ok", id="ordinary"),
        pytest.param(
            "2025-01-01T08:00", "2025-01-10T08:00", "2025-01-02T07:00", "ok", id="opens unpublished"
        ),
        pytest.param("2025-01-02T08:00", "2025-01-02T08:00", None, "ok", id="opens and closes at once"),
        pytest.param("2025-01-02T08:00", "2025-01-02T07:59", None, "reversed", id="closes a minute too soon"),
        pytest.param(
            None, "2025-01-02T07:59", "2025-01-02T08:00", "closed_before_publication", id="closed unpublished"
        ),
        pytest.param(None, "2025-01-02T08:00", "2025-01-02T08:00", "ok", id="closes when published"),
        pytest.param(
            "2025-01-02T08:00",
            "2025-01-01T08:00",
            "2025-01-03T08:00",
            "reversed",
            id="reversed goes before closed unpublished",
        ),
        pytest.param("0001-01-01T00:00", None, None, "implausible", id="opens in the year 1"),
        pytest.param("1990-01-01T00:00", None, None, "ok", id="opens in 1990"),
        pytest.param(None, "1989-12-31T00:00", None, "implausible", id="closes before 1990"),
        pytest.param(None, "1990-01-01T00:00", None, "ok", id="closes in 1990"),
        pytest.param("2025-06-01T00:00", "2035-12-31T00:00", None, "ok", id="open for 10 years"),
        pytest.param("2025-06-01T00:00", "2036-01-01T00:00", None, "implausible", id="open for 11 years"),
        pytest.param(
            None, "2036-01-01T00:00", "2025-06-01T00:00", "implausible", id="11 years from publication"
        ),
        pytest.param(None, "2035-12-31T00:00", "2025-06-01T00:00", "ok", id="10 years from publication"),
        pytest.param(
            "2026-06-01T00:00",
            "2036-01-01T00:00",
            "2025-06-01T00:00",
            "implausible",
            id="11 years from publication alone",
        ),
        pytest.param(
            "2024-12-31T00:00",
            "2035-01-01T00:00",
            "2025-06-01T00:00",
            "implausible",
            id="11 years from opening alone",
        ),
        pytest.param("2035-12-31T00:00", None, "2025-06-01T00:00", "ok", id="opens 10 years later"),
        pytest.param("2036-01-01T00:00", None, "2025-06-01T00:00", "implausible", id="opens 11 years later"),
        pytest.param(
            "7203-01-01T00:00",
            "7203-01-11T00:00",
            "2025-06-01T00:00",
            "implausible",
            id="year 7203 in both dates",
        ),
        pytest.param(
            "2025-01-01T00:00",
            "1900-01-01T00:00",
            "2025-01-01T00:00",
            "implausible",
            id="implausible comes first",
        ),
    ],
)
def test_proposal_verdict(table, opening, closing, published, expected):
    names = ("opening", "closing", "published")
    row = {
        name: text and datetime.fromisoformat(text)
        for name, text in zip(names, (opening, closing, published), strict=True)
    }
    dates = table(dict.fromkeys(names, "timestamp"), row)
    limits = {name: DEFAULTS[name] for name in ("earliest_year", "longest_proposal")}
    verdict = proposal_verdict(dates.opening, dates.closing, dates.published, **limits)
    assert expected in PROPOSAL_VERDICTS
    assert dates.select(verdict=verdict).to_pyarrow().to_pylist() == [{"verdict": expected}]


@pytest.mark.parametrize(
    ("decided", "included", "expected"),
    [
        pytest.param(None, None, "ok", id="null"),
        pytest.param("2025-01-01", "2025-01-02", "ok", id="ordinary"),
        pytest.param("2025-01-02", "2025-01-02", "ok", id="entered on the day"),
        pytest.param("2025-01-03", "2025-01-02", "dated_after_inclusion", id="entered the day before"),
        pytest.param("2025-01-03", None, "ok", id="entered nobody knows when"),
        pytest.param("0001-01-01", "2025-01-02", "implausible", id="year 1"),
        pytest.param("1900-01-01", "2025-01-02", "implausible", id="year 1900"),
        pytest.param("1989-12-31", "1980-01-01", "implausible", id="implausible comes first"),
        pytest.param("1990-01-01", "2025-01-02", "ok", id="1990"),
        pytest.param("9999-12-31", "2025-01-02", "dated_after_inclusion", id="year 9999"),
    ],
)
def test_result_verdict(table, decided, included, expected):
    row = {
        "decided": decided and date.fromisoformat(decided),
        "included": included and datetime.fromisoformat(f"{included}T00:00:01"),
    }
    dates = table({"decided": "date", "included": "timestamp"}, row)
    verdict = result_verdict(dates.decided, dates.included, earliest_year=DEFAULTS["earliest_year"])
    assert expected in RESULT_VERDICTS
    assert dates.select(verdict=verdict).to_pyarrow().to_pylist() == [{"verdict": expected}]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param("0", "ok", id="zero: nothing was added"),
        pytest.param(None, "ok", id="null"),
        pytest.param("-0.01", "ok", id="taken away"),
        pytest.param("99999.00", "ok", id="five nines"),
        pytest.param("999999.00", "suspect", id="six nines"),
        pytest.param("-999999.00", "suspect", id="six nines taken away"),
        pytest.param("999999999.99", "suspect", id="eleven nines"),
        pytest.param("999999998.99", "ok", id="below what wants a look"),
        pytest.param("1000000000", "review", id="wants a look"),
        pytest.param("-1000000000", "review", id="wants a look, taken away"),
        pytest.param("9999999998.99", "review", id="below suspect"),
        pytest.param("10000000000", "suspect", id="suspect"),
        pytest.param("-10000000000", "suspect", id="suspect, taken away"),
    ],
)
def test_change_verdict(table, change, expected):
    amounts = table({"change": MONEY}, {"change": decimal(change)})
    limits = {name: DEFAULTS[name] for name in ("suspect_value", "review_value", "suspect_nines")}
    (row,) = amounts.select(verdict=change_verdict(amounts.change, **limits)).to_pyarrow().to_pylist()
    assert row["verdict"] == expected
