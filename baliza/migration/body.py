"""What the body of an old answer is: a page, the word that there is nothing, or something else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Literal

from baliza.build.raw_tables import raw_table
from baliza.pncp.client import NOTHING_FOUND
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.warehouse.page import Defect, Page, PageReader, UnreadablePageError

Kind = Literal["records", "empty", "no content", "error status", "truncated", "no page", "unknown"]
"""A page with records; the word that there is nothing; nothing was kept; an error of HTTP; JSON that ends in
the middle; HTML or something else that holds no records; records that fit no table."""

LANDS: frozenset[Kind] = frozenset({"records", "truncated"})

_FALLBACK = (
    "contratos",
    "contratacoes_publicacao",
    "atas_atualizacao",
    "pca_atualizacao",
    "instrumentoscobranca_inclusao",
)
"""One endpoint of each table that old bodies may be of, where neither name nor address tells which."""

_LEAST_KNOWN = 0.5
"""Of the fields of a record, how many a table must know to be its own."""

_LONG_RECORD = 50_000
"""Bytes in which the first record ends; a plan with all its items is longer."""

_NUMBER = re.compile(rb'"numeroPagina"\s*:\s*(\d+)')
_DATA = re.compile(rb'"data"\s*:\s*\[\s*')


@dataclass(frozen=True)
class Body:
    """What a body is.

    Attributes:
        endpoint: whose records it holds; None where it holds none.
        page: to land; of a truncated one the records that came whole, and the rest as a defect.
        number: `numeroPagina`, where it says it.
        is_whole: whether it is a page as PNCP sent it, without an error, of the endpoint that was asked.
        reason: what is wrong with it.
    """

    kind: Kind
    endpoint: Endpoint | None = None
    page: Page | None = None
    number: int | None = None
    is_whole: bool = False
    reason: str | None = None


@cache
def reader_of(endpoint_id: str) -> PageReader:
    """What reads the pages of an endpoint."""
    endpoint = ENDPOINTS[endpoint_id]
    return PageReader(raw_table(endpoint.table), day_field=endpoint.day, shape=endpoint.shape)


def judge(content: bytes | None, status: int | None, asked: Endpoint | None) -> Body:
    """What a body is.

    Args:
        content: as it was kept; None where nothing was.
        status: of HTTP; None where it was not kept.
        asked: the endpoint that was asked; None where it is not known.
    """
    is_good = status is None or HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    if not (content or b"").strip():
        return _without_content(content, status, is_good=is_good)
    assert content is not None  # noqa: S101 - for the type checker
    first = _first_record(content)
    if first is None:
        return _without_records(content, status, is_good=is_good, asked=asked)
    endpoint = _fitting(first, asked)
    if endpoint is None:
        return Body("unknown", reason=f"its records fit no table: {', '.join(list(first)[:6])}")
    number = _NUMBER.search(content, max(0, len(content) - 400)) or _NUMBER.search(content)
    said = int(number[1]) if number else None
    try:
        page = reader_of(endpoint.id).read(content)
    except UnreadablePageError as error:
        page = _salvaged(content, endpoint)
        return Body("truncated", endpoint, page, said, reason=f"it ends in the middle: {error}")
    reason = None if is_good else f"it came with the status {status}"
    return Body("records", endpoint, page, said, is_good and endpoint == asked, reason)


def _without_content(content: bytes | None, status: int | None, *, is_good: bool) -> Body:
    if status == HTTPStatus.NO_CONTENT:
        return Body("empty", is_whole=True)
    if not is_good:
        return Body("error status", reason=f"{status} without a body")
    return Body("no content", reason="no body was kept" if content is None else "the body is empty")


def _without_records(content: bytes, status: int | None, *, is_good: bool, asked: Endpoint | None) -> Body:
    text = content.decode("utf-8", errors="replace")
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        members = None
    if _says_nothing(members, status, is_good=is_good):
        return Body("empty", is_whole=True)
    if not is_good:
        return Body("error status", reason=f"{status}: {_excerpt(text)}")
    if members is None and text.lstrip().startswith(("{", "[")):
        return _cut_off(content, asked)
    if isinstance(members, dict) and members.get("totalRegistros"):
        return Body("no page", reason=f"without records, though the listing has {members['totalRegistros']}")
    return Body("no page", reason=_excerpt(text))


def _says_nothing(members: Any, status: int | None, *, is_good: bool) -> bool:
    """Whether it is PNCP's word that there is nothing: an empty page, or a 404 of its own."""
    if not isinstance(members, dict):
        return False
    if status == HTTPStatus.NOT_FOUND:
        return bool(NOTHING_FOUND.fullmatch(str(members.get("message", ""))))
    return is_good and members.get("data") == [] and members.get("totalRegistros") == 0


def _cut_off(content: bytes, asked: Endpoint | None) -> Body:
    reason = "it ends before its first record"
    if asked is None:
        return Body("unknown", reason=f"{reason}, and says no endpoint")
    return Body("truncated", asked, Page(0, {}, [], b"", [_rest(content, reason)]), reason=reason)


def _first_record(content: bytes) -> dict[str, Any] | None:
    """The first record of a page, plans taken apart; None where there is no whole one."""
    found = _DATA.search(content)
    if found is None:
        return None
    record = _decoded(content[found.end() : found.end() + _LONG_RECORD])
    if record is None and len(content) > found.end() + _LONG_RECORD:
        record = _decoded(content[found.end() :])
    if record is None:
        return None
    items = record.get("itens")
    if isinstance(items, list) and items and isinstance(items[0], dict):
        return {**record, **items[0]}
    return record


def _decoded(content: bytes) -> dict[str, Any] | None:
    """The object that a text begins with; None where it begins with none."""
    try:
        record, _ = json.JSONDecoder().raw_decode(content.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _fitting(record: Mapping[str, Any], asked: Endpoint | None) -> Endpoint | None:
    """The endpoint that was asked, where its table knows the record's fields; else one whose table does."""
    if asked is not None and _known(record, asked) >= _LEAST_KNOWN:
        return asked
    best = max((ENDPOINTS[name] for name in _FALLBACK), key=lambda endpoint: _known(record, endpoint))
    return best if _known(record, best) >= _LEAST_KNOWN else None


def _known(record: Mapping[str, Any], endpoint: Endpoint) -> float:
    fields = {one.name.casefold() for one in raw_table(endpoint.table).fields}
    key = {name.casefold() for name in endpoint.key}
    names = {name.casefold() for name in record}
    return len(names & fields) / max(1, len(names)) if key <= names else 0.0


def _salvaged(content: bytes, endpoint: Endpoint) -> Page:
    """The records that came whole of a body that ends in the middle, and the rest as one defect."""
    found = _DATA.search(content)
    start = found.end() if found else 0
    text = content[start:].decode("utf-8", errors="replace")
    decoder, at, records = json.JSONDecoder(), 0, []
    while text[at : at + 1] == "{":
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        records.append(text[at:end])
        at = end + len(text[end:]) - len(text[end:].lstrip(" \r\n\t,"))
    page = reader_of(endpoint.id).read(f'{{"data":[{",".join(records)}],"totalRegistros":0}}'.encode())
    page.defects.append(_rest(text[at:].encode(), "the body of the page ends in the middle"))
    return page


def _rest(content: bytes, reason: str) -> Defect:
    return Defect(None, None, content.decode("utf-8", errors="replace"), reason)


_TAG = re.compile(r"<[^>]*>?")


def _excerpt(text: str) -> str:
    return " ".join(_TAG.sub(" ", text[:4000]).split())[:120]
