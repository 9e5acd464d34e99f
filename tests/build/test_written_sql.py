"""SQL that is written once, and found again by the builds after it."""

import ibis
import pytest

from baliza.build import code
from baliza.build.engine import Engine
from baliza.build.kept_texts import FOLDER
from baliza.build.relations import relation
from baliza.build.written_sql import WrittenSql, fingerprint


class WrittenAnewError(Exception):
    """Raised where SQL is written that should be known."""


def refuse(*_asked, **_how):
    raise WrittenAnewError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where it is kept, and nothing is yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches" / "baliza" / FOLDER


@pytest.fixture
def file(records_file, folder):
    file = records_file()
    yield file
    file.con.close()


def test_every_day_but_the_first_is_built_without_writing_sql(file, monkeypatch):
    file.land(*(file.record(number, orgao=number % 10, month=number // 10) for number in range(60)))
    file.build(["mart_spending"])
    file.land(file.record(1, value=1, day=1))
    file.build(["mart_spending"])
    file.land(file.record(2, value=2, day=2))
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "write", refuse)
        decided = file.build(["mart_spending"])

    assert decided["mart_spending"][0] == "incremental"
    assert file.rows(["stage_contratos", "mart_spending"]) == file.from_nothing(["mart_spending"])


@pytest.mark.usefixtures("folder")
def test_of_other_code_nothing_is_taken(monkeypatch):
    WrittenSql().of("what", write=lambda: "SELECT 1")
    assert WrittenSql().of("what", write=refuse) == "SELECT 1"
    monkeypatch.setattr(code, "digest", lambda: "of other code")
    assert WrittenSql().of("what", write=lambda: "SELECT 2") == "SELECT 2"


@pytest.mark.usefixtures("folder")
def test_of_other_options_of_ibis_nothing_is_taken(monkeypatch):
    WrittenSql().of("what", write=lambda: "SELECT 1")
    monkeypatch.setattr(ibis.options.sql, "fuse_selects", not ibis.options.sql.fuse_selects)
    assert WrittenSql().of("what", write=lambda: "SELECT 2") == "SELECT 2"


def nested(depth):
    deep = []
    for _ in range(depth):
        deep = [deep]
    return deep


@pytest.mark.parametrize("asked", [lambda: "no name", nested(10_000)], ids=["without a name", "too deep"])
def test_what_has_no_fingerprint_is_written_each_time(folder, asked):
    assert WrittenSql().of(asked, write=lambda: "SELECT 1") == "SELECT 1"
    assert not folder.exists()


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
