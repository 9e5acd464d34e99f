"""What landing must know of a raw table, taken from its contract by whoever builds."""

from __future__ import annotations

from dataclasses import dataclass, field

from baliza.warehouse.packing import PACKED

PROVENANCE = (
    ("observation_id", "BIGINT"),
    ("observed_at", "TIMESTAMP"),
    ("source_endpoint", "VARCHAR"),
    ("request_id", "BIGINT"),
    ("content_hash", "UUID"),
    ("unknown_fields", "JSON"),
)
"""The columns landing adds to PNCP's own, in order."""

PARENT_KEY = "parent_key"
"""The field landing adds to records that do not say which purchase or contract they are of."""

KEY_SEPARATOR = "/"


@dataclass(frozen=True)
class Field:
    """One field of PNCP's answer.

    Attributes:
        name: exactly as PNCP spells it.
        type: DuckDB's type.
        members: if it is an object, or a list of objects.
        many: whether it is a list.
        long: whether it is a long text.
    """

    name: str
    type: str
    members: tuple[Field, ...] = ()
    many: bool = False
    long: bool = field(default=False, compare=False)

    @property
    def type_as_read(self) -> str:
        """The type JSON is read with. DuckDB reads a JSON number by way of a double in any case."""
        if not self._holds_decimals:
            return self.type
        if not self.members:
            return "DOUBLE"
        members = ", ".join(f'"{member.name}" {member.type_as_read}' for member in self.members)
        return f"STRUCT({members}){'[]' if self.many else ''}"

    @property
    def typed(self) -> str:
        """SQL that turns the column as read into the column's type, exactly."""
        return self._typed(f'"{self.name}"')

    @property
    def _holds_decimals(self) -> bool:
        if self.members:
            return any(member._holds_decimals for member in self.members)  # noqa: SLF001 - its own kind
        return self.type.startswith("DECIMAL")

    def _typed(self, value: str) -> str:
        """The same of any SQL value.

        A double times 10^4 is exact below 10^11; above, 9999999999999.99 would become 9999999999999.9904,
        while the text of the double keeps every digit PNCP wrote.
        """
        if not self._holds_decimals:
            return value
        if not self.members:
            return (
                f"CASE WHEN abs({value}) < 1e11 THEN CAST({value} AS {self.type}) "
                f"ELSE CAST(CAST({value} AS VARCHAR) AS {self.type}) END"
            )
        one = f"of_{self.name}" if self.many else value
        members = ", ".join(
            f'"{member.name}" := ' + member._typed(f'{one}."{member.name}"')  # noqa: SLF001 - its own kind
            for member in self.members
        )
        packed = f"CASE WHEN {one} IS NOT NULL THEN struct_pack({members}) END"
        return f"list_transform({value}, lambda {one}: {packed})" if self.many else packed


@dataclass(frozen=True)
class RawTable:
    """A table of schema raw.

    Attributes:
        name: of the table, without schema.
        key: PNCP's fields that together name a record.
        fields: PNCP's fields, in order.
    """

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def ddl(self, *, packed: bool) -> str:
        """The statement that creates the table.

        Args:
            packed: whether long texts are to be stored so.
        """
        own = [(field.name, field.type + PACKED * (packed and field.long)) for field in self.fields]
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in (*own, *PROVENANCE))
        return f'CREATE TABLE IF NOT EXISTS raw."{self.name}" ({columns})'

    @property
    def key_sql(self) -> str:
        """SQL of a record's key as one text, as the page reader writes it."""
        if len(self.key) == 1:
            return f'"{self.key[0]}"'
        parts = ", ".join(f'"{name}"' for name in self.key)
        return f"concat_ws('{KEY_SEPARATOR}', {parts})"

    def first_part(self, key: str) -> str:
        """The first field's part of a key as one text; only it may hold the separator itself."""
        return key.rsplit(KEY_SEPARATOR, len(self.key) - 1)[0]

    @property
    def takes_parent(self) -> bool:
        """Whether its records are told which parent they are of."""
        return any(field.name == PARENT_KEY for field in self.fields)
