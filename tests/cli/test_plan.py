"""`baliza plan`, `baliza build --dry-run` and what `--target` takes: what they print, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from baliza.build import catalog
from baliza.simulator.server import Simulator

PERIOD = ("--since", "2025-03-03", "--until", "2025-03-05")
MARTS = [name for name, node in catalog.tables().items() if node.layer == "mart"]


def test_a_new_file_is_planned_and_nothing_is_asked_or_written(baliza, pncp, tmp_path, monkeypatch):
    monkeypatch.delenv("BALIZA_MAX_RPS")
    result = baliza("plan", *PERIOD, "--pncp-url", pncp.url)
    assert result.exit_code == 0
    assert "About 51 requests to PNCP, 2 min at this pace." in result.stdout
    assert "stage.contratos: to be rebuilt\n    it is not there" in result.stdout
    assert "Nothing was asked of PNCP, nothing was written." in result.stdout
    assert pncp.requests == []
    assert list(tmp_path.iterdir()) == []


def test_of_raw_tables_it_says_who_fills_them(baliza, sample):
    result = baliza("plan", "--source", "sample", "--no-fetch", "--target", "raw.*")

    assert result.exit_code == 0
    assert "Raw tables are filled by a harvest" in result.stdout


def test_a_dry_run_of_build_says_what_plan_says(baliza, pncp):
    options = (*PERIOD, "--pncp-url", pncp.url, "--target", "mart_concentration", "--json")
    planned = baliza("plan", *options)
    assert planned.exit_code == 0
    assert baliza("build", "--dry-run", *options).stdout == planned.stdout
    assert pncp.requests == []


def test_what_was_built_awaits_the_new_days(baliza, pncp, built):
    later = ("--since", "2025-03-03", "--until", "2025-03-07", "--pncp-url", pncp.url)
    shown = baliza("plan", *later).stdout
    told = json.loads(baliza("plan", *later, "--json").stdout)
    assert "stage.contratos: up to date\n    new data expected after the fetch: raw_contratos" in shown
    assert told["fetch"]["endpoints"] == [{"endpoint": "contratos", "windows": 2, "requests": 34}]
    assert {table["decision"] for table in told["tables"]} == {"skipped"}
    assert [table["awaited"] for table in told["tables"]] == [["raw_contratos"]] * 2


def test_json_has_the_causes_the_numbers_and_the_sql(baliza, sample):
    options = ("--source", "sample", "--no-fetch", "--param", "review_value=5", "--json")
    told = json.loads(baliza("plan", *options).stdout)
    stage, mart = told["tables"]
    assert (told["command"], told["selected"], told["fetch"], told["trouble"]) == (
        "plan", ["mart_spending"], None, None,
    )  # fmt: skip
    assert stage["decision"] == "rebuilt"
    assert stage["causes"] == [
        {"kind": "parameter", "name": "review_value", "before": "1000000000", "now": "5"}
    ]
    assert (stage["rows"], stage["predicted_rows"]) == (5044, 5044)
    assert 0 < stage["predicted_seconds"] <= told["seconds"]
    assert any(">= 5" in line for line in stage["sql_diff"])
    assert mart["causes"] == [{"kind": "parent", "name": "stage_contratos", "before": None, "now": None}]
    assert (mart["sql_diff"], mart["sql_diff_left_out"]) == ([], 0)


def test_every_member_is_documented(baliza, sample):
    told = json.loads(baliza("plan", "--source", "sample", "--json").stdout)
    documented = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    (section,) = [part for part in documented.split("\n## ") if part.startswith("`baliza plan")]
    members = {*told, *told["fetch"], *told["tables"][0]}
    assert {member for member in members if f"`{member}`" not in section} == set()


def test_lines_of_sql_are_shown_when_asked_for_and_not_masked(baliza, sample):
    options = ("plan", "--source", "sample", "--no-fetch", "--param", "suspect_value=20000000000")
    plain, with_sql = baliza(*options).stdout, baliza(*options, "--sql").stdout
    assert "parameter: suspect_value, 10000000000 → 20000000000" in plain
    assert "@@" not in plain
    assert "+" in with_sql
    assert ">= 20000000000" in with_sql


def test_the_plan_speaks_portuguese(baliza, sample):
    import os
    import subprocess
    import sys

    run = subprocess.run(
        [sys.executable, "-m", "baliza", "plan", "--source", "sample", "--no-fetch", "--force"],
        env={**os.environ, "BALIZA_LANG": "pt_BR"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "mart.spending: a refazer, cerca de 2.856 linhas" in run.stdout
    assert "forçada" in run.stdout


def test_a_layer_is_built_by_its_pattern_and_then_up_to_date(baliza, sample):
    options = ("--source", "sample", "--target", "mart.*")
    built = json.loads(baliza("build", *options, "--json").stdout)
    again = baliza("build", *options)
    assert (built["selected"], built["exit_code"]) == (MARTS, 0)
    assert set(MARTS) <= {table["name"] for table in built["tables"]}
    assert "failed" not in {table["decision"] for table in built["tables"]}
    # Rows are shown of tables called by their names; of a pattern there are too many.
    assert again.exit_code == 0
    assert "Contracted by" not in again.stdout
    assert again.stdout.count("up to date") == len(built["tables"])


def test_what_changed_is_built_and_then_nothing_is_selected(baliza, sample):
    with duckdb.connect(sample) as con:
        con.execute("DROP TABLE mart.spending")
    options = ("--source", "sample", "--target", "changed")
    first = baliza("build", *options, "--json")
    second = baliza("build", *options)
    planned = baliza("plan", *options)
    assert json.loads(first.stdout)["selected"] == ["mart_spending"]
    assert (second.exit_code, planned.exit_code) == (0, 0)
    assert "No table is selected: there is nothing to build." in second.stdout
    assert "No table is selected: there is nothing to build." in planned.stdout


def test_what_failed_is_built_when_it_is_mended(baliza, sample, monkeypatch):
    from baliza.build import code
    from dataflows.mart import spending

    def fails(*_args):
        raise ValueError("no such month, said 123.456.789-09")

    with monkeypatch.context() as patch:
        patch.setattr(spending, "with_newest_names", fails)
        patch.setattr(code, "digest", lambda: "edited")
        broken = baliza("build", "--source", "sample", "--no-fetch")
        planned = baliza("plan", "--source", "sample", "--no-fetch")
        as_json = json.loads(baliza("plan", "--source", "sample", "--no-fetch", "--json").stdout)
    mended = json.loads(
        baliza("build", "--source", "sample", "--no-fetch", "--target", "failed", "--json").stdout
    )
    assert (broken.exit_code, planned.exit_code, as_json["exit_code"]) == (1, 1, 1)
    assert "mart.spending: cannot be made" in planned.stdout
    assert "no such month" in planned.stderr
    assert "no such month, said ***.456.789-**" in as_json["trouble"]
    assert "123.456" not in planned.stderr
    assert mended["selected"] == ["mart_spending"]


@pytest.mark.parametrize("command", ["build", "plan"])
def test_an_unknown_target_names_the_nearest(baliza, command, tmp_path):
    result = baliza(command, "--target", "+mart_spendng", "--source", "sample")
    assert result.exit_code == 2
    assert "Did you mean +mart_spending" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_to_go_on_with_keeps_the_pattern(baliza, records):
    from baliza.simulator.faults import Faults

    with Simulator({"contratos": records}, Faults(dead_days=frozenset({"20250304"}))) as broken:
        result = baliza("build", "-t", "mart.sp*", *PERIOD, "--pncp-url", broken.url)
    assert result.exit_code == 3
    assert "baliza build --target 'mart.sp*' --since 2025-03-03" in result.stdout
