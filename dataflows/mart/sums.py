"""What the marts add up, one way in all of them."""

from __future__ import annotations

from dataflows.contract import MONEY_TOTAL
from dataflows.expressions import Amount, Flag


def sum_where(amount: Amount, condition: Flag) -> Amount:
    """The exact sum of the amounts of these rows; zero when there is nothing to sum."""
    return amount.sum(where=condition).coalesce(0).cast(MONEY_TOTAL)
