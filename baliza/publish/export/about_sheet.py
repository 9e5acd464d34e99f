"""The second sheet of a workbook: what the first one is, of when, how complete, and what its columns mean."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import xlsxwriter

from baliza.language import portuguese
from baliza.publish.export import stamp
from baliza.publish.export.cells import Cells
from baliza.publish.export.table import Choice, Covered, Table

_NAME = "Sobre"
_WIDTHS = (30, 90, 16, 40)
_STATUSES = {
    "complete": "completos",
    "empty": "vazios",
    "short": "com falta",
    "failed": "com falha",
    "pending": "pendentes",
}


def write_about(book: xlsxwriter.Workbook, table: Table, choice: Choice, cells: Cells, part: str) -> None:
    """Add the sheet.

    Args:
        book: the workbook.
        table: what it holds.
        choice: which rows of it, and how.
        cells: that were written, with what did not fit.
        part: of how many, such as 1/2.
    """
    sheet = book.add_worksheet(_NAME)
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    for position, width in enumerate(_WIDTHS):
        sheet.set_column(position, position, width)
    lines = [*_about(table, choice, cells, part), *_covered(table)]
    lines += [("Observação", portuguese(note).format(n=n)) for note, n in cells.notes.items()]
    row = 0
    for name, told in lines:
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, told, wrapped)
        row += 1
    row += 1
    for position, heading in enumerate(("coluna", "significado", "unidade", "origem")):
        sheet.write_string(row, position, heading, bold)
    for name, column in table.contract.columns.items():
        row += 1
        for position, told in enumerate((name, column.meaning, column.unit, column.source)):
            sheet.write_string(row, position, told, wrapped if position == 1 else None)


def _about(table: Table, choice: Choice, cells: Cells, part: str) -> list[tuple[str, str]]:
    told: dict[str, Any] = stamp.facts(table, choice)
    return [
        ("Tabela", table.location),
        ("O que é", told["description"]),
        ("Fonte", told["source"]),
        ("Linhas", f"{cells.rows} (arquivo {part})"),
        ("Chave", ", ".join(table.contract.key)),
        ("Período pedido ao PNCP", _period(table)),
        (
            "Completo",
            "sim, tudo o que se pediu está provado" if table.is_complete else "não: veja a cobertura",
        ),
        ("Provado até (UTC)", _moment(table.proven_at) if table.proven_at else "nunca"),
        ("Tabela feita em (UTC)", _moment(table.built_at) if table.built_at else "–"),
        ("Condição", told["where"] or "nenhuma: todas as linhas"),
        ("CPF", "mascarado" if choice.masks else "como publicado: dado pessoal (Lei 13.709/2018, LGPD)"),
        ("Versão", told["version"]),
    ]


def _period(table: Table) -> str:
    return " a ".join(map(_day, table.period)) if table.period else "nada se pediu ao PNCP"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _moment(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %H:%M}"


def _covered(table: Table) -> list[tuple[str, str]]:
    return [(f"Cobertura: {one.endpoint}", _told(one)) for one in table.coverage]


def _told(one: Covered) -> str:
    part = f"{one.slices} recortes" if one.slice is None else one.slice or "o país inteiro"
    cells = ", ".join(f"{count} {_STATUSES.get(status, status)}" for status, count in one.cells.items())
    return (
        f"{part}, {_day(one.since)} a {_day(one.until)}: {cells}; "
        f"{one.landed} de {one.expected} registros que o PNCP diz ter"
    )
