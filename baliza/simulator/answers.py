"""What PNCP's consultation API says to a request, faults aside: status, body and content type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

from baliza.simulator.faults import Faults
from baliza.simulator.listings import Listing
from baliza.simulator.walks import Walks

PATHS: dict[str, str] = {
    "/api/consulta/v1/contratos": "contratos",
    "/api/consulta/v1/contratos/atualizacao": "contratos_atualizacao",
}
MIN_PAGE, MAX_PAGE = 10, 500
"""Least and greatest tamanhoPagina of the contract listings; out of range is refused, not clamped."""
MAX_DAYS = 365
INTEGERS = ("pagina", "tamanhoPagina", "usuarioId")
REQUIRED = ("dataInicial", "dataFinal", "pagina")

LONG_WINDOW = "Período inicial e final maior que 365 dias."
REVERSED_WINDOW = "Data Inicial deve ser anterior ou igual à Data Final"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: HTTP status code.
        body: bytes of the body, possibly none.
        content_type: media type of the body.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"


class Refusal(Exception):  # noqa: N818  it is an answer of the API, not an error of ours
    """Raised when the API would refuse the parameters."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Query:
    """Parameters the API accepted: days as AAAA-MM-DD, the page and its size."""

    first: str
    last: str
    cnpj: str | None
    unidade: str | None
    pagina: int
    size: int


def json_answer(status: int, payload: Any) -> Answer:
    """Write a payload as PNCP does: UTF-8, no escapes, no spaces."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body)


def refusal(status: HTTPStatus, message: str, path: str) -> Answer:
    """Write the error object of the API; its business refusals (422) carry only two of its fields."""
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return json_answer(status, {"message": message, "error": "422 UNPROCESSABLE_ENTITY"})
    payload = {
        "message": message,
        "path": path,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "status": str(int(status)),
        "error": status.phrase,
    }
    return json_answer(status, payload)


def read_query(params: Mapping[str, str]) -> Query:
    """Check the parameters in the API's order; parameters it does not know are ignored.

    Args:
        params: name and text of each query parameter.

    Returns:
        The query.

    Raises:
        Refusal: 400 for a missing or unreadable parameter or a page size out of range, 422 for bad dates.
    """
    for name in REQUIRED:
        if not params.get(name):
            raise Refusal(
                HTTPStatus.BAD_REQUEST,
                f"Required request parameter '{name}' for method parameter is not present",
            )
    for name in INTEGERS:
        if params.get(name) and not params[name].removeprefix("-").isdecimal():
            raise Refusal(
                HTTPStatus.BAD_REQUEST, f"Failed to convert value of '{name}' to an integer: {params[name]}"
            )
    pagina = int(params["pagina"])
    size = int(params.get("tamanhoPagina") or MAX_PAGE)
    if pagina < 1:
        raise Refusal(HTTPStatus.BAD_REQUEST, "pagina: must be greater than or equal to 1")
    if size < MIN_PAGE:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"tamanhoPagina: must be greater than or equal to {MIN_PAGE}")
    if size > MAX_PAGE:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Tamanho de página inválido")
    first = _day("Data Inicial", params["dataInicial"])
    last = _day("Data Final", params["dataFinal"])
    if first > last:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, REVERSED_WINDOW)
    if (last - first).days > MAX_DAYS:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, LONG_WINDOW)
    return Query(
        first.isoformat(),
        last.isoformat(),
        params.get("cnpjOrgao") or None,
        params.get("codigoUnidadeAdministrativa") or None,
        pagina,
        size,
    )


def _day(name: str, text: str) -> date:
    if len(text) == 8 and text.isdecimal():  # noqa: PLR2004  AAAAMMDD
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name} inválida")


class Archive:
    """The records behind the API, and how it pages through them.

    Args:
        records: contracts in PNCP's shape, keyed by endpoint id; an endpoint not named has none.
        faults: of which `lost` and `drift` change what pages hold.
        seed: the simulator's seed.
    """

    def __init__(
        self,
        records: Mapping[str, Iterable[dict[str, Any]]],
        faults: Faults | None = None,
        seed: int = 0,
    ) -> None:
        self._listings = {
            endpoint: Listing(endpoint, records.get(endpoint, ())) for endpoint in PATHS.values()
        }
        self._walks = Walks(faults or Faults(), seed)

    def update(self, endpoint: str, records: Iterable[dict[str, Any]]) -> None:
        """Replace everything an endpoint shows."""
        self._listings[endpoint] = Listing(endpoint, records)

    def answer(self, path: str, params: Mapping[str, str]) -> Answer:
        """Answer a request: 200 with an envelope, 204, or a refusal.

        Args:
            path: path of the request, without the query.
            params: name and text of each query parameter.

        Returns:
            The answer. Rows that match nothing, and pages past the end, are 204 without a body.
        """
        endpoint = PATHS.get(path)
        if endpoint is None:
            return refusal(HTTPStatus.NOT_FOUND, f"No message available for {path}", path)
        try:
            query = read_query(params)
        except Refusal as refused:
            return refusal(refused.status, refused.message, path)
        window = self._listings[endpoint].window(query.first, query.last, query.cnpj, query.unidade)
        name = f"{endpoint} {query.first} {query.last} {query.cnpj} {query.unidade} {query.size}"
        total, positions = self._walks.positions(name, query.pagina, query.size, window.total)
        rows = window.take(positions)
        if not rows:
            return Answer(HTTPStatus.NO_CONTENT)
        pages = -(-total // query.size)
        envelope = {
            "data": rows,
            "totalRegistros": total,
            "totalPaginas": pages,
            "numeroPagina": query.pagina,
            "paginasRestantes": pages - query.pagina,
            "empty": False,
        }
        return json_answer(HTTPStatus.OK, envelope)
