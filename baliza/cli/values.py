"""Values of the file as people read them; CPFs masked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from baliza.language import number
from baliza.publish.masking import mask
from baliza.publish.plain import plain

_CENTS = 2


def shown(value: Any, masking: Callable[[str], str] = mask) -> str:
    """As people read it; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        return number(value, max(_CENTS, -int(value.normalize().as_tuple().exponent)))
    if isinstance(value, date):  # a moment is one too
        return value.isoformat().replace("T", " ").partition(".")[0]
    if isinstance(value, bool | dict | list):
        return json.dumps(plain(value), ensure_ascii=False)
    return masking(str(value))
