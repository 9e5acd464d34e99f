"""`baliza runs`, `baliza runs show N`, and the warning after a build."""

import json
import shutil

import duckdb
import pytest


@pytest.fixture
def sample(tmp_path, built_sample):
    return str(shutil.copy(built_sample, tmp_path / "sample.duckdb"))


def test_runs_are_listed(baliza, sample):
    result = baliza("runs", "--database", sample)

    assert result.exit_code == 0
    assert "build" in result.stdout
    assert "2 rebuilt" in result.stdout


def test_runs_as_json(baliza, sample):
    told = json.loads(baliza("runs", "--database", sample, "--json").stdout)

    (run,) = told["runs"]
    assert (told["command"], run["run_id"], run["command"], run["exit_code"]) == ("runs", 1, "build", 0)
    assert run["tables"] == {"rebuilt": 2}


def test_one_run_is_shown_table_by_table(baliza, sample):
    result = baliza("runs", "show", "1", "--database", sample)

    assert result.exit_code == 0
    assert "stage_contratos: rebuilt" in result.stdout
    assert "mart_spending: rebuilt" in result.stdout


def test_one_run_as_json(baliza, sample):
    told = json.loads(baliza("runs", "show", "1", "--database", sample, "--json").stdout)

    assert told["run"]["run_id"] == 1
    assert [table["name"] for table in told["tables"]] == ["stage_contratos", "mart_spending"]
    assert told["jumps"] == []


def test_a_jump_is_told_after_the_build_and_when_the_run_is_shown(baliza, sample):
    with duckdb.connect(sample) as con:
        con.execute(
            "INSERT INTO meta.run_nodes SELECT node.* REPLACE (n AS run_id, 7 AS rows) "
            "FROM (SELECT * FROM meta.run_nodes WHERE name = 'mart_spending') AS node, range(-3, 0) AS past(n)"
        )
        con.execute("DELETE FROM meta.run_nodes WHERE run_id = 1")
    built = baliza("build", "--source", "sample", "--no-fetch", "--force", "--database", sample)
    shown = baliza("runs", "show", "2", "--database", sample)

    for result in (built, shown):
        assert "where 7 were usual (3 runs)" in result.stdout
    as_json = baliza("build", "--source", "sample", "--no-fetch", "--force", "--database", sample, "--json")
    # On a busy machine the seconds may have jumped as well.
    (jump,) = (one for one in json.loads(as_json.stdout)["jumps"] if one["measure"] == "rows")
    assert (jump["table"], jump["measure"], jump["usual"], jump["runs"]) == ("mart_spending", "rows", 7, 4)


def test_a_run_that_is_not_there(baliza, sample):
    result = baliza("runs", "show", "9", "--database", sample)

    assert result.exit_code == 2
    assert "numbered up to 1" in result.stderr


def test_options_before_show_are_refused_not_ignored(baliza, sample):
    result = baliza("runs", "--database", sample, "show", "1")

    assert result.exit_code == 2
    assert "Write them after it" in result.stderr


def test_no_file(baliza):
    assert baliza("runs").exit_code == 1
