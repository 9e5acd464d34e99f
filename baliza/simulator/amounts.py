"""Values of a contract: what was signed, what it came to, instalments, and what is absurd about them."""

from __future__ import annotations

import random
from typing import NamedTuple

from baliza.simulator.chance import happens

ABSURD = (9_999_999.99, 99_999_999.99, 999_999_999.99, 9_999_999_999.99)
ZERO_SHARE, NULL_SHARE = 0.005, 0.001
NINES_SHARE, BILLION_SHARE, TEN_BILLION_SHARE = 0.0005, 0.0005, 0.0004
TENFOLD_SHARE, HUNDREDFOLD_SHARE = 0.0008, 0.0006
GROWN_SHARE, SHRUNK_SHARE = 0.015, 0.0015
INTEGER_SHARE = 0.03
NO_INSTALMENT_SHARE = 0.26
ACCUMULATED_NULL, ACCUMULATED_ZERO = 0.54, 0.88
"""Bounds of a draw: below the first valorAcumulado is null, below the second 0, beyond it is valorGlobal."""
MISTYPED_INSTALMENTS = (1853, 3000)


class Amounts(NamedTuple):
    """The six numbers of a contract, under PNCP's names; values in BRL, up to four decimals."""

    valor_inicial: float | int
    valor_global: float | int | None
    valor_parcela: float | int
    valor_acumulado: float | int | None
    numero_parcelas: int
    numero_retificacao: int


def amounts(rng: random.Random, inicial: float) -> Amounts:
    """Work out the numbers of a contract from what was signed.

    Values are heavy-tailed. Amendments seldom change valorGlobal (PNCP keeps them elsewhere); zero and
    null mean unknown. A few are typed wrong: all nines, a billion and more, or ten and a hundred times
    what was signed.

    Args:
        rng: where chance comes from.
        inicial: value signed, BRL.

    Returns:
        The numbers as PNCP would show them.
    """
    inicial = _absurd(rng) or round(max(inicial, 1.0), 2)
    total = round(inicial * _growth(rng), 2)
    parcelas = _instalments(rng)
    shown: float | None = total
    if happens(rng, ZERO_SHARE):
        shown = 0.0
    elif happens(rng, NULL_SHARE):
        shown = None
    parcela = 0.0 if happens(rng, NO_INSTALMENT_SHARE) else round(total / parcelas, 4 if parcelas > 1 else 2)
    spot = rng.random()
    acumulado = None if spot < ACCUMULATED_NULL else 0.0 if spot < ACCUMULATED_ZERO else shown
    retificacao = 0
    if happens(rng, 0.1):
        retificacao = min(1 + int(rng.expovariate(1.0)), 21)
    if happens(rng, INTEGER_SHARE):
        return Amounts(
            max(int(inicial), 1),
            None if shown is None else int(shown),
            int(parcela),
            None if acumulado is None else int(acumulado),
            parcelas,
            retificacao,
        )
    return Amounts(inicial, shown, parcela, acumulado, parcelas, retificacao)


def _absurd(rng: random.Random) -> float | None:
    spot = rng.random()
    if spot < NINES_SHARE:
        return rng.choice(ABSURD)
    if spot < NINES_SHARE + BILLION_SHARE:
        return round(rng.uniform(1e9, 9e9), 2)
    if spot < NINES_SHARE + BILLION_SHARE + TEN_BILLION_SHARE:
        return round(rng.uniform(1e10, 4e12), 2)
    return None


def _growth(rng: random.Random) -> float:
    spot = rng.random()
    for share, low, high in (
        (HUNDREDFOLD_SHARE, 100, 1000),
        (TENFOLD_SHARE, 10, 10),
        (SHRUNK_SHARE, 0.2, 0.9),
        (GROWN_SHARE, 1.01, 1.5),
    ):
        spot -= share
        if spot < 0:
            return rng.uniform(low, high)
    return 1.0


def _instalments(rng: random.Random) -> int:
    spot = rng.random()
    if spot < 0.0004:  # noqa: PLR2004
        return rng.choice(MISTYPED_INSTALMENTS)
    if spot < 0.88:  # noqa: PLR2004
        return 1
    return rng.choice((12, 12, 12, 2, 3, 4, 6, 10, 24, 30, 60))
