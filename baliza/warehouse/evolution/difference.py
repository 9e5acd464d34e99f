"""How a raw table differs from its contract, since the contract changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baliza.warehouse.raw_table import Field

Left = Mapping[str, "Left | None"]
"""The values that lose their column: None for a whole one, else which members of an object lose theirs."""


@dataclass(frozen=True)
class Difference:
    """What changed between two sets of fields.

    Attributes:
        old: the fields the table has.
        gained: those that are new or of another type, inside the objects that hold them.
        left: those that are gone or of another type; a value of another type is read anew, as JSON.
    """

    old: tuple[Field, ...]
    gained: tuple[Field, ...]
    left: Left

    @property
    def moves_values(self) -> bool:
        """Whether values change their place; otherwise only the order of the fields differs."""
        return bool(self.gained or self.left)


def difference(old: tuple[Field, ...], new: tuple[Field, ...]) -> Difference:
    """What changed from the fields a table has to those of its contract."""
    return Difference(old, _gained(new, old), _left(old, new))


def spelled(field: Field) -> str:
    """The type as the catalogue spells it, quotes apart."""
    if not field.members:
        return field.type.replace(", ", ",")
    members = ", ".join(f"{member.name} {spelled(member)}" for member in field.members)
    return f"STRUCT({members}){'[]' if field.many else ''}"


def field_of(name: str, type_: Any) -> Field:
    """A column of the file as a field, from DuckDB's description of its type."""
    many = type_.id == "list"
    one = type_.children[0][1] if many else type_
    if one.id != "struct":
        return Field(name, str(type_), many=many)
    return object_of(name, tuple(field_of(member, inner) for member, inner in one.children), many=many)


def object_of(name: str, members: tuple[Field, ...], *, many: bool) -> Field:
    """A field that is an object of these members, or a list of such objects."""
    inner = ", ".join(f'"{member.name}" {member.type}' for member in members)
    return Field(name, f"STRUCT({inner}){'[]' if many else ''}", members, many)


def are_alike(old: Field, new: Field) -> bool:
    """Whether both are objects, or both lists of them: what changed is inside."""
    return bool(old.members and new.members) and old.many == new.many


def _gained(new: Sequence[Field], old: Sequence[Field]) -> tuple[Field, ...]:
    before = {field.name: field for field in old}
    found: list[Field] = []
    for field in new:
        known = before.get(field.name)
        if known is None or (not are_alike(known, field) and spelled(known) != spelled(field)):
            found.append(field)
        elif inner := _gained(field.members, known.members):
            found.append(object_of(field.name, inner, many=field.many))
    return tuple(found)


def _left(old: Sequence[Field], new: Sequence[Field]) -> Left:
    after = {field.name: field for field in new}
    found: dict[str, Left | None] = {}
    for field in old:
        known = after.get(field.name)
        if known is None or (not are_alike(field, known) and spelled(known) != spelled(field)):
            found[field.name] = None
        elif inner := _left(field.members, known.members):
            found[field.name] = inner
    return found
