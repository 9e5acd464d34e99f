"""PNCP's official code tables, read from the CSV files in `domains`.

Source: PNCP's domain tables (https://pncp.gov.br/app/entidades-dominio), inactive codes included, because old
records use them.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

API_PATHS = {
    "amparo_legal": "/v1/amparos-legais",
    "catalogo": "/v1/catalogos",
    "categoria_item_pca": "/v1/categoriaItemPcas",
    "criterio_julgamento": "/v1/criterios-julgamentos",
    "fonte_orcamentaria": "/v1/fontes-orcamentarias",
    "modalidade": "/v1/modalidades",
    "modo_disputa": "/v1/modos-disputas",
    "porte_empresa": "/v1/portes-empresa",
    "tipo_contrato": "/v1/tipos-contratos",
    "tipo_documento": "/v1/tipos-documentos",
    "tipo_instrumento_cobranca": "/v1/tipos-instrumentos-cobranca",
    "tipo_instrumento_convocatorio": "/v1/tipos-instrumentos-convocatorios",
}
"""Where PNCP serves a table, below /api/pncp; the other tables stand only in its manuals."""


def committed() -> tuple[str, ...]:
    """The name of every table there, in order, used by the dataflow or not."""
    files = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in files if name.endswith(".csv")))


@cache
def labels(name: str) -> dict[str, str]:
    """The official label of each code, in the official order (columns `codigo`, `rotulo`, `ativo`)."""
    content = _folder().joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return {row["codigo"]: row["rotulo"] for row in csv.DictReader(content.splitlines())}


def _folder() -> Traversable:
    return resources.files("dataflows").joinpath("domains")
