"""What is sent to PNCP for one page of a window, and what every record that comes back must say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from baliza.pncp.endpoints import Endpoint
from baliza.warehouse.landing import Window
from baliza.warehouse.raw_table import PARENT_KEY

_HORIZON = timedelta(days=5 * 366)
"""How far ahead deadlines of open proposals are asked for: credenciamentos stay open for up to five years."""

_CONTROL_NUMBER = re.compile(r"(?P<cnpj>[0-9A-Z]{14})-[0-9]-(?P<sequencial>\d{6,})/(?P<ano>\d{4})")


@dataclass(frozen=True)
class Expected:
    """What was asked for: one of these fields of every record must hold the value."""

    fields: tuple[str, ...]
    value: str
    asked: str


def slice_of(kind: str, value: str) -> str:
    """The slice of the ledger that a filter asks for, such as cnpj=00394460000141."""
    return f"{kind}={value}"


def filter_of(slice_: str) -> tuple[str, str]:
    """Kind and value of a slice."""
    kind, _, value = slice_.partition("=")
    return kind, value


def path(endpoint: Endpoint, window: Window, item: int | None = None) -> str:
    """The path; of a detail, that of its parent.

    Raises:
        ValueError: the parent's control number is none.
    """
    if endpoint.cell != "parent":
        return endpoint.path
    found = _CONTROL_NUMBER.fullmatch(window.slice)
    if found is None:
        raise ValueError(f"{window.slice} is not a control number of PNCP")
    return endpoint.path.format(
        cnpj=found["cnpj"], ano=found["ano"], sequencial=int(found["sequencial"]), item=item
    )


def params(endpoint: Endpoint, window: Window, number: int, page_size: int | None) -> dict[str, str]:
    """The query of one page."""
    asked = {}
    until = window.until + _HORIZON if endpoint.cell == "snapshot" else window.until
    if endpoint.since:
        asked[endpoint.since] = f"{window.since:%Y%m%d}"
    if endpoint.until:
        asked[endpoint.until] = f"{until:%Y%m%d}"
    if endpoint.year:
        asked[endpoint.year] = str(window.since.year)
    if endpoint.modalidade and window.modalidade:
        asked[endpoint.modalidade.parameter] = str(window.modalidade)
    if window.slice and endpoint.cell != "parent":
        kind, value = filter_of(window.slice)
        asked[endpoint.filters[kind].parameter] = value
    if page_size is not None:
        asked |= {"pagina": str(number), "tamanhoPagina": str(page_size)}
    return asked


def expected(endpoint: Endpoint, window: Window, item: int | None = None) -> list[Expected]:
    """What every record must say; a filter whose field PNCP does not send cannot be checked."""
    wanted = []
    if item is not None:
        wanted.append(Expected(("numeroItem",), str(item), f"item {item}"))
    if endpoint.modalidade and window.modalidade:
        fields = endpoint.modalidade.fields
        wanted.append(Expected(fields, str(window.modalidade), f"modalidade={window.modalidade}"))
    if window.slice and endpoint.cell != "parent":
        kind, value = filter_of(window.slice)
        if endpoint.filters[kind].fields:
            wanted.append(Expected(endpoint.filters[kind].fields, value, window.slice))
    if endpoint.cell == "parent" and PARENT_KEY not in endpoint.key:
        wanted.append(Expected((endpoint.key[0],), window.slice, window.slice))
    if endpoint.year:
        wanted.append(Expected(("anoPca",), str(window.since.year), f"{endpoint.year}={window.since.year}"))
    return wanted
