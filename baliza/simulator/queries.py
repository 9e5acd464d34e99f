"""Parameters as the API reads them: what it demands, what it refuses, what it ignores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus

from baliza.simulator.endpoints import Listed

MIN_PAGE = 10
"""Least tamanhoPagina of a listing; fewer is refused, not raised."""
BARE_PAGE, MAX_BARE_PAGE = 10, 500
"""Rows of a page of a bare array when not said, and the most there are, whatever is said."""
MAX_DAYS = 365
INTEGERS = (
    "pagina",
    "tamanhoPagina",
    "codigoModalidadeContratacao",
    "codigoModoDisputa",
    "tipoInstrumentoCobranca",
    "anoPca",
    "idUsuario",
    "usuarioId",
)
BEGINNING, END = "", "9999-99-99"
"""Days before and after all others, where a listing is not asked by date."""

LONG_WINDOW = "Período inicial e final maior que 365 dias."
REVERSED_WINDOW = "Data Inicial deve ser anterior ou igual à Data Final"


class Refusal(Exception):  # noqa: N818  it is an answer of the API, not an error of ours
    """Raised when the API would refuse the parameters."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Query:
    """Parameters the API accepted: days as AAAA-MM-DD, the page and its size, and what narrows it all."""

    first: str
    last: str
    pagina: int
    size: int
    filters: Mapping[str, str] = field(default_factory=dict)


def read_query(endpoint: Listed, params: Mapping[str, str]) -> Query:
    """Check the parameters in the API's order; parameters it does not know are ignored.

    Args:
        endpoint: what is asked.
        params: name and text of each query parameter.

    Returns:
        The query.

    Raises:
        Refusal: 400 for a missing or unreadable parameter or a page size out of range, 422 for bad dates.
    """
    days = [name for name in endpoint.days or () if name]
    for name in (*days, *endpoint.required, "pagina"):
        if not params.get(name):
            raise Refusal(
                HTTPStatus.BAD_REQUEST,
                f"Required request parameter '{name}' for method parameter is not present",
            )
    _check_integers({"pagina", "tamanhoPagina", endpoint.platform, *endpoint.filters}, params)
    pagina, size = _page(params), int(params.get("tamanhoPagina") or endpoint.max_page)
    if size < MIN_PAGE:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"tamanhoPagina: must be greater than or equal to {MIN_PAGE}")
    if size > endpoint.max_page:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Tamanho de página inválido")
    first, last = _window(endpoint, params)
    filters = {name: params[name] for name in endpoint.filters if params.get(name)}
    return Query(first, last, pagina, size, filters)


def read_page(params: Mapping[str, str]) -> Query:
    """Read the page asked of a bare array: neither parameter is required, and size is cut, not refused.

    Args:
        params: name and text of each query parameter.

    Returns:
        The query, over all days.

    Raises:
        Refusal: 400 for a page that is not a number from 1 on.
    """
    _check_integers({"pagina", "tamanhoPagina"}, params)
    size = int(params.get("tamanhoPagina") or BARE_PAGE)
    return Query(BEGINNING, END, _page(params), min(max(size, 1), MAX_BARE_PAGE))


def _check_integers(known: set[str], params: Mapping[str, str]) -> None:
    for name in INTEGERS:
        if name in known and params.get(name) and not params[name].removeprefix("-").isdecimal():
            raise Refusal(
                HTTPStatus.BAD_REQUEST, f"Failed to convert value of '{name}' to an integer: {params[name]}"
            )


def _page(params: Mapping[str, str]) -> int:
    pagina = int(params.get("pagina") or 1)
    if pagina < 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, "pagina: must be greater than or equal to 1")
    return pagina


def _window(endpoint: Listed, params: Mapping[str, str]) -> tuple[str, str]:
    if endpoint.days is None:
        return BEGINNING, END
    begin, end = endpoint.days
    if begin is None:
        return BEGINNING, _day("Data Final", params[end]).isoformat()
    first, last = _day("Data Inicial", params[begin]), _day("Data Final", params[end])
    if first > last:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, REVERSED_WINDOW)
    if (last - first).days > MAX_DAYS:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, LONG_WINDOW)
    return first.isoformat(), last.isoformat()


def _day(name: str, text: str) -> date:
    if len(text) == 8 and text.isdecimal():  # noqa: PLR2004  AAAAMMDD
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} inválida")
