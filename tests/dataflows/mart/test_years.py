from datetime import date, datetime

import pytest

from dataflows.mart.years import days_of_every_year, days_of_year, publication_days, year

NEW_YEAR, NOON, NEW_YEARS_EVE = datetime(2025, 1, 1), datetime(2025, 6, 1, 12), datetime(2025, 12, 31, 23, 59)  # noqa: DTZ001
JANUARY, JUNE, DECEMBER = date(2025, 1, 1), date(2025, 6, 1), date(2025, 12, 31)
DAYS = {"ano": "int32", "primeira_publicacao": "date", "ultima_publicacao": "date"}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(NEW_YEAR, 2025), (NEW_YEARS_EVE, 2025), (None, None)],
    ids=["the first moment", "the last minute", "unknown"],
)
def test_year(table, moment, expected):
    rows = table({"moment": "timestamp"}, {"moment": moment})
    found = rows.select(ano=year(rows.moment))
    assert str(found.schema()["ano"]) == "int32"
    assert found.to_pyarrow().to_pylist() == [{"ano": expected}]


def published(table, *rows: tuple[datetime | None, bool], where=None) -> dict:
    schema = {"data_publicacao_pncp": "timestamp", "counts": "boolean"}
    records = table(schema, *({"data_publicacao_pncp": when, "counts": counts} for when, counts in rows))
    (found,) = records.aggregate(**publication_days(where)).to_pyarrow().to_pylist()
    return found


@pytest.mark.parametrize(
    ("rows", "first", "last"),
    [
        pytest.param([NOON, NEW_YEARS_EVE, NEW_YEAR, None], JANUARY, DECEMBER, id="some, in any order"),
        pytest.param([NOON], JUNE, JUNE, id="one"),
        pytest.param([None], None, None, id="unknown"),
        pytest.param([], None, None, id="none"),
    ],
)
def test_publication_days(table, rows, first, last):
    found = published(table, *((when, True) for when in rows))
    assert found == {"primeira_publicacao": first, "ultima_publicacao": last}


def test_publication_days_of_some_records(table):
    from ibis import _

    rows = [(NEW_YEAR, False), (NOON, True), (NEW_YEARS_EVE, False)]
    assert published(table, *rows, where=_.counts) == {"primeira_publicacao": JUNE, "ultima_publicacao": JUNE}


@pytest.mark.parametrize(
    ("ano", "first", "last", "holds", "holds_of_every_year"),
    [
        pytest.param(2025, JANUARY, DECEMBER, True, True, id="first and last of the year"),
        pytest.param(2025, JUNE, JUNE, True, True, id="one day"),
        pytest.param(2025, DECEMBER, JANUARY, False, False, id="the first after the last"),
        pytest.param(2025, date(2024, 12, 31), JUNE, False, False, id="the first of the year before"),
        pytest.param(2025, JUNE, date(2026, 1, 1), False, False, id="the last of the year after"),
        pytest.param(2024, JUNE, JUNE, False, False, id="both of another year"),
        pytest.param(2025, None, None, None, False, id="a year without days"),
        pytest.param(2025, JUNE, None, None, False, id="a year without its last day"),
        pytest.param(2025, None, JUNE, None, False, id="a year without its first day"),
        pytest.param(None, None, None, None, True, id="neither year nor days"),
        pytest.param(None, JUNE, None, None, False, id="a first day without a year"),
        pytest.param(None, None, JUNE, None, False, id="a last day without a year"),
        pytest.param(None, JUNE, JUNE, None, False, id="days without a year"),
    ],
)
def test_days_are_of_their_year(table, ano, first, last, holds, holds_of_every_year):
    row = table(DAYS, {"ano": ano, "primeira_publicacao": first, "ultima_publicacao": last})
    said = row.select(of_year=days_of_year(row), of_every_year=days_of_every_year(row))
    assert said.to_pyarrow().to_pylist() == [{"of_year": holds, "of_every_year": holds_of_every_year}]
