"""PNCP's endpoints as a table: everything that differs between them, and nothing else.

Sources: OpenAPI of the consultation API (/api/consulta/v3/api-docs) and of the integration API; limits and
volumes as measured by others. Names trap: see `since`, `cnpj` and the unit of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from baliza.warehouse.shapes import Shape

CellKind = Literal["day", "stock", "snapshot", "year", "parent"]
"""What one row of the ledger is proven of.

day: what PNCP dates to that day; windows of several days are asked for together.
stock: what was in force on that day; each day is a listing of its own.
snapshot: what was open on the day it was asked, which is today.
year: a year's plan, under its first of January.
parent: one purchase or contract, under its day of publication.
"""


@dataclass(frozen=True)
class Filter:
    """A way to narrow an endpoint.

    Attributes:
        parameter: of the query.
        fields: of the record; one of them must say what was asked, or the filter was ignored. None where the
            record does not say.
    """

    parameter: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of PNCP's API that baliza lands.

    Attributes:
        id: names the endpoint in meta.coverage.
        family: what `--endpoint` may ask for together; the id itself where it stands alone.
        path: below the host; {cnpj}, {ano}, {sequencial} and {item} are those of the parent.
        table: of schema raw.
        key: PNCP's fields that name a record.
        version: PNCP's field that says when a record last changed.
        cell: what one row of the ledger is.
        since, until: names of the date parameters, AAAAMMDD, both inclusive.
        day: the field whose day the window filters on.
        page_size: the largest tamanhoPagina the API accepts; None where it does not page.
        shape: of the answer.
        modalidade: set where PNCP wants each modalidade asked for by itself.
        filters: by kind of slice.
        needs: the kinds of slice without which PNCP does not answer.
        year: name of the year parameter.
        keeps_its_day: whether a record stays under its day for ever, so that one that is gone from it has
            vanished; a feed of updates moves it.
        is_built_from: whether `build` fetches it for the tables that need it.
        parents: the raw table whose records are asked about one by one.
        widest_window: days asked for together for the whole country; a slice is asked in the API's widest.
        typical_pages: pages of one busy day of the whole country, for the estimate before a harvest.
        pages_by_modalidade: the same, of the modalidades too busy for wide windows.
        is_mostly_empty: whether most answers say that there is nothing.
        max_in_flight: requests under way at once that the endpoint bears; None where the pace alone decides.
    """

    id: str
    family: str
    path: str
    table: str
    key: tuple[str, ...]
    version: str
    cell: CellKind = "day"
    since: str | None = None
    until: str | None = None
    day: str | None = None
    page_size: int | None = None
    shape: Shape = "page"
    modalidade: Filter | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    year: str | None = None
    keeps_its_day: bool = False
    is_built_from: bool = False
    parents: str | None = None
    widest_window: int = 1
    typical_pages: int = 1
    pages_by_modalidade: Mapping[int, int] = field(default_factory=dict)
    max_in_flight: int | None = None
    is_mostly_empty: bool = False


MAX_WINDOW_DAYS = 365
"""The API answers 422 to windows whose ends are further apart."""

SMALLEST_PAGE = 10
"""The least tamanhoPagina the API accepts."""

_CONSULTA = "/api/consulta/v1"
_PNCP = "/api/pncp/v1"
_WINDOW: dict[str, Any] = {"since": "dataInicial", "until": "dataFinal"}

