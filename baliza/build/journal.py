"""What a build writes down about its tables: each decision, each broken rule, each reconciliation."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import duckdb

from baliza.build.checked import Measure, Violation
from baliza.build.decide import Cause
from baliza.events import tell
from baliza.warehouse.connection import transaction

_logger = logging.getLogger(__name__)

Decision = Literal["skipped", "incremental", "rebuilt", "failed"]


@dataclass(frozen=True)
class Built:
    """What became of one table in a build.

    Attributes:
        causes: why it was built, or could not be; none where it was skipped.
        rows: that it holds now.
        rows_in: that it was made from: keys made anew, or the rows of its parents.
        keys: of an increment, how many keys were made anew.
        peak_memory: bytes DuckDB held at most while it was made, pages of the file kept in memory among them.
        warnings: rules of severity warning that do not hold.
    """

    name: str
    location: str
    decision: Decision
    causes: tuple[Cause, ...]
    rows: int
    seconds: float = 0
    rows_in: int | None = None
    keys: int | None = None
    peak_memory: int | None = None
    version: str = ""
    warnings: tuple[Violation, ...] = ()

    @property
    def reason(self) -> str:
        """The causes, in one line."""
        return "; ".join(str(cause) for cause in self.causes) or "unchanged"


class Journal:
    """The diary of one run's tables.

    Args:
        con: the file.
        run_id: of the run in meta.runs; None outside of a command.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, run_id: int | None) -> None:
        self._con = con
        self._run_id = run_id

    def note(self, built: Built) -> None:
        """What became of a table."""
        _tell(built)
        if self._run_id is None:
            return
        self._con.execute(
            "INSERT INTO meta.run_nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._run_id,
                built.name,
                built.decision,
                built.reason,
                built.rows_in,
                built.rows,
                sum(one.failing for one in built.warnings),
                built.keys,
                built.seconds,
                built.peak_memory,
                built.version,
            ],
        )

    def keep_violations(self, name: str, found: Sequence[Violation]) -> None:
        """Replace what meta.violations holds of a table: a bounded sample, rolled back or not."""
        with transaction(self._con):
            self._con.execute("DELETE FROM meta.violations WHERE table_name = ?", [name])
            for violation in found:
                for key in violation.sample or [None]:
                    self._con.execute(
                        "INSERT INTO meta.violations VALUES (?, ?, ?, ?, ?, ?)",
                        [name, violation.rule, violation.severity, violation.failing, key, now()],
                    )

    def keep_measures(self, name: str, measures: Sequence[Measure]) -> None:
        """Replace what meta.reconciliations says of a table."""
        with transaction(self._con):
            self._con.execute("DELETE FROM meta.reconciliations WHERE table_name = ?", [name])
            for one in measures:
                self._con.execute(
                    "INSERT INTO meta.reconciliations VALUES (?, ?, ?, ?, ?, ?)",
                    [name, one.gate, one.name, one.expected, one.found, now()],
                )


def _tell(built: Built) -> None:
    level = logging.ERROR if built.decision == "failed" else logging.INFO
    rejected = sum(one.failing for one in built.warnings)
    tell(
        _logger,
        level,
        "table",
        node=built.name,
        decision=built.decision,
        reason=built.reason,
        rows_in=built.rows_in,
        rows=built.rows,
        rejected=rejected,
        keys=built.keys,
        seconds=built.seconds,
        peak_memory=built.peak_memory,
    )
    for one in built.warnings:
        tell(_logger, logging.WARNING, "rule broken", node=built.name, rule=one.rule, failing=one.failing)


def now() -> datetime:
    """UTC, without saying so, as the file keeps its times."""
    return datetime.now(UTC).replace(tzinfo=None)
