"""What landing must know of a raw table, taken from its contract by whoever builds."""

from __future__ import annotations

from dataclasses import dataclass

PROVENANCE = (
    ("observation_id", "BIGINT"),
    ("observed_at", "TIMESTAMP"),
    ("source_endpoint", "VARCHAR"),
    ("request_id", "BIGINT"),
    ("content_hash", "UUID"),
    ("unknown_fields", "JSON"),
)
"""The columns landing adds to PNCP's own, in order."""


@dataclass(frozen=True)
class Field:
    """One field of PNCP's answer: its exact name, its DuckDB type, and its members if it is an object."""

    name: str
    type: str
    members: tuple[Field, ...] = ()

    @property
    def type_as_read(self) -> str:
        """The type JSON is read with. DuckDB reads a JSON number by way of a double in any case."""
        return "DOUBLE" if self.type.startswith("DECIMAL") else self.type

    @property
    def typed(self) -> str:
        """SQL that turns the value as read into the column's type, exactly.

        A double times 10^4 is exact below 10^11; above, 9999999999999.99 would become 9999999999999.9904,
        while the text of the double keeps every digit PNCP wrote.
        """
        if not self.type.startswith("DECIMAL"):
            return f'"{self.name}"'
        return (
            f'CASE WHEN abs("{self.name}") < 1e11 THEN CAST("{self.name}" AS {self.type}) '
            f'ELSE CAST(CAST("{self.name}" AS VARCHAR) AS {self.type}) END'
        )


@dataclass(frozen=True)
class RawTable:
    """A table of schema raw.

    Attributes:
        name: of the table, without schema.
        key: PNCP's field that names a record.
        fields: PNCP's fields, in order.
    """

    name: str
    key: str
    fields: tuple[Field, ...]

    @property
    def ddl(self) -> str:
        """The statement that creates the table."""
        own = [(field.name, field.type) for field in self.fields]
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in (*own, *PROVENANCE))
        return f'CREATE TABLE IF NOT EXISTS raw."{self.name}" ({columns})'
