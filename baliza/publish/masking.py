"""Hiding CPFs wherever people look. The user's own file keeps what PNCP publishes.

CPFs are personal data (Lei 13.709/2018, LGPD). PNCP publishes them as the identification of natural persons
and inside the names of individual entrepreneurs, as runs of eleven digits.
"""

from __future__ import annotations

import re

_CPF = re.compile(r"(?<!\d)(\d{3})\.?(\d{3})\.?(\d{3})-?(\d{2})(?!\d)")


def mask(text: str) -> str:
    """The text with every CPF written as ***.456.789-**, as the federal government does."""
    return _CPF.sub(r"***.\2.\3-**", text)
