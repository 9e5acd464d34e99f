"""Writing tables: each in its format, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from baliza.errors import ExportError, InvalidConditionError
from baliza.language import marked
from baliza.publish.condition import where
from baliza.publish.export import csv_file, folder, parquet_file
from baliza.publish.export.datapackage import datapackage
from baliza.publish.export.folder import Staging
from baliza.publish.export.table import Choice, Note, Table, Written, WrittenFile, quoted
from baliza.publish.masking import masked_sql

Told = Callable[[Table, int], None]
"""Called before a table is written, with the rows it will have."""


def write(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    choice: Choice,
    output: Path,
    *,
    force: bool,
    told: Told,
    spills: bool = True,
) -> list[Written]:
    """Write the tables into a folder, with their `datapackage.json`.

    Args:
        con: the file, to be read.
        tables: of it, and which rows.
        choice: how they are written.
        output: the folder; made where there is none.
        force: replace the export it holds.
        told: hears what is being written.
        spills: put what does not fit into memory beside the output while it is written.

    Raises:
        InvalidConditionError: the condition fits the columns in name, but not in type.
        OutputExistsError: the folder holds an export, or other files under these names.
        ExportError: it cannot be written.
    """
    folder.check_free(output, force=force)
    counts = [_count(con, table) for table in tables]
    with folder.staged(output) as staging:
        if spills:
            con.execute("SET temp_directory = $path", {"path": str(staging.spill)})
        written = []
        for table, rows in zip(tables, counts, strict=True):
            told(table, rows)
            written.append(_write(con, table, choice, staging, output, rows))
        files = [file for one in written for file in one.files]
        folder.publish(staging, output, files, datapackage(written, choice), force=force)
    return written


def _count(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    try:
        row = con.execute(f"SELECT count(*) FROM {table.sql} AS t{where((table.condition,))}").fetchone()  # noqa: S608 - quoted, and a parsed condition
    except (duckdb.BinderException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
        raise InvalidConditionError(
            "Rows of {table} with {condition} were to be exported.",
            "The condition does not fit its columns: {message}",
            "See their types: baliza targets --json",
            table=table.location,
            condition=table.condition,
            message=str(error).partition("\n")[0],
        ) from error
    return row[0] if row else 0


def _write(
    con: duckdb.DuckDBPyConnection, table: Table, choice: Choice, staging: Staging, output: Path, rows: int
) -> Written:
    try:
        files, notes = _in_format(con, table, choice, staging, rows)
        hides_key = choice.masks and _hides_key(con, table)
    except (duckdb.Error, OSError) as error:
        raise ExportError(
            "The table {table} was to be written to {output}.",
            "That failed: {message}",
            "Free space there, allow more with --memory-limit, or name another folder with --output.",
            table=table.location,
            output=output,
            message=str(error).partition("\n")[0],
        ) from error
    if not rows:
        notes = [Note(marked("No row: the file has the columns alone.")), *_nothing(table), *notes]
    return Written(table, files, notes, unique=not hides_key)


def _nothing(table: Table) -> list[Note]:
    """Which of the values that were named no row has, and the nearest there are."""
    if table.nothing is None:
        return []
    return [Note(text, table.nothing.facts) for text in (table.nothing.found, table.nothing.remedy)]


def _in_format(
    con: duckdb.DuckDBPyConnection, table: Table, choice: Choice, staging: Staging, rows: int
) -> tuple[list[WrittenFile], list[Note]]:
    if choice.format == "parquet":
        return parquet_file.write(con, table, choice, staging, rows=rows), []
    if choice.format == "csv":
        return csv_file.write(con, table, choice, staging)
    from baliza.publish.export import workbook  # noqa: PLC0415 - its library is not asked for by the others

    return workbook.write(con, table, choice, staging, rows=rows)


def _hides_key(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether a CPF is hidden in the key of any row: two keys may then look alike."""
    columns = table.contract.columns
    texts = [f"t.{quoted(name)}" for name in table.contract.key if columns[name].dtype.is_string()]
    hidden = " OR ".join(f"{masked_sql(text)} <> {text}" for text in texts)
    if not hidden:
        return False
    query = f"SELECT 1 FROM {table.sql} AS t{where((table.condition, hidden))} LIMIT 1"  # noqa: S608 - quoted, and a parsed condition
    return bool(con.execute(query).fetchall())
