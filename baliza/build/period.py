"""Which days are asked for: closed days only, in PNCP's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from baliza.errors import InvalidPeriodError

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
"""PNCP's clock: its days end at midnight of Brasília."""

DEFAULT_DAYS = 7

PNCP_BEGAN = date(2021, 1, 1)
"""PNCP was made by Lei 14.133 of April 2021: before that year there is nothing to ask for."""


@dataclass(frozen=True)
class Period:
    """Days asked for, both ends included."""

    since: date
    until: date


def today() -> date:
    """Today in PNCP's time."""
    return datetime.now(SAO_PAULO).date()


def resolve(since: str | None, until: str | None, *, today: date) -> Period:
    """The period two options mean; without them, the last seven closed days.

    A day is closed when it is over in America/Sao_Paulo: of a day still running nothing can be proven.

    Raises:
        InvalidPeriodError: unreadable, reversed, or not closed yet.
    """
    yesterday = today - timedelta(days=1)
    last = yesterday if until is None else _day("--until", until)
    first = _day("--since", since) if since is not None else last - timedelta(days=DEFAULT_DAYS - 1)
    if max(first, last) > yesterday:
        raise InvalidPeriodError(
            "The days from {since} to {until} were asked for.",
            "The last closed day is {yesterday}: of a day that is not over nothing can be proven.",
            "Ask for days up to {yesterday}.",
            since=first,
            until=last,
            yesterday=yesterday,
        )
    if first < PNCP_BEGAN:
        raise InvalidPeriodError(
            "The days from {since} to {until} were asked for.",
            "PNCP has nothing before {began}.",
            "Ask for days from {began} on.",
            since=first,
            until=last,
            began=PNCP_BEGAN,
        )
    if first > last:
        raise InvalidPeriodError(
            "The days from {since} to {until} were asked for.",
            "The first is after the last.",
            "Swap them: --since {until} --until {since}",
            since=first,
            until=last,
        )
    return Period(first, last)


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidPeriodError(
            "{option} {text} was asked for.",
            "That is not a day of the calendar.",
            "Write it as year-month-day, such as {example}.",
            option=option,
            text=text,
            example=today(),
        ) from error
