"""`baliza build`: what it prints, what it leaves behind, how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build.checks import SAMPLE_ROWS
from baliza.simulator.faults import Faults
from baliza.simulator.identifiers import draw_cnpj
from baliza.simulator.server import Simulator
from dataflows.contract import Rule
from dataflows.mart.spending import MartSpending
from dataflows.mart.suppliers import MartSuppliers

PERIOD = ("--since", "2025-03-03", "--until", "2025-03-05")


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_sample_is_built_shown_and_called_synthetic(baliza, tmp_path):
    result = baliza("build", "--target", "mart_spending", "--source", "sample")

    assert result.exit_code == 0
    assert "SYNTHETIC DATA" in result.stdout
    assert "Coverage 2025-01-01 – 2025-06-30: complete, 5,044 of 5,044 records." in result.stdout
    assert "baliza build --cnpj" in result.stdout
    assert read(tmp_path / "data/sample.duckdb", "SELECT count(*) FROM stage.contratos") == [(5044,)]


def test_live_build_lands_what_the_server_has_and_a_second_one_asks_nothing(baliza, pncp, records, tmp_path):
    first = baliza("build", *PERIOD, "--pncp-url", pncp.url, "--json")
    asked = len(pncp.requests)
    second = baliza("build", *PERIOD, "--pncp-url", pncp.url, "--json")

    built, again = json.loads(first.stdout), json.loads(second.stdout)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert built["coverage"] == {
        "complete": True,
        "cells": {"complete": 3},
        "expected": len(records),
        "landed": len(records),
        "missing_cells": 0,
        "missing": [],
    }
    assert [table["decision"] for table in built["tables"]] == ["rebuilt", "rebuilt"]
    assert [table["decision"] for table in again["tables"]] == ["skipped", "skipped"]
    assert len(pncp.requests) == asked
    assert read(tmp_path / "data/baliza.duckdb", "SELECT count(*) FROM raw.contratos") == [(len(records),)]


def test_target_may_be_written_as_a_location(baliza, pncp):
    result = baliza("build", "-t", "stage.contratos", *PERIOD, "--pncp-url", pncp.url, "--json")

    assert [table["name"] for table in json.loads(result.stdout)["tables"]] == ["stage_contratos"]


def test_another_table_shows_its_first_rows_with_cpfs_masked(baliza, pncp, records):
    cpfs = {record["niFornecedor"] for record in records if record["tipoPessoa"] == "PF"}
    result = baliza("build", "-t", "stage_contratos", *PERIOD, "--pncp-url", pncp.url)

    assert cpfs
    assert "numero_controle_pncp" in result.stdout
    assert not any(cpf in result.stdout for cpf in cpfs)


def test_cnpj_narrows_to_one_orgao(baliza, pncp, records, tmp_path):
    cnpj = records[0]["orgaoEntidade"]["cnpj"]
    own = [record for record in records if record["orgaoEntidade"]["cnpj"] == cnpj]
    result = baliza("build", *PERIOD, "--cnpj", cnpj, "--pncp-url", pncp.url, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["slices"] == [f"cnpj={cnpj}"]
    assert read(tmp_path / "data/baliza.duckdb", "SELECT count(*) FROM stage.contratos") == [(len(own),)]
    assert len(pncp.requests) == 1


def test_an_orgao_without_contracts_is_proven_empty(baliza, pncp, tmp_path):
    import random

    result = baliza("build", *PERIOD, "--cnpj", draw_cnpj(random.Random(1)), "--pncp-url", pncp.url)

    assert result.exit_code == 0
    assert read(tmp_path / "data/baliza.duckdb", "SELECT status, count(*) FROM meta.coverage GROUP BY 1") == [
        ("empty", 3)
    ]


def test_a_dead_day_is_shown_with_exit_code_3_and_mended_by_the_command_it_names(baliza, records, tmp_path):
    with Simulator({"contratos": records}, Faults(dead_days=frozenset({"20250304"}))) as broken:
        result = baliza("build", *PERIOD, "--pncp-url", broken.url)
    with Simulator({"contratos": records}) as healthy:
        mended = baliza("build", *PERIOD, "--pncp-url", healthy.url, "--json")

    assert result.exit_code == 3
    assert "NOT complete" in result.stdout
    assert "contratos 2025-03-04: failed, 50" in result.stdout
    assert "baliza build --target mart_spending --since 2025-03-03 --until 2025-03-05" in result.stdout
    assert mended.exit_code == 0
    assert read(tmp_path / "data/baliza.duckdb", "SELECT count(*) FROM stage.contratos") == [(len(records),)]


def test_no_fetch_builds_what_is_there_and_speaks_of_what_was_asked_for_before(baliza, pncp, built):
    result = baliza(
        "build", "--target", "+mart_spending", "--no-fetch", "--force", "--pncp-url", pncp.url, "--json"
    )

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["period"] == {"since": "2025-03-03", "until": "2025-03-05"}
    assert [table["reason"] for table in told["tables"]] == ["forced", "forced"]
    assert pncp.requests == []


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        pytest.param(["stage.termos"], "--endpoint termos", id="terms of contracts"),
        pytest.param(["stage_itens"], "--endpoint itens", id="items"),
        pytest.param(["stage.itens", "stage.termos"], "--endpoint itens --endpoint termos", id="both"),
        pytest.param(["raw.pca_itens"], "--endpoint pca", id="the feed that needs nothing else said"),
    ],
)
@pytest.mark.parametrize("fetch", ["--fetch", "--no-fetch"])
def test_what_a_build_does_not_fetch_is_harvested(baliza, built, targets, told, fetch):
    asked = [argument for target in targets for argument in ("--target", target)]
    error = json.loads(baliza("build", *asked, fetch, "--json").stdout)["error"]

    assert error["type"] == "NothingToBuildError"
    assert error["found"] == "The file holds no data to build from, and a build does not fetch them."
    assert error["remedy"] == f"Fetch some: baliza harvest {told} --database data/baliza.duckdb"


def test_what_a_build_does_not_fetch_is_harvested_from_the_same_source(baliza, sample):
    result = baliza("build", "--source", "sample", "--target", "stage.termos", "--json")

    remedy = json.loads(result.stdout)["error"]["remedy"]
    assert "baliza harvest --endpoint termos --source sample --database data/sample.duckdb" in remedy


def test_what_a_build_fetches_is_asked_of_a_build(baliza, built):
    error = json.loads(baliza("build", "--no-fetch", "--target", "stage.atas", "--json").stdout)["error"]

    assert error["found"] == "The file holds no data to build from."
    assert error["remedy"] == "Fetch some: run it again without --no-fetch."


def test_server_gone_builds_from_what_the_file_holds_with_exit_code_3(baliza, pncp, tmp_path):
    baliza("build", "--since", "2025-03-03", "--until", "2025-03-03", "--pncp-url", pncp.url)
    result = baliza("build", *PERIOD, "--pncp-url", "http://127.0.0.1:1")

    assert result.exit_code == 3
    assert "PNCP was to be asked at http://127.0.0.1:1" in result.stdout
    assert "2 days are not proven" in result.stdout


def test_parameter_changes_verdicts_and_is_written_in_the_run(baliza, built):
    result = baliza("build", "--no-fetch", "--param", "suspect_value=1", "--json")

    assert [table["reason"] for table in json.loads(result.stdout)["tables"]] == [
        "parameter: suspect_value",
        "parent: stage_contratos",
    ]
    assert read(built, "SELECT count(*) FROM stage.contratos WHERE verdict = 'ok' AND valor_global >= 1") == [
        (0,)
    ]
    assert read(
        built, "SELECT parameters ->> '$.params.suspect_value', exit_code FROM meta.runs ORDER BY run_id"
    ) == [
        (None, 0),
        ("1", 0),
    ]


BAD_INPUT = {
    "date that is none": (("--since", "2025-02-30"), 2, "not a day of the calendar"),
    "reversed dates": (("--since", "2025-03-05", "--until", "2025-03-01"), 2, "first is after the last"),
    "future": (("--since", "2999-01-01"), 2, "last closed day"),
    "unknown target": (("--target", "mart_spendin"), 2, "Did you mean mart_spending"),
    "short CNPJ": (("--cnpj", "123"), 2, "fourteen characters"),
    "CNPJ with wrong check digits": (("--cnpj", "00.394.460/0001-42"), 2, "41 would be right"),
    "unknown parameter": (("--param", "suspect_valu=1"), 2, "Did you mean suspect_value"),
    "parameter of the wrong type": (("--param", "suspect_value=much"), 2, "whole number"),
    "percent above 100": (("--param", "common_flag_share=999"), 2, "whole number from 0 to 100"),
    "negative parameter": (("--param", "flag_evidence=-1"), 2, "whole number from 0 to"),
    "parameter without value": (("--param", "suspect_value"), 2, "name=value"),
    "unknown source": (("--source", "elsewhere"), 2, "two sources"),
    "part of the sample": (("--source", "sample", "--since", "2025-01-01"), 2, "always built whole"),
    "address that is none": (("--pncp-url", "pncp"), 2, "not the address of a web server"),
    "nobody at the address": (("--pncp-url", "http://127.0.0.1:1"), 1, "no connection"),
    "nothing to build from": (("--no-fetch",), 1, "There is no such file"),
    "folder as database": (("--database", "."), 1, "folder"),
}


@pytest.mark.parametrize(("arguments", "exit_code", "told"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_is_answered_with_one_message(baliza, arguments, exit_code, told):
    result = baliza("build", *arguments)

    assert result.exit_code == exit_code
    assert told in result.stderr
    assert "Traceback" not in result.stderr + result.stdout
    assert len(result.stderr.splitlines()) <= 5


def test_error_as_json_is_one_object(baliza):
    result = baliza("build", "--target", "xyzzy", "--json")

    assert json.loads(result.stdout) == {
        "error": {
            "type": "UnknownTargetError",
            "asked": "The target xyzzy was asked for.",
            "found": "There is no such table.",
            "remedy": "See which there are: baliza targets",
        },
        "exit_code": 2,
    }


def test_debug_lets_the_traceback_through(baliza):
    from baliza.errors import UnknownTargetError

    with pytest.raises(UnknownTargetError):
        baliza("build", "--target", "xyzzy", "--debug")


def test_a_file_never_mixes_sources(baliza, pncp, sample, built):
    pncp_into_sample = baliza("build", *PERIOD, "--pncp-url", pncp.url, "--database", "data/sample.duckdb")
    sample_into_other = baliza("build", "--source", "sample", "--database", "data/baliza.duckdb")

    assert pncp_into_sample.exit_code == sample_into_other.exit_code == 2
    assert "never mixes sources" in pncp_into_sample.stderr
    assert "never mixes sources" in sample_into_other.stderr


def test_a_file_that_is_not_duckdb(baliza, tmp_path):
    (tmp_path / "notes.duckdb").write_text("my notes")
    result = baliza("build", "--database", "notes.duckdb")

    assert result.exit_code == 1
    assert "not a DuckDB file" in result.stderr
    assert (tmp_path / "notes.duckdb").read_text() == "my notes"


def test_a_locked_file_names_the_process_that_holds_it(baliza, tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb,sys; c=duckdb.connect('held.duckdb'); print('ok',flush=True); sys.stdin.read()",
        ],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"ok\n"
        result = baliza("build", "--source", "sample", "--database", "held.duckdb")
    finally:
        holder.communicate()

    assert result.exit_code == 1
    assert f"PID {holder.pid}" in result.stderr


def test_html_wrong_types_and_cut_bodies_land_nothing_wrong(baliza, records, tmp_path):
    faults = Faults(html_200=0.2, cut_json=0.2, http_500=0.2, seed=3)
    with Simulator({"contratos": records}, faults) as storm:
        result = baliza("build", *PERIOD, "--pncp-url", storm.url, "--json")

    assert result.exit_code == 0
    assert storm.drawn
    assert read(tmp_path / "data/baliza.duckdb", "SELECT count(*) FROM stage.contratos") == [(len(records),)]
    outcomes = read(
        tmp_path / "data/baliza.duckdb", "SELECT outcome FROM meta.requests WHERE outcome <> 'records'"
    )
    assert len(outcomes) == sum(storm.drawn.values())


def test_plain_progress_is_one_line_per_window_on_stderr(baliza, pncp):
    result = baliza("build", *PERIOD, "--pncp-url", pncp.url)

    assert "contratos 2025-03-03: complete" in result.stderr
    assert "contratos 2025-03-03: complete" not in result.stdout


def test_a_reader_that_leaves_early_changes_nothing(pncp, tmp_path):
    command = [
        sys.executable,
        "-m",
        "baliza",
        "build",
        *PERIOD,
        "--pncp-url",
        pncp.url,
        "--database",
        "p.duckdb",
    ]
    environment = {**os.environ, "BALIZA_MAX_RPS": "0", "BALIZA_LANG": "en"}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    told = process.stderr.read().decode()
    process.stderr.close()

    assert process.wait(timeout=60) == 0
    assert "Traceback" not in told
    assert "BrokenPipe" not in told


def test_several_tables_that_fail_are_told_one_by_one_and_what_they_share_last(
    baliza, tmp_path, built_sample, monkeypatch
):
    path = shutil.copy(built_sample, tmp_path / "sample.duckdb")
    for contract in (MartSpending, MartSuppliers):
        never = Rule(
            f"{contract.__name__} never holds", lambda table: table.quantidade_contratos < 0, "error"
        )
        monkeypatch.setattr(contract, "_row_rules", [never])
    asked = (
        "--target",
        "mart_spending",
        "--target",
        "mart_suppliers",
        "--source",
        "sample",
        "--no-fetch",
        "--force",
    )
    result = baliza("build", *asked, "--database", str(path))
    assert result.stderr.count("error: ") == 3, result.stderr
    first, second, both = result.stderr.split("error: ")[1:]

    assert result.exit_code == 1
    for block, mart, name in ((first, "spending", "MartSpending"), (second, "suppliers", "MartSuppliers")):
        assert block.startswith(f"The table mart.{mart} was to be built (")
        assert f"\n    {name} never holds (" in block
        assert f"WHERE table_name = 'mart_{mart}'" in block
    assert both.startswith("2 nodes were to be made.")
    assert "They failed: mart_spending, mart_suppliers." in both
    kept = read(path, "SELECT table_name, count(*) FROM meta.violations GROUP BY ALL ORDER BY ALL")
    assert kept == [("mart_spending", SAMPLE_ROWS), ("mart_suppliers", SAMPLE_ROWS)]

    told = json.loads(baliza("build", *asked, "--database", str(path), "--json").stdout)["error"]
    assert [one["type"] for one in told["errors"]] == ["ContractBrokenError"] * 2
