"""Where PNCP has moved on: fields that no contract knows, and codes that no official table has.

Everything is counted by DuckDB, one small answer per question: rows are never brought here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import duckdb

from baliza.build.catalog import TableNode
from dataflows import code_tables
from dataflows.contract import Column

_DIGITS_OF_AN_INTEGER = 9
"""Digits that fit 32 bits whatever they are."""

_VALUES_LOOKED_AT = 100_000
"""Enough to guess a type, however many records have the field."""

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NUMBERS = frozenset({"BIGINT", "UBIGINT", "HUGEINT", "DOUBLE"})


@dataclass(frozen=True)
class UnknownField:
    """A field PNCP sends that the contract does not know.

    Attributes:
        table: such as raw.contratos.
        field: its path; `[]` after a list.
        records: as observed, a version each, that have it, null or not.
        contract_line: what would make the contract know it; inside a group, as a member of that group.
    """

    table: str
    field: str
    records: int
    contract_line: str


@dataclass(frozen=True)
class MissingCode:
    """A code PNCP uses that the committed official table has not.

    Attributes:
        table: such as raw.contratos.
        column: path of the column; `[]` after a list.
        domain: the official table.
        label: that PNCP sent beside it, if any.
        records: as observed, a version each, that have it.
    """

    table: str
    column: str
    domain: str
    code: str
    label: str | None
    records: int


@dataclass(frozen=True)
class _Objects:
    """The objects at one place of a table, as SQL: a relation with the observation_id of each.

    Attributes:
        path: of the place; empty for the records themselves.
        columns: that the contract knows there.
        is_list: whether a record may have several objects there.
    """

    relation: str
    path: str
    columns: Mapping[str, Column]
    is_list: bool = False

    def path_of(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def unknown_fields(con: duckdb.DuckDBPyConnection, nodes: Sequence[TableNode]) -> list[UnknownField]:
    """Every field of these raw tables that stands in `unknown_fields`, by table and path."""
    found = []
    for node in nodes:
        relation = f"""(
            SELECT observation_id, unknown_fields AS value
            FROM raw."{node.table}" WHERE unknown_fields IS NOT NULL
        )"""  # noqa: S608 - names come from the contract
        objects = _Objects(relation, "", node.contract.columns)
        found += [UnknownField(node.location, *one) for one in _unknown(con, objects)]
    return found


def _unknown(con: duckdb.DuckDBPyConnection, objects: _Objects) -> Iterator[tuple[str, int, str]]:
    """Path, records and contract line of each unknown field, those inside known groups included."""
    # Counting distinct ids costs more than all the rest, where many records have the field.
    records_with_it = "count(DISTINCT observation_id)" if objects.is_list else "count(*)"
    names = con.execute(
        f"""
        SELECT name, {records_with_it}
        FROM (SELECT observation_id, unnest(json_keys(value)) AS name FROM {objects.relation})
        GROUP BY name ORDER BY name
        """  # noqa: S608 - names come from the contract
    ).fetchall()
    for name, records in names:
        member = f"json_extract(value, {_pointer(name)})"
        path = objects.path_of(name)
        column = objects.columns.get(name)
        if column is not None and column.members:
            is_list = column.dtype.is_array() or objects.is_list
            if column.dtype.is_array():
                path, member = f"{path}[]", f"unnest(TRY_CAST({member} AS JSON[]))"
            inside = f"(SELECT observation_id, {member} AS value FROM {objects.relation})"  # noqa: S608 - quoted
            yield from _unknown(con, _Objects(inside, path, column.members, is_list))
        else:
            kind = _kind(con, name, f"(SELECT {member} AS value FROM {objects.relation})")  # noqa: S608 - quoted
            yield path, records, f'"{name}": {kind},' if objects.path else f"{name} = {kind}"


def _pointer(name: str) -> str:
    """SQL text of the JSON pointer to a member."""
    escaped = name.replace("~", "~0").replace("/", "~1").replace("'", "''")
    return f"'/{escaped}'"


def _kind(con: duckdb.DuckDBPyConnection, name: str, relation: str) -> str:
    """The call that makes a column of what was seen, its meaning left to be written."""
    rows = con.execute(
        f"""
        SELECT json_type(value) AS type,
               bool_and(regexp_full_match(text, $day)), bool_and(regexp_full_match(text, $moment)),
               max(length(text))
        FROM (
            SELECT value, nullif(trim(value ->> '$'), '') AS text
            FROM {relation} WHERE json_type(value) <> 'NULL' LIMIT {_VALUES_LOOKED_AT}
        )
        GROUP BY type
        """,  # noqa: S608 - made here
        {"day": _DAY, "moment": f"{_DAY}T[0-9:.]+"},
    ).fetchall()
    types = {type_ for type_, *_ in rows}
    is_money = name.lower().startswith("valor")
    if types and types <= _NUMBERS:
        if is_money:
            return 'amount("...")'
        if "DOUBLE" in types:
            return 'quantity("...", unit="...")'
        longest = max(length for *_, length in rows)
        return 'order("...")' if longest > _DIGITS_OF_AN_INTEGER else 'integer("...")'
    if types == {"BOOLEAN"}:
        return 'flag("...")'
    if types == {"VARCHAR"}:
        _, is_day, is_moment, _ = rows[0]
        return 'day("...")' if is_day else 'moment("...")' if is_moment else 'text("...")'
    # Text takes numbers too; of a field that was always null nothing is known.
    return 'text("...")' if types <= _NUMBERS | {"VARCHAR"} else 'json("...")'


@dataclass(frozen=True)
class _CodedColumn:
    """A column whose codes belong to an official table.

    Attributes:
        relation: SQL, with the observation_id of each record.
        code: SQL of the code, there.
        label: SQL of the label PNCP sends beside it, or of null.
    """

    path: str
    domain: str
    relation: str
    code: str
    label: str


def missing_codes(con: duckdb.DuckDBPyConnection, nodes: Sequence[TableNode]) -> list[MissingCode]:
    """Every code in these raw tables that its official table has not, by table and column."""
    found = []
    for node in nodes:
        for coded in _coded(_Objects(f'raw."{node.table}"', "", node.contract.columns), ""):
            # A file that an older baliza made has not the columns of later contracts.
            with suppress(duckdb.BinderException):
                found += [
                    MissingCode(node.location, coded.path, coded.domain, code, label, records)
                    for code, label, records in _missing(con, coded)
                ]
    return found


def _coded(objects: _Objects, holder: str) -> Iterator[_CodedColumn]:
    """The coded columns at a place and inside it; `holder` is SQL of the object, to be put before a name."""
    for name, column in objects.columns.items():
        value, path = f'{holder}"{name}"', objects.path_of(name)
        if column.domain:
            label = _label_of(name, objects.columns)
            yield _CodedColumn(
                path, column.domain, objects.relation, value, f'{holder}"{label}"' if label else "NULL"
            )
        elif column.members and column.dtype.is_array():
            elements = f"(SELECT observation_id, unnest({value}) AS element FROM {objects.relation})"  # noqa: S608 - names come from the contract
            yield from _coded(_Objects(elements, f"{path}[]", column.members), "element.")
        elif column.members:
            yield from _coded(_Objects(objects.relation, path, column.members), f"{value}.")


def _label_of(name: str, columns: Mapping[str, Column]) -> str | None:
    """The column beside a code in which PNCP sends its label: PNCP names it in three ways."""
    stem = name.removesuffix("Id").removesuffix("Codigo")
    ways = (f"{stem}Nome", f"nome{stem[:1].upper()}{stem[1:]}", "nome")
    return next((way for way in ways if way in columns), None)


def _missing(con: duckdb.DuckDBPyConnection, coded: _CodedColumn) -> list[tuple[str, str | None, int]]:
    """Code, label and records of each code that the official table has not."""
    known = code_tables.labels(coded.domain)
    codes = con.execute(f"SELECT DISTINCT {coded.code} FROM {coded.relation}").fetchall()  # noqa: S608 - names come from the contract
    missing = [str(code) for (code,) in codes if code is not None and str(code) not in known]
    if not missing:
        return []  # nearly always: the labels need not be read
    return con.execute(
        f"""
        SELECT CAST({coded.code} AS VARCHAR) AS code, any_value({coded.label}), count(DISTINCT observation_id)
        FROM {coded.relation} WHERE list_contains(?::VARCHAR[], CAST({coded.code} AS VARCHAR))
        GROUP BY code ORDER BY code
        """,  # noqa: S608 - names come from the contract
        [missing],
    ).fetchall()
