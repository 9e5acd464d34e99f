"""Purchases: what an órgão set out to buy, how, when, and who won. Every other record stands on them."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from baliza.simulator.chance import Urn, dice, happens
from baliza.simulator.corpus import ALPHANUMERIC_SINCE, EMPENHO
from baliza.simulator.identifiers import COMPRA, control_number
from baliza.simulator.modalities import DISPENSA, Procedure, procedure
from baliza.simulator.moments import moments
from baliza.simulator.organs import Orgao, orgaos
from baliza.simulator.segments import SEGMENTS, Segment
from baliza.simulator.suppliers import Supplier, market
from baliza.simulator.texts import processo_text, purpose_text, soiled

UNCONTRACTED_PER_CONTRACT = 0.27
"""Purchases without a contract for each contract: most dispensas are paid without one."""
FAILED_SHARE, DECIDED_SHARE = 0.08, 0.74
UNREPORTED_SHARE = 0.13
"""Purchases with a contract whose platform never sent the results."""
SITUACOES: Urn[int] = Urn([(1, 96.8), (2, 1.3), (3, 0.4), (4, 1.5)])
SIGILO: Urn[int] = Urn([(1, 95), (2, 1), (3, 4)])
CLOSED_BEFORE_SHARE = 0.03
"""Purchases without a contract whose proposals end before they are published."""
DIRECT_LIMIT = 62_000.0
"""Value, BRL, above which a dispensa for low value is not lawful."""
SANE = 1e9
"""A contract worth more, BRL, is mistyped and says nothing about its purchase."""


@dataclass(frozen=True)
class Purchase:
    """A purchase and its fate.

    Attributes:
        control: its numeroControlePNCP.
        ano: year of its number.
        sequencial: its number in the órgão and year.
        orgao: who buys.
        unidade: its unit, in PNCP's shape.
        segment: the market.
        procedure: modalidade and the codes that go with it.
        objeto: what is bought, in words.
        processo: number of the administrative process.
        published: when it appeared in PNCP.
        opened: first moment of proposals, None in direct contracting.
        closed: last moment of proposals, None in direct contracting.
        decided: when its results were entered, None before or where they never were.
        failed: whether it ended without a winner.
        situacao: its situacaoCompraId.
        sigilo: how secret its budget is: 1 not at all, 2 in part, 3 wholly.
        value: what is paid for it, BRL.
        suppliers: who won, or will.
        atas: sequentials of its atas that contracts name.
        contracted: whether a contract names it.
    """

    control: str
    ano: int
    sequencial: int
    orgao: Orgao
    unidade: dict[str, Any]
    segment: Segment
    procedure: Procedure
    objeto: str
    processo: str
    published: datetime
    opened: datetime | None
    closed: datetime | None
    decided: datetime | None
    failed: bool
    situacao: int
    sigilo: int
    value: float
    suppliers: tuple[Supplier, ...]
    atas: tuple[int, ...]
    contracted: bool

    def dice(self, *purpose: object) -> random.Random:
        """Return the source of chance for one purpose in this purchase, whatever is drawn for others."""
        return dice(*purpose, self.control, self.objeto)


def purchases(
    contracts: Iterable[dict[str, Any]], *, seed: int, since: date, until: date, per_day: float
) -> list[Purchase]:
    """Work out the purchases contracts come from, and invent those that had no contract.

    Args:
        contracts: in PNCP's shape, made with the same arguments as follow.
        seed: the same arguments give the same purchases.
        since: first day of publication of the purchases without contract; the others go back further.
        until: last day of publication, and of anything that happens.
        per_day: mean of contracts per calendar day.

    Returns:
        Every purchase, in order of publication.
    """
    office = _Office(seed, since, until, per_day)
    by_purchase: dict[str, list[dict[str, Any]]] = {}
    for contract in contracts:
        by_purchase.setdefault(contract["numeroControlePncpCompra"], []).append(contract)
    found = [office.contracted(control, signed) for control, signed in by_purchase.items()]
    found += [office.uncontracted(moment) for moment in office.moments()]
    return sorted(found, key=lambda purchase: (purchase.published, purchase.control))


class _Office:
    """Makes purchases, numbering those it invents after those that contracts name."""

    def __init__(self, seed: int, since: date, until: date, per_day: float) -> None:
        self._period = since, until, per_day * UNCONTRACTED_PER_CONTRACT
        self._rng = dice("purchases", seed, since, until, per_day)
        self._snapshot = datetime.combine(until, time(23, 59, 59))
        self._orgaos = orgaos(seed)
        self._by_cnpj = {orgao.cnpj: orgao for orgao in self._orgaos.things}
        self._market = market(seed)
        self._segments = Urn([(segment, segment.weight) for segment in SEGMENTS])
        self._numbers: Counter[tuple[str, int]] = Counter()

    def moments(self) -> Iterable[datetime]:
        """Draw when the purchases without contract are published."""
        since, until, per_day = self._period
        return moments(self._rng, since, until, per_day)

    def contracted(self, control: str, signed: list[dict[str, Any]]) -> Purchase:
        """Work out the purchase some contracts name."""
        rng = self._rng
        cnpj, ano, sequencial = control[:14], int(control[-4:]), int(control[17:23])
        self._numbers[cnpj, ano] = max(self._numbers[cnpj, ano], sequencial)
        orgao = self._by_cnpj[cnpj]
        first = min(signed, key=lambda contract: contract["tipoContrato"]["id"] == EMPENHO)
        own = first["orgaoEntidade"]["cnpj"] == cnpj
        segment = _segment_of(rng, first)
        named = {int(ata[-6:]) for ata in (row.get("numeroControlePncpAta") for row in signed) if ata}
        how = procedure(rng, segment, contracted=True, srp=bool(named))
        signature = date.fromisoformat(min(contract["dataAssinatura"] for contract in signed))
        published = self._before(signature, ano, direct=how.direct)
        decided = max(datetime.combine(signature, time(rng.randrange(8, 18), rng.randrange(60))), published)
        opened = closed = None
        if not how.direct:
            opened = published + timedelta(hours=rng.randrange(0, 30))
            closed = max(opened, published + (decided - published) * rng.uniform(0.5, 0.8))
        return Purchase(
            control, ano, sequencial, orgao,
            unidade=first["unidadeOrgao"] if own else rng.choice(orgao.unidades).record,
            segment=segment,
            procedure=how,
            objeto=first["objetoContrato"],
            processo=first["processo"],
            published=published,
            opened=opened,
            closed=closed and closed.replace(second=0, microsecond=0),
            decided=None if not named and happens(rng, UNREPORTED_SHARE) else min(decided, self._snapshot),
            failed=False,
            situacao=1,
            sigilo=SIGILO.draw(rng),
            value=_paid(rng, signed, segment),
            suppliers=_sellers(signed),
            atas=tuple(sorted(named)),
            contracted=True,
        )  # fmt: skip

    def uncontracted(self, published: datetime) -> Purchase:
        """Invent a purchase without contract."""
        rng = self._rng
        orgao = self._orgaos.draw(rng)
        segment = self._segments.draw(rng)
        how = procedure(rng, segment, contracted=False, srp=False)
        ano = published.year
        self._numbers[orgao.cnpj, ano] += 1
        sequencial = self._numbers[orgao.cnpj, ano]
        objeto = purpose_text(rng, segment, ano)
        opened, closed = (None, None) if how.direct else self._proposals(published)
        situacao = SITUACOES.draw(rng)
        failed = situacao == 1 and happens(rng, FAILED_SHARE)
        decided = self._decided(max(closed or published, published)) if situacao == 1 and not failed else None
        value = _drawn(rng, segment)
        lettered = published.date() >= ALPHANUMERIC_SINCE
        winners = 1 if how.direct else rng.choice((1, 1, 2, 3))
        suppliers = [self._market.draw(rng, segment, alphanumeric=lettered) for _ in range(winners)]
        return Purchase(
            control_number(orgao.cnpj, COMPRA, sequencial, ano), ano, sequencial, orgao,
            unidade=rng.choice(orgao.unidades).record,
            segment=segment,
            procedure=how,
            objeto=soiled(rng, objeto),
            processo=processo_text(rng, objeto, ano),
            published=published,
            opened=opened,
            closed=closed,
            decided=decided,
            failed=failed and (closed or published) <= self._snapshot,
            situacao=situacao,
            sigilo=SIGILO.draw(rng),
            value=min(value, DIRECT_LIMIT * rng.random()) if how.modalidade == DISPENSA else value,
            suppliers=tuple(dict.fromkeys(suppliers)),
            atas=(),
            contracted=False,
        )  # fmt: skip

    def _before(self, signature: date, ano: int, *, direct: bool) -> datetime:
        """Say when a purchase was published that was signed on a day and numbered in a year."""
        rng = self._rng
        lag = rng.randrange(0, 8) if direct else rng.randrange(16, 75)
        day = signature - timedelta(days=lag)
        if day.year > ano:
            day = date(ano, rng.randint(9, 12), rng.randint(1, 28))
        moment = datetime.combine(day, time()) + timedelta(seconds=rng.randrange(7 * 3600, 19 * 3600))
        return min(moment, self._snapshot)

    def _proposals(self, published: datetime) -> tuple[datetime, datetime]:
        rng = self._rng
        opened = published + timedelta(hours=rng.randrange(0, 30))
        days = rng.choice((4, 8, 8, 10, 12, 15, 20, 30, 45))
        closed = datetime.combine(published.date(), time(rng.randrange(8, 15), rng.choice((0, 0, 30, 59))))
        if happens(rng, CLOSED_BEFORE_SHARE):
            days = -rng.randint(1, 6)
        return opened, closed + timedelta(days=days)

    def _decided(self, after: datetime) -> datetime | None:
        rng = self._rng
        moment = after + timedelta(seconds=int(rng.expovariate(1 / (9 * 86_400))))
        return moment if happens(rng, DECIDED_SHARE) and moment <= self._snapshot else None


def _segment_of(rng: random.Random, contract: dict[str, Any]) -> Segment:
    """Recognize the market of a contract by its category and the things its object speaks of."""
    objeto, categoria = contract["objetoContrato"].lower(), contract["categoriaProcesso"]["id"]
    alike = [segment for segment in SEGMENTS if segment.categoria == categoria]
    speaking = (segment for segment in alike if any(thing.lower() in objeto for thing in segment.items))
    return next(speaking, None) or rng.choice(alike)


def _drawn(rng: random.Random, segment: Segment) -> float:
    return max(segment.median * math.exp(rng.gauss(0, segment.spread)), 1.0)


def _paid(rng: random.Random, signed: list[dict[str, Any]], segment: Segment) -> float:
    """Add up contracts without their empenhos, which commit the same money again."""
    contracts = [row for row in signed if row["tipoContrato"]["id"] != EMPENHO] or signed
    total = sum(row["valorInicial"] for row in contracts)
    return total if total < SANE else _drawn(rng, segment)


def _sellers(signed: list[dict[str, Any]]) -> tuple[Supplier, ...]:
    found: dict[str, Supplier] = {}
    for row in signed:
        ni, nome = row["niFornecedor"], row["nomeRazaoSocialFornecedor"]
        if ni not in found or not found[ni].nome:
            found[ni] = Supplier(ni, row["tipoPessoa"], nome, row["codigoPaisFornecedor"])
    return tuple(found.values())
