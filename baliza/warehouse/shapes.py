"""The shapes PNCP's answers come in, brought to one: the envelope of a list endpoint.

page: {"data": [...], "totalRegistros": n}, of the consultation endpoints.
plans: the same, but `data` holds plans, and the records are their `itens`, which the total counts.
array: [...], of the integration API; its length is its total.
object: {...}, one record.
"""

from __future__ import annotations

import json
from typing import Literal

import msgspec

from baliza.warehouse.raw_table import PARENT_KEY

Shape = Literal["page", "plans", "array", "object"]


class _Plans(msgspec.Struct):
    data: list[msgspec.Raw]
    totalRegistros: int  # noqa: N815 - as PNCP spells it


def as_page(body: bytes, shape: Shape, parent: str | None = None) -> bytes:
    """The body as an envelope with `data` and `totalRegistros`.

    Args:
        body: as PNCP sent it.
        shape: of the endpoint.
        parent: control number to write into each record, for records that do not say whose they are.

    Raises:
        ValueError: when the body is not of its shape.
    """
    if shape == "page":
        return body
    if shape == "plans":
        plans = msgspec.json.decode(body, type=_Plans)
        return _envelope([item for plan in plans.data for item in _items(bytes(plan))], plans.totalRegistros)
    if shape == "array":
        records = [bytes(record) for record in msgspec.json.decode(body, type=list[msgspec.Raw])]
    else:
        records = [bytes(msgspec.json.decode(body, type=msgspec.Raw))]
    if parent is not None:
        records = [_with_parent(record, parent) for record in records]
    return _envelope(records, len(records))


def _envelope(records: list[bytes], total: int) -> bytes:
    return b'{"data":[%b],"totalRegistros":%d}' % (b",".join(records), total)


def _items(plan: bytes) -> list[bytes]:
    """The items of a plan, each after the plan's own members; what is no plan, as it came."""
    try:
        header = msgspec.json.decode(plan, type=dict[str, msgspec.Raw])
        items = msgspec.json.decode(header.pop("itens", b"null"), type=list[dict[str, msgspec.Raw]] | None)
    except msgspec.ValidationError:
        return [plan]
    return [_object({**header, **item}) for item in items or ()]


def _object(members: dict[str, msgspec.Raw]) -> bytes:
    return b"{%b}" % b",".join(b"%b:%b" % (_text(name), bytes(value)) for name, value in members.items())


def _with_parent(record: bytes, parent: str) -> bytes:
    inside = record.strip()
    if not inside.startswith(b"{"):
        return record  # no object: the page reader will say so
    inside = inside[1:].lstrip()
    comma = b"" if inside.startswith(b"}") else b","
    return b"{%b:%b%b%b" % (_text(PARENT_KEY), _text(parent), comma, inside)


def _text(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()
