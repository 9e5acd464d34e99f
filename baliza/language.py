"""The language people are spoken to in: English or Brazilian Portuguese, by BALIZA_LANG or the locale."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
PORTUGUESE = "pt_BR"


def chosen(environment: Mapping[str, str]) -> str:
    """`pt_BR` or `en`."""
    for variable in ("BALIZA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable, "")
        if value:
            return PORTUGUESE if value.lower().startswith("pt") else "en"
    return "en"


_language = chosen(os.environ)
_translation = gettext.translation("baliza", LOCALE, languages=[_language], fallback=True)


def _(message: str) -> str:
    """The message in the user's language."""
    return _translation.gettext(message) if message else message


def marked(message: str) -> str:
    """The message as it is, for whoever shows it later to translate."""
    return message


def portuguese(message: str) -> str:
    """The message in Portuguese, whatever the user's language: files that are passed on speak one."""
    return gettext.translation("baliza", LOCALE, languages=[PORTUGUESE]).gettext(message)


def number(value: float | Decimal, decimals: int = 0) -> str:
    """A number with separators as the language writes them."""
    text = f"{value:,.{decimals}f}"
    if _language == PORTUGUESE:
        return text.translate(str.maketrans(",.", ".,"))
    return text


def reais(value: int | Decimal | None) -> str:
    """An amount of money; a dash where there is none."""
    return "–" if value is None else f"R$ {number(value, 2)}"


def compact_reais(value: Decimal) -> str:
    """An amount of money in three or four digits, for narrow tables; a dash for nothing."""
    if not value:
        return "–"
    for size, unit in ((10**9, _("bn")), (10**6, _("m")), (10**3, _("k"))):
        if abs(value) >= size:
            return f"R$ {number(value / size, 1)} {unit}"
    return f"R$ {number(value)}"
