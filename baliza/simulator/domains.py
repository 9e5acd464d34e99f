"""The domain tables as the integration API serves them: one bare list of rows each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baliza.simulator import codes

INACTIVE: dict[str, frozenset[int]] = {
    "criterios-julgamentos": frozenset({3}),
    "tipos-instrumentos-convocatorios": frozenset({5}),
    "tipos-contratos": frozenset({6, 9, 10, 11}),
}
INCLUDED, UPDATED = "2021-07-26T20:46:34", "2024-02-07T14:53:31"

_TABLES: dict[str, Mapping[int, str]] = {
    "modalidades": codes.MODALIDADES,
    "modos-disputas": codes.MODOS_DISPUTA,
    "criterios-julgamentos": codes.CRITERIOS,
    "tipos-instrumentos-convocatorios": codes.INSTRUMENTOS,
    "tipos-contratos": codes.TIPOS_CONTRATO,
    "tipos-documentos": codes.TIPOS_DOCUMENTO,
    "tipos-instrumentos-cobranca": codes.TIPOS_COBRANCA,
    "fontes-orcamentarias": codes.FONTES,
    "categoriaItemPcas": codes.CATEGORIAS_PCA,
    "catalogos": codes.CATALOGOS,
    "portes-empresa": codes.PORTES,
}


def row(table: str, code: int, nome: str, descricao: str | None = None) -> dict[str, Any]:
    """Write one row of a domain table.

    Args:
        table: last part of the table's path.
        code: the id.
        nome: what it means.
        descricao: more of that; the name again where there is none.

    Returns:
        The row in PNCP's shape.
    """
    return {
        "id": code,
        "nome": nome,
        "descricao": descricao or nome,
        "dataInclusao": INCLUDED,
        "dataAtualizacao": UPDATED,
        "statusAtivo": code not in INACTIVE.get(table, frozenset()),
    }


def domains() -> dict[str, list[dict[str, Any]]]:
    """Return every domain table, by the last part of its path; of the amparos legais, those in use here."""
    tables = {
        table: [row(table, code, nome) for code, nome in names.items()] for table, names in _TABLES.items()
    }
    amparos = [row("amparos-legais", code, nome, text) for code, (nome, text) in codes.AMPAROS.items()]
    return tables | {"amparos-legais": amparos}
