from datetime import date, datetime, timedelta

import duckdb
import ibis
import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.business_days import FIRST_YEAR, LAST_YEAR, business_days

DAYS = ibis.table({"after": "date", "until": "date"}, name="days")
SQL = {
    optional: ibis.to_sql(
        DAYS.select(found=business_days(DAYS.after, DAYS.until, with_optional=optional)), dialect="duckdb"
    )
    for optional in (True, False)
}
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
PUBLIC = set(country_holidays("BR", years=YEARS))
OPTIONAL = PUBLIC | set(country_holidays("BR", years=YEARS, categories=("optional",)))
counted_days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


@pytest.fixture(scope="module")
def counted():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE days (after DATE, until DATE)")

        def count(after, until, *, with_optional=True):
            con.execute("DELETE FROM days")
            con.execute("INSERT INTO days VALUES (?, ?)", [after, until])
            return con.execute(SQL[with_optional]).fetchone()[0]

        yield count


@pytest.mark.parametrize(
    ("after", "until", "days"),
    [
        pytest.param(date(2025, 6, 2), date(2025, 6, 2), 0, id="the same day"),
        pytest.param(date(2025, 6, 2), date(2025, 6, 3), 1, id="first day out, last day in"),
        pytest.param(date(2025, 6, 6), date(2025, 6, 8), 0, id="a weekend"),
        pytest.param(date(2025, 6, 7), date(2025, 6, 9), 1, id="from a Saturday to the Monday"),
        pytest.param(date(2025, 6, 2), date(2025, 6, 9), 5, id="a week"),
        pytest.param(date(2025, 4, 17), date(2025, 4, 22), 1, id="Good Friday, weekend, Tiradentes"),
        pytest.param(date(2025, 4, 20), date(2025, 4, 21), 0, id="a holiday alone"),
        pytest.param(date(2025, 4, 21), date(2025, 4, 22), 1, id="from a holiday"),
        pytest.param(date(2023, 11, 17), date(2023, 11, 20), 1, id="20 November before it was national"),
        pytest.param(date(2024, 11, 19), date(2024, 11, 20), 0, id="20 November since 2024"),
        pytest.param(date(2024, 12, 31), date(2025, 1, 2), 1, id="over New Year"),
        pytest.param(date(2022, 4, 30), date(2022, 5, 1), 0, id="a holiday on a Sunday counts once"),
        pytest.param(date(2025, 6, 9), date(2025, 6, 2), -5, id="the other way round"),
        pytest.param(date(2021, 1, 1), date(2021, 1, 4), 1, id="from the first day counted"),
        pytest.param(date(2036, 12, 30), date(2036, 12, 31), 1, id="to the last day counted"),
        pytest.param(date(2020, 12, 31), date(2021, 1, 4), None, id="before the first"),
        pytest.param(date(2021, 1, 4), date(2020, 12, 31), None, id="before the first, the other way round"),
        pytest.param(date(2036, 12, 31), date(2037, 1, 1), None, id="after the last"),
        pytest.param(date(2037, 1, 1), date(2036, 12, 31), None, id="after the last, the other way round"),
        pytest.param(None, date(2025, 1, 1), None, id="no first day"),
        pytest.param(date(2025, 1, 1), None, None, id="no last day"),
    ],
)
def test_business_days(counted, after, until, days):
    assert counted(after, until) == days


@pytest.mark.parametrize(
    ("day", "with_optional", "days"),
    [
        pytest.param(date(2025, 3, 4), True, 1, id="carnival, counted"),
        pytest.param(date(2025, 3, 4), False, 0, id="carnival, left out"),
        pytest.param(date(2025, 6, 19), False, 0, id="Corpus Christi, left out"),
        pytest.param(date(2025, 4, 18), True, 0, id="a holiday proper is never counted"),
        pytest.param(date(2025, 4, 18), False, 0, id="nor here"),
    ],
)
def test_days_on_which_closing_is_optional(counted, day, with_optional, days):
    assert counted(day - timedelta(days=1), day, with_optional=with_optional) == days


@settings(max_examples=5, deadline=None)
@given(
    pairs=st.lists(st.tuples(counted_days, counted_days), min_size=50, max_size=50),
    with_optional=st.booleans(),
)
def test_it_is_what_counting_day_by_day_gives(pairs, with_optional):
    closed = PUBLIC if with_optional else OPTIONAL
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE days AS SELECT unnest($after) AS after, unnest($until) AS until",
            {"after": [after for after, _ in pairs], "until": [until for _, until in pairs]},
        )
        found = [row[0] for row in con.execute(SQL[with_optional]).fetchall()]
    assert sorted(found) == sorted(_by_hand(after, until, closed) for after, until in pairs)


def _by_hand(after: date, until: date, closed: set[date]) -> int:
    first, last = sorted((after, until))
    days = [first + timedelta(days=days) for days in range(1, (last - first).days + 1)]
    number = sum(day.weekday() < 5 and day not in closed for day in days)
    return number if after <= until else -number


def test_a_moment_is_of_its_day(table):
    late, early = datetime(2025, 6, 2, 23, 59), datetime(2025, 6, 3, 0, 1)  # noqa: DTZ001
    moments = table({"after": "timestamp", "until": "timestamp"}, {"after": late, "until": early})
    number = business_days(moments.after, moments.until, with_optional=True)
    assert moments.select(number=number).to_pyarrow().to_pylist() == [{"number": 1}]


def test_it_is_a_whole_number_and_sql_on_other_engines_too():
    number = business_days(DAYS.after, DAYS.until, with_optional=True)
    assert number.type().is_int64()
    assert ibis.to_sql(DAYS.select(number=number), dialect="pyspark").startswith("SELECT")
