"""How a purchase is conducted: modalidade, legal ground, mode of dispute and instrument, together."""

from __future__ import annotations

import random
from typing import NamedTuple

from baliza.simulator.chance import Urn, happens
from baliza.simulator.segments import Segment

ELETRONICA, PREGAO, DISPENSA, INEXIGIBILIDADE, CREDENCIAMENTO = 4, 6, 8, 9, 12
IN_PERSON = frozenset({5, 7, 13, 17, 19})
AUCTIONS = frozenset({1, 13})

CONTRACTED: Urn[int] = Urn(
    [(6, 42), (8, 31), (9, 23), (4, 1.9), (12, 1.3), (5, 0.2), (7, 0.5), (14, 0.1), (15, 0.1), (3, 0.05)]
)
"""Modalidades of the purchases that ended in a contract; with the next, the portal's overall shares."""
UNCONTRACTED: Urn[int] = Urn(
    [
        (8, 74.5), (6, 7), (9, 13.8), (4, 1.5), (12, 2.2), (5, 0.6), (7, 0.5), (1, 0.4), (13, 0.3), (3, 0.2),
        (14, 0.2), (15, 0.2), (10, 0.1), (11, 0.1), (2, 0.06), (16, 0.03), (17, 0.03), (18, 0.03), (19, 0.03),
    ]
)  # fmt: skip
OF_WORKS: Urn[int] = Urn([(4, 45), (8, 25), (6, 15), (5, 10), (9, 5)])
OF_INCOME: Urn[int] = Urn([(1, 30), (13, 20), (6, 20), (9, 12), (8, 10), (5, 8)])

_AMPAROS: dict[int, Urn[int]] = {
    2: Urn([(5, 1)]),
    3: Urn([(3, 1)]),
    8: Urn([(19, 76), (18, 14), (38, 7), (37, 1), (138, 2)]),
    9: Urn([(50, 30), (6, 30), (7, 14), (13, 10), (10, 8), (16, 3), (17, 5)]),
    10: Urn([(49, 1)]),
    11: Urn([(48, 1)]),
    12: Urn([(140, 50), (47, 35), (141, 15)]),
    14: Urn([(80, 1)]),
    15: Urn([(138, 1)]),
    **dict.fromkeys((1, 13), Urn([(4, 1)])),
    **dict.fromkeys((4, 5, 16, 17), Urn([(2, 1)])),
    **dict.fromkeys((6, 7, 18, 19), Urn([(1, 97), (113, 3)])),
}
_MODOS: dict[int, Urn[int]] = {
    **dict.fromkeys((1, 7, 13, 19), Urn([(1, 1)])),
    **dict.fromkeys((2, 3), Urn([(2, 1)])),
    **dict.fromkeys((4, 5, 16, 17), Urn([(1, 60), (2, 25), (3, 15)])),
    **dict.fromkeys((6, 18), Urn([(1, 68), (3, 30), (6, 2)])),
}
_CALLS = frozenset({10, 11, 12, 15})
"""Modalidades called by an Edital de Chamamento Público."""


class Procedure(NamedTuple):
    """The codes that go together in a purchase, and whether it registers prices."""

    modalidade: int
    amparo: int
    modo: int
    instrumento: int
    srp: bool

    @property
    def direct(self) -> bool:
        """Whether nobody bids: no opening or closing of proposals."""
        return self.instrumento == 3  # noqa: PLR2004  Ato que autoriza a Contratação Direta


def procedure(rng: random.Random, segment: Segment, *, contracted: bool, srp: bool) -> Procedure:
    """Draw how a purchase is conducted.

    Args:
        rng: where chance comes from.
        segment: what is bought; works are seldom bought by pregão, income is auctioned.
        contracted: whether it ended in a contract.
        srp: whether it is known to register prices, because a contract names an ata of it.

    Returns:
        Codes that PNCP's own rules allow together.
    """
    modalidade = PREGAO if srp else _modalidade(rng, segment, contracted=contracted)
    amparo = _AMPAROS[modalidade].draw(rng)
    if modalidade in {DISPENSA, INEXIGIBILIDADE, 14}:
        disputed = modalidade == DISPENSA and happens(rng, 0.22)
        return Procedure(modalidade, amparo, 4 if disputed else 5, 2 if disputed else 3, srp=False)
    if modalidade in _CALLS:
        return Procedure(modalidade, amparo, 5, 4, srp=False)
    registers = srp or (segment.style != "income" and happens(rng, 0.5 if modalidade == PREGAO else 0.08))
    return Procedure(modalidade, amparo, _MODOS[modalidade].draw(rng), 1, srp=registers)


def _modalidade(rng: random.Random, segment: Segment, *, contracted: bool) -> int:
    if segment.style == "works" and contracted:
        return OF_WORKS.draw(rng)
    if segment.style == "income":
        return OF_INCOME.draw(rng)
    return (CONTRACTED if contracted else UNCONTRACTED).draw(rng)
