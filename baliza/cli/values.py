"""Values of the file as they are printed: as JSON's own types, or as people read them; CPFs masked."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from baliza.language import number
from baliza.publish.masking import mask

_CENTS = 2


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
    masked = mask(str(value))
    return value if masked == str(value) else masked


def shown(value: Any) -> str:
    """As people read it; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return number(value, max(_CENTS, -int(value.normalize().as_tuple().exponent)))
    if isinstance(value, date):  # a moment is one too
        return value.isoformat().replace("T", " ").partition(".")[0]
    if isinstance(value, bool | dict | list):
        return json.dumps(plain(value), ensure_ascii=False)
    return mask(str(value))
