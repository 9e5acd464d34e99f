from datetime import date, datetime, timedelta

import pytest

A, B = "00394460005887", "11111111000191"
JUNE = {day: date(2025, 6, day) for day in range(1, 31)}
FIELDS = ("primeiro_dia_coberto", "ultimo_dia_coberto", "dias_sem_publicar", "dias_sem_cobertura")


def cells(*days: int, listing: str = "", status: str = "complete", endpoint: str = "contratos") -> list[dict]:
    return [
        {"endpoint": endpoint, "modalidade": 0, "slice": listing, "day": JUNE[day], "status": status}
        for day in days
    ]


def published(*days: int, orgao: str = A) -> list[dict]:
    return [{"cnpj_orgao": orgao, "data_publicacao_pncp": noon(JUNE[day])} for day in days]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - PNCP names no zone


@pytest.fixture
def silence(mart):
    """What is said of each órgão's silence, by órgão."""

    def said(records: list[dict], coverage: list[dict], reference: date = date(2026, 1, 1)) -> dict:
        rows = mart(
            "mart_publication", stage_contratos=records, meta_coverage=coverage, data_referencia=reference
        )
        return {row["cnpj_orgao"]: tuple(row[name] for name in FIELDS) for row in rows}

    return said


@pytest.mark.parametrize(
    ("coverage", "first", "last", "silent", "unknown"),
    [
        pytest.param(cells(*range(1, 21)), 1, 20, 10, 0, id="every day of the country"),
        pytest.param(cells(*range(1, 11)), 1, 10, 0, 0, id="to the day of the last publication"),
        pytest.param(cells(*range(1, 12)), 1, 11, 1, 0, id="to the day after"),
        pytest.param(cells(1, 2, 3), 1, 3, 0, 0, id="heard of after the last day proven"),
        pytest.param(cells(15), 15, 15, 1, 4, id="only later"),
        pytest.param(cells(1, 2, 20), 1, 20, 1, 9, id="a hole is not silence"),
        pytest.param(cells(*range(11, 21), status="empty"), 11, 20, 10, 0, id="empty is proof"),
        pytest.param(cells(11) + cells(12, status="short"), 11, 11, 1, 0, id="short is no proof"),
        pytest.param(cells(11) + cells(12, status="failed"), 11, 11, 1, 0, id="failed is no proof"),
        pytest.param(cells(11) + cells(12, status="pending"), 11, 11, 1, 0, id="pending is no proof"),
        pytest.param(
            cells(11) + cells(12, endpoint="contratos_atualizacao"), 11, 11, 1, 0, id="updates are no proof"
        ),
        pytest.param(
            cells(11) + cells(12, endpoint="contratacoes_publicacao"), 11, 11, 1, 0, id="nor other endpoints"
        ),
        pytest.param(cells(11, 13, listing=f"cnpj={A}"), 11, 13, 2, 1, id="its own listing"),
        pytest.param(cells(5, listing=f"cnpj={A}"), 5, 5, 0, 0, id="its own listing, before"),
        pytest.param(cells(11) + cells(11, listing=f"cnpj={A}"), 11, 11, 1, 0, id="both count once"),
        pytest.param(cells(11) + cells(12, 9, listing=f"cnpj={A}"), 9, 12, 2, 0, id="both, side by side"),
        pytest.param(
            cells(9, 12) + cells(11, listing=f"cnpj={A}"), 9, 12, 2, 0, id="its own within the country's"
        ),
        pytest.param(cells(11) + cells(12, listing=f"cnpj={B}"), 11, 11, 1, 0, id="another's listing"),
        pytest.param(cells(11) + cells(12, listing="uf=SP"), 11, 11, 1, 0, id="a listing of another kind"),
        pytest.param(
            cells(11) + cells(12, listing=A), 11, 11, 1, 0, id="a slice that is no listing of an órgão"
        ),
    ],
)
def test_silence_of_one_that_published_last_on_the_tenth(silence, coverage, first, last, silent, unknown):
    found = silence(published(1, 10), coverage)
    assert found == {A: (JUNE[first], JUNE[last], silent, unknown)}


@pytest.mark.parametrize(
    "coverage",
    [[], cells(11, listing=f"cnpj={B}"), cells(11, status="short")],
    ids=["nothing asked", "only of another", "nothing proven"],
)
def test_nothing_is_known_where_nothing_is_proven(silence, coverage):
    assert silence(published(10), coverage) == {A: (None, None, None, None)}


@pytest.mark.parametrize(
    ("reference", "last", "silent"),
    [(JUNE[20], 20, 10), (JUNE[15], 15, 5), (JUNE[11], 11, 1), (JUNE[10], 10, 0), (JUNE[5], 5, 0)],
    ids=["later than what is proven", "earlier", "one day of silence", "the last publication", "before it"],
)
def test_days_after_the_reference_do_not_count(silence, reference, last, silent):
    found = silence(published(10), cells(*range(1, 21)), reference)
    assert found == {A: (JUNE[1], JUNE[last], silent, 0)}


def test_own_days_after_the_reference_do_not_count(silence):
    coverage = cells(11) + cells(12, 13, listing=f"cnpj={A}")
    assert silence(published(10), coverage, JUNE[12]) == {A: (JUNE[11], JUNE[12], 2, 0)}


def test_each_orgao_has_a_silence_of_its_own(silence):
    coverage = cells(*range(1, 11)) + cells(11, 12, listing=f"cnpj={B}")
    found = silence(published(3) + published(8, orgao=B), coverage)
    assert found == {A: (JUNE[1], JUNE[10], 7, 0), B: (JUNE[1], JUNE[12], 4, 0)}


def test_orgaos_last_heard_of_on_one_day_share_their_days(silence):
    found = silence(published(3) + published(3, orgao=B), cells(4, 5))
    assert found == dict.fromkeys((A, B), (JUNE[4], JUNE[5], 2, 0))


def test_an_unknown_publication_has_no_silence(silence):
    found = silence([{"cnpj_orgao": A}], cells(1, 2) + cells(3, listing=f"cnpj={A}"))
    assert found == {A: (JUNE[1], JUNE[3], None, None)}


def test_silence_may_be_long(silence):
    start = date(2021, 1, 1)
    days = [start + timedelta(days=number) for number in range(1, 1501)]
    coverage = [cell | {"day": day} for cell in cells(1) for day in days]
    found = silence([{"cnpj_orgao": A, "data_publicacao_pncp": noon(start)}], coverage)
    assert found == {A: (days[0], days[-1], 1500, 0)}
