"""PNCP's official code tables, read from the CSV files beside this module.

Source: PNCP's domain tables (https://pncp.gov.br/app/entidades-dominio), inactive codes included, because old
records use them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import ibis

from dataflows.expressions import Expression, Text


@dataclass(frozen=True)
class Domain:
    """One official code table.

    Attributes:
        name: as in the file `domains/<name>.csv`.
        labels: official label of each code, in the official order.
    """

    name: str
    labels: dict[str, str]

    def label(self, code: Expression) -> Text:
        """The official label of a code; null where the table has none.

        Written as a CASE over the code, so that no join is paid and a changed label changes the SQL.
        """
        text = code.cast("string")
        return ibis.cases(*((text == known, label) for known, label in self.labels.items()))

    def code(self, label: Text) -> Text:
        """The first code of an official label, where PNCP gives the label alone; null where there is none."""
        return ibis.cases(*((label == known, code) for code, known in self.labels.items()))


NAMES = (
    "amparo_legal",
    "catalogo",
    "categoria_item_pca",
    "categoria_processo",
    "criterio_julgamento",
    "esfera",
    "fonte_orcamentaria",
    "item_categoria",
    "material_servico",
    "modalidade",
    "modo_disputa",
    "natureza_juridica",
    "poder",
    "porte_empresa",
    "reserva_remanescente",
    "situacao_compra",
    "situacao_item",
    "situacao_resultado",
    "tipo_beneficio",
    "tipo_contrato",
    "tipo_instrumento_convocatorio",
    "tipo_margem_preferencia",
    "tipo_pessoa",
    "tipo_termo_contrato",
)
"""The tables the dataflow uses; each is the external input `domain_<name>` of the graph."""


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
    """The name of every table beside this module, in order, used by the dataflow or not."""
    files = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".csv") for name in files if name.endswith(".csv")))


@cache
def load(name: str) -> Domain:
    """Read one table from its CSV (columns `codigo`, `rotulo`, `ativo`)."""
    content = _folder().joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return Domain(name, {row["codigo"]: row["rotulo"] for row in csv.DictReader(content.splitlines())})


def inputs() -> dict[str, Domain | dict[str, Domain]]:
    """Every domain under the name its node has in the graph, and all of them by name as `domain_tables`."""
    tables = {name: load(name) for name in NAMES}
    return {**{f"domain_{name}": table for name, table in tables.items()}, "domain_tables": tables}


def _folder() -> Traversable:
    return resources.files("dataflows").joinpath("domains")
