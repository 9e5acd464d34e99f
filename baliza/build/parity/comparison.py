"""`baliza parity`: baliza's tables beside the questions of the old dbt project, cell by cell."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from baliza.build.dbt.models import COMPARED, Model
from baliza.build.diff.comparison import DIFFERENT, TableDiff, compare
from baliza.build.parity.checks import Check, checks
from baliza.build.parity.faults import Fault, faults
from baliza.build.parity.scratch import build_old, build_ours
from baliza.settings import Resources
from baliza.warehouse.published import open_published
from baliza.warehouse.snapshots import Snapshot


@dataclass(frozen=True)
class TableParity:
    """One table of baliza beside the old question it answers.

    Attributes:
        model: the question, as it should have been meant.
        diff: before is what SQL written by hand answers, after what baliza does.
    """

    model: Model
    diff: TableDiff

    @property
    def rows(self) -> int:
        """Rows of baliza's table."""
        return self.diff.counts[1] or 0

    @property
    def cells(self) -> int:
        """Cells that were compared: of every row of either side, the columns of both."""
        rows = self.diff.rows
        return 0 if rows is None else (rows.after + rows.removed) * len(self.diff.pair.shared)

    @property
    def differing_cells(self) -> int:
        """Cells that differ; of a row that one side alone has, all of them."""
        rows = self.diff.rows
        if rows is None:
            return 0
        alone = (rows.removed + rows.added) * len(self.diff.pair.shared)
        return alone + sum(rows.changed_by_column.values())

    @property
    def not_compared(self) -> list[str]:
        """Columns of baliza's that the old project had no question for."""
        return list(self.diff.pair.added)

    @property
    def is_same(self) -> bool:
        """Whether every question was answered, with the same type and the same cells."""
        pair, rows = self.diff.pair, self.diff.rows
        return rows is not None and rows.are_same and not (pair.dropped or pair.retyped)


@dataclass(frozen=True)
class Parity:
    """What came of the comparison.

    Attributes:
        database: the file that was asked about.
        snapshot: its published state, where that was read.
        source: where its data come from.
    """

    database: Path
    snapshot: Snapshot | None
    source: str | None
    tables: list[TableParity]
    faults: list[Fault]
    checks: list[Check]

    @property
    def exit_code(self) -> int:
        """0 when no cell differs."""
        return 0 if all(one.is_same for one in self.tables) else DIFFERENT


def parity(
    database: Path,
    *,
    shown: int,
    resources: Resources,
    on_table: Callable[[str], None] = lambda _name: None,
) -> Parity:
    """Build both from the raw tables of a file, in files of their own that are deleted, and compare.

    Args:
        database: only read; its last published state, if there is one.
        shown: rows that differ in each sample.
        resources: what DuckDB may take; without a folder the scratch files are made beside the database.
        on_table: told the name of each table before it is built.

    Raises:
        DatabaseError: the file is missing, locked, or not baliza's.
        BuildError: a table of baliza cannot be built.
        DiskFullError: the copy does not fit.
    """
    opened = open_published(database, resources=resources)
    opened.con.close()
    beside = database.parent if os.access(database.parent, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=".baliza-", dir=resources.temp_directory or beside) as folder:
        ours, old = Path(folder) / "baliza.duckdb", Path(folder) / "old.duckdb"
        source = build_ours(opened.path, ours, resources, on_table)
        con = build_old(ours, old, source, resources, on_table)
        try:
            touched, checked = faults(con), checks(con)
        finally:
            con.close()
        tables = compare_tables(old, ours, shown=shown, resources=resources)
    return Parity(database, opened.snapshot, source, tables, touched, checked)


def compare_tables(old: Path, ours: Path, *, shown: int, resources: Resources) -> list[TableParity]:
    """Every table that answers an old question.

    Args:
        old: with the answers as they should have been.
        ours: with baliza's.
        shown: rows that differ in each sample.
        resources: what DuckDB may take.
    """
    compared = compare(
        ("old", old),
        ("baliza", ours),
        tables=[model.table for model in COMPARED],
        shown=shown,
        resources=resources,
    )
    found = {one.pair.location: one for one in compared.tables}
    return [TableParity(model, found[model.table]) for model in COMPARED]
