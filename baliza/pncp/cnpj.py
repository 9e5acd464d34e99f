"""CNPJs as people type them. Since July 2026 the first twelve characters may be letters too."""

from __future__ import annotations

import re

from baliza.errors import InvalidCnpjError

_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_SHAPE = re.compile(r"[0-9A-Z]{12}[0-9]{2}")


def normalize(text: str) -> str:
    """The fourteen characters of a CNPJ, without punctuation, its check digits verified.

    Source: Instrução Normativa RFB 2.229/2024 (each character counts as its ASCII code minus 48).

    Raises:
        InvalidCnpjError.
    """
    cnpj = re.sub(r"[.\-/\s]", "", text).upper()
    if not _SHAPE.fullmatch(cnpj):
        raise InvalidCnpjError(
            "The CNPJ {text} was asked for.",
            "A CNPJ has fourteen characters: twelve digits or letters and two check digits.",
            "Give it with or without punctuation, such as 00.394.460/0001-41.",
            text=text,
        )
    expected = _check_digits(cnpj[:12])
    if cnpj[12:] != expected:
        raise InvalidCnpjError(
            "The CNPJ {text} was asked for.",
            "Its check digits are {digits}, and {expected} would be right.",
            "Look for the mistyped character.",
            text=text,
            digits=cnpj[12:],
            expected=expected,
        )
    return cnpj


def _check_digits(base: str) -> str:
    digits = ""
    for _ in range(2):
        values = [ord(character) - 48 for character in base + digits]
        rest = (
            sum(value * weight for value, weight in zip(values, _WEIGHTS[-len(values) :], strict=True)) % 11
        )
        digits += "0" if rest < 2 else str(11 - rest)  # noqa: PLR2004 - the rule of the digit
    return digits
