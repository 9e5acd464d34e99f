"""Tables as CSV: one file each, quoted where it must be, in the dialect that was chosen."""

from __future__ import annotations

from pathlib import Path

import duckdb

from baliza.language import marked
from baliza.publish.export.columns import as_csv, rows_sql
from baliza.publish.export.folder import Staging
from baliza.publish.export.table import Choice, Note, Table, WrittenFile, literal

_MARK = "\N{BYTE ORDER MARK}"
_CHUNK = 1 << 20


def write(
    con: duckdb.DuckDBPyConnection, table: Table, choice: Choice, staging: Staging
) -> tuple[list[WrittenFile], list[Note]]:
    """Write one table: a missing value is nothing between separators, an empty text two quotes.

    What the file says of itself stands in `datapackage.json` beside it, with the file's own SHA-256: a line
    of remarks before the header would be a row to Excel.
    """
    path = Path(f"{table.location}.csv")
    dialect = choice.dialect
    mark = _MARK if dialect.encoding == "utf-8-sig" else ""
    query = rows_sql(table, choice, as_csv(dialect), mark=mark)
    row = con.execute(
        f"COPY ({query}) TO {literal(str(staging.place(path)))} "
        f"(FORMAT csv, HEADER, DELIMITER {literal(dialect.separator)})"
    ).fetchone()
    notes = _encoded(staging.place(path)) if dialect.encoding == "windows-1252" else []
    return [staging.written(path, row[0] if row else 0)], notes


def _encoded(path: Path) -> list[Note]:
    """Write the file once more in windows-1252, and say how many characters that does not have."""
    encoded = path.with_suffix(".encoded")
    lost = 0
    with path.open(encoding="utf-8", newline="") as read, encoded.open("wb") as written:
        while text := read.read(_CHUNK):
            try:
                written.write(text.encode("windows-1252"))
            except UnicodeEncodeError:
                known = text.encode("windows-1252", "ignore").decode("windows-1252")
                lost += len(text) - len(known)
                written.write(text.encode("windows-1252", "replace"))
    encoded.replace(path)
    note = marked("{n} characters that windows-1252 does not have are written as ?.")
    return [Note(note, {"n": lost})] if lost else []
