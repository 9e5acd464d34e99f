"""SQL that reads the rows of a raw table as today's contract has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from baliza.warehouse.evolution.difference import Difference, Left, are_alike, object_of, spelled
from baliza.warehouse.landing import content_hash
from baliza.warehouse.raw_table import PROVENANCE, Field, RawTable

_GAINED = "gained_fields"
_PARTED = "parted_fields"
"""Names with an underscore, which no field of PNCP has."""


def reshaped(table: RawTable, change: Difference, function: str) -> str:
    """SELECT of the table's rows as today's contract has them.

    Args:
        table: as its contract says.
        change: from the table in the file to that.
        function: SQL name of what parts unknown_fields, and the values that lose their column, into what is
            known and what stays unknown.
    """
    before = {field.name: field for field in change.old}
    columns = ", ".join(
        f'{_merged(field, before.get(field.name), _quoted(field.name), _GAINED)} AS "{field.name}"'
        for field in table.fields
    )
    kept = ", ".join(name for name, _ in PROVENANCE if name not in {"content_hash", "unknown_fields"})
    source = f'raw."{table.name}"'
    unknown = "unknown_fields"
    if change.moves_values:
        leaving, needed = "NULL", "unknown_fields IS NOT NULL"
        if change.left:
            members = _leaving_members(change.old, change.left, "")
            leaving, needed = f"CAST(to_json(struct_pack({members})) AS VARCHAR)", "true"
        parted = f"CASE WHEN {needed} THEN {function}(unknown_fields, {leaving}) END AS {_PARTED}"
        source = f"(SELECT *, {parted} FROM {source})"  # noqa: S608 - names come from the contract
        unknown = f"CAST({_PARTED}.unknown AS JSON) AS unknown_fields"
    if change.gained:
        whole = object_of(_GAINED, change.gained, many=False)
        read = f"json_transform({_PARTED}.known, '{json.dumps(_structure(whole))}') AS {_GAINED}"
        source = f"(SELECT *, {read} FROM {source})"  # noqa: S608 - names come from the contract
        source = f"(SELECT * REPLACE ({whole.typed} AS {_GAINED}) FROM {source})"  # noqa: S608
    return f"""
        SELECT *, {content_hash(table)} AS content_hash
        FROM (SELECT {columns}, {kept}, {unknown} FROM {source})
    """  # noqa: S608 - names come from the contract


def _structure(field: Field) -> Any:
    """The field as json_transform wants it described; numbers as landing reads them."""
    if not field.members:
        return field.type_as_read
    members = {member.name: _structure(member) for member in field.members}
    return [members] if field.many else members


def _merged(new: Field, old: Field | None, value: str, gained: str) -> str:
    """SQL of a field of today's contract: as it was, as it was gained, or an object of both."""
    gained = f"{gained}.{_quoted(new.name)}"
    if old is None or not (are_alike(old, new) or spelled(old) == spelled(new)):
        return gained
    if spelled(old) == spelled(new):
        return value
    before = {member.name: member for member in old.members}

    def members(one: str, place: str) -> str:
        return ", ".join(
            f'"{member.name}" := '
            + _merged(member, before.get(member.name), f"{one}.{_quoted(member.name)}", f"{gained}{place}")
            for member in new.members
        )

    return _packed(old, value, members)


def _leaving_members(old: Sequence[Field], left: Left | None, prefix: str) -> str:
    """SQL of the members of an object that lose their column, or of all."""
    return ", ".join(
        f'"{field.name}" := ' + _as_published(field, left and left[field.name], prefix + _quoted(field.name))
        for field in old
        if left is None or field.name in left
    )


def _as_published(field: Field, left: Left | None, value: str) -> str:
    """SQL of a value as PNCP writes it, so that it is the same when it comes again."""
    if field.members:
        return _packed(field, value, lambda one, _: _leaving_members(field.members, left, f"{one}."))
    return f"replace(CAST({value} AS VARCHAR), ' ', 'T')" if field.type == "TIMESTAMP" else value


def _packed(field: Field, value: str, members: Callable[[str, str], str]) -> str:
    """SQL of an object made from another, or of each in a list; null stays null.

    Args:
        field: the other.
        value: SQL of it.
        members: SQL of the members, from that of the object and of its place in the list.
    """
    if not field.many:
        return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({members(value, '')}) END"
    one, index = f"of_{field.name}", f"index_of_{field.name}"
    packed = f"CASE WHEN {one} IS NOT NULL THEN struct_pack({members(one, f'[{index}]')}) END"
    return f"list_transform({value}, lambda {one}, {index}: {packed})"


def _quoted(name: str) -> str:
    return f'"{name}"'
