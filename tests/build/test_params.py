"""Parameters as people type them."""

from __future__ import annotations

import pytest

from baliza.build.params import parse
from baliza.errors import UnknownParameterError


def test_overrides_are_typed():
    assert parse(["suspect_value=5_000", " review_growth = 20 "]) == {
        "suspect_value": 5000,
        "review_growth": 20,
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("suspect_value", "written name=value"),
        ("suspct_value=1", "Did you mean suspect_value"),
        ("suspect_value=1.5", "whole number"),
        ("suspect_value=", "Its default is 10_000_000_000"),
    ],
    ids=["no value", "misspelt", "fraction", "empty"],
)
def test_refused(text, told):
    with pytest.raises(UnknownParameterError, match=told):
        parse([text])
