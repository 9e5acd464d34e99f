"""What parsed rows prove, whose bodies were dropped: with the totals of their requests, and without."""

from __future__ import annotations

from baliza.build.raw_tables import raw_table
from baliza.migration.answers import Answer, Answers, Listing
from baliza.migration.destination import Destination
from baliza.migration.old_file import PARSED, PARSED_REQUESTS, OldFile
from baliza.migration.parsed_rows import ENDPOINT_OF
from baliza.migration.rebuilding import address
from baliza.migration.tally import Tally
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse import ledger
from baliza.warehouse.connection import explained, transaction
from baliza.warehouse.ledger import Cell


def prove_parsed(answers: Answers, destination: Destination, listing: Listing) -> None:
    """Write what answers prove whose bodies were parsed and dropped: their totals, and the rows here.

    Only of a feed of publication: its records keep their day, so that the rows of a window can be counted.
    """
    window, endpoint = listing.window, ENDPOINTS.get(listing.endpoint or "")
    if window is None or endpoint is None:
        return
    found = answers.of(listing.numbers)
    parsed = [answer for answer in found if answer.origin == PARSED_REQUESTS]
    if len(parsed) < len(found):
        return  # the bodies tell
    tally = Tally(since=parsed[0].asked.at)
    totals = {answer.total for answer in parsed if _went_well(answer)}
    numbers = {answer.page for answer in parsed if _went_well(answer)}
    if not endpoint.keeps_its_day or not endpoint.day or window.slice:
        tally.doubts.append("parsed rows do not say which listing they came with")
    if len(totals) == 1 and None not in totals:
        (tally.total,) = totals
    if tally.total:
        tally.days = _days_here(destination, listing) if endpoint.day else {}
        tally.pages, tally.received = len(numbers), len(tally.days)
        wanted = set(range(1, max((answer.pages or 1 for answer in parsed), default=1) + 1))
        if wanted - numbers:
            tally.doubts.append(f"{len(wanted - numbers)} of {len(wanted)} pages were not parsed")
    elif tally.total == 0:
        tally.empties = {answer.asked.at for answer in parsed}
    else:
        tally.failure = "the requests agree on no total"
    with explained(destination.database), transaction(destination.con):
        cells = tally.cells(window)
        destination.record(cells, parsed[0].asked.at)


def doubt_rows(old: OldFile, destination: Destination) -> None:
    """Write as short the days of parsed rows of which the ledger knows nothing: their totals are gone."""
    for table in PARSED:
        if not old.rows.get(table):
            continue
        endpoint = ENDPOINTS[ENDPOINT_OF[table]]
        raw = raw_table(endpoint.table)
        modalidade = f'"{endpoint.modalidade.fields[0]}"' if endpoint.modalidade else "0"
        rows = destination.con.execute(
            f"""
            SELECT day, modalidade, count(*) AS landed, min(seen)
            FROM (
                SELECT {raw.key_sql}, CAST(arg_max("{endpoint.day}", observation_id) AS DATE) AS day,
                       arg_max({modalidade}, observation_id) AS modalidade, min(observed_at) AS seen
                FROM raw."{raw.name}" WHERE request_id IN (
                    SELECT request_id FROM meta.requests
                    WHERE request_id < 0 AND starts_with(url, '{address(table)}')
                )
                GROUP BY 1
            )
            WHERE day IS NOT NULL AND modalidade IS NOT NULL GROUP BY ALL
            """  # noqa: S608 - names come from the contract
        ).fetchall()
        reason = "only parsed rows are left of it, and no total"
        cells = [
            Cell(endpoint.id, day, "short", modalidade=code, landed=landed, reason=reason)
            for day, code, landed, _ in rows
        ]
        if cells:
            with explained(destination.database), transaction(destination.con):
                unknown = ledger.unknown(destination.con, cells)
                ledger.record(destination.con, unknown, min(at for *_, at in rows))


def _went_well(answer: Answer) -> bool:
    return answer.status in {None, 200, 204} and answer.parse_status in {None, "success"}


def _days_here(destination: Destination, listing: Listing) -> dict[str, str]:
    """The day of each record of a window that is here, by key."""
    window, endpoint = listing.window, ENDPOINTS[listing.endpoint or ""]
    assert window is not None  # noqa: S101 - for the type checker
    table = raw_table(endpoint.table)
    modalidade = f'AND "{endpoint.modalidade.fields[0]}" = {window.modalidade}' if endpoint.modalidade else ""
    rows = destination.con.execute(
        f"""
        SELECT {table.key_sql}, strftime(arg_max("{endpoint.day}", observation_id), '%Y-%m-%d')
        FROM raw."{table.name}"
        WHERE request_id < 0 AND CAST("{endpoint.day}" AS DATE) BETWEEN ? AND ? {modalidade} GROUP BY 1
        """,  # noqa: S608 - names come from the contract
        [window.since, window.until],
    ).fetchall()
    return dict(rows)
