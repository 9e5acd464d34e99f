"""Which days are asked for."""

from __future__ import annotations

from datetime import date

import pytest

from baliza.build.period import Period, resolve, today
from baliza.errors import InvalidPeriodError

TODAY = date(2026, 3, 10)

CASES = {
    "nothing said": (None, None, Period(date(2026, 3, 3), date(2026, 3, 9))),
    "only since": ("2026-03-01", None, Period(date(2026, 3, 1), date(2026, 3, 9))),
    "only until": (None, "2026-02-28", Period(date(2026, 2, 22), date(2026, 2, 28))),
    "one day": ("2026-03-09", "2026-03-09", Period(date(2026, 3, 9), date(2026, 3, 9))),
    "more than a year": ("2023-01-01", "2025-12-31", Period(date(2023, 1, 1), date(2025, 12, 31))),
}


@pytest.mark.parametrize(("since", "until", "expected"), CASES.values(), ids=CASES.keys())
def test_period(since, until, expected):
    assert resolve(since, until, today=TODAY) == expected


REFUSED = {
    "today is not closed": ("2026-03-10", "2026-03-10", "The last closed day is 2026-03-09"),
    "future": ("2026-04-01", None, "The last closed day is 2026-03-09"),
    "reversed": ("2026-03-05", "2026-03-01", "The first is after the last"),
    "no such day": ("2026-02-29", None, "not a day of the calendar"),
    "not a date": (None, "yesterday", "not a day of the calendar"),
}


@pytest.mark.parametrize(("since", "until", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(since, until, told):
    with pytest.raises(InvalidPeriodError, match=told):
        resolve(since, until, today=TODAY)


def test_today_is_that_of_brasilia(monkeypatch):
    from datetime import UTC, datetime

    import baliza.build.period as module

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 3, 10, 2, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(module, "datetime", Clock)

    assert today() == date(2026, 3, 9)
