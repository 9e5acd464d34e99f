"""Values of the file as JSON's own types; CPFs masked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from baliza.publish.masking import mask


def plain(value: Any) -> Any:
    """As JSON's own types; decimals as text, because a JSON number is read as a float."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int | float):
        return value  # a number of eleven digits is a count of bytes, no CPF: those are text
    return mask(str(value))
