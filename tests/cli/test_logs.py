"""`--log-format` and `--log-level`: what stderr says of a run."""

import json
import logging
import shutil
import warnings

import duckdb
import pytest

from baliza.cli import logs
from baliza.events import RUN, tell


@pytest.fixture
def sample(tmp_path, built_sample):
    return str(shutil.copy(built_sample, tmp_path / "sample.duckdb"))


def lines(result):
    return [json.loads(line) for line in result.stderr.splitlines()]


def test_a_build_is_told_event_by_event(baliza, tmp_path):
    result = baliza(
        "build", "--source", "sample", "--log-format", "json", "--database", str(tmp_path / "x.duckdb")
    )
    told = lines(result)

    assert result.exit_code == 0
    assert [told[0]["event"], told[-1]["event"]] == ["run started", "run ended"]
    assert {one["run"] for one in told} == {1}
    windows = [one for one in told if one["event"] == "window"]
    assert sum(one["received"] for one in windows) == 5044
    assert {one["status"] for one in windows} == {"complete"}
    tables = [one for one in told if one["event"] == "table"]
    assert [(one["node"], one["decision"], one["reason"], one["rows"]) for one in tables] == [
        ("stage_contratos", "rebuilt", "missing", 5044),
        ("mart_spending", "rebuilt", "missing", 2856),
    ]
    assert all(one["seconds"] > 0 and one["rows_in"] == 5044 for one in tables)
    assert told[-2]["complete"] is True
    assert told[-1]["exit_code"] == 0


def test_a_harvest_is_told_window_by_window(baliza, pncp, tmp_path):
    result = baliza(
        "harvest", "--endpoint", "contratos", "--since", "2025-03-03", "--until", "2025-03-05",
        "--pncp-url", pncp.url, "--log-format", "json", "--database", str(tmp_path / "x.duckdb"),
    )  # fmt: skip
    told = [one for one in lines(result) if one["event"] == "window"]

    assert {one["endpoint"] for one in told} == {"contratos", "contratos_atualizacao"}
    assert (min(one["since"] for one in told), max(one["until"] for one in told)) == (
        "2025-03-03",
        "2025-03-05",
    )
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as con:
        landed = con.execute("SELECT sum(received), sum(stored) FROM meta.landings").fetchone()
    assert (sum(one["received"] for one in told), sum(one["stored"] for one in told)) == landed


def test_an_error_is_an_object_too(baliza, sample):
    result = baliza("build", "--target", "mart_spendin", "--log-format", "json", "--database", sample)
    (told,) = lines(result)

    assert (told["event"], told["level"], told["exit_code"], result.exit_code) == ("failed", "error", 2, 2)
    assert (told["type"], told["found"]) == ("UnknownTargetError", "There is no such table.")


def test_a_wrong_setting_is_told_in_the_format_that_was_asked_for(baliza, monkeypatch):
    monkeypatch.setenv("BALIZA_LOG_FORMAT", "json")
    (told,) = lines(baliza("build", "--threads", "many"))

    assert told["type"] == "InvalidSettingError"


@pytest.mark.parametrize("wrong", [("--log-format", "xml"), ("--log-level", "loud")])
def test_another_format_or_level_is_refused(baliza, wrong):
    result = baliza("build", "--source", "sample", *wrong)

    assert result.exit_code == 2
    assert wrong[1] in result.stderr


def test_the_level_bounds_what_is_told(baliza, sample):
    arguments = ("build", "--source", "sample", "--no-fetch", "--database", sample)

    assert baliza(*arguments, "--log-format", "json", "--log-level", "warning").stderr == ""
    debugged = baliza(*arguments, "--force", "--log-level", "debug").stderr
    assert "table node=mart_spending decision=rebuilt reason=forced" in debugged


def test_text_says_no_event(baliza, sample):
    result = baliza("build", "--source", "sample", "--no-fetch", "--force", "--database", sample)

    assert "decision=" not in result.stderr


def test_baliza_toml_may_say_it(baliza, sample, tmp_path):
    (tmp_path / "baliza.toml").write_text('log_format = "json"\n')
    told = lines(baliza("build", "--source", "sample", "--no-fetch", "--database", sample))

    assert [one["event"] for one in told][-1] == "run ended"
    settings = json.loads(baliza("settings", "--json").stdout)["settings"]
    (said,) = [one for one in settings if one["name"] == "log_format"]
    assert (said["value"], said["from"]) == ("json", "baliza.toml")


def test_nobody_is_asked_when_a_machine_listens(baliza, sample):
    result = baliza(
        "harvest", "--endpoint", "termos", "--source", "sample", "--log-format", "json", "--database", sample
    )  # fmt: skip

    assert lines(result)[-1]["type"] == "UnconfirmedError"
    assert result.exit_code == 2


def test_cpfs_are_masked_and_numbers_are_not(capsys):
    logs.configure("json", "info")
    RUN.set(None)
    tell(logging.getLogger("baliza.x"), logging.INFO, "a", name="MARIA 12345678909", peak_memory=12345678909)
    told = json.loads(capsys.readouterr().err)

    assert (told["name"], told["peak_memory"]) == ("MARIA ***.456.789-**", 12345678909)


def test_warnings_of_python_are_objects_too(capsys):
    logs.configure("json", "info")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=False)
            logging.captureWarnings(capture=True)
            warnings.warn("old", DeprecationWarning, stacklevel=1)
    finally:
        logs.configure("text", "info")

    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["level"]) == ("message", "warning")
    assert "old" in told["message"]
