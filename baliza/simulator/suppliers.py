"""Invented suppliers: companies, persons and foreigners, few of which win much."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from baliza.simulator.chance import Urn, dice, happens
from baliza.simulator.identifiers import draw_cnpj, draw_cpf
from baliza.simulator.segments import SEGMENTS, Segment

PER_SEGMENT = 260
ZIPF = 0.85
"""Exponent: the n-th supplier of a market wins in proportion to 1 / (n + 2) ** ZIPF."""
PERSON_SHARE, FOREIGN_SHARE, MEI_SHARE = 0.055, 0.0045, 0.09
ALPHANUMERIC_SHARE = 0.004

COINED = (
    "AURIVALE", "BELTRAVE", "CARNAUBA", "DELMARIS", "ESTRELA DO VALE", "FONTANAR", "GUARAPIRA", "HORTELIN",
    "IPEVERDE", "JACARANDOR", "KARIMAX", "LUMINOR", "MARACAI", "NORTEFIX", "ORIVALDA", "PEDRALVA",
    "QUIXABEIRA", "RIBALTA", "SERRAZUL", "TAPERIBA", "UMBUZAL", "VALE VERDE", "XINGUARA", "ZENITAL",
    "ARAUCA", "BOM PASTO", "CANDEAL", "DOIS RIOS", "ENGENHO NOVO", "FAROL DO SUL", "GRAVATEIRO", "ITAMIRIM",
    "JUREMAL", "LAJEDAO", "MIRANTE", "NOVA AURORA", "OURO FINO", "PRATANORTE", "RECANTAL", "SOLIMAR",
    "TRES IRMAOS", "UNIALFA", "VERDEMAR", "ALVORADA", "BRISAMAR", "CRUZALTA", "PONTAL", "SANTA RITA",
)  # fmt: skip
SUFFIXES = ("LTDA", "LTDA", "LTDA", "LTDA - ME", "EIRELI", "S.A.", "LTDA EPP", "& CIA LTDA")
GIVEN = (
    "ADEMAR", "BENEDITA", "CLAUDIO", "DALVA", "EDIVALDO", "FRANCISCA", "GILSON", "HELENA", "IVONETE",
    "JOSIAS", "LUCIENE", "MARCELO", "NEUSA", "OSVALDO", "PATRICIA", "RAIMUNDO", "SIMONE", "TEREZINHA",
    "VALDIR", "ZILDA",
)  # fmt: skip
FAMILY = (
    "ALMEIDA", "BARROS", "CARDOSO", "DUARTE", "ESTEVES", "FAGUNDES", "GUEDES", "HONORATO", "JARDIM",
    "LACERDA", "MACHADO", "NOGUEIRA", "OLIVEIRA", "PEIXOTO", "QUEIROZ", "RESENDE", "SIQUEIRA", "TAVARES",
    "VIDAL", "XAVIER",
)  # fmt: skip
FOREIGN = (
    ("NORTHFIELD INSTRUMENTS INC", "USA"), ("ALPENLAB GMBH", "DEU"), ("OFFICINE VALMARE SPA", "ITA"),
    ("EDITORIAL SIERRAMAR SL", "ESP"), ("OAKRIDGE SCIENTIFIC LLC", "USA"), ("LAKEVIEW JOURNALS LTD", None),
)  # fmt: skip
MAX_NAME = 60
"""Source systems cut company names at this many characters."""


Maker = Callable[[random.Random, Segment], "Supplier"]


@dataclass(frozen=True)
class Supplier:
    """Who sells.

    Attributes:
        ni: niFornecedor: CNPJ (14 characters), CPF (11 digits) or a foreigner's free text.
        tipo_pessoa: PJ, PF or PE.
        nome: nomeRazaoSocialFornecedor.
        pais: codigoPaisFornecedor, ISO alpha-3, or None.
    """

    ni: str
    tipo_pessoa: str
    nome: str
    pais: str | None


class Market:
    """The suppliers of every segment.

    Args:
        seed: the same one gives the same suppliers, whatever the period.

    Attributes:
        persons, foreigners: who sells in any market, without being a company of the country.
    """

    def __init__(self, seed: int) -> None:
        rng = dice("suppliers", seed)
        self._urns = {segment: self._urn(_company, rng, segment) for segment in SEGMENTS}
        self.persons = self._urn(_person, rng, SEGMENTS[0])
        self.foreigners = self._urn(_foreigner, rng, SEGMENTS[0])
        self._lettered = [_company(rng, segment, alphanumeric=True) for segment in SEGMENTS]

    def companies(self, segment: Segment) -> Urn[Supplier]:
        """The companies of a market whose CNPJ are digits."""
        return self._urns[segment]

    def draw(self, rng: random.Random, segment: Segment, *, alphanumeric: bool) -> Supplier:
        """Draw who wins a contract.

        Args:
            rng: where chance comes from.
            segment: the market.
            alphanumeric: whether companies whose CNPJ has letters exist yet.

        Returns:
            The supplier.
        """
        spot = rng.random()
        if spot < FOREIGN_SHARE or (spot < 1 / 3 and segment.categoria == 4):  # noqa: PLR2004  Internacional
            return self.foreigners.draw(rng)
        if spot < FOREIGN_SHARE + PERSON_SHARE:
            return self.persons.draw(rng)
        if alphanumeric and happens(rng, ALPHANUMERIC_SHARE):
            return rng.choice(self._lettered)
        return self._urns[segment].draw(rng)

    @staticmethod
    def _urn(make: Maker, rng: random.Random, segment: Segment) -> Urn[Supplier]:
        return Urn([(make(rng, segment), (rank + 2.0) ** -ZIPF) for rank in range(PER_SEGMENT)])


@lru_cache(maxsize=8)
def market(seed: int) -> Market:
    """Return the suppliers of a seed, made once."""
    return Market(seed)


def _company(rng: random.Random, segment: Segment, *, alphanumeric: bool = False) -> Supplier:
    if not alphanumeric and happens(rng, MEI_SHARE):
        return _mei(rng)
    coined, trade, suffix = rng.choice(COINED), rng.choice(segment.trades), rng.choice(SUFFIXES)
    if happens(rng, 0.3):
        coined = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"
    name = f"{coined} {trade} {suffix}"
    if happens(rng, 0.05):
        name = f"{coined} COMERCIO, IMPORTACAO E REPRESENTACAO DE {trade} {suffix}"[:MAX_NAME]
    if happens(rng, 0.004):
        name = f"{coined} {rng.choice(FAMILY)} &AMP; CIA LTDA"
    return Supplier(draw_cnpj(rng, alphanumeric=alphanumeric), "PJ", name, "BRA")


def _mei(rng: random.Random) -> Supplier:
    """Invent a one-person company: its name carries the owner's CPF, or since 2022 the CNPJ's root."""
    cnpj, nome = draw_cnpj(rng), _full_name(rng)
    if happens(rng, 0.5):
        return Supplier(cnpj, "PJ", f"{nome} {draw_cpf(rng)}", "BRA")
    return Supplier(cnpj, "PJ", f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]} {nome}", "BRA")


def _person(rng: random.Random, _: Segment) -> Supplier:
    return Supplier(draw_cpf(rng), "PF", _full_name(rng), "BRA")


def _foreigner(rng: random.Random, _: Segment) -> Supplier:
    nome, pais = rng.choice(FOREIGN)
    number = rng.randrange(10_000, 10_000_000)
    ni = rng.choice(
        (
            f"IT{number % 90 + 10}R{number:022d}",
            f"EX{number:07d}",
            f"SA-{number % 10_000}",
            f"ES{number:08d}C",
            f"RFC: XAX{number % 1_000_000:06d}PH7",
            f"ESTRANG{number % 10_000_000:07d}",
            nome[:8],
        )
    )
    return Supplier(ni, "PE", nome, pais)


def _full_name(rng: random.Random) -> str:
    middle = "DA SILVA " if happens(rng, 0.3) else ""
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)} {middle}{rng.choice(FAMILY)}"
