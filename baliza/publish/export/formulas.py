"""Texts that a spreadsheet would run as formulas.

PNCP's texts are written by thousands of people. One that begins with an equals sign is run by the spreadsheet
that opens a CSV, and so is one that stands behind a separator, where the file is opened with another
separator than it was written with (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

_SIGNS = "=+@＝＋－＠-"
"""What begins a formula; of full width too, as spreadsheets in some languages read them."""

# Between the beginning and the sign: spaces, quotes, and what is not seen.
_BETWEEN = r"""[\p{Z}\p{Cf}"]*"""
_SIGN = rf"(^|[;,|\t\r\n])({_BETWEEN})([{_SIGNS}])"


def neutralised_sql(text: str) -> str:
    """The text with an apostrophe before each sign that could begin a formula, as a SQL expression.

    At the beginning, and behind whatever separates cells or lines. Of texts only: a negative number is a
    number, and stays.
    """
    before_signs = rf"regexp_replace({text}, '{_SIGN}', '\1\2''\3', 'g')"
    return rf"regexp_replace({before_signs}, '^([\t\r\n])', '''\1')"


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would take a cell of this text for a formula once it is edited."""
    return text.lstrip()[:1] in set(_SIGNS)
