from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baliza.pncp.endpoints import ENDPOINTS, MAX_WINDOW_DAYS, SELDOM_USED
from baliza.pncp.windows import days_of, halves, widest_window, windows
from baliza.warehouse.landing import Window

START = date(2025, 1, 1)
DAYS = st.sets(st.integers(0, 900), max_size=60).map(
    lambda ns: [START + timedelta(days=n) for n in sorted(ns)]
)


def run(first: int, count: int) -> list[date]:
    return [START + timedelta(days=first + n) for n in range(count)]


@given(days=DAYS, widest=st.integers(1, 400))
def test_windows_ask_for_exactly_the_days_given(days: list[date], widest: int):
    made = windows(ENDPOINTS["contratos"], "cnpj=1", days, widest=widest)
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
    made = windows(ENDPOINTS["contratos"], slice_, days)
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


@pytest.mark.parametrize(
    ("endpoint", "slice_", "modalidade", "widest"),
    [
        pytest.param("contratos", "", 0, 1, id="a busy endpoint day by day"),
        pytest.param("contratos", "cnpj=1", 0, MAX_WINDOW_DAYS, id="a slice in the widest"),
        pytest.param("contratacoes_publicacao", "", 8, 1, id="a busy modalidade day by day"),
        pytest.param("contratacoes_publicacao", "", 1, 30, id="a quiet modalidade by the month"),
        pytest.param(
            "contratacoes_publicacao", "", 10, MAX_WINDOW_DAYS, id="a rare modalidade in the widest"
        ),
        pytest.param(
            "contratacoes_publicacao", "uf=AC", 8, MAX_WINDOW_DAYS, id="a slice of a busy modalidade"
        ),
        pytest.param("contratacoes_proposta", "", 10, 1, id="a snapshot is of its day alone"),
        pytest.param("contratacoes_proposta", "uf=AC", 8, 1, id="so is a slice of it"),
        pytest.param("atas_vigencia", "cnpj=1", 0, 1, id="what is in force on each day"),
        pytest.param("pca_classe", "classe=859", 0, 1, id="a year under its first day"),
    ],
)
def test_how_wide(endpoint: str, slice_: str, modalidade: int, widest: int):
    assert widest_window(ENDPOINTS[endpoint], slice_, modalidade) == widest
    days = run(0, 500)
    lengths = [
        len(days_of(window)) for window in windows(ENDPOINTS[endpoint], slice_, days, modalidade=modalidade)
    ]
    assert max(lengths) == widest


def test_no_modalidade_is_both_rare_and_busy():
    for endpoint in ENDPOINTS.values():
        assert not SELDOM_USED & set(endpoint.pages_by_modalidade), endpoint.id


def test_windows_and_their_halves_keep_the_modalidade_and_the_items():
    (window,) = windows(ENDPOINTS["contratacoes_publicacao"], "", run(0, 9), modalidade=10)
    assert (window.modalidade, window.items) == (10, ())
    with_items = replace(window, items=(1, 3))
    assert {(half.modalidade, half.items) for half in halves(with_items)} == {(10, (1, 3))}


def test_365_days_is_what_pncp_takes():
    """Its limit is of the difference between the two days, so 366 days would do too: one is left as a margin."""
    (first, *_) = windows(ENDPOINTS["contratos"], "cnpj=1", run(0, 800))
    assert (first.until - first.since).days == 364
