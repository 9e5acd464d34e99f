"""What checks find of a table: the rules it breaks, and whether it reconciles with what it is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataflows.contract import Severity


@dataclass(frozen=True)
class Violation:
    """A rule that does not hold.

    Attributes:
        failing: rows that break it (for a gate, measures that differ).
        sample: keys of a few of them, or what the gate expected and found, as JSON.
    """

    rule: str
    severity: Severity
    failing: int
    sample: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Measure:
    """One line of a reconciliation: a count or a sum as it must be, and as it is in the table."""

    gate: str
    name: str
    expected: int | Decimal | None
    found: int | Decimal | None
