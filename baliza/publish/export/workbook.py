"""Tables as XLSX: one workbook each, or several where a sheet cannot hold them all.

The writer keeps one row in memory. Texts are written as texts whatever they begin with, and money, dates and
links are what Excel takes them for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from baliza.language import marked
from baliza.publish.export.about_sheet import write_about
from baliza.publish.export.cells import Cells
from baliza.publish.export.columns import as_flat, rows_sql
from baliza.publish.export.folder import Staging
from baliza.publish.export.table import Choice, Note, Table, WrittenFile
from baliza.publish.export.widths import width

MOST_ROWS = 1_048_575
"""Of a sheet of Excel, without the header."""

SPLIT = marked("A sheet of Excel holds {most} rows: the table is in {n} files.")

_BATCH = 2_000
_SHEET_NAME = 31
"""Characters that the name of a sheet may have."""


def write(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    choice: Choice,
    staging: Staging,
    *,
    rows: int,
) -> tuple[list[WrittenFile], list[Note]]:
    """Write one table.

    Args:
        con: the file it is read from.
        table: the one.
        choice: which rows, and what is hidden.
        staging: where to.
        rows: how many there will be.
    """
    parts = max(1, -(-rows // MOST_ROWS))
    found = _rows(con, rows_sql(table, choice, as_flat))
    files: list[WrittenFile] = []
    notes: dict[str, int] = {}
    for part in range(1, parts + 1):
        path = Path(f"{table.location}.xlsx" if parts == 1 else f"{table.location}-{part}.xlsx")
        cells = _write(staging.place(path), table, choice, islice(found, MOST_ROWS), f"{part}/{parts}")
        files.append(staging.written(path, cells.rows))
        for note, times in cells.notes.items():
            notes[note] = notes.get(note, 0) + times
    told = [Note(note, {"n": times}) for note, times in notes.items()]
    if parts > 1:
        told.insert(0, Note(SPLIT, {"most": MOST_ROWS, "n": parts}))
    return files, told


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    result = con.execute(query)
    while batch := result.fetchmany(_BATCH):
        yield from batch


def _made(table: Table) -> dict[str, datetime]:
    """When, so that the same data make the same file; the writer would take the time of day."""
    made = table.built_at or table.proven_at
    return {"created": made} if made else {}


def _write(path: Path, table: Table, choice: Choice, rows: Iterator[tuple[Any, ...]], part: str) -> Cells:
    columns = table.contract.columns
    # The temporary files of the writer stand beside what it writes, on the disk that was chosen.
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    book = xlsxwriter.Workbook(path, options)
    book.set_properties({"title": table.location, "comments": f"baliza {choice.version}", **_made(table)})
    sheet = book.add_worksheet(table.location[:_SHEET_NAME])
    cells = Cells(book, sheet, columns)
    head = list(islice(rows, _BATCH))
    for position, (name, column) in enumerate(columns.items()):
        sheet.set_column(position, position, width(name, column, [row[position] for row in head]))
    cells.write_header()
    for row in chain(head, rows):
        cells.write_row(row)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, cells.rows), len(columns) - 1)
    write_about(book, table, choice, cells, part)
    # Not where any of it failed, as `with` would: closing puts the file together, which takes as long again.
    book.close()
    return cells
