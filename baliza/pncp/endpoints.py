"""PNCP's consultation endpoints as a table: everything that differs between them, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """One list endpoint of PNCP's consultation API.

    Attributes:
        id: the API path with underscores; names the endpoint in meta.coverage.
        path: below the host.
        since, until: names of the two date parameters, both inclusive, AAAAMMDD.
        cnpj: name of the parameter that narrows to one órgão.
        page_size: the largest tamanhoPagina the API accepts.
        table: of schema raw.
        day_field: the field whose day the window filters on.
        owner_fields: the objects whose `cnpj` the órgão filter may match.
        widest_window: days asked for together for the whole country; a slice is asked in the API's widest.
        typical_pages: pages of one busy day of the whole country, for the estimate before a harvest.
    """

    id: str
    path: str
    since: str
    until: str
    cnpj: str
    page_size: int
    table: str
    day_field: str
    owner_fields: tuple[str, ...]
    widest_window: int
    typical_pages: int


MAX_WINDOW_DAYS = 365
"""The API answers 422 to windows whose ends are further apart."""

CONTRATOS = Endpoint(
    id="contratos",
    path="/api/consulta/v1/contratos",
    since="dataInicial",
    until="dataFinal",
    cnpj="cnpjOrgao",
    page_size=500,
    table="contratos",
    day_field="dataPublicacaoPncp",
    owner_fields=("orgaoEntidade", "orgaoSubRogado"),
    # A day holds some 8,000 contratos, and PNCP's order is unstable: wider windows only make longer walks.
    widest_window=1,
    typical_pages=17,
)

ENDPOINTS = {endpoint.id: endpoint for endpoint in (CONTRATOS,)}
