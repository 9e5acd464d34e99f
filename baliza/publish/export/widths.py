"""How wide the columns of a sheet are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dataflows.contract import Column

_LEAST, _MOST = 8, 60
_ARROW = 4
"""Characters that the arrow of the filter covers in the header."""
_MONEY, _MOMENT, _DAY = 20, 19, 12


def width(name: str, column: Column, sample: Sequence[Any]) -> int:
    """Characters: as wide as its name and its values, which are guessed from some."""
    header = len(name) + _ARROW
    if column.dtype.is_timestamp():
        return max(header, _MOMENT)
    if column.dtype.is_date():
        return max(header, _DAY)
    if column.dtype.is_decimal():
        return max(header, _MONEY if column.unit == "BRL" else _DAY)
    longest = max((len(str(value)) for value in sample if value is not None), default=0)
    return min(_MOST, max(_LEAST, header, longest + 1))
