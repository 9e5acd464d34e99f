"""From what an old request says of itself to the endpoint, the window and the page that were asked for."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qsl, urlsplit

from baliza.pncp import query
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import WHOLE

NAMES: Mapping[str, str] = {
    "contratos_publicacao": "contratos",
    "contratos_atualizacao": "contratos_atualizacao",
    "contratacoes_publicacao": "contratacoes_publicacao",
    "contratacoes_atualizacao": "contratacoes_atualizacao",
    "contratacoes_proposta": "contratacoes_proposta",
    "atas_periodo": "atas_vigencia",
    "atas_atualizacao": "atas_atualizacao",
    "pca_atualizacao": "pca_atualizacao",
    "instrumentoscobranca_inclusao": "instrumentoscobranca_inclusao",
}
"""The old names of endpoints, and what they are called today."""

_PAGING = ("pagina", "tamanhoPagina")
_SINCE = ("dataInicial", "dataInicio")
_UNTIL = ("dataFinal", "dataFim")
_MODALIDADE = ("codigoModalidadeContratacao", "modalidade_id", "modalidade")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")


@dataclass(frozen=True)
class Asked:
    """What an old request asked for, as it says itself.

    Attributes:
        name: the old name of the endpoint; None of a body that no request points to.
        url: it was asked with, with or without the query.
        parameters: of the query, as JSON.
        month: YYYY-MM, where the file keeps it apart.
        at: UTC.
    """

    name: str | None
    url: str | None
    parameters: str | None
    month: str | None
    at: datetime

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint, told by the address, or else by the name; None where neither is known."""
        path = urlsplit(self.url or "").path.rstrip("/")
        for endpoint in ENDPOINTS.values():
            if path and "{" not in endpoint.path and path.endswith(endpoint.path.partition("/v1")[2]):
                return endpoint
        return ENDPOINTS.get(NAMES.get(self.name or "", ""))

    @property
    def is_misnamed(self) -> bool:
        """Whether the name says something else than the address, or nothing that is known."""
        if self.name is None:
            return False
        named = NAMES.get(self.name)
        return named is None or (self.endpoint is not None and self.endpoint.id != named)

    def window(self) -> Window | None:
        """The days, modalidade and slice; None where the request does not say, or says more than is known."""
        endpoint, said = self.endpoint, self._said()
        if endpoint is None:
            return None
        modalidade = next((said.pop(name) for name in _MODALIDADE if name in said), "0")
        days = self._days(endpoint, said)
        slices = [
            query.slice_of(kind, said.pop(filter_.parameter))
            for kind, filter_ in endpoint.filters.items()
            if filter_.parameter in said
        ]
        is_clear = not said and len(slices) <= 1 and modalidade.isdecimal()
        if days is None or not is_clear or bool(endpoint.modalidade) != (modalidade != "0"):
            return None
        since, until = days
        return Window(endpoint.id, slices[0] if slices else WHOLE, since, until, int(modalidade))

    def page(self) -> int | None:
        """`pagina` of the query."""
        said = {**dict(parse_qsl(urlsplit(self.url or "").query)), **_members(self.parameters)}
        number = said.get("pagina", "")
        return int(number) if number.isdecimal() else None

    def _said(self) -> dict[str, str]:
        """The parameters that narrow the listing, of the address and of the request."""
        said = {**dict(parse_qsl(urlsplit(self.url or "").query)), **_members(self.parameters)}
        return {name: value for name, value in said.items() if name not in _PAGING}

    def _days(self, endpoint: Endpoint, said: dict[str, str]) -> tuple[date, date] | None:
        """First and last day; what says them is taken out of what was said."""
        since, until = (
            next((_day(said.pop(name)) for name in names if name in said), None) for names in (_SINCE, _UNTIL)
        )
        if endpoint.cell == "snapshot":
            return self.at.date(), self.at.date()
        if since and until:
            return (since, until) if since <= until else None
        return month_of(self.month)


def month_of(text: str | None) -> tuple[date, date] | None:
    """First and last day of a month, written YYYY-MM."""
    found = _MONTH.fullmatch(text or "")
    if found is None or not 1 <= int(found[2]) <= 12:  # noqa: PLR2004
        return None
    year, month = int(found[1]), int(found[2])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _members(parameters: str | None) -> dict[str, str]:
    """The members of a JSON object that say something, as text."""
    try:
        members = json.loads(parameters or "{}")
    except ValueError:
        return {"unreadable": parameters or ""}
    if not isinstance(members, dict):
        return {"unreadable": parameters or ""}
    return {name: str(value) for name, value in members.items() if value not in (None, "")}
