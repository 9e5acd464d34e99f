"""Reading one page of an answer: what it says of itself, and which of its records can land.

Every record is checked against the contract's fields before DuckDB sees it, because DuckDB's JSON reader
drops unknown fields, rounds 1.5 to 2 and turns objects into text without a word.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from baliza.warehouse.raw_table import KEY_SEPARATOR, Field, RawTable
from baliza.warehouse.shapes import Shape, as_page

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
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape in JSON: a pair of surrogates, half of one (the group), or any other."""
_UNREADABLE = (ValueError, RecursionError)
"""What reading JSON may end in: it is no JSON, or is nested as nothing of PNCP's is."""

_WHOLE_NUMBERS = frozenset({"INTEGER", "BIGINT"})
_TEXTS = frozenset({"VARCHAR", "JSON"})
_DAY_LENGTH = len("2026-01-31")


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
        self._key_of = _composed(table)
        self._day_of = attrgetter(day_field) if day_field else lambda _record: None
        record = _shape(table.name, table.fields, strict=True)
        self._strict_page = msgspec.json.Decoder(_envelope(record))
        self._strict_record = msgspec.json.Decoder(record)

    @cached_property
    def _lenient_record(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(_shape(self._table.name, self._table.fields, strict=False))

    @cached_property
    def _any_page(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(_envelope(msgspec.Raw))

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
        except _UNREADABLE:  # also when it is well-formed but of other types, or not UTF-8
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
            yield self._key_of(record), tuple(_at(record, path) for path in paths)
        for defect in page.defects:
            members = _members(defect.raw_text.encode())
            yield defect.key or "a record without a key", tuple(_inside(members, path) for path in paths)

    def _days(self, records: list[Any]) -> dict[str, str]:
        """The day of each record by key; the key "" stands for those that have none."""
        key_of, day_of = self._key_of, self._day_of
        return {key_of(record): _day(day_of(record)) for record in records}

    def _read_one_by_one(self, body: bytes, parent: str | None) -> Page:
        try:
            envelope = self._any_page.decode(as_page(_spelled_out(body), self._shape, parent))
        except _UNREADABLE as error:
            raise UnreadablePageError(f"not a page of PNCP: {error}") from error
        records, texts, defects = [], [], []
        for raw in map(bytes, envelope.data):
            try:
                record, text = self._read_record(raw)
            except _UNREADABLE as error:
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
            raw = _without_blanks(_respelled(raw, self._table.fields), self._table.fields)
            record = self._lenient_record.decode(raw)
            _check_whole_numbers(record, self._table.fields)
            unknown = _unknown(raw, self._table.fields)
        if not self._key_of(record):
            raise ValueError(f"{', '.join(self._table.key)} is missing, blank or padded")
        said = self._day_of(record)
        if isinstance(said, str) and said.strip() and not _day(said):
            # DuckDB may read a day in it all the same, and nobody would have checked which.
            raise ValueError(f"{self._day_field} is not written as a date: {said}")
        if not unknown:
            return record, raw
        return record, raw.rstrip()[:-1] + b',"unknown_fields":' + canonical(unknown) + b"}"

    def without_blanks(self, raw: bytes) -> bytes:
        """The record with null for the blanks that stand where no text belongs."""
        return _without_blanks(raw, self._table.fields)

    def defect_of(self, raw: bytes, reason: str) -> Defect:
        """A record that cannot land, as it came."""
        members = _members(raw)
        key = tuple(members.get(name) for name in self._table.key)
        readable = all(isinstance(part, str | int) and str(part).strip() for part in key)
        return Defect(
            key=KEY_SEPARATOR.join(str(part).strip() for part in key) if readable else None,
            day=(_day(members.get(self._day_field)) or None) if self._day_field else None,
            raw_text=_lossless(raw),
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


def _envelope(record: Any) -> Any:
    total = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    return msgspec.defstruct("Envelope", [("data", list[record]), ("totalRegistros", total)])


def _shape(name: str, fields: tuple[Field, ...], *, strict: bool) -> Any:
    """A struct type with the JSON types each field may have; `strict` refuses fields it does not know."""
    members = [(field.name, _json_type(field, strict=strict), None) for field in fields]
    return msgspec.defstruct(name, members, forbid_unknown_fields=strict, gc=False)


def _json_type(field: Field, *, strict: bool) -> Any:
    if field.members:
        shape = _shape(field.name, field.members, strict=strict) | None
        return list[shape] | None if field.many else shape
    expected = _JSON_TYPES[field.type.partition("(")[0]]
    if not strict and field.type in _WHOLE_NUMBERS:
        return expected | float  # 1.0 is the number 1 in another spelling; 1.5 is refused one by one
    return expected


def _respelled(raw: bytes, fields: tuple[Field, ...]) -> bytes:
    """The record with the contract's spelling of fields that differ from it by case alone.

    PNCP writes numeroControlePNCPCompra here and numeroControlePncpCompra there, for the same.
    """
    members = _members(raw)
    known = {field.name.casefold(): field.name for field in fields}
    other = {
        name: known[name.casefold()]
        for name in members
        if known.get(name.casefold(), name) != name and known[name.casefold()] not in members
    }
    if not other:
        return raw
    return _dumped({other.get(name, name): value for name, value in members.items()})


def _without_blanks(raw: bytes, fields: tuple[Field, ...]) -> bytes:
    """The record with null for "" where no text belongs: PNCP writes both for what is absent."""
    members = _members(raw)
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
            for inner in _objects(value, dict):
                found += _blanks(inner, known.members)
        if known.type not in _TEXTS and isinstance(value, str) and not value.strip():
            found.append((members, known.name))
    return found


def _objects(value: Any, kind: type) -> list[Any]:
    """The objects of a value that is one, or a list of some."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, kind)]


def _check_whole_numbers(record: Any, fields: tuple[Field, ...], path: str = "$") -> None:
    """Refuse what DuckDB would round.

    Raises:
        ValueError: naming the field.
    """
    for known in fields:
        value = getattr(record, known.name)
        if known.members:
            for inner in _objects(value, msgspec.Struct):
                _check_whole_numbers(inner, known.members, f"{path}.{known.name}")
        elif known.type in _WHOLE_NUMBERS and isinstance(value, float) and not value.is_integer():
            raise ValueError(f"{value} is not a whole number - at `{path}.{known.name}`")


def _unknown(raw: bytes, fields: tuple[Field, ...]) -> dict[str, Any]:
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
        return _unknown(raw, field.members)
    each = [
        {} if bytes(one) == b"null" else _unknown(bytes(one), field.members)
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


def _spelled_out(body: bytes) -> bytes:
    """The body with the six characters of each half surrogate as text: no JSON reader takes such a half."""
    return _ESCAPE.sub(lambda escape: b"\\\\u" + escape[1] if escape[1] else escape[0], body)


def _lossless(raw: bytes) -> str:
    """The text of a record; what is not UTF-8 is kept byte by byte, as Latin-1."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _members(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8", errors="replace"))
    except _UNREADABLE:
        return {}
    return value if isinstance(value, dict) else {}


def _key(value: object, *, is_text: bool) -> str:
    """A part of a key as text; "" for one that is missing, blank or padded (it would pass for another).

    1.0 is the number 1 in another spelling, but as a text nobody knows how it would be spelled.
    """
    if isinstance(value, str):
        return value if value == value.strip() else ""
    if isinstance(value, float) and (is_text or not value.is_integer()):
        return ""
    return str(int(value)) if isinstance(value, int | float) else ""


def _composed(table: RawTable) -> Callable[[Any], str]:
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


def _at(record: Any, path: list[str]) -> str | None:
    for name in path:
        record = getattr(record, name, None)
    return None if record is None else str(record)


def _inside(members: Any, path: list[str]) -> str | None:
    for name in path:
        members = members.get(name) if isinstance(members, dict) else None
    return str(members) if isinstance(members, str | int | float) else None


def _day(value: object) -> str:
    return _existing_day(value[:_DAY_LENGTH]) if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def _existing_day(text: str) -> str:
    """The same text, or "" when the calendar has no such day (30 February)."""
    try:
        # fromisoformat also reads other spellings (20260131), which would not compare as text.
        return text if date.fromisoformat(text).isoformat() == text else ""
    except ValueError:
        return ""
