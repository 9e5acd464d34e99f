"""What is behind rows of a mart, as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from baliza.build.catalog import TableNode
from baliza.build.footing import Footing
from baliza.build.lineage import Step
from baliza.warehouse.snapshots import Snapshot


@dataclass(frozen=True)
class Group:
    """Records of one bucket, or of one verdict: how many, and the sums of their amounts."""

    name: str | None
    records: int
    sums: Mapping[str, Decimal]


@dataclass(frozen=True)
class Records:
    """The records of one table behind the rows.

    Attributes:
        table: or a node that looks at records, and makes no table of its own.
        grouped_by: the column that tells the groups apart; where it lists what was found in a record, one may
            be in several groups.
        records: the first of them; `total` says how many there are.
    """

    table: str
    grouped_by: str | None
    groups: list[Group]
    total: int
    records: list[dict[str, Any]]


@dataclass(frozen=True)
class Check:
    """What the mart's function makes of the records alone, beside what the file holds.

    Of rows that list their evidence it is run over all records of their órgãos instead.

    Attributes:
        same: columns that come out the same in every row; the key apart.
        differing: the others, with the rows they differ in: they rest on more than these records.
    """

    same: list[str]
    differing: Mapping[str, int]


@dataclass(frozen=True)
class Evidence:
    """What rows that list their evidence list: records named, of those counted; and those that were found."""

    named: int
    counted: int
    found: int


@dataclass(frozen=True)
class Explanation:
    """What is behind rows of a mart.

    Attributes:
        snapshot: that was read; None where it was the file itself.
        wanted: what they were asked for by.
        rows: the first of them; `total` says how many there are.
        evidence: None where the key leads to the records.
    """

    database: Path
    snapshot: Snapshot | None
    source: str | None
    node: TableNode
    wanted: Mapping[str, Any]
    rows: list[dict[str, Any]]
    total: int
    records: list[Records]
    check: Check
    evidence: Evidence | None
    footing: list[Footing]
    way: list[Step]
