"""Hiding CPFs wherever people look. The user's own file keeps what PNCP publishes.

CPFs are personal data (Lei 13.709/2018, LGPD). PNCP publishes them as the identification of natural persons
and inside the names of individual entrepreneurs, as runs of eleven digits.

The rule stands twice, for texts in Python and for columns in SQL; a test holds one against the other.
"""

from __future__ import annotations

import re

_CPF = re.compile(r"(?<!\d)(\d{3})\.?(\d{3})\.?(\d{3})-?(\d{2})(?!\d)")


def mask(text: str) -> str:
    """The text with every CPF written as ***.456.789-**, as the federal government does."""
    return _CPF.sub(r"***.\2.\3-**", text)


# RE2, DuckDB's, looks neither behind nor ahead, and its \d knows the digits of ASCII alone.
_DIGIT, _OTHER = r"\p{Nd}", r"[^\p{Nd}]"
_CPF_RE2 = rf"(^|{_OTHER})({_DIGIT}{{3}})\.?({_DIGIT}{{3}})\.?({_DIGIT}{{3}})-?({_DIGIT}{{2}})({_OTHER}|$)"
_MASKED_RE2 = r"\1***.\3.\4-**\6"


def masked_sql(text: str) -> str:
    """The same of a SQL expression of type VARCHAR, as a SQL expression."""
    # What ends one CPF may begin the next, and a match takes it with it: a second pass finds that one.
    once = f"regexp_replace({text}, '{_CPF_RE2}', '{_MASKED_RE2}', 'g')"
    twice = f"regexp_replace({once}, '{_CPF_RE2}', '{_MASKED_RE2}', 'g')"
    return f"CASE WHEN regexp_matches({text}, '{_CPF_RE2}') THEN {twice} ELSE {text} END"
