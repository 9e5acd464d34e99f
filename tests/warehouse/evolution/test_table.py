"""A raw table follows its contract: nothing is lost, and what came before is recognised when it comes again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.warehouse import schema
from baliza.warehouse.evolution.table import evolve
from baliza.warehouse.landing import Landed, Landing, Request, SpooledPage, Window, land
from baliza.warehouse.page import PageReader
from baliza.warehouse.raw_table import Field, RawTable

KEY = Field("id", "VARCHAR")
AT = datetime(2025, 4, 1, 12)  # noqa: DTZ001  the file keeps UTC without saying so


def obj(name: str, *members: Field, many: bool = False) -> Field:
    inner = ", ".join(f'"{member.name}" {member.type}' for member in members)
    return Field(name, f"STRUCT({inner}){'[]' if many else ''}", members, many)


def contract(*fields: Field) -> RawTable:
    return RawTable("things", ("id",), (KEY, *fields))


class File:
    """A file whose contract changes: `under` names the one in force, each call lands one record."""

    def __init__(self, con: duckdb.DuckDBPyConnection, database: Path) -> None:
        self.con = con
        self._database = database
        self._requests = 0
        self.table = contract()

    def under(self, *fields: Field) -> File:
        self.table = contract(*fields)
        schema.prepare(self.con, self._database, version="test", raw_tables=[self.table])
        return self

    def __call__(self, *records: Any) -> Landed:
        self._requests += 1
        texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
        body = f'{{"data":[{",".join(texts)}],"totalRegistros":{len(records)}}}'.encode()
        reader = PageReader(self.table, day_field=None)
        page = reader.read(body)
        request = Request(self._requests, "things", "http://pncp.test/", AT, 0.1, 200, 1, None, "records")
        path = self._database.parent / f"{self._requests:012d}.json"
        path.write_bytes(page.body)
        spooled = SpooledPage(path, request, 1, list(page.days), len(page.records))
        window = Window("things", "", date(2025, 3, 10), date(2025, 3, 10))
        defects = [(spooled, defect) for defect in page.defects]
        landing = Landing(window, [spooled], [request], [], defects, page.received)
        return land(self.con, self._database, self.table, reader, landing, AT)

    def rows(self, what: str = "*") -> list[dict[str, Any]]:
        found = self.con.execute(f"SELECT {what} FROM raw.things ORDER BY observation_id")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def own(self) -> list[dict[str, Any]]:
        """The rows without what baliza adds, unknown_fields apart."""
        return [
            {**row, "unknown_fields": row["unknown_fields"] and json.loads(row["unknown_fields"])}
            for row in self.rows(
                "* EXCLUDE (observation_id, observed_at, source_endpoint, request_id, content_hash)"
            )
        ]


@pytest.fixture
def file(con: duckdb.DuckDBPyConnection, database: Path) -> File:
    return File(con, database)


A = Field("a", "VARCHAR")
VALUE = Field("valor", "DECIMAL(24, 4)")
PERSON = obj("pessoa", Field("nome", "VARCHAR"))
FULL_PERSON = obj(
    "pessoa", Field("nome", "VARCHAR"), Field("renda", "DECIMAL(24, 4)"), obj("fim", Field("dia", "DATE"))
)
LIST = obj("fontes", Field("codigo", "INTEGER"), many=True)
FULL_LIST = obj("fontes", Field("peso", "DECIMAL(24, 4)"), Field("codigo", "INTEGER"), many=True)

CHANGES = {
    "a field": ([], [VALUE], {"valor": 9999999999999.99}),
    "a small amount": ([], [VALUE], {"valor": 0.1}),
    "an amount as text": ([], [VALUE], {"valor": "9016.50"}),
    "a whole amount": ([], [VALUE], {"valor": 9016}),
    "a blank": ([], [VALUE], {"valor": ""}),
    "a null": ([], [VALUE], {"valor": None}),
    "nothing of it": ([], [VALUE], {}),
    "beside another unknown": ([], [VALUE], {"valor": 1, "outro": {"b": [1.5, None]}}),
    "a whole number": ([], [Field("n", "INTEGER")], {"n": 12}),
    "the same in another spelling": ([], [Field("n", "INTEGER")], {"n": 12.0}),
    "a number as text": ([], [Field("n", "BIGINT")], {"n": "9007199254740993"}),
    "a flag": ([], [Field("sim", "BOOLEAN")], {"sim": True}),
    "a text": ([], [A], {"a": 'coração "x"\n'}),
    "a number in a text": ([], [A], {"a": 12}),
    "a day": ([], [Field("dia", "DATE")], {"dia": "2025-03-10"}),
    "a moment for a day": ([], [Field("dia", "DATE")], {"dia": "2025-03-10T10:00:00"}),
    "a moment": ([], [Field("t", "TIMESTAMP")], {"t": "2025-03-10T10:00:00.123"}),
    "a day for a moment": ([], [Field("t", "TIMESTAMP")], {"t": "2025-03-10"}),
    "anything": ([], [Field("j", "JSON")], {"j": {"b": [1, None]}}),
    "an object": ([A], [A, PERSON], {"a": "x", "pessoa": {"nome": "y"}}),
    "an object that holds more": ([], [PERSON], {"pessoa": {"nome": "y", "idade": 3}}),
    "an empty object": ([], [PERSON], {"pessoa": {}}),
    "no object": ([], [PERSON], {"pessoa": None}),
    "a list": ([], [LIST], {"fontes": [{"codigo": 1, "z": 2}, None, {}]}),
    "an empty list": ([], [LIST], {"fontes": []}),
    "members": ([PERSON], [FULL_PERSON], {"pessoa": {"nome": "y", "renda": 0.3, "fim": {"dia": "2025-03-10", "q": 1}}}),
    "members of which none came": ([PERSON], [FULL_PERSON], {"pessoa": {"nome": "y"}}),
    "members of no object": ([PERSON], [FULL_PERSON], {"pessoa": None}),
    "members in a list": (
        [LIST], [FULL_LIST], {"fontes": [{"codigo": 1, "peso": 0.7}, None, {"codigo": 2, "w": 1}, {"peso": 3}]}
    ),
    "members of an empty list": ([LIST], [FULL_LIST], {"fontes": []}),
    "another order": ([A, VALUE], [VALUE, A], {"a": "x", "valor": 1.5}),
    "another order inside": (
        [FULL_LIST], [obj("fontes", *reversed(FULL_LIST.members), many=True)], {"fontes": [{"codigo": 1, "peso": 0.7}, None]}
    ),
    "a larger number": ([Field("n", "INTEGER")], [Field("n", "BIGINT")], {"n": 12}),
    "a text for a number": ([Field("n", "INTEGER")], [Field("n", "VARCHAR")], {"n": 12}),
    "a number for a text": ([A], [Field("a", "DECIMAL(24, 4)")], {"a": "12.30"}),
    "a moment for a text": ([A], [Field("a", "TIMESTAMP")], {"a": "2025-03-10T10:00:00"}),
    "a text for a moment": ([Field("a", "TIMESTAMP")], [A], {"a": "2025-03-10T10:00:00"}),
    "more digits": ([Field("valor", "DECIMAL(18, 2)")], [VALUE], {"valor": 9016.55}),
    "a list for an object": ([PERSON], [replace(PERSON, type=f"{PERSON.type}[]", many=True)], {"pessoa": None}),
    "a field dropped": ([A, VALUE], [VALUE], {"a": "x", "valor": 1}),
    "an amount dropped": ([A, VALUE], [A], {"a": "x", "valor": 9999999999999.99}),
    "a moment dropped": ([Field("t", "TIMESTAMP")], [], {"t": "2025-03-10T10:00:00"}),
    "an object dropped": ([FULL_PERSON], [], {"pessoa": {"nome": "y", "renda": 0.5, "fim": {"dia": "2025-03-10"}}}),
    "members dropped": ([FULL_PERSON], [PERSON], {"pessoa": {"nome": "y", "renda": 9016.0, "fim": {"dia": "2025-03-10"}, "u": 1}}),
    "members dropped in a list": ([FULL_LIST], [LIST], {"fontes": [{"codigo": 1, "peso": 0.7, "u": 1}, None, {"codigo": 2}], "v": 1}),
    "one gained and one dropped": ([obj("p", KEY)], [obj("p", A)], {"p": {"id": "x", "a": "y"}}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fields"), CHANGES.values(), ids=CHANGES.keys())
def test_a_row_becomes_what_landing_would_make_of_it_today(
    file: File, old: Any, new: Any, fields: dict[str, Any]
):
    record = {"id": "x", **fields}
    assert file.under(*old)(record) == Landed(1, 1, 0, 0)
    before = file.rows("observation_id, observed_at, source_endpoint, request_id")

    file.under(*new)

    evolved = file.own()
    assert file.rows("observation_id, observed_at, source_endpoint, request_id") == before
    assert file(record) == Landed(1, 0, 1, 0)  # recognised
    file.con.execute("DELETE FROM raw.things")
    file(record)
    assert evolved == file.own()


REFUSED = {
    "text in an amount": (VALUE, "a combinar"),
    "a list in an amount": (VALUE, [1]),
    "beyond all columns": (VALUE, 1e25),
    "rounded beyond all columns": (VALUE, "99999999999999999999.99999"),
    "a number too large": (Field("n", "INTEGER"), 99999999999),
    "half a number": (Field("n", "INTEGER"), 1.5),
    "a flag in a number": (Field("n", "INTEGER"), True),
    "a flag in a text": (A, True),
    "an object in a text": (A, {"b": 1}),
    "a number in a flag": (Field("sim", "BOOLEAN"), 1),
    "no day": (Field("dia", "DATE"), "2025-02-30"),
    "no moment": (Field("t", "TIMESTAMP"), "ontem"),
    "a number for a day": (Field("dia", "DATE"), 20250310),
    "a text for an object": (PERSON, "y"),
    "an object for a list": (LIST, {"codigo": 1}),
    "a list of texts": (LIST, ["y"]),
}


@pytest.mark.parametrize(("field", "value"), REFUSED.values(), ids=REFUSED.keys())
def test_what_landing_would_refuse_stays_unknown(file: File, field: Field, value: Any):
    record = {"id": "x", field.name: value}
    file.under()(record)

    file.under(field)

    assert file.own() == [{"id": "x", field.name: None, "unknown_fields": {field.name: value}}]
    assert file({**record, "id": "y"}).quarantined == 1


def test_a_value_that_did_not_fit_moves_when_it_does(file: File):
    file.under(A)({"id": "x", "a": "doze"}, {"id": "y", "a": "12"})

    file.under(Field("a", "INTEGER"))
    assert [(row["a"], row["unknown_fields"]) for row in file.own()] == [(None, {"a": "doze"}), (12, None)]

    file.under(A)
    assert [(row["a"], row["unknown_fields"]) for row in file.own()] == [("doze", None), ("12", None)]


def test_dropped_and_known_again_is_as_before(file: File):
    record = {
        "id": "x",
        "pessoa": {"nome": "y", "renda": 0.1, "fim": {"dia": "2025-03-10"}},
        "valor": 9999999999999.99,
    }
    file.under(FULL_PERSON, VALUE)(record)
    before = file.rows()

    file.under()
    assert file.own()[0]["unknown_fields"] == {name: value for name, value in record.items() if name != "id"}
    file.under(FULL_PERSON, VALUE)

    assert file.rows() == before
    assert before[0]["valor"] == Decimal("9999999999999.9900")


def test_versions_keep_their_order_and_their_differences(file: File):
    file.under()
    for value in (1, 2, 1):
        file({"id": "x", "valor": value})

    file.under(VALUE)

    assert [row["valor"] for row in file.rows()] == [1, 2, 1]
    assert file({"id": "x", "valor": 1.0}) == Landed(1, 0, 1, 0)
    assert file({"id": "x", "valor": 2}) == Landed(1, 1, 0, 0)


def test_what_is_as_the_contract_says_is_left_alone(file: File):
    table = file.under(A, VALUE, FULL_PERSON, FULL_LIST).table
    file({"id": "x", "outro": 1})

    def oid() -> Any:
        return file.con.execute(
            "SELECT table_oid FROM duckdb_tables() WHERE table_name = 'things'"
        ).fetchone()

    before = oid()
    assert evolve(file.con, [table]) == []
    file.under(A, VALUE, FULL_PERSON, FULL_LIST)
    assert oid() == before


def test_every_contract_of_the_dataflow_is_recognised_in_its_own_file(con: duckdb.DuckDBPyConnection):
    from baliza.build.raw_tables import raw_tables

    assert evolve(con, raw_tables()) == []


def test_a_failure_leaves_the_table_as_it_was(file: File, monkeypatch: pytest.MonkeyPatch):
    file.under()({"id": "x", "valor": 1})
    before = file.rows()
    monkeypatch.setattr("baliza.warehouse.evolution.table.promote", lambda *_: 1 / 0)

    with pytest.raises(Exception, match="division by zero"):
        file.under(VALUE)

    assert file.rows() == before
    monkeypatch.undo()
    assert file.under(VALUE).rows("valor") == [{"valor": 1}]


def test_the_table_is_found_again_by_the_next_process(
    file: File, database: Path, tmp_path: Path, record: Callable
):
    file.under()({"id": "x", "valor": 1})
    file.under(VALUE)
    file.con.close()

    with duckdb.connect(database) as con:
        assert con.execute("SELECT id, valor, unknown_fields FROM raw.things").fetchall() == [("x", 1, None)]