_COMPRA: dict[str, Any] = {
    "table": "contratacoes",
    "key": ("numeroControlePNCP",),
    "version": "dataAtualizacaoGlobal",
    "page_size": 50,
    "filters": {
        "cnpj": Filter("cnpj", ("orgaoEntidade.cnpj", "orgaoSubRogado.cnpj")),
        "uf": Filter("uf", ("unidadeOrgao.ufSigla", "unidadeSubRogada.ufSigla")),
        "municipio": Filter(
            "codigoMunicipioIbge", ("unidadeOrgao.codigoIbge", "unidadeSubRogada.codigoIbge")
        ),
    },
}
_MODALIDADE = Filter("codigoModalidadeContratacao", ("modalidadeId",))
_BY_MODALIDADE: dict[str, Any] = {
    **_COMPRA,
    **_WINDOW,
    "modalidade": _MODALIDADE,
    # A day holds some 3,000 dispensas (8), 1,800 pregões eletrônicos (6), 1,200 inexigibilidades (9).
    "pages_by_modalidade": {8: 61, 6: 37, 9: 25, 4: 5, 12: 3},
    "widest_window": 30,
}
_CONTRATO: dict[str, Any] = {
    **_WINDOW,
    "family": "contratos",
    "table": "contratos",
    "key": ("numeroControlePNCP",),
    "version": "dataAtualizacaoGlobal",
    "page_size": 500,
    "filters": {"cnpj": Filter("cnpjOrgao", ("orgaoEntidade.cnpj", "orgaoSubRogado.cnpj"))},
    # A day holds some 8,000 contratos, and PNCP's order is unstable: wider windows only make longer walks.
    "typical_pages": 17,
}
_ATA: dict[str, Any] = {
    **_WINDOW,
    "table": "atas",
    "key": ("numeroControlePNCPAta",),
    "version": "dataAtualizacaoGlobal",
    "page_size": 500,
    "filters": {"cnpj": Filter("cnpj", ("cnpjOrgao", "cnpjOrgaoSubrogado"))},
}
_PCA: dict[str, Any] = {
    "table": "pca_itens",
    "key": ("idPcaPncp", "numeroItem"),
    "version": "dataAtualizacaoGlobalPCA",
    "page_size": 500,
    "shape": "plans",
}
_PCA_CNPJ = Filter("cnpj", ("orgaoEntidadeCnpj",))
_PCA_CLASSE = Filter("codigoClassificacaoSuperior", ("classificacaoSuperiorCodigo",))
_DETAIL: dict[str, Any] = {"cell": "parent", "version": "dataAtualizacao", "shape": "array"}

ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.id: endpoint
    for endpoint in (
        Endpoint(
            id="contratacoes_publicacao",
            family="contratacoes",
            path=f"{_CONSULTA}/contratacoes/publicacao",
            day="dataPublicacaoPncp",
            keeps_its_day=True,
            is_built_from=True,
            **_BY_MODALIDADE,
        ),
        Endpoint(
            id="contratacoes_atualizacao",
            family="contratacoes",
            path=f"{_CONSULTA}/contratacoes/atualizacao",
            day="dataAtualizacaoGlobal",
            **_BY_MODALIDADE,
        ),
        Endpoint(
            id="contratos",
            path=f"{_CONSULTA}/contratos",
            day="dataPublicacaoPncp",
            keeps_its_day=True,
            is_built_from=True,
            **_CONTRATO,
        ),
        Endpoint(
            id="contratos_atualizacao",
            path=f"{_CONSULTA}/contratos/atualizacao",
            day="dataAtualizacaoGlobal",
            **_CONTRATO,
        ),
        Endpoint(
            id="atas_atualizacao",
            family="atas",
            path=f"{_CONSULTA}/atas/atualizacao",
            day="dataAtualizacaoGlobal",
            is_built_from=True,
            typical_pages=4,
            **_ATA,
        ),
        Endpoint(
            # Validity, not publication: any day returns the whole stock, some 400,000 atas.
            id="atas_vigencia",
            family="atas_vigencia",
            path=f"{_CONSULTA}/atas",
            cell="stock",
            typical_pages=900,
            **_ATA,
        ),
        Endpoint(
            id="contratacoes_proposta",
            family="contratacoes_proposta",
            path=f"{_CONSULTA}/contratacoes/proposta",
            cell="snapshot",
            until="dataFinal",
            is_built_from=True,
            # PNCP takes the modalidade here as an option: shorter listings are proven sooner.
            modalidade=_MODALIDADE,
            pages_by_modalidade={6: 240, 8: 100, 4: 80, 12: 60, 9: 20},
            **{**_COMPRA, "table": "contratacoes_proposta"},
        ),
        Endpoint(
            id="instrumentoscobranca_inclusao",
            family="instrumentoscobranca",
            path=f"{_CONSULTA}/instrumentoscobranca/inclusao",
            table="instrumentos_cobranca",
            key=("cnpj", "ano", "sequencialContrato", "sequencialInstrumentoCobranca"),
            version="dataAtualizacao",
            day="dataInclusao",
            keeps_its_day=True,
            page_size=100,
            filters={"cnpj": Filter("cnpjOrgao", ("cnpj", "recuperarContratoDTO.orgaoEntidade.cnpj"))},
            typical_pages=6,
            # The most fragile of all: it breaks under a second request.
            max_in_flight=1,
            **_WINDOW,
        ),
        Endpoint(
            id="pca_atualizacao",
            family="pca",
            path=f"{_CONSULTA}/pca/atualizacao",
            since="dataInicio",
            until="dataFim",
            day="dataAtualizacaoGlobalPCA",
            filters={"cnpj": _PCA_CNPJ},
            typical_pages=14,
            **_PCA,
        ),
        Endpoint(
            id="pca_classe",
            family="pca_classe",
            path=f"{_CONSULTA}/pca/",
            cell="year",
            year="anoPca",
            filters={"classe": _PCA_CLASSE},
            needs=("classe",),
            **_PCA,
        ),
        Endpoint(
            id="pca_usuario",
            family="pca_usuario",
            path=f"{_CONSULTA}/pca/usuario",
            cell="year",
            year="anoPca",
            filters={"usuario": Filter("idUsuario")},
            needs=("usuario",),
            **_PCA,
        ),
        Endpoint(
            id="compra",
            family="compra",
            path=f"{_CONSULTA}/orgaos/{{cnpj}}/compras/{{ano}}/{{sequencial}}",
            table="compras",
            key=("numeroControlePNCP",),
            parents="contratacoes",
            **{**_DETAIL, "version": "dataAtualizacaoGlobal", "shape": "object"},
        ),
        Endpoint(
            id="itens",
            family="itens",
            path=f"{_PNCP}/orgaos/{{cnpj}}/compras/{{ano}}/{{sequencial}}/itens",
            table="itens",
            key=("parent_key", "numeroItem"),
            page_size=100,
            parents="contratacoes",
            **_DETAIL,
        ),
        Endpoint(
            id="resultados",
            family="resultados",
            path=f"{_PNCP}/orgaos/{{cnpj}}/compras/{{ano}}/{{sequencial}}/itens/{{item}}/resultados",
            table="resultados",
            key=("parent_key", "numeroItem", "sequencialResultado"),
            parents="contratacoes",
            **_DETAIL,
        ),
        Endpoint(
            id="termos",
            family="termos",
            path=f"{_PNCP}/orgaos/{{cnpj}}/contratos/{{ano}}/{{sequencial}}/termos",
            table="termos",
            # Some 300,000 terms among 4.7 million contracts.
            is_mostly_empty=True,
            key=("parent_key", "sequencialTermoContrato"),
            page_size=100,
            parents="contratos",
            **_DETAIL,
        ),
    )
}
"""Every endpoint by id, in the order of their worth."""

SELDOM_USED = frozenset({2, 3, 10, 11, 14, 15, 16, 17, 18, 19})
"""Modalidades that answer 204 nearly always: asked for in the API's widest windows."""
