"""How far the days that an answer rests on are proven, so that no hole passes for a fact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from baliza.build import footing, gaps
from baliza.build.footing import Footing
from baliza.build.period import PNCP_BEGAN, Period, today
from baliza.errors import InvalidPeriodError
from baliza.language import _, number
from baliza.pncp.endpoints import Endpoint
from baliza.publish.plain import plain
from baliza.warehouse import ledger
from baliza.warehouse.connection import connect, explained

MOST_GAPS = 10
"""Runs of open days that are listed; how many there are is always told."""


@dataclass(frozen=True)
class Asked:
    """What an answer speaks of.

    Attributes:
        since, until: days asked about; None where the question does not say.
        scope: of the órgão, UF and município, by their columns, what it speaks of; empty for the country.
    """

    since: date | None = None
    until: date | None = None
    scope: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise InvalidPeriodError(
                "The days from {since} to {until} were asked for.",
                "The first is after the last.",
                "Swap them.",
                since=self.since,
                until=self.until,
            )


def of_tables(file: Path, tables: Iterable[str], asked: Asked, named: Collection[str] = ()) -> dict[str, Any]:
    """The coverage of what is behind some tables.

    Args:
        file: the published state.
        tables: such as `mart.spending`.
        asked: period and scope.
        named: days, months and years that the query names, where the period was not told.
    """
    return of_endpoints(file, _behind(tables), asked, named)


def footings(file: Path, tables: Iterable[str], asked: Asked, named: Collection[str] = ()) -> list[Footing]:
    """The same, endpoint by endpoint; without details of single purchases that nobody fetched."""
    endpoints = _behind(tables)
    con = connect(file, write=False)
    with con, explained(file):
        every = {endpoint.id: _footing(con, endpoint, asked, named) for endpoint in endpoints}
    unasked = _details_beside(endpoints, every)
    return [one for id_, one in every.items() if id_ not in unasked]


def _behind(tables: Iterable[str]) -> list[Endpoint]:
    endpoints = {
        one.id: one for table in sorted(tables) for one in footing.behind(table.replace(".", "_", 1))
    }
    return list(endpoints.values())


def of_endpoints(
    file: Path, endpoints: Sequence[Endpoint], asked: Asked, named: Collection[str] = ()
) -> dict[str, Any]:
    """The coverage of some endpoints; all as JSON's own types."""
    con = connect(file, write=False)
    with con, explained(file):
        every = {endpoint.id: _footing(con, endpoint, asked, named) for endpoint in endpoints}
        row = con.execute("SELECT max(updated_at) FROM meta.coverage").fetchone()
    unasked = _details_beside(endpoints, every)
    found = [one for id_, one in every.items() if id_ not in unasked]
    complete = bool(found) and all(one.is_complete for one in found)
    open_days = [] if complete or not found else _gaps(file, endpoints, found)
    return {
        "complete": complete,
        "statement": " ".join(map(_statement, found)) or _("It rests on no data of PNCP."),
        "details_never_fetched": unasked,
        "as_of_utc": plain(row[0]) if row else None,
        "period_is": _origin(asked, named),
        "scope": asked.scope or None,
        "endpoints": [
            {
                "endpoint": one.endpoint,
                "since": plain(one.since),
                "until": plain(one.until),
                "complete": one.is_complete,
                "cells": dict(one.cells),
                "missing_records": one.missing,
            }
            for one in found
        ],
        "open_runs_of_days": len(open_days),
        "open_days": [plain(vars(one)) for one in open_days[:MOST_GAPS]],
    }


def _details_beside(endpoints: Sequence[Endpoint], found: Mapping[str, Footing]) -> list[str]:
    """Details of single purchases that nobody fetched, where a feed brings the records themselves."""
    fed = any(not endpoint.parents for endpoint in endpoints)
    return [one.id for one in endpoints if fed and one.parents and not found[one.id].cells]


def _origin(asked: Asked, named: Collection[str]) -> str:
    if asked.since or asked.until:
        return "as asked"
    return "what the query names, and all the file knows of" if named else "all the file knows of"


def _footing(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, asked: Asked, named: Collection[str]
) -> Footing:
    known = ledger.known_period(con, endpoint.id)
    if known is None:
        return Footing(endpoint.id, asked.since, asked.until, {}, 0)
    yesterday = today() - timedelta(days=1)
    if asked.since or asked.until:
        since = max(asked.since or known[0], PNCP_BEGAN)
        period = Period(since, max(since, min(asked.until or yesterday, yesterday)))
    else:
        spans = [span for text in named if (span := _span(text))]
        since = max(min([known[0], *(one.since for one in spans)]), PNCP_BEGAN)
        until = max([known[1], *(min(one.until, yesterday) for one in spans)])
        period = Period(since, max(since, until))
    return footing.footing(con, endpoint, period, [asked.scope] if asked.scope else [])


def _span(text: str) -> Period | None:
    """The days of YYYY, YYYY-MM or YYYY-MM-DD; None where the calendar has none such."""
    parts = [int(part) for part in text.split("-")]
    try:
        first = date(*[*parts, 1, 1][:3])
    except ValueError:
        return None
    if len(parts) == 1:
        return Period(first, date(first.year, 12, 31))
    if len(parts) == 2:  # noqa: PLR2004 - year and month
        return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    return Period(first, first)


def _gaps(file: Path, endpoints: Sequence[Endpoint], found: Sequence[Footing]) -> list[gaps.Gap]:
    days = [day for one in found for day in (one.since, one.until) if day]
    period = Period(min(days), max(days)) if days else None
    return gaps.find(file, endpoints, period).gaps


def _statement(one: Footing) -> str:
    if not one.cells:
        told = _("{endpoint} was never asked of PNCP in this file: that nothing is found says nothing.")
        return told.format(endpoint=one.endpoint)
    if one.is_complete:
        told = _("{endpoint}, {since} to {until}: complete, every day is proven.")
        return told.format(endpoint=one.endpoint, since=one.since, until=one.until)
    told = _(
        "{endpoint}, {since} to {until}: NOT COMPLETE ({parts}; {missing} records known to be missing). "
        "Sums and counts are lower bounds, and nothing found may be a hole."
    )
    return told.format(
        endpoint=one.endpoint,
        since=one.since,
        until=one.until,
        parts=", ".join(f"{number(count)} {status}" for status, count in one.cells.items()),
        missing=number(one.missing),
    )
