"""dbt beside baliza: the same file, tables of its own."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import duckdb
import pytest

from baliza.build import cleaning, run
from baliza.build.dbt import engine
from baliza.build.dbt.models import SCHEMAS
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.errors import MissingPackageError, NodeFailedError, UsageError
from baliza.warehouse import snapshots


def build(database, *targets, **asked):
    request = run.BuildRequest(
        database=database, targets=targets, source="sample", server=sample_server(), engine="dbt", **asked
    )
    return run.build(request, Quiet())


@pytest.fixture(scope="module")
def copy(built_sample, tmp_path_factory):
    return Path(shutil.copy(built_sample, tmp_path_factory.mktemp("dbt") / "sample.duckdb"))


def ask(database, sql):
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_without_dbt_nothing_begins(monkeypatch, copy):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    before = copy.read_bytes()

    with pytest.raises(MissingPackageError, match=r"pip install 'baliza\[dbt\]'"):
        build(copy, "mart_spending")

    assert copy.read_bytes() == before


def test_parameters_that_dbt_has_not_are_refused(copy):
    with pytest.raises(UsageError, match="no parameters"):
        build(copy, "mart_spending", params={"days": 3})


@pytest.mark.slow
def test_dbt_makes_the_same_rows_in_schemas_of_its_own_until_they_are_dropped(copy, tmp_path, monkeypatch):
    (tmp_path / "dbt").mkdir()
    (tmp_path / "dbt" / "__init__.py").write_text("raise SystemExit('not the dbt that is meant')")
    monkeypatch.chdir(tmp_path)
    before = ask(copy, "FROM mart.spending ORDER BY ALL")

    report = build(copy, "mart_spending", "was_dim_organizacoes")

    assert [(one.location, one.decision) for one in report.tables] == [
        ("dbt_stage.contratos", "rebuilt"),
        ("dbt_was.dim_organizacoes", "rebuilt"),
        ("dbt_mart.spending", "rebuilt"),
    ]
    assert report.exit_code == 0
    assert ask(copy, "FROM dbt_mart.spending ORDER BY ALL") == before
    assert ask(copy, "FROM mart.spending ORDER BY ALL") == before
    noted = ask(copy, "SELECT name, rows FROM meta.run_nodes WHERE run_id = 2 AND name LIKE 'dbt_mart%'")
    assert noted == [("dbt_mart_spending", len(before))]
    assert ask(snapshots.newest(copy).path, "SELECT count(*) FROM dbt_mart.spending") == [(len(before),)]
    assert ask(copy, "SELECT function_name FROM duckdb_functions() WHERE NOT internal") == []

    dropped = cleaning.clean(copy, drop_forgotten=False, drop_dbt=True).dropped

    assert dropped == ["dbt_mart.spending", "dbt_stage.contratos", "dbt_was.dim_organizacoes"]
    assert set(ask(copy, "SELECT schema_name FROM duckdb_schemas()")).isdisjoint((one,) for one in SCHEMAS)
    assert ask(copy, "FROM mart.spending ORDER BY ALL") == before


@pytest.mark.slow
def test_a_model_that_cannot_be_made_is_named_with_what_duckdb_said(copy, tmp_path, monkeypatch):
    broken = Path(shutil.copytree(engine.PROJECT, tmp_path / "project"))
    (broken / "macros" / "meant" / "mart_spending.sql").write_text(
        "{% macro mart_spending(stage) %} SELECT no_such_column FROM {{ stage }} {% endmacro %}"
    )
    monkeypatch.setattr(engine, "PROJECT", broken)

    with pytest.raises(NodeFailedError) as failed:
        build(copy, "mart_spending")

    assert "dbt was to make spending" in str(failed.value)
    assert "no_such_column" in str(failed.value)
    assert ask(copy, "SELECT count(*) > 0 FROM mart.spending") == [(True,)]
    assert ask(copy, "SELECT exit_code FROM meta.runs ORDER BY run_id DESC LIMIT 1") == [(1,)]
