"""PNCP's endpoints as one table: all that listings, queries, answers and the ground truth differ by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

CONSULTA, PNCP = "/api/consulta/v1", "/api/pncp/v1"
PLATFORMS = 12
"""Platforms that send plans; a record does not say which sent it, so its órgão decides."""

Record = dict[str, Any]
Match = Callable[[Record, str], bool]
"""Whether a record satisfies a filter, given the text asked for."""


def look(record: Record, path: str) -> Any:
    """Return a field by its dotted path, None where it is missing; a list stands for its first element."""
    found: Any = record
    for name in path.split("."):
        if isinstance(found, list):
            found = found[0]
        found = found.get(name) if found else None
    return found


def same(path: str) -> Match:
    """Make the filter that wants a field, or one inside an object of the record, to equal what is asked."""
    return lambda record, asked: str(look(record, path)) == asked


def _sent_by(record: Record, asked: str) -> bool:
    return crc32(record["orgaoEntidadeCnpj"].encode()) % PLATFORMS == int(asked) % PLATFORMS


@dataclass(frozen=True)
class Listed:
    """An endpoint that answers pages of the records of a window of days, in an envelope.

    Attributes:
        id: key of its records.
        path: path of the request.
        key: fields whose values, joined by "/", name a record.
        span: the two fields between which a record's days lie, equal when it has one day; the window shows
            the records whose span it touches. None when nothing is asked by date.
        days: names of the parameters that bound the window; the first is None where there is only an end.
        filters: what narrows the listing, by name of parameter.
        required: filters without which nothing is answered.
        platform: name of a parameter that must be a number and, records not saying it, narrows nothing.
        max_page: greatest tamanhoPagina; more is refused, not clamped.
        nothing: message of the 404 that stands for an empty listing, or None for a 204.
        exploded: name of the list whose elements, not the records, are what pages count.
    """

    id: str
    path: str
    key: tuple[str, ...]
    span: tuple[str, str] | None
    days: tuple[str | None, str] | None = ("dataInicial", "dataFinal")
    filters: Mapping[str, Match] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    platform: str = "idUsuario"
    max_page: int = 500
    nothing: str | None = None
    exploded: str | None = None


@dataclass(frozen=True)
class Held:
    """An endpoint that answers what one parent holds, bare, without an envelope.

    Attributes:
        id: key of its records: a mapping from parent to list of records.
        path: path of the request, its variables in braces.
        parent: how the variables make the parent's name.
        key: fields whose values, joined by "/" after the parent, name a record.
        unknown: message of the 404 for a parent that is not there, or None where that is merely nothing.
        paged: whether pagina and tamanhoPagina are heeded; the end of the pages is then `[]`, not a 204.
        single: whether a parent holds one record, answered as an object; parents are then read from it.
    """

    id: str
    path: str
    parent: str
    key: tuple[str, ...]
    unknown: str | None = None
    paged: bool = False
    single: bool = False


_DE_COMPRA = {
    "uf": same("unidadeOrgao.ufSigla"),
    "codigoMunicipioIbge": same("unidadeOrgao.codigoIbge"),
    "cnpj": same("orgaoEntidade.cnpj"),
    "codigoUnidadeAdministrativa": same("unidadeOrgao.codigoUnidade"),
    "codigoModalidadeContratacao": same("modalidadeId"),
}
_DE_COMPRA_DATADA = _DE_COMPRA | {"codigoModoDisputa": same("modoDisputaId")}
_DE_CONTRATO = {
    "cnpjOrgao": same("orgaoEntidade.cnpj"),
    "codigoUnidadeAdministrativa": same("unidadeOrgao.codigoUnidade"),
}
_DE_ATA = {"cnpj": same("cnpjOrgao"), "codigoUnidadeAdministrativa": same("codigoUnidadeOrgao")}
_DE_PCA = {
    "anoPca": same("anoPca"),
    "codigoClassificacaoSuperior": same("itens.classificacaoSuperiorCodigo"),
}
_KEY = ("numeroControlePNCP",)
_ATA_KEY = ("numeroControlePNCPAta",)
_PCA_KEY = ("idPcaPncp", "itens.numeroItem")


def _on(date_field: str) -> tuple[str, str]:
    return date_field, date_field


LISTED: tuple[Listed, ...] = (
    Listed(
        id="contratacoes_publicacao",
        path=f"{CONSULTA}/contratacoes/publicacao",
        key=_KEY,
        span=_on("dataPublicacaoPncp"),
        filters=_DE_COMPRA_DATADA,
        required=("codigoModalidadeContratacao",),
        max_page=50,
    ),
    Listed(
        id="contratacoes_atualizacao",
        path=f"{CONSULTA}/contratacoes/atualizacao",
        key=_KEY,
        span=_on("dataAtualizacaoGlobal"),
        filters=_DE_COMPRA_DATADA,
        required=("codigoModalidadeContratacao",),
        max_page=50,
    ),
    Listed(
        id="contratacoes_proposta",
        path=f"{CONSULTA}/contratacoes/proposta",
        key=_KEY,
        span=_on("dataEncerramentoProposta"),
        days=(None, "dataFinal"),
        filters=_DE_COMPRA,
        max_page=50,
    ),
    Listed(
        id="contratos",
        path=f"{CONSULTA}/contratos",
        key=_KEY,
        span=_on("dataPublicacaoPncp"),
        filters=_DE_CONTRATO,
        platform="usuarioId",
    ),
    Listed(
        id="contratos_atualizacao",
        path=f"{CONSULTA}/contratos/atualizacao",
        key=_KEY,
        span=_on("dataAtualizacaoGlobal"),
        filters=_DE_CONTRATO,
        platform="usuarioId",
    ),
    Listed(
        id="atas_vigencia",
        path=f"{CONSULTA}/atas",
        key=_ATA_KEY,
        span=("vigenciaInicio", "vigenciaFim"),
        filters=_DE_ATA,
    ),
    Listed(
        id="atas_atualizacao",
        path=f"{CONSULTA}/atas/atualizacao",
        key=_ATA_KEY,
        span=_on("dataAtualizacaoGlobal"),
        filters=_DE_ATA,
    ),
    Listed(
        id="pca_atualizacao",
        path=f"{CONSULTA}/pca/atualizacao",
        key=_PCA_KEY,
        span=_on("dataAtualizacaoGlobalPCA"),
        days=("dataInicio", "dataFim"),
        filters={"cnpj": same("orgaoEntidadeCnpj"), "codigoUnidade": same("codigoUnidade")},
        exploded="itens",
    ),
    Listed(
        id="pca",
        path=f"{CONSULTA}/pca/",
        key=_PCA_KEY,
        span=None,
        days=None,
        filters=_DE_PCA,
        required=("anoPca", "codigoClassificacaoSuperior"),
        exploded="itens",
    ),
    Listed(
        id="pca_usuario",
        path=f"{CONSULTA}/pca/usuario",
        key=_PCA_KEY,
        span=None,
        days=None,
        filters=_DE_PCA | {"cnpj": same("orgaoEntidadeCnpj"), "idUsuario": _sent_by},
        required=("anoPca", "idUsuario"),
        exploded="itens",
    ),
    Listed(
        id="instrumentoscobranca_inclusao",
        path=f"{CONSULTA}/instrumentoscobranca/inclusao",
        key=("cnpj", "ano", "sequencialContrato", "sequencialInstrumentoCobranca"),
        span=_on("dataInclusao"),
        filters={"cnpjOrgao": same("cnpj"), "tipoInstrumentoCobranca": same("tipoInstrumentoCobranca.id")},
        max_page=100,
        nothing="Nenhum instrumento de Cobrança encontrado.",
    ),
)

_COMPRA = "/orgaos/{cnpj}/compras/{ano}/{sequencial}"
HELD: tuple[Held, ...] = (
    Held(
        id="compra",
        path=CONSULTA + _COMPRA,
        parent="{cnpj}-1-{sequencial:06d}/{ano}",
        key=_KEY,
        unknown="Compra não encontrada",
        single=True,
    ),
    Held(
        id="itens",
        path=PNCP + _COMPRA + "/itens",
        parent="{cnpj}-1-{sequencial:06d}/{ano}",
        key=("numeroItem",),
        unknown="Contratação não cadastrada",
        paged=True,
    ),
    Held(
        id="resultados",
        path=PNCP + _COMPRA + "/itens/{numeroItem}/resultados",
        parent="{cnpj}-1-{sequencial:06d}/{ano}",
        key=("numeroItem", "sequencialResultado"),
    ),
    Held(
        id="termos",
        path=PNCP + "/orgaos/{cnpj}/contratos/{ano}/{sequencial}/termos",
        parent="{cnpj}-2-{sequencial:06d}/{ano}",
        key=("sequencialTermoContrato",),
    ),
    Held(
        id="unidades",
        path=PNCP + "/orgaos/{cnpj}/unidades",
        parent="{cnpj}",
        key=("codigoUnidade",),
        unknown="Órgão não encontrado",
    ),
    Held(id="domains", path=PNCP + "/{table}", parent="{table}", key=("id",), unknown="Not Found"),
)
ENDPOINTS: dict[str, Listed | Held] = {endpoint.id: endpoint for endpoint in (*LISTED, *HELD)}


def key_of(endpoint: Listed | Held, record: Record, parent: str | None = None) -> str:
    """Write the key of a record as text.

    Args:
        endpoint: which shows the record.
        record: in PNCP's shape; where pages count the elements of a list, holding only one of them.
        parent: control number or name of what holds the record, where the endpoint asks by it.

    Returns:
        The parent, if any, and the fields of the key, joined by "/".
    """
    parts = [] if parent is None else [parent]
    return "/".join([*parts, *(str(look(record, path)) for path in endpoint.key)])


def day_of(endpoint: Listed | Held, record: Record) -> str | None:
    """Return the (first) day, AAAA-MM-DD, an endpoint files a record under.

    Args:
        endpoint: which shows the record.
        record: in PNCP's shape.

    Returns:
        The day; None when the record has no such date, and is then never shown, or nothing is asked by date.
    """
    if isinstance(endpoint, Held) or endpoint.span is None:
        return None
    stamp = record.get(endpoint.span[0])
    return stamp[:10] if stamp else None


def exploded(endpoint: Listed | Held, records: list[Record]) -> list[Record]:
    """Part records into what pages count: each with a single element of the list the endpoint pages by."""
    name = endpoint.exploded if isinstance(endpoint, Listed) else None
    if name is None:
        return records
    return [record | {name: [element]} for record in records for element in record[name]]
