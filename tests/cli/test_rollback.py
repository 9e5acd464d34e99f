"""`baliza rollback` and `baliza clean`, as they are typed."""

from __future__ import annotations

import json
import shutil

import pytest

from baliza.warehouse import snapshots


@pytest.fixture
def sample(tmp_path, built_sample):
    path = tmp_path / built_sample.name
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return str(shutil.copy(built_sample, path))


def test_a_rollback_says_what_is_back_and_what_is_stale(baliza, sample):
    baliza(
        "build", "--source", "sample", "--no-fetch", "--param", "review_value=100000", "--database", sample
    )
    shown = baliza("rollback", "stage_contratos", "--database", sample)
    told = json.loads(baliza("rollback", "stage.contratos", "--database", sample, "--json").stdout)

    assert shown.exit_code == 0
    assert "stage.contratos: as built 2" in shown.stdout
    assert "from the state after run 1" in shown.stdout
    assert "Made from them, and stale now: mart.spending" in shown.stdout
    assert (told["command"], told["dependents"]) == ("rollback", ["mart.spending"])
    assert [(one["location"], one["snapshot"]["run_id"]) for one in told["tables"]] == [
        ("stage.contratos", 2)
    ]


def test_nothing_to_roll_back_ends_with_1(baliza, sample):
    result = baliza("rollback", "mart_spending", "--database", sample)

    assert result.exit_code == 1
    assert "No snapshot has it otherwise" in result.stderr


def test_clean_tells_first_and_then_does(baliza, sample, tmp_path):
    (tmp_path / "sample.duckdb.abcd1234.spool").mkdir()
    told = json.loads(baliza("clean", "--dry-run", "--json", "--database", sample).stdout)
    shown = baliza("clean", "--compact", "--database", sample)

    assert (told["dry_run"], len(told["leftovers"]), told["bytes_after"]) == (True, 1, None)
    assert "left by a killed run: " in shown.stdout
    assert "MB before, " in shown.stdout
    assert "There is nothing to clean." in baliza("clean", "--dry-run", "--database", sample).stdout
