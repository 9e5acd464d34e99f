"""PNCP's official code tables, read from the CSV files beside this module.

Source: PNCP's domain tables (https://pncp.gov.br/app/entidades-dominio), inactive codes included, because old
records use them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

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


NAMES = ("categoria_processo", "esfera", "poder", "tipo_contrato", "tipo_pessoa")
"""The tables the dataflow uses; each is the external input `domain_<name>` of the graph."""


@cache
def load(name: str) -> Domain:
    """Read one table from its CSV (columns `codigo`, `rotulo`, `ativo`)."""
    content = resources.files("dataflows").joinpath("domains", f"{name}.csv").read_text(encoding="utf-8")
    return Domain(name, {row["codigo"]: row["rotulo"] for row in csv.DictReader(content.splitlines())})


def inputs() -> dict[str, Domain]:
    """Every domain under the name its node has in the graph."""
    return {f"domain_{name}": load(name) for name in NAMES}
