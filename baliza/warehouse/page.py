"""Reading one page of an answer: what it says of itself, and which of its records can land.

Every record is checked against the contract's fields before DuckDB sees it, because DuckDB's JSON reader
drops unknown fields, rounds 1.5 to 2 and turns objects into text without a word.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec

from baliza.warehouse.raw_table import KEY_SEPARATOR, RawTable
from baliza.warehouse.record_keys import day_in, key_reader, value_at, value_inside
from baliza.warehouse.record_text import (
    UNREADABLE,
    canonical,
    lossless,
    members_of,
    respelled,
    spelled_out,
    unknown_members,
    without_blanks,
)
from baliza.warehouse.record_types import check_whole_numbers, page_of, struct_of
from baliza.warehouse.shapes import Shape, as_page


class UnreadablePageError(ValueError):
    """Raised when a body is not the JSON envelope of a list endpoint: cut off, HTML, or another object."""


@dataclass(frozen=True)
class Defect:
    """A record that cannot land, as it came; `key` is None when even that cannot be read."""

    key: str | None
    day: str | None
    raw_text: str
    reason: str


@dataclass(frozen=True)
class Page:
    """One page, read.

    Attributes:
        total: totalRegistros, what the server says the whole listing holds.
        days: the day (YYYY-MM-DD, or "" if unreadable) of each record that can land, by key, repeats merged.
        records: those records, as structs of the contract's fields.
        body: what to land, as `lines` writes it: no defects, and unknown fields set apart.
        defects: the records that cannot land.
    """

    total: int
    days: dict[str, str]
    records: list[Any]
    body: bytes
    defects: list[Defect] = field(default_factory=list)

    @property
    def received(self) -> int:
        """How many records the page held."""
        return len(self.records) + len(self.defects)


class PageReader:
    """Reads the pages of one endpoint.

    Args:
        table: where the records go.
        day_field: PNCP's field whose day the endpoint's window filters on; None where it filters on none.
        shape: of the endpoint's answers.
    """

    def __init__(self, table: RawTable, *, day_field: str | None, shape: Shape = "page") -> None:
        self._table = table
        self._day_field = day_field
        self._shape: Shape = shape
        self._key_of = key_reader(table)
        self._day_of = attrgetter(day_field) if day_field else lambda _record: None
        record = struct_of(table.name, table.fields, strict=True)
        self._strict_page = msgspec.json.Decoder(page_of(record))
        self._strict_record = msgspec.json.Decoder(record)

    @cached_property
    def _lenient_record(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(struct_of(self._table.name, self._table.fields, strict=False))

    @cached_property
    def _any_page(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(page_of(msgspec.Raw))

    def read(self, body: bytes, parent: str | None = None) -> Page:
        """Read one page.

        Args:
            body: as it came.
            parent: control number of the purchase or contract asked for, where the records do not say.

        Raises:
            UnreadablePageError: when the body is not of the endpoint's shape, with `totalRegistros` if it is
                a page.
        """
        body = body.removeprefix(codecs.BOM_UTF8)
        parent = parent if self._table.takes_parent else None
        try:
            shaped = as_page(body, self._shape, parent)
            envelope = self._strict_page.decode(shaped)
        except UNREADABLE:  # also when it is well-formed but of other types, or not UTF-8
            return self._read_one_by_one(body, parent)
        days = self._days(envelope.data)
        if "" in days or (self._day_field and "" in days.values()):
            return self._read_one_by_one(body, parent)
        return Page(envelope.totalRegistros, days, envelope.data, lines(self._any_page.decode(shaped).data))

    def values(self, page: Page, fields: tuple[str, ...]) -> Iterator[tuple[str, tuple[str | None, ...]]]:
        """The key of each record, with what it says in these fields (`orgaoEntidade.cnpj`), as text.

        Of those that cannot land as well, as far as they can be read.
        """
        paths = [field.split(".") for field in fields]
        for record in page.records:
            yield self._key_of(record), tuple(value_at(record, path) for path in paths)
        for defect in page.defects:
            members = members_of(defect.raw_text.encode())
            yield defect.key or "a record without a key", tuple(value_inside(members, path) for path in paths)

    def _days(self, records: list[Any]) -> dict[str, str]:
        """The day of each record by key; the key "" stands for those that have none."""
        key_of, day_of = self._key_of, self._day_of
        return {key_of(record): day_in(day_of(record)) for record in records}

    def _read_one_by_one(self, body: bytes, parent: str | None) -> Page:
        try:
            envelope = self._any_page.decode(as_page(spelled_out(body), self._shape, parent))
        except UNREADABLE as error:
            raise UnreadablePageError(f"not a page of PNCP: {error}") from error
        records, texts, defects = [], [], []
        for raw in map(bytes, envelope.data):
            try:
                record, text = self._read_record(raw)
            except UNREADABLE as error:
                defects.append(self.defect_of(raw, str(error)))
            else:
                records.append(record)
                texts.append(text)
        if self._shape == "object" and not records and all(defect.key is None for defect in defects):
            raise UnreadablePageError(f"not a record of PNCP: {defects[0].reason}")
        return Page(envelope.totalRegistros, self._days(records), records, lines(texts), defects)

    def _read_record(self, raw: bytes) -> tuple[Any, bytes]:
        """The record, and its text with unknown fields repeated in `unknown_fields`."""
        try:
            record, unknown = self._strict_record.decode(raw), {}
        except msgspec.ValidationError:
            raw = without_blanks(respelled(raw, self._table.fields), self._table.fields)
            record = self._lenient_record.decode(raw)
            check_whole_numbers(record, self._table.fields)
            unknown = unknown_members(raw, self._table.fields)
        if not self._key_of(record):
            raise ValueError(f"{', '.join(self._table.key)} is missing, blank or padded")
        said = self._day_of(record)
        if isinstance(said, str) and said.strip() and not day_in(said):
            # DuckDB may read a day in it all the same, and nobody would have checked which.
            raise ValueError(f"{self._day_field} is not written as a date: {said}")
        if not unknown:
            return record, raw
        return record, raw.rstrip()[:-1] + b',"unknown_fields":' + canonical(unknown) + b"}"

    def without_blanks(self, raw: bytes) -> bytes:
        """The record with null for the blanks that stand where no text belongs."""
        return without_blanks(raw, self._table.fields)

    def defect_of(self, raw: bytes, reason: str) -> Defect:
        """A record that cannot land, as it came."""
        members = members_of(raw)
        key = tuple(members.get(name) for name in self._table.key)
        readable = all(isinstance(part, str | int) and str(part).strip() for part in key)
        return Defect(
            key=KEY_SEPARATOR.join(str(part).strip() for part in key) if readable else None,
            day=(day_in(members.get(self._day_field)) or None) if self._day_field else None,
            raw_text=lossless(raw),
            reason=reason,
        )


def lines(records: Iterable[bytes | msgspec.Raw]) -> bytes:
    """Records one by one, each with its position: DuckDB takes twice as long over a page that is one object.

    Between the tokens of JSON a line feed is a blank like any other; inside a text there can be none.
    """
    texts = (bytes(record).replace(b"\n", b" ") for record in records)
    return b"\n".join(b'{"position":%d,"record":%b}' % numbered for numbered in enumerate(texts, start=1))


def split(body: bytes) -> list[bytes]:
    """The records of a landable body, each as its own text."""
    return [bytes(line.record) for line in _LINES.decode_lines(body)]


class _Line(msgspec.Struct):
    record: msgspec.Raw


_LINES = msgspec.json.Decoder(_Line)
