from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baliza.pncp.endpoints import CONTRATOS, MAX_WINDOW_DAYS
from baliza.pncp.windows import days_of, halves, months, windows
from baliza.warehouse.landing import Window

START = date(2025, 1, 1)
DAYS = st.sets(st.integers(0, 900), max_size=60).map(
    lambda ns: [START + timedelta(days=n) for n in sorted(ns)]
)


def run(first: int, count: int) -> list[date]:
    return [START + timedelta(days=first + n) for n in range(count)]


@given(days=DAYS, widest=st.integers(1, 400))
def test_windows_ask_for_exactly_the_days_given(days: list[date], widest: int):
    made = windows(CONTRATOS, "cnpj=1", days, widest=widest)
    assert [day for window in made for day in days_of(window)] == days
    assert all(len(days_of(window)) <= widest for window in made)


@pytest.mark.parametrize(
    ("slice_", "days", "lengths"),
    [
        pytest.param("", run(0, 3), [1, 1, 1], id="whole country day by day"),
        pytest.param("cnpj=1", run(0, 365), [365], id="a slice by the year"),
        pytest.param("cnpj=1", run(0, 800), [365, 365, 70], id="longer than PNCP allows"),
        pytest.param("cnpj=1", run(0, 2) + run(5, 3), [2, 3], id="a gap is not asked for"),
        pytest.param("", [], [], id="nothing to ask"),
    ],
)
def test_window_widths(slice_: str, days: list[date], lengths: list[int]):
    made = windows(CONTRATOS, slice_, days)
    assert [len(days_of(window)) for window in made] == lengths
    assert all((window.until - window.since).days <= MAX_WINDOW_DAYS for window in made)
    assert {(window.endpoint, window.slice) for window in made} <= {("contratos", slice_)}


@given(first=st.integers(0, 500), count=st.integers(2, 400))
def test_halves_are_the_window_and_about_equal(first: int, count: int):
    days = run(first, count)
    left, right = halves(Window("contratos", "cnpj=1", days[0], days[-1]))
    assert days_of(left) + days_of(right) == days
    assert abs(len(days_of(left)) - len(days_of(right))) <= 1
    assert {left.slice, right.slice} == {"cnpj=1"}


def test_months_end_with_the_month_and_at_gaps():
    days = [*run(0, 40), date(2025, 2, 20), date(2026, 2, 21)]
    assert months(days) == [
        (date(2025, 1, 1), date(2025, 1, 31)),
        (date(2025, 2, 1), date(2025, 2, 9)),
        (date(2025, 2, 20), date(2025, 2, 20)),
        (date(2026, 2, 21), date(2026, 2, 21)),
    ]
