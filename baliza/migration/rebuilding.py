"""Bringing parsed rows in: those of which the old file has no body, or an older one."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from baliza.build.raw_tables import raw_table
from baliza.migration.body import reader_of
from baliza.migration.destination import Destination, Parcel
from baliza.migration.old_file import PARSED, SOURCES_OF_BUDGET, OldFile
from baliza.migration.parsed_rows import (
    ENDPOINT_OF,
    as_page,
    column_of,
    purchase_column,
    rebuilder,
    sources,
)
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.landing import Request, history_id

_ROWS = 5000
"""Rows read, and landed, together."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  the file keeps UTC without saying so


class RowMigration:
    """The rows of one table on their way in.

    Args:
        old: the old file.
        destination: today's file.
        table: of the old file.
    """

    def __init__(self, old: OldFile, destination: Destination, table: str) -> None:
        self._old = old
        self._destination = destination
        self._table = table
        self._columns = list(old.columns[table])
        self._endpoint = ENDPOINTS[ENDPOINT_OF[table]]
        self._rebuild = rebuilder(table, self._columns)
        self._key = column_of(old.columns[table], self._endpoint.key[0])
        self._version = column_of(old.columns[table], self._endpoint.version)

    def run(self) -> None:
        """Land what has not landed yet, in the order of the rows."""
        for first, last in ranges(self._old, self._table):
            if not self._destination.done([(self._table, first)]):
                self._land(first, last)
        self._destination.progress.window(self._table, "landed")

    def _land(self, first: int, last: int) -> None:
        rows = self._old.con.execute(
            f"""
            SELECT {", ".join(f'"{column}"' for column in self._columns)}
            FROM old.{self._table} WHERE rowid BETWEEN {first} AND {last} ORDER BY rowid
            """  # noqa: S608 - names of the file's own columns
        ).fetchall()
        fresh = self._without_covered(rows)
        records = [self._rebuild(row) for row in fresh]
        if self._table == "psa.raw_contratacoes":
            self._put_sources(records)
        parcel = Parcel(self._endpoint.id, covered=len(rows) - len(fresh))
        parcel.answers.append((self._table, first, "rows"))
        if records:
            body = as_page(records)
            at = max((moment for moment in map(self._moment, rows) if moment), default=_EPOCH)
            request = Request(
                request_id=history_id(round((at - _EPOCH).total_seconds() * 1000)),
                endpoint=self._endpoint.id,
                url=f"{address(self._table)}{first}..{last}",
                requested_at=at,
                seconds=0.0,
                status=None,
                size=len(body),
                sha256=hashlib.sha256(body).hexdigest(),
                outcome="records",
            )
            page = reader_of(self._endpoint.id).read(body)
            request = self._destination.told(parcel, request, is_of_rows=True)
            self._destination.spooled(parcel, request, page, 0)
        self._destination.land(parcel)
        self._destination.progress.page(records=len(rows), rate=0)

    def _without_covered(self, rows: list[tuple]) -> list[tuple]:
        """The rows without those of a version whose own record is here: a parsed row says less than it."""
        if self._key is None:
            return rows
        key = self._columns.index(self._key)
        version = self._columns.index(self._version) if self._version else None
        table = raw_table(self._endpoint.table)
        known = self._destination.con.execute(
            f"""
            SELECT {table.key_sql}, CAST("{self._endpoint.version}" AS TIMESTAMP)
            FROM raw."{table.name}" WHERE {table.key_sql} IN (SELECT unnest($keys::VARCHAR[]))
            """,  # noqa: S608 - names come from the contract
            {"keys": [str(row[key]) for row in rows]},
        ).fetchall()
        here = set(known)
        keys = {one for one, _ in known}

        def is_covered(row: tuple) -> bool:
            said = None if version is None else row[version]
            return row[key] in keys if said is None else (row[key], _as_moment(said)) in here

        return [row for row in rows if not is_covered(row)]

    def _put_sources(self, records: list[dict[str, Any]]) -> None:
        """Put the sources of budget into their purchases."""
        if SOURCES_OF_BUDGET not in self._old.columns or not records:
            return
        columns = self._old.columns[SOURCES_OF_BUDGET]
        purchase = purchase_column(columns)
        found = self._old.con.execute(
            f"""
            SELECT "{purchase}", {", ".join(f'"{column}"' for column in columns)}
            FROM old.{SOURCES_OF_BUDGET}
            WHERE "{purchase}" IN (SELECT unnest($keys::VARCHAR[])) ORDER BY rowid
            """,  # noqa: S608 - names of the file's own columns
            {"keys": [record.get(self._endpoint.key[0]) for record in records]},
        ).fetchall()
        by_purchase: dict[str, list[tuple]] = defaultdict(list)
        for purchase_key, *row in found:
            by_purchase[purchase_key].append(tuple(row))
        for record in records:
            mine = by_purchase.get(record.get(self._endpoint.key[0], ""), [])
            record["fontesOrcamentarias"] = sources(mine, list(columns))

    def _moment(self, row: tuple) -> datetime | None:
        if "extracted_at" not in self._columns:
            return None
        value = row[self._columns.index("extracted_at")]
        return _as_moment(value) if value is not None else None


def rebuild_rows(old: OldFile, destination: Destination) -> None:
    """Land the parsed rows of every table that has some."""
    for table in PARSED:
        if table in old.columns:
            RowMigration(old, destination, table).run()


def orphans(old: OldFile, destination: Destination) -> int:
    """Sources of budget whose purchase is not here: there is no record they could be part of."""
    if SOURCES_OF_BUDGET not in old.columns:
        return 0
    purchase = purchase_column(old.columns[SOURCES_OF_BUDGET])
    key = column_of(old.columns.get("psa.raw_contratacoes", {}), "numeroControlePNCP")
    known = f'SELECT "{key}" FROM old.psa.raw_contratacoes' if key else "SELECT NULL WHERE false"  # noqa: S608
    rows = old.con.execute(
        f"""
        SELECT "{purchase}", count(*) FROM old.{SOURCES_OF_BUDGET} AS source
        WHERE NOT EXISTS (FROM ({known}) AS parsed(key) WHERE key = source."{purchase}") GROUP BY 1
        """  # noqa: S608 - names of the file's own columns
    ).fetchall()
    here = destination.con.execute(
        """
        SELECT DISTINCT "numeroControlePNCP" FROM raw.contratacoes
        WHERE "numeroControlePNCP" IN (SELECT unnest($keys::VARCHAR[]))
        """,
        {"keys": [key for key, _ in rows]},
    ).fetchall()
    return sum(count for key, count in rows if (key,) not in here)


def ranges(old: OldFile, table: str) -> Iterator[tuple[int, int]]:
    """First and last row of each group that lands together."""
    row = old.con.execute(f"SELECT max(rowid) FROM old.{table}").fetchone()  # noqa: S608 - ours
    last = row[0] if row and row[0] is not None else -1
    for first in range(0, last + 1, _ROWS):
        yield first, first + _ROWS - 1


def _as_moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return None
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001


def address(table: str) -> str:
    """How the address of rows of a table begins, in the evidence."""
    return f"old file {table} rows "
