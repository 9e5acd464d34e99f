"""Languages and numbers."""

from __future__ import annotations

import pytest

from baliza import language


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "pt_BR.UTF-8"}, "pt_BR"),
        ({"BALIZA_LANG": "en", "LANG": "pt_BR.UTF-8"}, "en"),
        ({"BALIZA_LANG": "pt"}, "pt_BR"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
    ids=["nothing", "locale", "own variable wins", "short name", "another language"],
)
def test_chosen(environment, expected):
    assert language.chosen(environment) == expected


def test_numbers_follow_the_language(monkeypatch):
    from decimal import Decimal

    assert language.reais(Decimal("1234567.891")) == "R$ 1,234,567.89"
    assert language.reais(None) == "–"
    assert language.compact_reais(Decimal(7841186920)) == "R$ 7.8 bn"
    assert language.compact_reais(Decimal(0)) == "–"
    monkeypatch.setattr(language, "_language", language.PORTUGUESE)
    assert language.reais(Decimal("1234567.891")) == "R$ 1.234.567,89"
