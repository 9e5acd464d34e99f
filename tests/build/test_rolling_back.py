"""Tables put back as they were before their last build."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from baliza.build import run
from baliza.build.rolling_back import rollback
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.errors import ContractBrokenError, NothingToRollBackError, UnknownTargetError
from baliza.settings import resolve
from baliza.warehouse import snapshots

TOUCHED = {"review_value": 100_000}
BOTH = ["stage_contratos", "mart_spending"]


@pytest.fixture
def database(tmp_path, built_sample):
    path = tmp_path / built_sample.name
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return Path(shutil.copy(built_sample, path))


def build(database, *, params=None):
    request = run.BuildRequest(
        database=database, targets=("mart_spending",), source="sample", server=sample_server(),
        fetch=False, params=params or {}, settings=resolve({}),
    )  # fmt: skip
    return run.build(request, Quiet())


def read(database, query):
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(query).fetchall()


def rows(database, table):
    return sorted(map(repr, read(database, f"FROM {table}")))


def versions(database):
    return dict(read(database, "SELECT name, fingerprint FROM meta.tables"))


def test_tables_are_as_they_were_with_their_types_and_what_is_known_of_them(database):
    tables = {table: rows(database, table) for table in ("stage.contratos", "mart.spending")}
    types, before = read(database, "DESCRIBE stage.contratos"), versions(database)
    build(database, params=TOUCHED)
    assert rows(database, "stage.contratos") != tables["stage.contratos"]

    done = rollback(database, BOTH)

    assert {table: rows(database, table) for table in tables} == tables
    assert read(database, "DESCRIBE stage.contratos") == types
    assert versions(database) == before
    assert [(one.location, one.snapshot.run_id, one.rows) for one in done.tables] == [
        (table, 1, len(found)) for table, found in tables.items()
    ]
    assert done.dependents == []
    assert read(database, "SELECT command, exit_code FROM meta.runs ORDER BY run_id DESC LIMIT 1") == [
        ("rollback", 0)
    ]
    assert {table.decision for table in build(database).tables} == {"skipped"}


def test_what_depends_on_a_table_that_was_put_back_is_named_and_stale(database):
    build(database, params=TOUCHED)
    mart = rows(database, "mart.spending")
    done = rollback(database, ["stage_contratos"])

    assert done.dependents == ["mart.spending"]
    assert rows(database, "mart.spending") == mart
    assert {table.name for table in build(database).tables if table.decision == "rebuilt"} == {
        "mart_spending"
    }


def test_it_is_published_and_can_be_undone(database):
    build(database, params=TOUCHED)
    undone = versions(database)
    rollback(database, BOTH)
    assert read(
        snapshots.newest(database).path, "SELECT fingerprint FROM meta.tables WHERE name = 'mart_spending'"
    ) != [(undone["mart_spending"],)]

    rollback(database, BOTH)
    assert versions(database) == undone


def test_after_an_increment_the_rows_before_it_are_back_and_the_next_build_takes_it_in_again(database):
    before = rows(database, "stage.contratos")
    with duckdb.connect(str(database)) as con:
        con.execute(
            "INSERT INTO raw.contratos SELECT * REPLACE (observation_id + 1000000 AS observation_id, "
            "objetoContrato || ' (retificado)' AS objetoContrato, "
            "dataAtualizacaoGlobal + INTERVAL 1 DAY AS dataAtualizacaoGlobal) FROM raw.contratos "
            "QUALIFY row_number() OVER (ORDER BY observation_id) <= 5"
        )
        con.execute(
            "INSERT INTO meta.landings BY NAME SELECT * REPLACE (landing_id + 1000000 AS landing_id, 5 AS received, "
            "5 AS stored, 0 AS repeats, 0 AS quarantined) FROM meta.landings WHERE table_name = 'contratos' LIMIT 1"
        )
    report = build(database)
    assert report.tables[0].decision == "incremental"
    after = rows(database, "stage.contratos")
    assert after != before

    rollback(database, ["stage_contratos"])
    assert rows(database, "stage.contratos") == before
    again = build(database)
    assert again.tables[0].decision == "incremental"
    assert rows(database, "stage.contratos") == after


def test_a_table_that_every_snapshot_has_as_it_is_cannot_be(database):
    before = versions(database)
    with pytest.raises(NothingToRollBackError, match="run 1: 20") as raised:
        rollback(database, ["mart_spending"])

    assert "baliza build --force --target mart_spending" in str(raised.value)
    assert versions(database) == before


def test_without_snapshots_nothing_can_be(database):
    shutil.rmtree(snapshots.folder(database))
    with pytest.raises(NothingToRollBackError, match="has no snapshots"):
        rollback(database, ["mart_spending"])


def test_the_snapshots_of_a_file_that_was_deleted_are_not_of_this_one(database):
    build(database, params=TOUCHED)
    with duckdb.connect(str(database)) as con:
        con.execute("UPDATE meta.runs SET started_at = started_at + INTERVAL 1 DAY")
    with pytest.raises(NothingToRollBackError):
        rollback(database, BOTH)


def test_of_several_tables_all_are_put_back_or_none(database):
    build(database, params=TOUCHED)
    (old,) = [one for one in snapshots.listing(database) if one.run_id == 1]
    with duckdb.connect(str(old.path)) as con:
        con.execute("INSERT INTO mart.spending FROM mart.spending LIMIT 1")
    before = versions(database), rows(database, "stage.contratos")

    with pytest.raises(ContractBrokenError, match="does not fit its contract"):
        rollback(database, BOTH)
    assert (versions(database), rows(database, "stage.contratos")) == before


@pytest.mark.parametrize(
    ("table", "told"),
    [("raw_contratos", "evidence"), ("mart_spendin", "mart_spending")],
    ids=["raw", "unknown"],
)
def test_what_is_no_table_of_stage_or_mart_is_refused(database, table, told):
    with pytest.raises(UnknownTargetError, match=told):
        rollback(database, [table])
