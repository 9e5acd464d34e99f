"""The answer to a question in SQL, written as a table, CSV or JSON: exact, row by row, CPFs masked."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from baliza.errors import UsageError
from baliza.publish.masking import mask

if TYPE_CHECKING:
    from baliza.publish.query import Answer

Masking = Callable[[str], str]

_NUMBERS = int | float | Decimal
_LONGEST = 60
"""Characters of a cell of a table, on a terminal."""
_GAP = "  "


FORMATS = ("table", "csv", "json")


def check(format_: str) -> None:
    """Whether there is such a format.

    Raises:
        UsageError: there is none.
    """
    if format_ not in FORMATS:
        raise UsageError(
            "The format {format} was asked for.",
            "There are three formats.",
            "Choose --format table, --format csv or --format json.",
            format=format_,
        )


def write(
    answer: Answer, format_: str, stream: TextIO, *, limit: int | None, with_personal_data: bool = False
) -> bool:
    """Write the answer.

    Returns:
        Whether there were more rows than the limit.
    """
    masking = str if with_personal_data else mask
    rows = answer.rows if limit is None else islice(answer.rows, limit)
    {"table": _table, "csv": _csv, "json": _json}[format_](answer.columns, rows, stream, masking)
    return limit is not None and next(answer.rows, None) is not None


def _csv(columns: Sequence[str], rows: Iterable[tuple[Any, ...]], stream: TextIO, masking: Masking) -> None:
    """Null is nothing, empty text is ""."""
    stream.write(_csv_line([masking(name) for name in columns]))
    stream.writelines(
        _csv_line([None if value is None else _text(value, masking) for value in row]) for row in rows
    )


def _csv_line(cells: Sequence[str | None]) -> str:
    return ",".join("" if cell is None else _csv_cell(cell) for cell in cells) + "\n"


def _csv_cell(text: str) -> str:
    if text and not any(sign in text for sign in ',"\r\n') and text == text.strip():
        return text
    escaped = text.replace('"', '""')
    return f'"{escaped}"'


def _json(columns: Sequence[str], rows: Iterable[tuple[Any, ...]], stream: TextIO, masking: Masking) -> None:
    """An array of objects, one a line; decimals are text, because a JSON number is read as a float."""
    names = _distinct([masking(name) for name in columns])
    before = "["
    for row in rows:
        told = {name: _plain(value, masking) for name, value in zip(names, row, strict=True)}
        stream.write(before + "\n" + json.dumps(told, ensure_ascii=False))
        before = ","
    stream.write(("\n]" if before == "," else "[]") + "\n")


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, those that come again with a number: an object has each but once."""
    found: dict[str, None] = {}
    for name in names:
        one, n = name, 0
        while one in found:
            n += 1
            one = f"{name}_{n}"
        found[one] = None
    return [*found]


def _table(columns: Sequence[str], rows: Iterable[tuple[Any, ...]], stream: TextIO, masking: Masking) -> None:
    """Columns side by side; one below the other where a terminal is too narrow for them."""
    names = [masking(name) for name in columns]
    found = list(rows)
    cells = [[_cell(value, masking) for value in row] for row in found]
    width = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else None
    if width is not None:
        short = [[_shortened(cell) for cell in row] for row in cells]
        if sum(_widths(names, short)) + len(_GAP) * (len(names) - 1) > width:
            _write_records(names, cells, stream)
            return
        cells = short
    widths = _widths(names, cells)
    is_number = [
        any(value is not None for value in values)
        and all(isinstance(value, _NUMBERS | None) for value in values)
        for values in ([row[n] for row in found] for n in range(len(names)))
    ]
    for row in (names, ["-" * width for width in widths], *cells):
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ]
        stream.write(_GAP.join(padded).rstrip() + "\n")


def _widths(names: Sequence[str], cells: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(row[n]) for row in (names, *cells)) for n in range(len(names))]


def _write_records(names: Sequence[str], cells: Sequence[Sequence[str]], stream: TextIO) -> None:
    widest = max(map(len, names), default=0)
    for n, row in enumerate(cells, start=1):
        stream.write(f"-[ {n} ]-\n")
        stream.writelines(f"{name.ljust(widest)}  {cell}\n" for name, cell in zip(names, row, strict=True))


def _cell(value: Any, masking: Masking) -> str:
    """On one line; what is null says so."""
    text = "NULL" if value is None else _text(value, masking)
    return text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _text(value: Any, masking: Masking) -> str:
    """A value that is not null, exactly: as DuckDB writes it, and can read it again."""
    if isinstance(value, bool | dict | list | tuple):
        return json.dumps(_plain(value, masking), ensure_ascii=False)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float | date | time):  # a moment is a date too
        return str(value)
    return value.hex() if isinstance(value, bytes) else masking(str(value))


def _plain(value: Any, masking: Masking) -> Any:
    """As JSON's own types."""
    if isinstance(value, dict):
        return {masking(str(name)): _plain(member, masking) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member, masking) for member in value]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return _text(value, masking)
