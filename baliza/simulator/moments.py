"""When contracts are published, signed, in force and updated."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from baliza.simulator.chance import happens

WEEKEND_SHARE = 0.05
"""Volume of a Saturday or Sunday, as a share of a working day's."""
SIGNED_AFTER_SHARE = 0.0025
FAR_END_SHARE = 0.0006
NO_GLOBAL_UPDATE_SHARE = 0.001
LAG_MEDIAN, LAG_SPREAD, LAG_MAX = 3.5, 1.75, 861
"""Days from signature to publication: lognormal, capped at the longest met in PNCP."""


class Dates(NamedTuple):
    """The dates of a contract: days as AAAA-MM-DD, moments as AAAA-MM-DDTHH:MM:SS, Brasília time."""

    assinatura: date
    vigencia_inicio: date
    vigencia_fim: date
    publicacao: datetime
    atualizacao: datetime
    atualizacao_global: datetime | None


def moments(rng: random.Random, since: date, until: date, per_day: float) -> Iterator[datetime]:
    """Draw the moments of publication of a period, in order.

    Args:
        rng: where chance comes from.
        since: first day.
        until: last day, included.
        per_day: mean of contracts per calendar day over a whole week.

    Yields:
        Moments, mostly in working hours of working days, some in the small hours when systems send batches.
    """
    workday = per_day * 7 / (5 + 2 * WEEKEND_SHARE)
    day = since
    while day <= until:
        mean = workday * (WEEKEND_SHARE if day.isoweekday() > 5 else 1.0)  # noqa: PLR2004
        count = max(0, round(rng.gauss(mean, mean**0.5)))
        for seconds in sorted(_second(rng) for _ in range(count)):
            yield datetime.combine(day, time()) + timedelta(seconds=seconds)
        day += timedelta(days=1)


def _second(rng: random.Random) -> int:
    if happens(rng, 0.08):
        return rng.randrange(0, 4 * 3600)
    return int(rng.triangular(7 * 3600, 23 * 3600, 14.5 * 3600))


def dates(rng: random.Random, published: datetime, until: date, *, empenho: bool) -> Dates:
    """Work out the dates of a contract from its publication.

    Args:
        rng: where chance comes from.
        published: moment of publication.
        until: day of the snapshot: nothing is updated later.
        empenho: whether it is an empenho, which ends with the year.

    Returns:
        The dates. A few contracts are signed after they are published, end decades ahead, or have no
        global update.
    """
    lag = min(int(rng.lognormvariate(0, LAG_SPREAD) * LAG_MEDIAN), LAG_MAX)
    if happens(rng, SIGNED_AFTER_SHARE):
        lag = -rng.randint(1, 4)
    signed = published.date() - timedelta(days=lag)
    begin = signed + timedelta(days=1 if happens(rng, 0.15) else 0)
    if happens(rng, FAR_END_SHARE):
        end = date(rng.randint(2050, 2075), rng.randint(1, 12), rng.randint(1, 28))
    elif empenho and happens(rng, 0.7):
        end = max(begin, date(signed.year, 12, 31))
    else:
        end = begin + timedelta(days=rng.choice((15, 30, 60, 90, 180, 364, 365, 365, 365, 730, 1825)))
    snapshot = datetime.combine(until, time(23, 59, 59))
    updated = published + timedelta(seconds=rng.choice((0, 0, 1, 1, 1, 300)))
    updated = _later(rng, updated, snapshot, 0.25)
    globally: datetime | None = _later(rng, updated, snapshot, 0.12)
    if happens(rng, NO_GLOBAL_UPDATE_SHARE):
        globally = None
    return Dates(signed, begin, end, published, updated, globally)


def _later(rng: random.Random, moment: datetime, snapshot: datetime, share: float) -> datetime:
    """Move a moment, `share` of the times, some days or weeks on, unless that is after the snapshot."""
    if not happens(rng, share):
        return moment
    later = moment + timedelta(seconds=int(rng.expovariate(1 / 2_000_000)))
    return later if later <= snapshot else moment
