"""CNPJ and CPF: their shapes, and whether their check digits are right.

Both take weighted sums modulo 11: a rest of 0 or 1 gives the digit 0, any other rest the digit 11 minus it.
Each character counts as its ASCII code minus 48: since July 2026 the first twelve of a CNPJ may be letters.
Source: Instrução Normativa RFB 2.229/2024.
"""

from __future__ import annotations

import functools
import operator

import ibis

from dataflows.expressions import Expression, Flag, Text

_CNPJ = "^[0-9A-Z]{12}[0-9]{2}$"
_CPF = "^[0-9]{11}$"
_ZERO = 48
_MODULUS = 11


def is_cnpj(number: Text) -> Flag:
    """Whether a text has the shape of a CNPJ, right or wrong."""
    return number.re_search(_CNPJ)


def cnpj_root(number: Text, tipo_pessoa: Text) -> Text:
    """The eight characters that all branches of a company share; null where it is none, or has no CNPJ.

    The shape is not enough: identifications of foreigners may have it, too.
    """
    return ibis.cases(((tipo_pessoa == "PJ") & is_cnpj(number), number.substr(0, 8)))


def cnpj_is_right(number: Text) -> Flag:
    """Whether a text is a CNPJ with right check digits; one character repeated was never issued."""
    return ibis.cases(
        (number.isnull(), ibis.null("boolean")),
        (is_cnpj(number), _both_right(number, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))),
        else_=False,
    )


def cpf_is_right(number: Text) -> Flag:
    """Whether a text is a CPF with right check digits; one digit repeated was never issued."""
    return ibis.cases(
        (number.isnull(), ibis.null("boolean")),
        (number.re_search(_CPF), _both_right(number, (11, 10, 9, 8, 7, 6, 5, 4, 3, 2))),
        else_=False,
    )


def _both_right(number: Text, weights: tuple[int, ...]) -> Flag:
    """The last two digits; `weights` are those of the second, the first has the same without the leftmost."""
    repeated = number.replace(number.substr(0, 1), "") == ""
    return _is_right(number, weights[1:]) & _is_right(number, weights) & ~repeated


def _is_right(number: Text, weights: tuple[int, ...]) -> Flag:
    """The digit that stands behind as many characters as there are weights."""
    weighted = (_value(number, place) * weight for place, weight in enumerate(weights))
    rest = functools.reduce(operator.add, weighted) % _MODULUS
    return _value(number, len(weights)) == ibis.cases((rest < 2, 0), else_=_MODULUS - rest)  # noqa: PLR2004


def _value(number: Text, place: int) -> Expression:
    return number.substr(place, 1).ascii_str() - _ZERO
