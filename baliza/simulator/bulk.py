"""Millions of contracts straight into raw.contratos, with the ledger, evidence and diary that fit.

For benchmarks and trials of size: what a harvest would have left behind, without one. Not one record cloned:
texts, órgãos, suppliers, amounts, dates and oddities are drawn at the simulator's own rates, by a seed.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import duckdb

from baliza.simulator import bulk_pools
from baliza.simulator.bulk_rows import DEALS, MACROS, records
from baliza.simulator.moments import WEEKEND_SHARE
from baliza.warehouse.connection import transaction
from baliza.warehouse.landing import RECORDS_PER_REQUEST, Landed, Window, content_hash, insert_landing
from baliza.warehouse.raw_table import RawTable

PUBLICATION = "contratos"
UPDATES = "contratos_atualizacao"
PAGE = 500
COUNTRIES = 16
"""Countries of the simulator that buy together: 5,000 órgãos, 95,000 suppliers."""
BATCH = 100_000
"""About as many contracts are made by one statement: whole days, so that memory stays flat."""
LATER_SHARE = 0.053
"""Of contracts, those of which a later version was observed: a twentieth of all rows."""
YEARLY_GROWTH = 0.25
"""By how much more is published each year."""
WORKING_DAYS = 5
CHANGES_OF_A_DAY = 0.2
"""Of what a day brings, records that were there before."""


def fill(
    con: duckdb.DuckDBPyConnection,
    table: RawTable,
    *,
    contracts: int,
    seed: int,
    since: date,
    until: date,
    countries: int = COUNTRIES,
) -> None:
    """Land so many distinct contracts, published in a period, and a later version of one in twenty.

    Args:
        con: a file laid out by `schema.prepare`, open to write.
        table: raw.contratos.
        contracts: distinct ones.
        seed: the same arguments make the same rows.
        since: first day of publication.
        until: last one; the harvest was on the day after.
        countries: of the simulator that buy together; fewer have fewer órgãos and suppliers.
    """
    _prepare(con, seed, until, countries)
    batch: list[tuple[date, int]] = []
    for day, count in _counts(contracts, since, until):
        batch.append((day, count))
        if sum(count for _, count in batch) >= BATCH or day == until:
            with transaction(con):
                first = _land(con, table, batch, until)
                _revise(
                    con,
                    table,
                    f'SELECT * FROM raw."{table.name}" WHERE observation_id >= {first} '
                    f"AND hash(observation_id, {seed}) % 1000 < {LATER_SHARE * 1000:.0f}",
                    until,
                    _SOME_WEEKS_ON,
                )
            batch = []


def add_day(
    con: duckdb.DuckDBPyConnection, table: RawTable, *, records: int, seed: int, countries: int = COUNTRIES
) -> date:
    """Land one more day after the last: new contracts, and one in five a change to an earlier one.

    Changes fall as PNCP's do: most of them on what was published some weeks before. A file of few records has
    fewer changes than asked for, because no record changes twice in a day.

    Args:
        con: a file that `fill` filled, open to write.
        table: raw.contratos.
        records: new ones and changed ones together.
        seed: that of the file.
        countries: those of the file.

    Returns:
        The day.
    """
    last, days = con.execute(
        "SELECT max(day), count(*) FROM meta.coverage WHERE endpoint = ?", [PUBLICATION]
    ).fetchall()[0]
    day = last + timedelta(days=1)
    _prepare(con, seed, day, countries)
    changed = int(records * CHANGES_OF_A_DAY)
    (rows,) = con.execute(f'SELECT count(*) FROM raw."{table.name}"').fetchall()[0]
    with transaction(con):
        # An age in rows, in the mean that of 23 days; twice as many are drawn as are needed, for some meet.
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE bulk_revised AS
            SELECT * FROM raw."{table.name}" WHERE rowid IN (
                SELECT {rows} - 1 - floor(-ln(1 - u(range, 'age {day}')) * 23 * {rows / days})::BIGINT
                FROM range({changed * 2})
            )
            QUALIFY row_number() OVER (PARTITION BY "{table.key[0]}" ORDER BY observation_id DESC) = 1
            ORDER BY hash(observation_id, {seed}) LIMIT {changed}
            """
        )
        _land(con, table, [(day, records - changed)], day)
        _revise(con, table, "SELECT * FROM bulk_revised", day, _IN_THE_AFTERNOON)
    return day


