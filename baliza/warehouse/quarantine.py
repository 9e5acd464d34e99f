"""Finding the records that DuckDB refuses, so that their neighbours can land."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from baliza.warehouse.page import Defect, PageReader, lines, split

if TYPE_CHECKING:
    from baliza.warehouse.landing import SpooledPage


def set_apart(
    con: duckdb.DuckDBPyConnection,
    reader: PageReader,
    pages: list[SpooledPage],
    records_of: Callable[[Path], str],
) -> list[tuple[SpooledPage, Defect]]:
    """Rewrite the spooled pages without the records DuckDB refuses, and return those records.

    Args:
        con: where DuckDB tries them.
        reader: of the endpoint they came from.
        pages: of one window; their files are rewritten.
        records_of: the SELECT that types the records of one spooled page.
    """
    refused = []
    for page in pages:
        if _refusal(con, records_of(page.path)) is None:
            continue
        came = split(page.path.read_bytes())
        # A lone blank passes for text until DuckDB is to make a date or a number of it.
        records = [reader.without_blanks(record) for record in came]
        bad = refusals(con, page.path, records, records_of)
        refused += [
            (page, reader.defect_of(as_it_came(came[index]), reason)) for index, reason in bad.items()
        ]
        kept = [record for index, record in enumerate(records) if index not in bad]
        write_records(page.path, kept)
    return refused


def as_it_came(record: bytes) -> bytes:
    """The text of a record without the unknown fields that the page reader repeats at its end."""
    text, mark, _ = record.rpartition(b',"unknown_fields":')
    return text + b"}" if mark else record


def refusals(
    con: duckdb.DuckDBPyConnection, path: Path, records: list[bytes], records_of: Callable[[Path], str]
) -> dict[int, str]:
    """Index and reason of each record that DuckDB refuses.

    Args:
        con: where DuckDB tries them.
        path: of a page to try them in; it is written over.
        records: each as its own text.
        records_of: the SELECT that types the records of that page.
    """
    bad: dict[int, str] = {}
    ranges = [range(len(records))]
    while ranges:
        indexes = ranges.pop()
        write_records(path, [records[index] for index in indexes])
        reason = _refusal(con, records_of(path))
        if reason is None:
            continue
        if len(indexes) == 1:
            bad[indexes[0]] = reason
        else:
            middle = len(indexes) // 2
            ranges += [indexes[:middle], indexes[middle:]]
    return bad


def _refusal(con: duckdb.DuckDBPyConnection, records: str) -> str | None:
    """What DuckDB says against these records, or None when it types them all."""
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE trial AS {records}")
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        return _sentence(error)
    else:
        con.execute("DROP TABLE trial")
        return None


def _sentence(error: duckdb.Error) -> str:
    """The line of DuckDB's message that says what was wrong with the value."""
    first = str(error).splitlines()[0]
    return first.rpartition(" in line 1: ")[2] or first


def write_records(path: Path, records: list[bytes]) -> None:
    """Write a page of these records, to be read by DuckDB."""
    path.write_bytes(lines(records))
