"""CNPJ, CPF and PNCP control numbers: their masks and check digits."""

from __future__ import annotations

import random
import string

CNPJ_WEIGHTS = (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
CPF_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
CNPJ_BASE = 12
ALPHANUMERIC = string.digits + string.ascii_uppercase

COMPRA, CONTRATO = 1, 2
"""Markers inside control numbers: what kind of record they name."""


def _digit(characters: str, weights: tuple[int, ...]) -> str:
    """Return a modulo-11 check digit; a character's value is its ASCII code less that of zero."""
    total = sum((ord(char) - 48) * weight for char, weight in zip(characters, weights, strict=True))
    rest = total % 11
    return "0" if rest < 2 else str(11 - rest)  # noqa: PLR2004


def cnpj_of(base: str) -> str:
    """Complete a CNPJ.

    Args:
        base: its first 12 characters, digits or (since July 2026) capital letters.

    Returns:
        The CNPJ of 14 characters, check digits included, without punctuation.
    """
    first = _digit(base, CNPJ_WEIGHTS)
    return base + first + _digit(base + first, (6, *CNPJ_WEIGHTS))


def cpf_of(base: str) -> str:
    """Complete a CPF: its first 9 digits, and the two check digits."""
    first = _digit(base, CPF_WEIGHTS)
    return base + first + _digit(base + first, (11, *CPF_WEIGHTS))


def is_cnpj(text: str) -> bool:
    """Tell whether a text is a CNPJ with valid check digits, letters allowed in its first 12 characters."""
    base = text[:CNPJ_BASE]
    return len(text) == CNPJ_BASE + 2 and all(char in ALPHANUMERIC for char in base) and text == cnpj_of(base)


def is_cpf(text: str) -> bool:
    """Tell whether a text is a CPF with valid check digits."""
    return len(text) == len(CPF_WEIGHTS) + 2 and text.isdecimal() and text == cpf_of(text[:9])


def draw_cnpj(rng: random.Random, *, alphanumeric: bool = False) -> str:
    """Invent the CNPJ of a head office.

    Args:
        rng: where chance comes from.
        alphanumeric: whether to use letters, as CNPJs issued since July 2026 may.

    Returns:
        14 characters; the four before the check digits are 0001, as in most head offices.
    """
    if not alphanumeric:
        return cnpj_of(f"{rng.randrange(1_000_000, 70_000_000):08d}0001")
    letters = "".join(rng.choice(string.ascii_uppercase) for _ in range(2))
    return cnpj_of(letters + "".join(rng.choice(ALPHANUMERIC) for _ in range(6)) + "0001")


def draw_cpf(rng: random.Random) -> str:
    """Invent a CPF of 11 digits."""
    return cpf_of(f"{rng.randrange(1_000_000, 1_000_000_000):09d}")


def control_number(cnpj: str, marker: int, sequencial: int, ano: int) -> str:
    """Write a numeroControlePNCP: `CNPJ-marker-SEQUENCIAL/ANO`, the sequential in six digits."""
    return f"{cnpj}-{marker}-{sequencial:06d}/{ano}"


def ata_control_number(compra: str, sequencial: int) -> str:
    """Write an ata's control number: that of its purchase and a sequential of six digits."""
    return f"{compra}-{sequencial:06d}"
