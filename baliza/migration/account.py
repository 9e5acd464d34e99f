"""The account of a migration: what the old file held, what became of it, and whether it adds up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import duckdb

from baliza.build.session import DONE, INCOMPLETE
from baliza.migration.dropping import Dropped
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.ledger import Coverage, known_coverage

_BODIES = (
    "records",
    "copy",
    "empty",
    "truncated",
    "unknown",
    "no page",
    "error status",
    "no content",
    "parsed",
)


@dataclass(frozen=True)
class Loss:
    """What would be lost if the old schema were dropped.

    Attributes:
        what: "not migrated", answers and groups of rows; "unbalanced", tables that do not add up; "bodies",
            whose records fit no table; "sources", of budget, whose purchase is not there; "tables", that are
            not of the old layout.
        names: of the tables.
    """

    what: Literal["not migrated", "unbalanced", "bodies", "sources", "tables"]
    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableAccount:
    """One table of schema raw: received = stored + repeats + covered + quarantined.

    Attributes:
        received: records in bodies, and parsed rows.
        stored: rows that are there now.
        repeats: identical to another.
        covered: parsed rows of a version whose own record came in a body.
        quarantined: kept as text in meta.quarantine, as often as they came.
        reasons: of the texts in quarantine, each once.
    """

    table: str
    received: int
    stored: int
    repeats: int
    covered: int
    quarantined: int
    reasons: dict[str, int]

    @property
    def is_balanced(self) -> bool:
        """Whether it adds up."""
        return self.received == self.stored + self.repeats + self.covered + self.quarantined

    @property
    def equation(self) -> str:
        """In numbers."""
        parts = (self.stored, self.repeats, self.covered, self.quarantined)
        return f"{self.received} = {' + '.join(map(str, parts))}"


@dataclass(frozen=True)
class Account:
    """What came of a migration; of all its runs, if it was interrupted.

    Attributes:
        generations: found in the old file: rows by table.
        answers: how many the old file holds.
        outcomes: of answers, by what they were.
        bodies_unasked: bodies that no request points to.
        coverage: all that today's file knows, snapshots left out.
        orphans: sources of budget without their purchase, which are left out.
        missing: answers and groups of rows that did not come in.
        strangers: tables in the old schema that are not of the old layout.
        dropped: what --drop-psa did.
        refused: why it did not.
    """

    old: Path
    database: Path
    source: str
    generations: dict[str, dict[str, int]]
    answers: int
    outcomes: Counter[str]
    misnamed: int
    bodies_unasked: int
    tables: list[TableAccount]
    coverage: Coverage
    orphans: int
    missing: int
    strangers: list[str]
    seconds: float
    gives_up: list[Loss] = field(default_factory=list)
    dropped: Dropped | None = None
    refused: bool = False

    @property
    def is_balanced(self) -> bool:
        """Whether every table adds up, and every answer and row came in."""
        return not self.missing and all(table.is_balanced for table in self.tables)

    @property
    def exit_code(self) -> int:
        """0; 3 when cells are short; 1 when something was not done that was asked for."""
        if self.refused or not self.is_balanced:
            return 1
        return DONE if self.coverage.is_complete else INCOMPLETE

    def as_json(self) -> dict[str, Any]:
        """As JSON's own types; docs/json.md says what each member is."""
        return {
            "old": str(self.old),
            "database": str(self.database),
            "source": self.source,
            "generations": self.generations,
            "bodies": {
                "answers": self.answers,
                **dict(self.outcomes),
                "misnamed": self.misnamed,
                "content_without_request": self.bodies_unasked,
            },
            "tables": [
                {
                    "table": f"raw.{table.table}",
                    "received": table.received,
                    "stored": table.stored,
                    "repeats": table.repeats,
                    "covered": table.covered,
                    "quarantined": table.quarantined,
                    "balanced": table.is_balanced,
                    "reasons": [
                        {"reason": reason, "texts": texts} for reason, texts in table.reasons.items()
                    ],
                }
                for table in self.tables
            ],
            "balanced": self.is_balanced,
            "not_migrated": self.missing,
            "sources_without_purchase": self.orphans,
            "strangers": self.strangers,
            "gives_up": [
                {"what": loss.what, "count": loss.count, "names": list(loss.names)} for loss in self.gives_up
            ],
            "dropped": self.dropped and self.dropped.as_json(),
            "refused_to_drop": self.refused,
            "seconds": self.seconds,
            "exit_code": self.exit_code,
        }


def outcomes_of(con: duckdb.DuckDBPyConnection, source: str) -> tuple[Counter[str], int]:
    """How many answers there were of each sort, and how many of them under a wrong name."""
    rows = con.execute(
        """
        SELECT answer.outcome, count(*)
        FROM (SELECT unnest(answers) AS answer FROM meta.migrated WHERE source = ?) GROUP BY 1
        """,
        [source],
    ).fetchall()
    found: Counter[str] = Counter(dict.fromkeys(_BODIES, 0))
    misnamed = 0
    for outcome, count in rows:
        name, _, note = outcome.partition(", ")
        misnamed += count if note else 0
        if name != "rows":
            found[name] += count
    return found, misnamed


def tables_of(con: duckdb.DuckDBPyConnection, source: str) -> list[TableAccount]:
    """The account of each table."""
    rows = con.execute(
        """
        SELECT table_name, sum(received), sum(stored), sum(repeats), sum(covered), sum(quarantined)
        FROM meta.migrated WHERE source = ? AND table_name IS NOT NULL GROUP BY 1 ORDER BY 1
        """,
        [source],
    ).fetchall()
    reasons = con.execute(
        """
        SELECT table_name, reason, count(*) FROM meta.quarantine
        WHERE request_id < 0 GROUP BY ALL ORDER BY 3 DESC, 2
        """
    ).fetchall()
    by_table: dict[str, dict[str, int]] = {}
    for table, reason, texts in reasons:
        by_table.setdefault(table, {})[reason] = texts
    return [
        TableAccount(
            table, int(received), int(stored), int(repeats), int(covered), int(quarantined),
            by_table.get(table, {}),
        )
        for table, received, stored, repeats, covered, quarantined in rows
    ]  # fmt: skip


def coverage_of(con: duckdb.DuckDBPyConnection) -> Coverage:
    """What the ledger knows; but of snapshots, for what was open on a day gone by cannot be asked again."""
    found = Coverage({}, 0, 0, [])
    for endpoint in ENDPOINTS.values():
        if endpoint.cell != "snapshot":
            found += known_coverage(con, endpoint.id)
    return found
