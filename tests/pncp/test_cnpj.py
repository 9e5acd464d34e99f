"""CNPJs as people type them."""

from __future__ import annotations

import pytest

from baliza.errors import InvalidCnpjError
from baliza.pncp.cnpj import normalize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00394460000141", "00394460000141"),
        (" 00.394.460/0001-41 ", "00394460000141"),
        ("12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("12abc34501de35", "12ABC34501DE35"),
    ],
    ids=["bare", "punctuated", "letters, the example of the tax authority", "lower case"],
)
def test_normalized(text, expected):
    assert normalize(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0039446000014", "fourteen characters"),
        ("003944600001410", "fourteen characters"),
        ("0039446000014X", "fourteen characters"),
        ("00394460000142", "41 would be right"),
        ("10394460000141", "would be right"),
    ],
    ids=["short", "long", "letter among the check digits", "wrong check digit", "mistyped"],
)
def test_refused(text, told):
    with pytest.raises(InvalidCnpjError, match=told):
        normalize(text)
