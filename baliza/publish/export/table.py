"""What is exported: a table of the file, what is known of it, and how the files are to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from baliza.errors import BalizaError
from dataflows.contract import Contract

Format = Literal["parquet", "csv", "xlsx"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "xlsx")
ENCODINGS = ("utf-8-sig", "utf-8", "windows-1252")


def quoted(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text of SQL."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written. The defaults are what Excel in Portuguese opens with two clicks.

    Attributes:
        encoding: of ENCODINGS. Excel takes a file without the mark of utf-8-sig for windows-1252.
        separator: of cells.
        decimal: sign before the decimals. With a point, Excel in Portuguese reads 1234.5000 as 12 345 000.
    """

    encoding: str = "utf-8-sig"
    separator: str = ";"
    decimal: str = ","


@dataclass(frozen=True)
class Covered:
    """What is proven of one endpoint a table rests on, in one slice or in several added up.

    Attributes:
        slice: '' for the whole country, kind=value; None where several are added up.
        slices: how many.
        cells: days (of details, purchases or contracts) by status.
        expected: records PNCP says there are.
        landed: of them in the file.
    """

    endpoint: str
    slice: str | None
    slices: int
    since: date
    until: date
    cells: Mapping[str, int]
    expected: int
    landed: int

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for is proven."""
        return set(self.cells) <= {"complete", "empty"}


@dataclass(frozen=True)
class Table:
    """One table of the file.

    Attributes:
        name: of its node, such as mart_spending.
        contract: its columns and what they mean.
        built_at: UTC; None for a raw table.
        coverage: what is proven of the endpoints it rests on, as the ledger is now.
        proven_at: UTC, of the newest proof among them; None where nothing was proven.
        condition: SQL that rows must meet; empty for all rows.
        nothing: where no row has the values that were named, what there is instead.
    """

    name: str
    contract: type[Contract]
    built_at: datetime | None
    coverage: list[Covered]
    proven_at: datetime | None
    condition: str = ""
    nothing: BalizaError | None = None

    @property
    def location(self) -> str:
        """Schema and name, such as mart.spending."""
        return self.name.replace("_", ".", 1)

    @property
    def sql(self) -> str:
        """Schema and name, quoted."""
        schema, _, table = self.name.partition("_")
        return f"{quoted(schema)}.{quoted(table)}"

    @cached_property
    def period(self) -> tuple[date, date] | None:
        """First and last day that was asked of PNCP, of all its endpoints."""
        if not self.coverage:
            return None
        return min(one.since for one in self.coverage), max(one.until for one in self.coverage)

    @property
    def is_complete(self) -> bool:
        """Whether all that was ever asked for is proven; not where nothing was."""
        return bool(self.coverage) and all(one.is_complete for one in self.coverage)


@dataclass(frozen=True)
class Choice:
    """How the tables are to be written.

    Attributes:
        masks: whether CPFs are hidden.
        version: of baliza.
        source: of the file: pncp, sample, simulator; None where it holds nothing yet.
    """

    format: Format
    version: str
    source: str | None
    masks: bool = True
    dialect: Dialect = field(default_factory=Dialect)

    @property
    def synthetic(self) -> bool:
        """Whether every name and value is invented."""
        return self.source in {"sample", "simulator"}


@dataclass(frozen=True)
class WrittenFile:
    """One file of an export.

    Attributes:
        path: below the folder of the export.
        size: bytes.
        sha256: of its bytes, in hexadecimal.
    """

    path: Path
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Note:
    """A sentence with the numbers it speaks of, so that whoever shows it can translate it first."""

    text: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """What became of one table.

    Attributes:
        notes: what was changed of its values to fit the format, and how often; templates and their values.
        unique: whether its key still tells its rows apart: masking may make two of them one.
    """

    table: Table
    files: list[WrittenFile]
    notes: list[Note]
    unique: bool = True

    @property
    def rows(self) -> int:
        """In all files."""
        return sum(file.rows for file in self.files)
