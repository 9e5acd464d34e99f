"""SQL that is written once for a file, and found again by its next builds."""

from functools import partial

import ibis
import pytest

from baliza.build import code, written_sql
from baliza.build.engine import Engine
from baliza.build.relations import relation
from baliza.build.written_sql import WrittenSql, fingerprint


class WrittenAnewError(Exception):
    """Raised where SQL is written that should be known."""


def refuse(*_asked, **_how):
    raise WrittenAnewError


@pytest.fixture
def file(records_file):
    file = records_file()
    yield file
    file.con.close()


def known(file):
    return file.query("SELECT code, expression, sql FROM meta.sql ORDER BY ALL")


def test_every_day_but_the_first_is_built_without_writing_sql(file, monkeypatch):
    file.land(*(file.record(number, orgao=number % 10, month=number // 10) for number in range(60)))
    file.build(["mart_spending"])
    for day in range(1, 3):
        if day == 2:
            monkeypatch.setattr(Engine, "write", refuse)
        file.land(file.record(day, value=day, day=day))
        decided = file.build(["mart_spending"])
    assert decided["mart_spending"][0] == "incremental"
    monkeypatch.undo()
    assert file.rows(["stage_contratos", "mart_spending"]) == file.from_nothing(["mart_spending"])


def test_of_other_code_nothing_is_taken_and_nothing_stays(file, monkeypatch):
    file.land(file.record(1))
    file.build(["mart_spending"])
    before = known(file)
    monkeypatch.setattr(code, "digest", lambda: "of other code")

    with pytest.raises(WrittenAnewError):
        WrittenSql(file.con).of("what", write=refuse)
    file.land(file.record(2))
    file.build(["mart_spending"])

    assert {row[0] for row in before} != {"of other code"} == {row[0] for row in known(file)}


def test_a_dry_run_keeps_nothing(file):
    file.land(file.record(1))
    file.build(["mart_spending"], dry=True)
    assert known(file) == []


def test_of_more_than_are_kept_only_the_last_stay(file, monkeypatch):
    monkeypatch.setattr(written_sql, "KEPT", 3)
    for day in range(2):
        sql = WrittenSql(file.con)
        for number in range(2):
            assert sql.of(day, number, write=partial(str, number)) == str(number)
        sql.keep()
    assert [row[1] for row in known(file)] == sorted(fingerprint(1, number) for number in range(2))


def test_two_expressions_are_alike_only_if_they_are_the_same():
    columns = {"n": "int64"}
    table = ibis.table(columns, name="numbers")
    asked = [
        table.filter(table.n == value).op()
        for value in (1, ibis.literal(1, "int64"), ibis.literal(1, "float64"), 2)
    ]
    asked += [
        ibis.table(columns, name="others").op(), table.op(), ibis.table({"n": "!int64"}, name="numbers").op(),
    ]  # fmt: skip
    assert len({fingerprint(one) for one in asked}) == len(asked)
    assert fingerprint(table.op(), None) != fingerprint(table.op(), 1)


def test_the_same_table_of_another_file_is_the_same():
    asked = []
    for _ in range(2):
        backend = ibis.duckdb.connect()
        table = relation(backend, "contratos", ibis.schema({"n": "int64"}), database="stage")
        asked.append(fingerprint(table.filter(table.n > 1).op()))
        backend.disconnect()
    assert asked[0] == asked[1]