def _prepare(con: duckdb.DuckDBPyConnection, seed: int, until: date, countries: int) -> None:
    con.execute("SET VARIABLE bulk_seed = ?", [seed])
    con.execute("SET VARIABLE bulk_until = ?", [datetime.combine(until, time(23, 59, 59))])
    con.execute(MACROS)
    bulk_pools.fill(con, seed, countries)


def _counts(contracts: int, since: date, until: date) -> list[tuple[date, int]]:
    """How many are published on each day: few on weekends, more from year to year; exactly so many in all."""
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    weights = [
        (1 + YEARLY_GROWTH * (day - since).days / 365)
        * (1 if day.isoweekday() <= WORKING_DAYS else WEEKEND_SHARE)
        for day in days
    ]
    reached, landed, counts = 0.0, 0, []
    for day, weight in zip(days, weights, strict=True):
        reached += weight
        total = round(contracts * reached / sum(weights))
        counts.append((day, total - landed))
        landed = total
    return counts


def _land(con: duckdb.DuckDBPyConnection, table: RawTable, batch: list[tuple[date, int]], until: date) -> int:
    """Land some days of publications; the observation they begin with."""
    name = f'raw."{table.name}"'
    (request, n) = con.execute(
        "SELECT (SELECT coalesce(max(request_id), 0) FROM meta.requests), "
        "(SELECT coalesce(sum(landed), 0) FROM meta.coverage WHERE endpoint = ?)",
        [PUBLICATION],
    ).fetchall()[0]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE bulk_days AS
        WITH days AS (
            SELECT day, landed, {n} + sum(landed) OVER before AS before,
                   {request} + sum((landed + {PAGE} - 1) // {PAGE}) OVER before AS requests
            FROM (SELECT unnest($days::DATE[]) AS day, unnest($counts::BIGINT[]) AS landed)
            WINDOW before AS (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
        SELECT day, coalesce(before, {n}) + i + 1 AS n,
               (coalesce(requests, {request}) + 1 + i // {PAGE})::BIGINT AS request_id,
               i % {PAGE} + 1 AS position
        FROM days, LATERAL (SELECT unnest(range(landed)) AS i)
        """,
        {"days": [day for day, _ in batch], "counts": [count for _, count in batch]},
    )
    con.execute(
        """
        INSERT INTO meta.coverage BY NAME
        SELECT $endpoint AS endpoint, 0 AS modalidade, '' AS slice, day,
               CASE landed WHEN 0 THEN 'empty' ELSE 'complete' END AS status, landed AS expected, landed,
               0 AS repeats, 1 AS walks, pages, 0 AS quarantined, $now AS updated_at
        FROM (
            SELECT day, landed, (landed + $page - 1) // $page AS pages
            FROM (SELECT unnest($days::DATE[]) AS day, unnest($counts::BIGINT[]) AS landed)
        )
        """,
        {
            "endpoint": PUBLICATION,
            "now": _harvested(until),
            "page": PAGE,
            "days": [day for day, _ in batch],
            "counts": [count for _, count in batch],
        },
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE bulk_years AS
        SELECT year(day) AS ano, min(before) + 1 AS first_n FROM (
            SELECT day, sum(landed) OVER (ORDER BY day) - landed AS before
            FROM meta.coverage WHERE endpoint = ?
        ) GROUP BY ALL
        """,
        [PUBLICATION],
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE bulk_deals AS {DEALS}")
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE bulk_numbers AS
        SELECT "orgaoEntidade".cnpj AS cnpj, "anoContrato" AS ano, max("sequencialContrato") AS sequencial
        FROM {name} GROUP BY ALL
        """
    )
    made = records({field.name: field.type for field in table.fields})
    _insert(con, table, made, until, PUBLICATION)
    _note(con, table, PUBLICATION, batch[0][0], batch[-1][0], request, until)
    return (request + 1) * RECORDS_PER_REQUEST


_IN_THE_AFTERNOON = (
    "CAST(getvariable('bulk_until')::DATE AS TIMESTAMP) "
    "+ to_seconds(43200 + (u(observation_id, 'revised at') * 36000)::BIGINT)"
)
_SOME_WEEKS_ON = f"""no_later(
    coalesce("dataAtualizacaoGlobal", "dataAtualizacao")
        + to_seconds(3600 + (-ln(1 - u(observation_id, 'revised')) * 2000000)::BIGINT),
    {_IN_THE_AFTERNOON})"""
"""When a record changed, the day of the harvest at the latest."""


def _revise(con: duckdb.DuckDBPyConnection, table: RawTable, rows: str, until: date, moment: str) -> None:
    """Land a later version of these rows of the table, each as the feed of updates shows it."""
    request = con.execute("SELECT max(request_id) FROM meta.requests").fetchall()[0][0]
    value = """CASE WHEN u(observation_id, 'amended value') < 0.5
        THEN "valorGlobal" ELSE "valorGlobal" * round(0.8 + u(observation_id, 'by') * 0.5, 2) END"""
    fields = {field.name: f'"{field.name}"' for field in table.fields} | {
        "dataAtualizacaoGlobal": moment,
        "dataAtualizacao": moment,
        "valorGlobal": f"CAST({value} AS DECIMAL(38, 2))",
        "numeroRetificacao": '"numeroRetificacao" + 1',
    }
    columns = ", ".join(
        f'CAST({fields[field.name]} AS {field.type}) AS "{field.name}"' for field in table.fields
    )
    _insert(
        con,
        table,
        f"""
        SELECT {columns}, {request} + 1 + (place - 1) // {PAGE} AS request_id,
               (place - 1) % {PAGE} + 1 AS position
        FROM (SELECT *, row_number() OVER (ORDER BY observation_id) AS place FROM ({rows}))
        """,
        until,
        UPDATES,
    )
    con.execute(
        f"""
        INSERT INTO meta.coverage BY NAME
        SELECT $endpoint AS endpoint, 0 AS modalidade, '' AS slice, day, 'complete' AS status,
               landed AS expected, landed, 0 AS repeats, 1 AS walks,
               (landed + {PAGE} - 1) // {PAGE} AS pages, 0 AS quarantined, $now AS updated_at
        FROM (
            SELECT CAST("dataAtualizacaoGlobal" AS DATE) AS day, count(*) AS landed
            FROM raw."{table.name}" WHERE request_id > $request GROUP BY ALL
        )
        ON CONFLICT DO UPDATE SET expected = expected + excluded.expected, landed = landed + excluded.landed,
            pages = pages + excluded.pages
        """,
        {"endpoint": UPDATES, "now": _harvested(until), "request": request},
    )
    _note(con, table, UPDATES, until, until, request, until)


def _insert(con: duckdb.DuckDBPyConnection, table: RawTable, made: str, until: date, endpoint: str) -> None:
    """Insert rows that have PNCP's fields, request_id and position, with the evidence of their requests."""
    fields = ", ".join(f'"{field.name}"' for field in table.fields)
    con.execute(
        f"""
        INSERT INTO raw."{table.name}" BY NAME
        SELECT {fields}, request_id * {RECORDS_PER_REQUEST} + position AS observation_id,
               $harvested + to_seconds(request_id) AS observed_at, $endpoint AS source_endpoint, request_id,
               {content_hash(table)} AS content_hash, unknown_fields
        FROM (SELECT *, CAST(NULL AS JSON) AS unknown_fields FROM ({made}))
        """,
        {"harvested": _harvested(until), "endpoint": endpoint},
    )
    con.execute(
        f"""
        INSERT INTO meta.requests
        SELECT request_id, $endpoint, 'http://127.0.0.1/bulk/' || request_id, min(observed_at), 1.0, 200,
               count(*) * 1600, sha256(string_agg(content_hash::VARCHAR, '' ORDER BY observation_id)),
               'records'
        FROM raw."{table.name}" WHERE request_id > (SELECT coalesce(max(request_id), 0) FROM meta.requests)
        GROUP BY request_id
        """,
        {"endpoint": endpoint},
    )


def _note(
    con: duckdb.DuckDBPyConnection,
    table: RawTable,
    endpoint: str,
    since: date,
    until: date,
    after_request: int,
    harvested: date,
) -> None:
    """Write in the diary how many rows came by the requests after this one."""
    window = Window(endpoint, "", since, until)
    (rows,) = con.execute(
        f'SELECT count(*) FROM raw."{table.name}" WHERE request_id > ?', [after_request]
    ).fetchall()[0]
    insert_landing(con, table, window, Landed(rows, rows, 0, 0), _harvested(harvested))


def _harvested(until: date) -> datetime:
    return datetime.combine(until + timedelta(days=1), time(5))
