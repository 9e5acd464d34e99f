"""CPFs are masked wherever people look."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from baliza.publish.masking import mask, masked_sql

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


_CPFS = st.from_regex(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}", fullmatch=True)
_NEAR = st.text(alphabet="0123456789.-/ ١２x\n*ç", max_size=40)


@given(st.lists(st.one_of(_CPFS, _NEAR, st.sampled_from([" ", ".", "-", "", "\n"])), max_size=8).map("".join))
@example("12345678901 23456789012 34567890123")
@example("123.456.789-01.234.567.890-12")
@example("00394460000141 e 123.456.789-01")
@example("１２３45678901")
@settings(deadline=None)
def test_sql_hides_what_python_hides(text):
    masked = _CON.execute(f"SELECT {masked_sql('t')} FROM (SELECT $text::VARCHAR AS t)", {"text": text})

    assert masked.fetchone() == (mask(text),)


_CON = duckdb.connect()


def test_sql_leaves_null_alone():
    assert _CON.execute(f"SELECT {masked_sql('NULL::VARCHAR')}").fetchone() == (None,)
