"""Which columns of a table fit a terminal, and how wide each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataflows.contract import Contract

GAP = 2
"""Between columns."""

LEAST_TEXT = 20
"""Of a text that is cut, so that it can still be told from others."""

_MOST_TEXT = 60
_WHOLE_NAME = 12
"""Characters of a name that is not broken."""

_NAMES = {
    "cnpj_orgao": "nome_orgao",
    "codigo_unidade": "nome_unidade",
    "codigo_ibge": "municipio_nome",
    "ni_fornecedor": "nome_fornecedor",
}
"""Codes, and the columns that say of whom they are."""


_FIRST = (
    "mes", "ano", "nome_orgao", "nome_fornecedor", "titulo", "objeto_compra", "objeto_contrato",
    "valor_global", "valor_total_estimado", "valor_contratos", "quantidade_contratos",
    "valor_observado",
    "limite", "data_encerramento_proposta", "uf_sigla", "municipio_nome",
)  # fmt: skip
"""What people look for in a table that has it: when, who, what, how much, where."""


def heading(name: str, unit: str, width: int) -> list[str]:
    """A name over several lines, broken where it has underscores, and its unit below."""
    lines = [""]
    for part in _parts(name):
        if lines[-1] and len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return [*lines, *([unit] if unit else [])]


def natural(name: str, unit: str, cells: Sequence[str], *, is_text: bool) -> tuple[int, int]:
    """The least and the best width of a column."""
    least = max(len(unit), min(len(name), _WHOLE_NAME), *(len(part) for part in _parts(name)))
    longest = max((len(cell) for cell in cells), default=0)
    if not is_text:
        return max(least, longest), max(least, longest)
    return max(least, min(longest, LEAST_TEXT)), max(least, min(longest, _MOST_TEXT))


def fitted(bounds: Sequence[tuple[int, int]], room: int) -> list[int] | None:
    """The width of each column, the widest cut first; None where they do not fit even so."""
    widths = [best for _least, best in bounds]
    spare = room - GAP * (len(bounds) - 1)
    while sum(widths) > spare:
        over = [at for at, (least, _best) in enumerate(bounds) if widths[at] > least]
        if not over:
            return None
        widths[max(over, key=lambda at: widths[at])] -= 1
    return widths


def chosen(
    contract: type[Contract],
    columns: Sequence[str],
    bounds: Mapping[str, tuple[int, int]],
    told: Sequence[str],
    room: int,
) -> list[str]:
    """The columns that say most and fit side by side, in the order of the table.

    Args:
        contract: of the table.
        columns: that there are.
        bounds: least and best width of each.
        told: those whose value is the same in all rows, and was asked for.
        room: of the terminal.
    """
    found: list[str] = []
    for name in _by_weight(contract, columns, told):
        if fitted([bounds[one] for one in (*found, name)], room) is not None:
            found.append(name)
    return [name for name in columns if name in found]


def _by_weight(contract: type[Contract], columns: Sequence[str], told: Sequence[str]) -> list[str]:
    """What says most first; then the key, in words where it has them; codes that a name stands for last."""
    known = contract.columns
    key = [_name_of(name, columns) for name in contract.key]
    figures = [name for name in columns if known[name].unit and known[name].dtype.is_numeric()]
    amounts = [name for name in figures if known[name].unit == "BRL"]
    coded = [name for name in columns if _name_of(name, columns) != name]
    wanted = [*(name for name in _FIRST if name in columns), *amounts[:1], *key, *figures[:2], *columns]
    # What was asked for is the same in all rows, and said above them.
    said = {*told, *(_name_of(name, columns) for name in told)}
    return [*dict.fromkeys(name for name in wanted if name not in {*said, *coded}), *coded, *said]


def _name_of(name: str, columns: Sequence[str]) -> str:
    """The column that says in words what a code means, where the table has one."""
    spelled = _NAMES.get(name, f"{name.removesuffix('_id')}_nome" if name.endswith("_id") else name)
    return spelled if spelled in columns else name


def _parts(name: str) -> list[str]:
    *others, last = name.split("_")
    return [*(f"{part}_" for part in others), last]
