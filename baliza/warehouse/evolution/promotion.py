"""Fields that landed as unknown and that the contract has come to know: which of their values fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from baliza.warehouse.raw_table import Field

_INTEGER_BITS = {"INTEGER": 31, "BIGINT": 63}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?)?")
_TEXTS = frozenset({"VARCHAR", "JSON"})


def promote(unknown: Mapping[str, Any], gained: Iterable[Field]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part what a record had unknown.

    A value that landing would refuse stays unknown: the record is here already, and loses nothing.

    Args:
        unknown: the members that no contract knew, nested as they came.
        gained: the fields the contract has gained, inside their objects.

    Returns:
        The members that now have a column, and those that stay unknown.
    """
    fields = {field.name: field for field in gained}
    known: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in unknown.items():
        field = fields.get(name)
        if field is None or not _fits(value, field):
            rest[name] = value
        elif not field.members or value is None:
            known[name] = None if _is_blank(value, field.type) else value
        else:
            known[name], inner = _promote_inside(value, field)
            if inner:
                rest[name] = inner
    return known, rest


def _promote_inside(value: Any, field: Field) -> tuple[Any, Any]:
    """The same of an object, or of each in a list; what stays unknown is empty where there is none."""
    if not field.many:
        return promote(value, field.members)
    parts = [(None, {}) if one is None else promote(one, field.members) for one in value]
    rest = [inner for _, inner in parts]
    return [known for known, _ in parts], rest if any(rest) else []


def _fits(value: Any, field: Field) -> bool:
    """Whether landing would take the value into a column of this type; of objects, whether it is one."""
    if value is None or field.type == "JSON":
        return True
    if field.members and field.many:
        return isinstance(value, list) and all(one is None or isinstance(one, dict) for one in value)
    if field.members:
        return isinstance(value, dict)
    if isinstance(value, dict | list) or isinstance(value, bool) != (field.type == "BOOLEAN"):
        return _is_blank(value, field.type)
    return _is_blank(value, field.type) or _is_of_type(value, field.type)


def _is_blank(value: Any, type_: str) -> bool:
    """Whether it is one of PNCP's ways of writing what is absent: no text where none belongs."""
    return isinstance(value, str) and not value.strip() and type_ not in _TEXTS


def _is_of_type(value: Any, type_: str) -> bool:
    if type_ in _INTEGER_BITS:
        number = _number(value)
        return number is not None and number == int(number) and -1 <= int(number) >> _INTEGER_BITS[type_] <= 0
    if type_.startswith("DECIMAL"):
        precision, scale = map(int, re.findall(r"\d+", type_))
        number, limit = _number(value), 10 ** (precision - scale)
        return number is not None and abs(number) < limit and abs(round(number, scale)) < limit
    if type_ in {"DATE", "TIMESTAMP"}:
        return isinstance(value, str) and _is_moment(value)
    return True


def _number(value: str | float) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
