"""The text of a record: put right, taken apart and kept, without losing anything of it."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from baliza.warehouse.raw_table import Field

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape in JSON: a pair of surrogates, half of one (the group), or any other."""
UNREADABLE = (ValueError, RecursionError)
"""What reading JSON may end in: it is no JSON, or is nested as nothing of PNCP's is."""

_TEXTS = frozenset({"VARCHAR", "JSON"})


def respelled(raw: bytes, fields: tuple[Field, ...]) -> bytes:
    """The record with the contract's spelling of fields that differ from it by case alone.

    PNCP writes numeroControlePNCPCompra here and numeroControlePncpCompra there, for the same.
    """
    members = members_of(raw)
    known = {field.name.casefold(): field.name for field in fields}
    other = {
        name: known[name.casefold()]
        for name in members
        if known.get(name.casefold(), name) != name and known[name.casefold()] not in members
    }
    if not other:
        return raw
    return _dumped({other.get(name, name): value for name, value in members.items()})


def without_blanks(raw: bytes, fields: tuple[Field, ...]) -> bytes:
    """The record with null for "" where no text belongs: PNCP writes both for what is absent."""
    members = members_of(raw)
    blank = _blanks(members, fields)
    for holder, name in blank:
        holder[name] = None
    return _dumped(members) if blank else raw


def _dumped(members: dict[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode()


def _blanks(members: dict[str, Any], fields: tuple[Field, ...]) -> list[tuple[dict[str, Any], str]]:
    """Each blank that stands where a date or a number belongs, with the object that holds it."""
    found = []
    for known in fields:
        value = members.get(known.name)
        if known.members:
            for inner in objects(value, dict):
                found += _blanks(inner, known.members)
        if known.type not in _TEXTS and isinstance(value, str) and not value.strip():
            found.append((members, known.name))
    return found


def objects(value: Any, kind: type) -> list[Any]:
    """The objects of a value that is one, or a list of some."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, kind)]


def unknown_members(raw: bytes, fields: tuple[Field, ...]) -> dict[str, Any]:
    """The members of an object that the contract does not know, nested as they came."""
    known = {field.name: field for field in fields}
    unknown: dict[str, Any] = {}
    for name, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items():
        if name not in known:
            unknown[name] = json.loads(bytes(value))
        elif known[name].members and bytes(value) != b"null":
            inner = _unknown_inside(bytes(value), known[name])
            if inner:
                unknown[name] = inner
    return unknown


def _unknown_inside(raw: bytes, field: Field) -> dict[str, Any] | list[dict[str, Any]]:
    """The same of an object inside a record, or of each in a list (if any has unknown members)."""
    if not field.many:
        return unknown_members(raw, field.members)
    each = [
        {} if bytes(one) == b"null" else unknown_members(bytes(one), field.members)
        for one in msgspec.json.decode(raw, type=list[msgspec.Raw])
    ]
    return each if any(each) else []


def canonical(value: Any) -> bytes:
    """JSON text in which key order and the spelling of numbers do not matter."""
    plain = _plain(value)
    return json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def spelled_out(body: bytes) -> bytes:
    """The body with the six characters of each half surrogate as text: no JSON reader takes such a half."""
    return _ESCAPE.sub(lambda escape: b"\\\\u" + escape[1] if escape[1] else escape[0], body)


def lossless(raw: bytes) -> str:
    """The text of a record; what is not UTF-8 is kept byte by byte, as Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def members_of(raw: bytes) -> dict[str, Any]:
    """The members of an object; none of what is no object, or cannot be read."""
    try:
        value = json.loads(raw.decode("utf-8", errors="replace"))
    except UNREADABLE:
        return {}
    return value if isinstance(value, dict) else {}
