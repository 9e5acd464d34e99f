"""`baliza settings`, and what the commands do with baliza.toml."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from baliza.build import session
from baliza.warehouse.connection import connect

PERIOD = ("--since", "2025-03-03", "--until", "2025-03-05")

FILE = """
max_in_flight = 1
[params]
suspect_value = 5_000_000_000
[env.tests]
database = "data/tests.duckdb"
memory_limit = "1GiB"
params = { review_growth = 5, data_referencia = 2025-03-31 }
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "baliza.toml"
    path.write_text(FILE)
    return path


def last_run(path: Path) -> dict:
    with duckdb.connect(str(path), read_only=True) as con:
        row = con.execute("SELECT parameters FROM meta.runs ORDER BY run_id DESC LIMIT 1").fetchone()
    return json.loads(row[0])


def test_every_value_is_shown_with_its_origin(baliza, file):
    shown = baliza("settings", "--env", "tests", "--threads", "2").stdout
    rows = {line.split()[0]: " ".join(line.split()) for line in shown.splitlines() if line.strip()}

    assert rows["Configuration:"] == "Configuration: baliza.toml; environments: tests"
    assert rows["database"].startswith("database data/tests.duckdb baliza.toml [env.tests] the DuckDB file")
    assert rows["max_rps"].startswith("max_rps 0 BALIZA_MAX_RPS")
    assert rows["max_in_flight"].startswith("max_in_flight 1 baliza.toml")
    assert rows["threads"].startswith("threads 2 --threads")
    assert rows["temp_directory"].startswith("temp_directory beside the file default")
    assert rows["suspect_value"].startswith("suspect_value 5_000_000_000 baliza.toml BRL")
    assert rows["review_growth"].startswith("review_growth 5 baliza.toml [env.tests]")
    assert rows["data_referencia"].startswith("data_referencia 2025-03-31 baliza.toml [env.tests]")
    assert rows["earliest_year"].startswith("earliest_year 1990 default first year")


def test_as_json(baliza, file):
    told = json.loads(baliza("settings", "--env", "tests", "--param", "suspect_nines=4", "--json").stdout)
    settings = {one["name"]: one for one in told["settings"]}
    params = {one["name"]: one for one in told["params"]}

    assert (told["file"], told["environments"]) == ("baliza.toml", ["tests"])
    assert settings["memory_limit"] == {
        "name": "memory_limit",
        "value": "1GiB",
        "origin": "env",
        "from": "baliza.toml [env.tests]",
        "meaning": "memory DuckDB may take in commands that write",
    }
    assert (settings["temp_directory"]["value"], settings["temp_directory"]["from"]) == (None, None)
    assert settings["env"]["from"] == "--env"
    assert (params["suspect_nines"]["value"], params["suspect_nines"]["from"]) == (4, "--param")
    assert (params["data_referencia"]["value"], params["data_referencia"]["origin"]) == ("2025-03-31", "env")
    assert all(one["meaning"] for one in told["settings"] + told["params"])


def test_without_a_file(baliza):
    assert "there is no baliza.toml here" in baliza("settings").stdout
    assert json.loads(baliza("settings", "--json").stdout)["file"] is None


def test_a_build_uses_what_was_resolved_and_says_so_in_its_diary(baliza, file, pncp, tmp_path, monkeypatch):
    opened = []

    def remembered(*args, **kwargs):
        con = connect(*args, **kwargs)
        opened.append(con.execute("SELECT current_setting('memory_limit')").fetchone())
        return con

    monkeypatch.setattr(session, "connect", remembered)
    result = baliza("build", *PERIOD, "--pncp-url", pncp.url, "--env", "tests", "--param", "suspect_nines=4")
    told = last_run(tmp_path / "data" / "tests.duckdb")

    assert result.exit_code == 0
    assert opened == [("1.0 GiB",)]
    assert told["params"] == {
        "suspect_value": 5_000_000_000,
        "review_growth": 5,
        "data_referencia": "2025-03-31",
        "suspect_nines": 4,
    }
    assert told["settings"]["env"] == {"value": "tests", "origin": "option"}
    assert told["settings"]["database"] == {"value": "data/tests.duckdb", "origin": "env"}
    assert told["settings"]["pncp_url"] == {"value": pncp.url, "origin": "option"}
    assert told["settings"]["max_in_flight"] == {"value": 1, "origin": "file"}


def test_every_command_that_takes_a_database_takes_an_environment(baliza, file, pncp, tmp_path):
    baliza("build", *PERIOD, "--pncp-url", pncp.url, "--env", "tests")
    for what in ("duckdb", "snapshots"):
        (tmp_path / "data" / f"tests.{what}").rename(tmp_path / "data" / f"moved.{what}")
    file.write_text(FILE.replace("tests.duckdb", "moved.duckdb"))

    for command in (
        ("status",),
        ("gaps",),
        ("replay",),
        ("quarantine", "list"),
        ("sync", "--pncp-url", pncp.url),
    ):
        assert baliza(*command, "--env", "tests").exit_code in {0, 3}, command
        assert baliza(*command, "--env", "test").exit_code == 2, command
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["moved.duckdb", "moved.snapshots"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--memory-limit", "lots"), "not an amount of memory"),
        (("--threads", "0"), "from 1 to 1024"),
        (("--temp-directory", "baliza.toml"), "not a folder"),
        (("--env", "test"), "Did you mean tests"),
        (("--param", "suspect=1"), "Did you mean suspect_value"),
    ],
)
@pytest.mark.parametrize(
    "command", [("settings",), ("build", "--source", "sample")], ids=["settings", "build"]
)
def test_what_is_wrong_is_refused_before_anything_runs(baliza, file, tmp_path, command, arguments, told):
    result = baliza(*command, *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["baliza.toml"]


@pytest.mark.parametrize(
    "text",
    ["[env.other]\nthreads = 0", "[env.other.params]\nsuspect = 1", "max_rps", "[env.other]\nurl = ''"],
)
def test_a_mistake_anywhere_in_the_file_is_refused_even_where_it_is_not_used(baliza, file, text):
    file.write_text(text)
    result = baliza("status", "--json")

    assert result.exit_code == 2
    assert "baliza.toml" in json.loads(result.stdout)["error"]["asked"]


@pytest.mark.parametrize("limit", ["128MB", "1GB"])
def test_the_sample_is_built_within_little_memory(baliza, tmp_path, limit):
    result = baliza(
        "build", "--source", "sample", "--memory-limit", limit, "--threads", "1", "--temp-directory", "spill"
    )

    assert result.exit_code == 0
    assert (tmp_path / "spill").is_dir()
    assert last_run(tmp_path / "data" / "sample.duckdb")["settings"]["threads"] == {
        "value": 1,
        "origin": "option",
    }
