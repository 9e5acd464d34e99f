"""Parameters as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from baliza.build.params import parse, with_params
from baliza.errors import UnknownParameterError
from baliza.settings import Setting, resolve
from dataflows.parameters import PARAMETERS


def test_overrides_are_typed():
    assert parse(["suspect_value=5_000", " review_growth = 20 "]) == {
        "suspect_value": 5000,
        "review_growth": 20,
    }


def test_the_reference_day_is_a_day():
    assert parse(["data_referencia = 2025-12-31"]) == {"data_referencia": date(2025, 12, 31)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("suspect_value", "written name=value"),
        ("suspct_value=1", "Did you mean suspect_value"),
        ("suspect_value=1.5", "whole number"),
        ("data_referencia=31/12/2025", "year-month-day"),
        ("data_referensia=2025-12-31", "Did you mean data_referencia"),
        ("suspect_value=", "Its default is 10_000_000_000"),
    ],
    ids=["no value", "misspelt", "fraction", "not a day", "misspelt day", "empty"],
)
def test_refused(text, told):
    with pytest.raises(UnknownParameterError, match=told):
        parse([text])


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings beside a baliza.toml of this text."""
    monkeypatch.chdir(tmp_path)

    def settings(text="", env=None):
        (tmp_path / "baliza.toml").write_text(text)
        return resolve({}, {"env": env})

    return settings


FILE = """
[params]
suspect_value = 5_000
review_growth = 5
data_referencia = 2025-12-31
[env.tests.params]
suspect_value = 6_000
suspect_nines = 4
"""


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(settings):
    found = with_params(settings(FILE, "tests"), ["suspect_nines=3"])

    assert found.params["suspect_nines"] == Setting(3, "option")
    assert found.params["suspect_value"] == Setting(6000, "env")
    assert found.params["review_growth"] == Setting(5, "file")
    assert found.params["data_referencia"] == Setting(date(2025, 12, 31), "file")
    assert found.params["suspect_growth"] == Setting(100, "default")
    assert found.chosen_params == {
        "suspect_nines": 3,
        "suspect_value": 6000,
        "review_growth": 5,
        "data_referencia": date(2025, 12, 31),
    }


def test_without_an_environment_its_parameters_are_not_used(settings):
    found = with_params(settings(FILE), [])

    assert found.params["suspect_value"] == Setting(5000, "file")
    assert found.params["suspect_nines"].origin == "default"


def test_without_a_file_all_are_defaults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = with_params(resolve({}), [])

    assert set(found.params) == {*PARAMETERS, "data_referencia"}
    assert found.params["data_referencia"] == Setting(None, "default")
    assert found.chosen_params == {}


@pytest.mark.parametrize("section", ["[params]", "[env.other.params]"], ids=["common", "not chosen"])
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("suspct_value = 1", "Did you mean suspect_value"),
        ('suspect_value = "1"', 'suspect_value = "1" was asked for. suspect_value is a whole number'),
        ("suspect_value = 1.0", "whole number"),
        ("suspect_value = true", "whole number"),
        ("suspect_value = {}", "whole number"),
        ("data_referencia = 20251231", "year-month-day"),
        ('data_referencia = "2025-12-31"', "without quotes"),
        ("data_referencia = 2025-12-31T00:00:00", "year-month-day"),
    ],
    ids=["misspelt", "text", "fraction", "truth", "table", "number", "quoted day", "moment"],
)
def test_refused_in_the_file(settings, section, line, told):
    found = settings(f"{section}\n{line}\n[env.tests]\n", "tests")
    with pytest.raises(UnknownParameterError, match=told) as raised:
        with_params(found, [])
    assert "baliza.toml" in str(raised.value)
    assert ("[env.other]" in str(raised.value)) == ("other" in section)
