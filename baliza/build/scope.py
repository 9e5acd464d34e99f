"""What a harvest is asked for: endpoints, days, slices, modalidades; and whether PNCP can narrow to it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from baliza.build.period import Period
from baliza.errors import UnknownEndpointError, UnknownModalidadeError, UsageError
from baliza.pncp import query
from baliza.pncp.cnpj import normalize
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.warehouse.ledger import WHOLE
from dataflows import code_tables

# fmt: off
UFS = (
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI",
    "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
)
# fmt: on

FEEDS = {"contratos_publicacao": "contratos", "atas": "atas_atualizacao", "pca": "pca_atualizacao"}
"""Other names people know an endpoint by."""


@dataclass(frozen=True)
class Scope:
    """Days and what they are narrowed to.

    Attributes:
        period: None for all that the source is known to hold.
        filters: kind and value of each slice, all of one kind; empty for the whole country.
        modalidades: codes; empty for all.
        snapshot: the day that snapshots are of; None for today.
    """

    period: Period | None = None
    filters: tuple[tuple[str, str], ...] = ()
    modalidades: tuple[int, ...] = ()
    snapshot: date | None = None

    @property
    def slices(self) -> list[str]:
        """The slices of the ledger that are asked for."""
        return [query.slice_of(kind, value) for kind, value in self.filters] or [WHOLE]


def narrowed(
    *,
    cnpjs: Sequence[str] = (),
    ufs: Sequence[str] = (),
    municipios: Sequence[str] = (),
    classes: Sequence[str] = (),
    usuarios: Sequence[str] = (),
) -> tuple[tuple[str, str], ...]:
    """The filters that options mean.

    Raises:
        InvalidCnpjError, UsageError: a value that cannot be, or several kinds at once.
    """
    kinds = {
        "cnpj": [normalize(text) for text in cnpjs],
        "uf": [_uf(text) for text in ufs],
        "municipio": [_municipio(text) for text in municipios],
        "classe": [text.strip() for text in classes],
        "usuario": [text.strip() for text in usuarios],
    }
    given = {kind: values for kind, values in kinds.items() if values}
    if len(given) > 1:
        raise UsageError(
            "{kinds} were asked for together.",
            "A slice is narrowed in one way: the ledger could not say what is proven of a mixture.",
            "Choose one of them.",
            kinds=", ".join(f"--{kind}" for kind in given),
        )
    return tuple((kind, value) for kind, values in given.items() for value in dict.fromkeys(values))


def _uf(text: str) -> str:
    uf = text.strip().upper()
    if uf not in UFS:
        raise UsageError(
            "--uf {text} was asked for.", "There is no such state.", "Choose one of {ufs}.",
            text=text, ufs=", ".join(UFS),
        )  # fmt: skip
    return uf


def _municipio(text: str) -> str:
    code = text.strip()
    if not re.fullmatch(r"\d{7}", code):
        raise UsageError(
            "--municipio {text} was asked for.",
            "A municipality is named by its IBGE code, seven digits.",
            "Give it such as 3550308 (São Paulo).",
            text=text,
        )
    return code


def modalidades(texts: Iterable[str]) -> tuple[int, ...]:
    """The codes that `--modalidade` names.

    Raises:
        UnknownModalidadeError: not in PNCP's table.
    """
    labels = code_tables.labels("modalidade")
    for text in texts:
        if text.strip() not in labels:
            raise UnknownModalidadeError(
                "--modalidade {text} was asked for.",
                "PNCP has no such modalidade.",
                "Choose from {known}.",
                text=text,
                known=", ".join(f"{code} {label}" for code, label in labels.items()),
            )
    return tuple(dict.fromkeys(int(text) for text in texts))


def endpoints(names: Sequence[str]) -> list[Endpoint]:
    """The endpoints that ids and families name, in the order of the table.

    Raises:
        UnknownEndpointError: there is none of that name; says the nearest.
    """
    wanted = {endpoint.id for name in names for endpoint in _named(name)}
    return [endpoint for endpoint in ENDPOINTS.values() if endpoint.id in wanted]


def _named(name: str) -> list[Endpoint]:
    asked = name.strip().lower()
    family = [endpoint for endpoint in ENDPOINTS.values() if endpoint.family == asked]
    if family:
        return family
    asked = FEEDS.get(asked, asked)
    if asked in ENDPOINTS:
        return [ENDPOINTS[asked]]
    known = sorted({*ENDPOINTS, *FEEDS, *(endpoint.family for endpoint in ENDPOINTS.values())})
    near = difflib.get_close_matches(asked, known, n=3, cutoff=0.4)
    raise UnknownEndpointError(
        "--endpoint {name} was asked for.",
        "There is no such endpoint.",
        "Did you mean {near}?" if near else "Choose from {known}.",
        name=name,
        near=", ".join(near),
        known=", ".join(known),
    )


def check(endpoint: Endpoint, scope: Scope) -> None:
    """Refuse what PNCP would ignore: a filter the endpoint does not have brings the whole country.

    Raises:
        UsageError: says which endpoints can.
    """
    kinds = {kind for kind, _ in scope.filters}
    for needed in endpoint.needs:
        if needed not in kinds:
            raise UsageError(
                "The endpoint {endpoint} was asked for.",
                "PNCP answers it only for one {kind} at a time.",
                "Add --{kind}.",
                endpoint=endpoint.id,
                kind=needed,
            )
    for kind in kinds:
        if not can_narrow(endpoint, kind):
            able = [one.id for one in ENDPOINTS.values() if can_narrow(one, kind)]
            raise UsageError(
                "The endpoint {endpoint} was to be narrowed by --{kind}.",
                "PNCP cannot narrow it so: it would ignore the filter and send the whole country.",
                "These can: {able}.",
                endpoint=endpoint.id,
                kind=kind,
                able=", ".join(able),
            )
    if scope.modalidades and not has_modalidades(endpoint):
        able = [one.id for one in ENDPOINTS.values() if has_modalidades(one)]
        raise UsageError(
            "The endpoint {endpoint} was to be narrowed by --modalidade.",
            "Its records have no modalidade.",
            "These have: {able}.",
            endpoint=endpoint.id,
            able=", ".join(able),
        )


def can_narrow(endpoint: Endpoint, kind: str) -> bool:
    """Whether an endpoint can be narrowed so: by PNCP, by the parents landed, or órgão by órgão."""
    if endpoint.cell == "parent":
        return kind in ENDPOINTS["contratacoes_publicacao"].filters
    return kind in endpoint.filters or (kind == "municipio" and "cnpj" in endpoint.filters)


def has_modalidades(endpoint: Endpoint) -> bool:
    """Whether its records, or those they are asked about, have a modalidade."""
    return endpoint.modalidade is not None or endpoint.parents == "contratacoes"


def modalidades_of(endpoint: Endpoint, scope: Scope) -> tuple[int, ...]:
    """The modalidades that an endpoint's cells are of: 0 alone where it has none."""
    if endpoint.modalidade is None:
        return (0,)
    return scope.modalidades or tuple(int(code) for code in code_tables.labels("modalidade"))
