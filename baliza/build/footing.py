"""How far the days that some rows rest on are proven, by the ledger as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from baliza.build import catalog
from baliza.build.period import Period
from baliza.build.scope import Scope, modalidades_of
from baliza.pncp import query
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.warehouse import ledger

_SLICED_BY = {"cnpj_orgao": "cnpj", "uf_sigla": "uf", "codigo_ibge": "municipio"}
"""The columns whose values name a slice of the ledger."""


@dataclass(frozen=True)
class Footing:
    """What is proven of one endpoint for some rows.

    Attributes:
        since, until: days the rows rest on; None where the ledger knows nothing of it.
        cells: how many there are of each status, `not_asked` among them: days, for each modalidade where the
            endpoint has them; of details, purchases or contracts.
        missing: records that PNCP says it has and that did not come, as far as it said.
    """

    endpoint: str
    since: date | None
    until: date | None
    cells: Mapping[str, int]
    missing: int

    @property
    def is_complete(self) -> bool:
        """Whether every day is proven."""
        return bool(self.cells) and set(self.cells) <= {"complete", "empty"}


def behind(*nodes: str) -> list[Endpoint]:
    """The endpoints whose days tables rest on: feeds by publication, and details of single purchases."""
    inputs: set[str] = set().union(*map(catalog.ancestors, nodes))
    found = [endpoint for endpoint in ENDPOINTS.values() if f"landed_{endpoint.table}" in inputs]
    fed = {endpoint.table for endpoint in found if endpoint.is_built_from}
    return [one for one in found if one.is_built_from or (one.parents and one.table not in fed)]


def period_of(rows: Sequence[Mapping[str, Any]], last: date) -> Period | None:
    """The days that the months or years of some rows come to, up to the last that could be known."""
    months = [row["mes"] for row in rows if row.get("mes")]
    years = [row["ano"] for row in rows if row.get("ano")]
    if months:
        first, until = min(months), _end_of_month(max(months))
    elif years:
        first, until = date(min(years), 1, 1), date(max(years), 12, 31)
    else:
        return None
    return Period(first, max(first, min(until, last)))


def footing(
    con: duckdb.DuckDBPyConnection,
    endpoint: Endpoint,
    period: Period | None,
    rows: Sequence[Mapping[str, Any]],
) -> Footing:
    """How far the days of an endpoint are proven for some rows.

    Args:
        con: the file.
        endpoint: the one.
        period: days; without, all that the ledger knows of.
        rows: whatever of the órgão, UF and município each row speaks of; empty for the whole country.
    """
    known = ledger.known_period(con, endpoint.id)
    if endpoint.cell == "snapshot":
        period = Period(known[1], known[1]) if known else None
    elif period is None:
        period = Period(*known) if known else None
    if period is None or (endpoint.cell == "parent" and known is None):
        return Footing(endpoint.id, None, None, {}, 0)
    if endpoint.cell == "parent":
        return _of_parents(con, endpoint, period, rows)
    return _of_days(con, endpoint, period, rows)


def _of_days(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, period: Period, rows: Sequence[Mapping[str, Any]]
) -> Footing:
    scopes = sorted({tuple(_slices(row)) for row in rows}) or [()]
    found = con.execute(
        _DAYS,
        {
            "since": period.since,
            "until": period.until,
            "endpoint": endpoint.id,
            "modalidades": list(modalidades_of(endpoint, Scope())),
            "scopes": [list(scope) for scope in scopes],
            "worse": _WORSE,
        },
    ).fetchall()
    return _told(endpoint, period, found)


# A day that the whole country proves is not looked at once more for each of the rows. Of the others a part
# that was asked for by itself stands for itself, and what the country's own listing lacks is missing once.
_DAYS = """
    WITH ledger AS (
        SELECT day, modalidade, slice, status, greatest(coalesce(expected - landed, 0), 0) AS missing,
               status IN ('complete', 'empty') AS proven
        FROM meta.coverage WHERE endpoint = $endpoint AND day BETWEEN $since AND $until
    ), asked AS (
        SELECT unnest(generate_series($since::DATE, $until::DATE, INTERVAL 1 DAY))::DATE AS day, modalidade
        FROM (SELECT unnest($modalidades::INTEGER[]) AS modalidade)
    ), country AS (
        SELECT day, modalidade, coalesce(status, 'not_asked') AS status, coalesce(missing, 0) AS missing,
               coalesce(proven, false) AS proven
        FROM asked LEFT JOIN (SELECT * FROM ledger WHERE slice = '') USING (day, modalidade)
    ), parts AS (
        SELECT row_number() OVER () AS part, slices FROM (SELECT unnest($scopes::VARCHAR[][]) AS slices)
    ), best AS (
        SELECT part, open.day, open.modalidade,
               coalesce(
                   arg_max({slice: own.slice, status: own.status, missing: own.missing}, own.proven::INTEGER),
                   {slice: '', status: any_value(open.status), missing: any_value(open.missing)}
               ) AS cell
        FROM (SELECT * FROM country WHERE NOT proven) AS open CROSS JOIN parts
        LEFT JOIN ledger AS own ON own.day = open.day AND own.modalidade = open.modalidade
            AND list_contains(parts.slices, own.slice)
        GROUP BY ALL
    ), each AS (SELECT DISTINCT day, modalidade, cell FROM best),
    told AS (
        SELECT arg_max(cell.status, list_position($worse, cell.status)) AS status,
               sum(CASE WHEN cell.status IN ('complete', 'empty') THEN 0 ELSE cell.missing END) AS missing
        FROM each GROUP BY day, modalidade
        UNION ALL SELECT status, 0 FROM country WHERE proven
    )
    SELECT status, count(*), sum(missing) FROM told GROUP BY ALL ORDER BY ALL
"""

_WORSE = ["empty", "complete", "short", "pending", "failed", "not_asked"]
"""Of several parts of a day, the last of these says how it stands."""


def _of_parents(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, period: Period, rows: Sequence[Mapping[str, Any]]
) -> Footing:
    """Of details the ledger has a cell for each purchase or contract that was asked about, by its number."""
    found = con.execute(
        """
        SELECT status, count(*), sum(greatest(coalesce(expected - landed, 0), 0)) FROM meta.coverage
        WHERE endpoint = $endpoint AND day BETWEEN $since AND $until
          AND (len($orgaos) = 0 OR list_contains($orgaos, left(slice, 14))) GROUP BY ALL ORDER BY ALL
        """,
        {
            "endpoint": endpoint.id,
            "since": period.since,
            "until": period.until,
            "orgaos": sorted({row["cnpj_orgao"] for row in rows if row.get("cnpj_orgao")}),
        },
    ).fetchall()
    return _told(endpoint, period, found)


def _told(endpoint: Endpoint, period: Period, found: Sequence[tuple[str, int, int]]) -> Footing:
    cells = {status: count for status, count, _ in found}
    # What is proven misses nothing.
    missing = sum(int(lost) for status, _, lost in found if status not in {"complete", "empty"})
    return Footing(endpoint.id, period.since, period.until, cells, missing)


def _slices(row: Mapping[str, Any]) -> list[str]:
    """The slices of the ledger each of which holds all that a row is made of."""
    return [query.slice_of(kind, row[name]) for name, kind in _SLICED_BY.items() if row.get(name)]


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
