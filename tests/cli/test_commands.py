"""The small commands, the help, and both languages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from baliza.simulator.truth import read

PERIOD = ("--since", "2025-03-03", "--until", "2025-03-05")


def test_targets_lists_every_table_with_grain(baliza):
    result = baliza("targets")

    assert result.exit_code == 0
    for name in ("raw_contratos", "stage_contratos", "mart_spending"):
        assert name in result.stdout


def test_targets_as_json_has_columns_with_meanings_and_parents(baliza):
    listed = {table["name"]: table for table in json.loads(baliza("targets", "--json").stdout)}

    assert listed["mart_spending"]["location"] == "mart.spending"
    assert listed["mart_spending"]["parents"] == ["stage_contratos"]
    assert listed["stage_contratos"]["parents"] == ["raw_contratos"]
    columns = {column["name"]: column for column in listed["mart_spending"]["columns"]}
    assert columns["valor_contratos"]["unit"] == "BRL"
    assert columns["valor_contratos"]["meaning"].startswith("Soma")


def test_status_tells_tables_coverage_and_freshness(baliza, built, records):
    shown = baliza("status")
    told = json.loads(baliza("status", "--json").stdout)

    assert shown.exit_code == 0
    assert "2025-03-03 – 2025-03-05" in shown.stdout
    assert "SYNTHETIC" in shown.stdout
    assert told["source"] == "simulator"
    assert {table["location"]: table["rows"] for table in told["tables"]}["raw.contratos"] == len(records)
    assert told["coverage"][0]["cells"] == {"complete": 3}
    assert told["stale"] is False


@pytest.mark.parametrize(("max_age", "exit_code"), [("36h", 0), ("1w", 0), ("0h", 3)])
def test_status_exits_3_when_older_than_allowed(baliza, built, max_age, exit_code):
    assert baliza("status", "--max-age", max_age).exit_code == exit_code


def test_status_lists_fields_that_no_contract_knows(baliza, pncp, records):
    pncp.update("contratos", [{**record, "campoNovo": 1} for record in records])
    baliza("build", *PERIOD, "--pncp-url", pncp.url)
    result = baliza("status")

    assert (
        f"raw.contratos brings a field baliza does not know yet: campoNovo ({len(records)} records)"
        in " ".join(result.stdout.split())
    )


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("status",), 1, "There is no such file"),
        (("status", "--max-age", "soon"), 2, "not a length of time"),
        (("simulate", "--faults", "hurricane"), 2, "no such weather"),
        (("simulate", "--since", "2999-01-01"), 2, "last closed day"),
    ],
    ids=["no file", "age that is none", "unknown faults", "future"],
)
def test_bad_input(baliza, arguments, exit_code, told):
    result = baliza(*arguments)

    assert result.exit_code == exit_code
    assert told in result.stderr


def test_version_names_the_libraries(baliza):
    assert baliza("version").stdout.startswith("baliza 0.1.0 (duckdb 1.")


@pytest.mark.parametrize("command", ["build", "targets", "status", "settings", "simulate", "version"])
def test_every_command_has_help(baliza, command):
    result = baliza(command, "--help")

    assert result.exit_code == 0
    assert "Usage: " in result.stdout


@pytest.mark.parametrize(
    ("language", "told"), [("en", "The target x was asked for."), ("pt_BR", "Foi pedido o alvo x.")]
)
def test_errors_speak_the_users_language(language, told, tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "baliza", "build", "--target", "x"],
        cwd=tmp_path,
        env={**os.environ, "BALIZA_LANG": language},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert told in result.stderr


def test_simulate_serves_until_interrupted_and_writes_the_truth(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "baliza", "simulate", "--port", "0", "--since", "2025-03-03", "--until", "2025-03-04",
         "--truth", "truth.ndjson"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # What starts in the background of a shell is told to ignore interruptions, and passes that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip
    try:
        lines = [process.stderr.readline() for _ in range(2)]
        url = lines[1].split(" at ")[1].split(";")[0]
        query = "dataInicial=20250303&dataFinal=20250304&pagina=1&tamanhoPagina=500"
        with urllib.request.urlopen(f"{url}/api/consulta/v1/contratos?{query}", timeout=10) as response:
            served = json.load(response)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    truth = [line for line in read(tmp_path / "truth.ndjson") if line["endpoint"] == "contratos"]
    assert served["totalRegistros"] == len(truth) > 0
    assert process.returncode == 0
