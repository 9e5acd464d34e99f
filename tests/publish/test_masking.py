"""CPFs are masked wherever people look."""

from __future__ import annotations

import pytest

from baliza.publish.masking import mask

CASES = {
    "alone": ("12345678909", "***.456.789-**"),
    "inside a name": ("JOSE DA SILVA 12345678909 ME", "JOSE DA SILVA ***.456.789-** ME"),
    "with punctuation": ("CPF 123.456.789-09", "CPF ***.456.789-**"),
    "a CNPJ is not one": ("00394460000141", "00394460000141"),
    "a control number is not one": ("00394460000141-2-000001/2025", "00394460000141-2-000001/2025"),
    "ten digits are not one": ("1234567890", "1234567890"),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES.keys())
def test_mask(text, expected):
    assert mask(text) == expected
