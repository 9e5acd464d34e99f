"""What a record is known by: its key, its day, and what it says in a field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from baliza.warehouse.raw_table import KEY_SEPARATOR, RawTable

_DAY_LENGTH = len("2026-01-31")


def _key(value: object, *, is_text: bool) -> str:
    """A part of a key as text; "" for one that is missing, blank or padded (it would pass for another).

    1.0 is the number 1 in another spelling, but as a text nobody knows how it would be spelled.
    """
    if isinstance(value, str):
        return value if value == value.strip() else ""
    if isinstance(value, float) and (is_text or not value.is_integer()):
        return ""
    return str(int(value)) if isinstance(value, int | float) else ""


def key_reader(table: RawTable) -> Callable[[Any], str]:
    """What reads a record's key as one text; "" where any part of it is missing."""
    types = {field.name: field.type for field in table.fields}
    are_texts = [types[name] == "VARCHAR" for name in table.key]
    parts_of = attrgetter(*table.key)
    if len(table.key) == 1:
        return lambda record: _key(parts_of(record), is_text=are_texts[0])

    def key_of(record: Any) -> str:
        parts = [
            _key(part, is_text=is_text) for part, is_text in zip(parts_of(record), are_texts, strict=True)
        ]
        return KEY_SEPARATOR.join(parts) if all(parts) else ""

    return key_of


def value_at(record: Any, path: list[str]) -> str | None:
    """What a record says at a path of fields, as text; None where it says nothing."""
    for name in path:
        record = getattr(record, name, None)
    return None if record is None else str(record)


def value_inside(members: Any, path: list[str]) -> str | None:
    """The same of the members of an object, whatever their types."""
    for name in path:
        members = members.get(name) if isinstance(members, dict) else None
    return str(members) if isinstance(members, str | int | float) else None


def day_in(value: object) -> str:
    """The day (YYYY-MM-DD) that a text begins with; "" where it is none."""
    return _existing_day(value[:_DAY_LENGTH]) if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def _existing_day(text: str) -> str:
    """The same text, or "" when the calendar has no such day (30 February)."""
    try:
        # fromisoformat also reads other spellings (20260131), which would not compare as text.
        return text if date.fromisoformat(text).isoformat() == text else ""
    except ValueError:
        return ""
