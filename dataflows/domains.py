"""PNCP's official code tables as the dataflow reads them: labels of codes, and codes of labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import ibis

from dataflows.code_tables import labels
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


@cache
def load(name: str) -> Domain:
    """One table, as it is committed."""
    return Domain(name, labels(name))


def inputs() -> dict[str, Domain | dict[str, Domain]]:
    """Every domain under the name its node has in the graph, and all of them by name as `domain_tables`."""
    tables = {name: load(name) for name in NAMES}
    return {**{f"domain_{name}": table for name, table in tables.items()}, "domain_tables": tables}
