"""Parsed rows of the old layout, put back into the shape PNCP's API gives them.

The old program took records apart: snake_case, the members of objects as columns of their own
(`orgao_cnpj`, `unidade_uf_sigla`), sources of budget as rows of another table. What it dropped is gone; what
it kept goes where the contract has it, and what the contract does not know goes along under its old name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from baliza.build.raw_tables import raw_table
from baliza.migration.old_file import PARSED
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.raw_table import Field

ENDPOINT_OF: Mapping[str, str] = dict(
    zip(PARSED, ("contratos", "contratacoes_publicacao", "atas_atualizacao"), strict=True)
)
"""Under which endpoint the rows of each table land: the feed that `build` fetches."""

_GROUPS: Mapping[str, str] = {
    "orgao_subrogado": "orgaoSubRogado",
    "unidade_subrogada": "unidadeSubRogada",
    "orgao": "orgaoEntidade",
    "unidade": "unidadeOrgao",
    "amparo_legal": "amparoLegal",
    "tipo_contrato": "tipoContrato",
    "categoria_processo": "categoriaProcesso",
}
"""Prefixes of columns that were members of an object, longest first."""

_MEMBERS: Mapping[str, str] = {"codigo": "codigoUnidade", "nome": "nomeUnidade"}
"""Members whose name was shortened, of a unit."""

_ITS_OWN = frozenset({"id", "extracted_at", "request_id", "content_id", "run_id", "month_partition"})
"""Columns of the old program, which PNCP never sent."""

Rebuild = Callable[[Sequence[Any]], dict[str, Any]]


@dataclass(frozen=True)
class _Column:
    """Where a column's value goes: a field, or a member of one."""

    index: int
    path: tuple[str, ...]
    type: str


def rebuilder(table: str, columns: Sequence[str]) -> Rebuild:
    """What makes a record, as the API gives it, of a row with these columns."""
    fields = {one.name: one for one in raw_table(ENDPOINTS[ENDPOINT_OF[table]].table).fields}
    placed = [
        _placed(index, column, fields) for index, column in enumerate(columns) if column not in _ITS_OWN
    ]
    groups = {column.path[0] for column in placed if len(column.path) > 1}

    def rebuild(row: Sequence[Any]) -> dict[str, Any]:
        record: dict[str, Any] = dict.fromkeys(groups)
        for column in placed:
            value = _as_json(row[column.index], column.type)
            if len(column.path) == 1:
                record[column.path[0]] = value
            elif value is not None:
                record[column.path[0]] = {**(record[column.path[0]] or {}), column.path[1]: value}
        return record

    return rebuild


def sources(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """The sources of budget of a purchase, as the API lists them."""
    names = {"codigo": "codigo", "nome": "nome", "descricao": "descricao", "data_inclusao": "dataInclusao"}
    return [
        {
            names[column]: _as_json(value, "TIMESTAMP" if column == "data_inclusao" else "VARCHAR")
            for column, value in zip(columns, row, strict=True)
            if column in names
        }
        for row in rows
    ]


def purchase_column(columns: Mapping[str, str]) -> str:
    """The column of raw_fontes_orcamentarias that names the purchase."""
    return next(
        (name for name in columns if name.startswith("contratacao")), "contratacao_numero_controle_pncp"
    )


def column_of(columns: Mapping[str, str], field: str) -> str | None:
    """The column that was a field of the API; None where there is none."""
    return next((name for name in columns if _plain(name) == _plain(field)), None)


def _placed(index: int, column: str, fields: Mapping[str, Field]) -> _Column:
    by_plain = {_plain(name): name for name in fields}
    if name := by_plain.get(_plain(column)):
        return _Column(index, (name,), fields[name].type)
    for prefix, group in _GROUPS.items():
        if not column.startswith(f"{prefix}_") or group not in fields:
            continue
        rest = column.removeprefix(f"{prefix}_")
        members = {_plain(member.name): member for member in fields[group].members}
        member = members.get(_plain(rest)) or members.get(_plain(_MEMBERS.get(rest, "")))
        if member:
            return _Column(index, (group, member.name), member.type)
    return _Column(index, (column,), "VARCHAR")


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _as_json(value: Any, type_: str) -> Any:
    """A value of DuckDB as the API would write it, for a field of this type."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return f"{value.date()}" if type_ == "DATE" else value.replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return json.loads(json.dumps(value, default=str))


def as_page(records: Sequence[dict[str, Any]]) -> bytes:
    """A page of these records."""
    return json.dumps({"data": list(records), "totalRegistros": len(records)}, ensure_ascii=False).encode()
