"""Parameters as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from baliza.build.params import parse
from baliza.errors import UnknownParameterError


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
