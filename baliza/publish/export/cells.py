"""Cells of a sheet, each value as Excel takes it; and what of it Excel cannot take."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from baliza.language import marked
from baliza.publish.export.columns import REPLACEMENT, UNSEEN, is_text
from baliza.publish.export.formulas import begins_formula
from dataflows.contract import Column

MOST_CHARACTERS = 32_767
"""Of a cell, as UTF-16 counts them."""
MOST_LINKS = 65_530
"""Of a sheet."""
_MOST_DIGITS = 15
_FIRST_YEAR = 1900
_CUT = " […]"
_PNCP = "https://pncp.gov.br/"
_LINK = "link_pncp"
_MONTH = "mes"
"""A column that names a month by its first day."""

CUT = marked("{n} texts are cut: a cell of Excel holds 32,767 characters.")
PLAIN_LINKS = marked("{n} links are plain text: a sheet of Excel holds 65,530.")
CONTROL = marked("{n} texts had control characters, which XLSX forbids; each is now �.")
ROUNDED = marked("{n} numbers have more than 15 digits: Excel rounds them.")
EARLY = marked("{n} dates are texts: Excel has none before 1900.")

_unseen = re.compile(UNSEEN)


class Cells:
    """Writes rows below a header.

    Attributes:
        rows: written so far, without the header.
        notes: what did not fit, and how often; templates with the placeholder n.
    """

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet, columns: Mapping[str, Column]) -> None:
        self.rows = 0
        self.notes: Counter[str] = Counter()
        self._sheet = sheet
        self._columns = columns
        self._links = 0
        self._header = book.add_format(
            {"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "valign": "vcenter"}
        )
        self._link = book.get_default_url_format()
        # After F2 and Enter, Excel runs a text that begins like a formula, unless it is marked as text.
        self._as_text = book.add_format({"quote_prefix": True})
        self._formats = [
            book.add_format({"num_format": shown}) if (shown := number_format(name, one)) else None
            for name, one in columns.items()
        ]
        self._writers = [self._writer(name, one) for name, one in columns.items()]

    def write_header(self) -> None:
        """The names of the columns."""
        for position, name in enumerate(self._columns):
            self._sheet.write_string(0, position, name, self._header)

    def write_row(self, values: Sequence[Any]) -> None:
        """One row; an empty cell where there is no value."""
        self.rows += 1
        for position, value in enumerate(values):
            if value is not None:
                self._writers[position](self.rows, position, value)

    def _writer(self, name: str, column: Column) -> Callable[[int, int, Any], None]:
        if name == _LINK:
            return self._write_link
        if column.dtype.is_boolean():
            return self._write_flag
        if column.dtype.is_temporal():
            return self._write_date
        return self._write_text if is_text(column.dtype) or column.dtype.is_uuid() else self._write_number

    def _write_text(self, row: int, column: int, value: Any) -> None:
        text = self._fitting(str(value))
        # The writer takes what stands in these tags for its own XML, and would not escape it.
        if text.startswith("<r>") and text.endswith("</r>"):
            text += " "
        self._sheet.write_string(row, column, text, self._as_text if begins_formula(text) else None)

    def _fitting(self, text: str) -> str:
        # Excel knows one way to end a line; of another the writer would leave _x000D_ to be read.
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        seen = _unseen.sub(REPLACEMENT, text)
        if seen != text:
            self.notes[CONTROL] += 1
        units = seen.encode("utf-16-le")
        if len(units) <= 2 * MOST_CHARACTERS:
            return seen
        self.notes[CUT] += 1
        room = 2 * (MOST_CHARACTERS - len(_CUT))
        return units[:room].decode("utf-16-le", "ignore") + _CUT

    def _write_link(self, row: int, column: int, value: str) -> None:
        if not value.startswith(_PNCP):
            self._write_text(row, column, value)
        elif self._links < MOST_LINKS:
            self._links += 1
            self._sheet.write_url(row, column, value, self._link, value)
        else:
            self.notes[PLAIN_LINKS] += 1
            self._sheet.write_string(row, column, value)

    def _write_flag(self, row: int, column: int, value: bool) -> None:  # noqa: FBT001 - the value of a cell
        self._sheet.write_boolean(row, column, value)

    def _write_date(self, row: int, column: int, value: Any) -> None:
        if value.year < _FIRST_YEAR:
            self.notes[EARLY] += 1
            self._sheet.write_string(row, column, value.isoformat())
        else:
            self._sheet.write_datetime(row, column, value, self._formats[column])

    def _write_number(self, row: int, column: int, value: Any) -> None:
        exact = Decimal(value).normalize()
        if len(exact.as_tuple().digits) > _MOST_DIGITS:
            self.notes[ROUNDED] += 1
        self._sheet.write_number(row, column, value, self._formats[column])


def number_format(name: str, column: Column) -> str:
    """As Excel writes it, which shows the point and the comma as the reader's language has them."""
    dtype = column.dtype
    if name == _MONTH:
        return "mm/yyyy"
    if dtype.is_timestamp():
        return "dd/mm/yyyy hh:mm:ss"
    if dtype.is_date():
        return "dd/mm/yyyy"
    if column.unit == "BRL" and dtype.is_numeric():
        return '"R$" #,##0.00;[Red]-"R$" #,##0.00'
    if dtype.is_decimal():
        return '#,##0.00"%"' if column.unit == "%" else "#,##0.00##"
    # A year or a code is no amount: without a unit, digits are not grouped.
    return "#,##0" if dtype.is_integer() and column.unit else ""
