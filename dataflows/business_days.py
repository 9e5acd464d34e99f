"""Business days between two days, by Brazil's national calendar.

Lei 14.133/2021, art. 183, counts only the days on which the órgão works. National holidays are those of the
library `holidays`. Holidays of a state or a town are not known here, nor days on which one órgão stayed
closed: counted as business days, they make a period look longer than it was, never shorter. So too few
periods look too short, and too many look too long.
"""

from __future__ import annotations

from functools import cache

import ibis

from dataflows.expressions import Day, Expression

FIRST_YEAR, LAST_YEAR = 2021, 2036
"""The years counted: from the law on; outside them nothing is said."""

_MONDAY = ibis.date("2020-12-28")
_WEEK, _WORKING_WEEK = 7, 5


def business_days(after: Day, until: Day, *, with_optional: bool) -> Expression:
    """Business days from the day after `after` to `until`, as legal terms run: first day out, last day in.

    Null where a day is null or outside the years counted; negative where `until` comes first.

    Args:
        after: the day that is left out, as a date or a moment of it.
        until: the last day counted.
        with_optional: whether days on which closing is optional (pontos facultativos: carnival, Corpus
            Christi, 28 October, the eves of Christmas and New Year) count as business days. Nothing says who
            closed: to be lenient, count them in a period that must not be short, and leave them out of one
            that must not be long.
    """
    counted = [(day.year() >= FIRST_YEAR) & (day.year() <= LAST_YEAR) for day in (after, until)]
    closed = _closed(with_optional=with_optional)
    return ibis.cases((counted[0] & counted[1], _up_to(until, closed) - _up_to(after, closed)))


def _up_to(day: Day, closed: tuple[str, ...]) -> Expression:
    """Business days from the Monday before the years counted up to a day of them."""
    days = day.cast("date").delta(_MONDAY, unit="day")
    weekdays = days // _WEEK * _WORKING_WEEK + ibis.least(days % _WEEK + 1, _WORKING_WEEK)
    # One CASE in the order of days: a second or so for 4 million rows, and no calendar is joined. A moment is
    # compared as it is: it comes before a day exactly where its own day does.
    passed = ((day < ibis.date(one), ibis.literal(count)) for count, one in enumerate(closed))
    return weekdays - ibis.cases(*passed, else_=len(closed))


@cache
def _closed(*, with_optional: bool) -> tuple[str, ...]:
    """The weekdays of the years counted that are no business days, in order."""
    from holidays import country_holidays  # noqa: PLC0415 - a third of a second to import, needed only here

    categories = ("public",) if with_optional else ("public", "optional")
    days = country_holidays("BR", years=range(FIRST_YEAR, LAST_YEAR + 1), categories=categories)
    return tuple(day.isoformat() for day in sorted(days) if day.weekday() < _WORKING_WEEK)
