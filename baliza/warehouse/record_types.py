"""The types a record's fields may have in JSON, before DuckDB sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from baliza.warehouse.raw_table import Field
from baliza.warehouse.record_text import objects

_FILLED: Any = Annotated[str, msgspec.Meta(min_length=1)]
"""Text that is not "": where no text belongs, "" is one way PNCP has of writing what is absent."""

_JSON_TYPES: Mapping[str, Any] = {
    # Numbers where a text belongs (numeroContratoEmpenho: 12) are the same text; objects are not.
    "VARCHAR": str | int | float | None,
    "DATE": _FILLED | None,
    "TIMESTAMP": _FILLED | None,
    "INTEGER": int | _FILLED | None,
    "BIGINT": int | _FILLED | None,
    "BOOLEAN": bool | None,
    "DECIMAL": float | _FILLED | None,
    "JSON": Any,
}
_WHOLE_NUMBERS = frozenset({"INTEGER", "BIGINT"})


def page_of(record: Any) -> Any:
    """The type of a page whose records have this one."""
    total = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    return msgspec.defstruct("Envelope", [("data", list[record]), ("totalRegistros", total)])


def struct_of(name: str, fields: tuple[Field, ...], *, strict: bool) -> Any:
    """A struct type with the JSON types each field may have; `strict` refuses fields it does not know."""
    members = [(field.name, _json_type(field, strict=strict), None) for field in fields]
    return msgspec.defstruct(name, members, forbid_unknown_fields=strict, gc=False)


def _json_type(field: Field, *, strict: bool) -> Any:
    if field.members:
        shape = struct_of(field.name, field.members, strict=strict) | None
        return list[shape] | None if field.many else shape
    expected = _JSON_TYPES[field.type.partition("(")[0]]
    if not strict and field.type in _WHOLE_NUMBERS:
        return expected | float  # 1.0 is the number 1 in another spelling; 1.5 is refused one by one
    return expected


def check_whole_numbers(record: Any, fields: tuple[Field, ...], path: str = "$") -> None:
    """Refuse what DuckDB would round.

    Raises:
        ValueError: naming the field.
    """
    for known in fields:
        value = getattr(record, known.name)
        if known.members:
            for inner in objects(value, msgspec.Struct):
                check_whole_numbers(inner, known.members, f"{path}.{known.name}")
        elif known.type in _WHOLE_NUMBERS and isinstance(value, float) and not value.is_integer():
            raise ValueError(f"{value} is not a whole number - at `{path}.{known.name}`")
