"""What every raw table is tested for: it changes nothing, and it knows PNCP's real answers."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pytest

from dataflows import code_tables
from dataflows.contract import Column, Contract

Record = dict[str, Any]


def _is_whole(value: object) -> bool:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    return isinstance(number, int) and not isinstance(number, bool)


def _is_read_by(parse: Callable[[str], object], value: object) -> bool:
    try:
        return isinstance(value, str) and parse(value) is not None
    except ValueError:
        return False


FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "int32": lambda value: _is_whole(value) and abs(int(value)) < 2**31,
    "int64": lambda value: _is_whole(value) and abs(int(value)) < 2**63,
    "decimal(24, 4)": lambda value: isinstance(value, int | float) and abs(value) < 10**20,
    "date": lambda value: _is_read_by(date.fromisoformat, value),
    "timestamp": lambda value: _is_read_by(datetime.fromisoformat, value),
}


def _misfits(columns: Mapping[str, Column], record: Record, path: str = "") -> Iterator[str]:
    """What of a record the columns do not know, or know as something else."""
    for name, value in record.items():
        where = f"{path}{name}"
        if name not in columns:
            yield f"{where} is unknown"
        elif value is not None:
            yield from _misfit(columns[name], value, where)


def _misfit(column: Column, value: Any, where: str) -> Iterator[str]:
    if column.members is not None:
        nested = value if column.dtype.is_array() else [value]
        if not isinstance(nested, list) or not all(isinstance(inner, dict) for inner in nested):
            yield f"{where} is not {column.dtype}"
        else:
            for inner in nested:
                yield from _misfits(column.members, inner, f"{where}.")
    elif not FITS[str(column.dtype)](value):
        yield f"{where} = {value!r} is not {column.dtype}"
    elif column.domain and str(value) not in code_tables.labels(column.domain):
        yield f"{where} = {value!r} is not in {column.domain}"


def _records(answer: Any) -> list[Record]:
    """Of an envelope, a bare list, lists by their parent's key, or one bare object."""
    if isinstance(answer, list):
        return answer
    if "data" in answer:
        return answer["data"]
    if all(isinstance(value, list) for value in answer.values()):
        return [record for records in answer.values() for record in records]
    return [answer]


@pytest.fixture
def real_records(real_pages: Path) -> Callable[[str], list[Record]]:
    """Every record of the folders of real answers whose names match a pattern."""

    def read(folders: str) -> list[Record]:
        files = sorted(real_pages.glob(f"{folders}/*.json"))
        records = [record for file in files for record in _records(json.loads(file.read_text("utf-8")))]
        assert records, f"no real answers in {folders}"
        return records

    return read


@pytest.fixture
def assert_knows() -> Callable[[type[Contract], list[Record]], None]:
    """Fail where a contract does not know a field of a record, or knows it as another type or code."""

    def check(contract: type[Contract], records: list[Record]) -> None:
        assert {misfit for record in records for misfit in _misfits(contract.columns, record)} == set()

    return check


@pytest.fixture
def assert_passes_through(table: Callable[..., ir.Table]) -> Callable[..., None]:
    """Fail where a raw table's function changes a value, drops a row, or yields other columns than its contract."""

    def check(function: Callable[[ir.Table], ir.Table], contract: type[Contract], *rows: Record) -> None:
        schema = contract.schema()
        landed = table(
            {"column_of_tomorrow": "string"} | {name: schema[name] for name in reversed(schema.names)}, *rows
        )
        raw = function(landed)
        assert list(raw.schema().items()) == list(schema.items())
        expected = landed.drop("column_of_tomorrow").to_pyarrow().to_pylist()
        assert raw.to_pyarrow().to_pylist() == expected

    return check
