"""Contracts as /v1/contratos shows them, all invented, with the real ones' proportions and oddities."""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from baliza.simulator.amounts import amounts
from baliza.simulator.chance import Urn, dice, happens
from baliza.simulator.identifiers import COMPRA, CONTRATO, ata_control_number, control_number
from baliza.simulator.moments import Dates, dates, moments
from baliza.simulator.organs import Orgao, Unidade, orgaos
from baliza.simulator.segments import CATEGORIAS, SEGMENTS, Segment
from baliza.simulator.suppliers import Supplier, market
from baliza.simulator.texts import (
    empenho_text,
    optional_text,
    padded_number,
    processo_text,
    purpose_text,
    soiled,
)

EMPENHO = 7
TIPOS: Urn[tuple[int, str]] = Urn(
    [
        ((1, "Contrato (termo inicial)"), 44),
        ((EMPENHO, "Empenho"), 40),
        ((8, "Outros"), 9),
        ((12, "Carta Contrato"), 4),
        ((5, "Termo de Adesão"), 2),
        ((2, "Comodato"), 0.5),
        ((4, "Concessão"), 0.3),
        ((10, "Acordo de Cooperação Técnica (ACT)"), 0.2),
    ]
)
"""tipoContrato and its frequency; 7 is an empenho, the commitment of budget for a purchase."""
LINKED_SHARE = 0.8
"""Empenhos that commit money for a contract of the corpus: same purchase and supplier."""
FOREIGN_PURCHASE_SHARE = 0.31
REPEATED_PURCHASE_SHARE = 0.35
NEW_FIELDS_SHARE = 0.73
"""Records with the fields PNCP added in 2026; the others have the older set, in another order."""
ALPHANUMERIC_SINCE = date(2026, 7, 1)
EMENDAS_SINCE = date(2026, 4, 1)
NEW_FIELDS = ("numeroControlePncpAta", "temRemanejamento", "emendaParlamentar", "frutoAdesao")
REMEMBERED = 24


@dataclass(frozen=True)
class Deal:
    """What contracts of one purchase have in common."""

    compra: str
    segment: Segment
    supplier: Supplier
    unidade: Unidade
    objeto: str
    processo: str
    value: float


def contratos(*, seed: int, since: date, until: date, per_day: float = 60.0) -> list[dict[str, Any]]:
    """Invent the contracts published in a period.

    Every field of PNCP's answer is there, under its exact spelling, and so is what its data are known for:
    empenhos of the contracts beside them (summing both counts twice), purchases of another órgão, persons
    and foreigners among the suppliers, blank texts in three forms, control characters, zeroes that mean
    unknown, absurd values. Órgãos and suppliers depend on `seed` alone.

    Args:
        seed: the same arguments give the same records.
        since: first day of publication.
        until: last day of publication; also the day of the snapshot, after which nothing is updated.
        per_day: mean of contracts per calendar day; weekends have about a twentieth of a working day's.

    Returns:
        Records in order of publication.
    """
    rng = dice("contratos", seed, since, until, per_day)
    press = Press(rng, seed, until)
    return [press.contrato(moment) for moment in moments(rng, since, until, per_day)]


class Press:
    """Makes one record after another, numbering them as PNCP does: per órgão and year."""

    def __init__(self, rng: random.Random, seed: int, until: date) -> None:
        self._rng = rng
        self._until = until
        self._orgaos = orgaos(seed)
        self._market = market(seed)
        self._segments = Urn([(segment, segment.weight) for segment in SEGMENTS])
        self._numbers: Counter[tuple[str, int, int]] = Counter()
        self._deals: dict[str, deque[Deal]] = {}

    def contrato(self, published: datetime) -> dict[str, Any]:
        """Make the contract published at a moment."""
        rng = self._rng
        orgao = self._orgaos.draw(rng)
        tipo = TIPOS.draw(rng)
        empenho = tipo[0] == EMPENHO
        when = dates(rng, published, self._until, empenho=empenho)
        deals = self._deals.setdefault(orgao.cnpj, deque(maxlen=REMEMBERED))
        linked = empenho and bool(deals) and happens(rng, LINKED_SHARE)
        deal = rng.choice(deals) if linked else self._deal(orgao, when)
        if not empenho:
            deals.append(deal)
        elif linked:
            deal = self._committed(deal, when.assinatura.year)
        return self._record(orgao, tipo, deal, when)

    def _next(self, cnpj: str, marker: int, ano: int) -> int:
        """Number the next record of an órgão and year; now and then one was deleted."""
        step = 2 if happens(self._rng, 0.004) else 1
        self._numbers[cnpj, marker, ano] += step
        return self._numbers[cnpj, marker, ano]

    def _deal(self, orgao: Orgao, when: Dates) -> Deal:
        rng = self._rng
        earlier = self._deals.get(orgao.cnpj)
        segment = self._segments.draw(rng)
        ano = when.assinatura.year - (1 if happens(rng, 0.12) else 0)
        unidade = rng.choice(orgao.unidades)
        if earlier and happens(rng, REPEATED_PURCHASE_SHARE):
            compra, segment, unidade = earlier[-1].compra, earlier[-1].segment, earlier[-1].unidade
        else:
            buyer = rng.choice(orgao.partners) if happens(rng, FOREIGN_PURCHASE_SHARE) else orgao
            compra = control_number(buyer.cnpj, COMPRA, self._next(buyer.cnpj, COMPRA, ano), ano)
        lettered = when.publicacao.date() >= ALPHANUMERIC_SINCE
        supplier = self._market.draw(rng, segment, alphanumeric=lettered)
        objeto = purpose_text(rng, segment, ano)
        value = segment.median * math.exp(rng.gauss(0, segment.spread))
        return Deal(compra, segment, supplier, unidade, objeto, processo_text(rng, objeto, ano), value)

    def _committed(self, deal: Deal, year: int) -> Deal:
        rng = self._rng
        objeto = empenho_text(rng, deal.objeto, year)
        value = deal.value * rng.choice((1.0, 0.5, 0.25, rng.random()))
        return Deal(deal.compra, deal.segment, deal.supplier, deal.unidade, objeto, deal.processo, value)

    def _record(self, orgao: Orgao, tipo: tuple[int, str], deal: Deal, when: Dates) -> dict[str, Any]:
        rng = self._rng
        ano = when.assinatura.year + (1 if happens(rng, 0.001) else 0)
        sequencial = self._next(orgao.cnpj, CONTRATO, ano)
        supplier, segment = deal.supplier, deal.segment
        numbers = amounts(rng, deal.value)
        income = segment.style == "income" and happens(rng, 0.9)
        record: dict[str, Any] = {
            "numeroControlePncpCompra": deal.compra,
            "numeroControlePncpAta": self._ata(deal.compra),
            "codigoPaisFornecedor": None if happens(rng, 0.35) else supplier.pais,
            "anoContrato": ano,
            "tipoContrato": {"id": tipo[0], "nome": tipo[1]},
            "numeroContratoEmpenho": self._own_number(tipo[0], sequencial, ano),
            "dataAssinatura": when.assinatura.isoformat(),
            "dataVigenciaInicio": when.vigencia_inicio.isoformat(),
            "dataVigenciaFim": when.vigencia_fim.isoformat(),
            "niFornecedor": supplier.ni,
            "tipoPessoa": supplier.tipo_pessoa,
            "orgaoEntidade": dict(orgao.record),
            "categoriaProcesso": {"id": segment.categoria, "nome": CATEGORIAS[segment.categoria]},
            "dataPublicacaoPncp": when.publicacao.isoformat(),
            "dataAtualizacao": when.atualizacao.isoformat(),
            "sequencialContrato": sequencial,
            "unidadeOrgao": dict(deal.unidade.record),
            "informacaoComplementar": optional_text(rng, f"Processo {deal.processo}"),
            "processo": deal.processo,
            "unidadeSubRogada": None,
            "orgaoSubRogado": None,
            "nomeRazaoSocialFornecedor": "" if happens(rng, 0.0012) else supplier.nome,
            "niFornecedorSubContratado": None,
            "nomeFornecedorSubContratado": None,
            "numeroControlePNCP": control_number(orgao.cnpj, CONTRATO, sequencial, ano),
            "receita": income or happens(rng, 0.003),
            "numeroParcelas": numbers.numero_parcelas,
            "numeroRetificacao": numbers.numero_retificacao,
            "temRemanejamento": False if happens(rng, 0.08) else None,
            "emendaParlamentar": self._emenda(when),
            "frutoAdesao": happens(rng, 0.2) if happens(rng, 0.08) else None,
            "tipoPessoaSubContratada": None,
            "objetoContrato": soiled(rng, deal.objeto),
            "valorInicial": numbers.valor_inicial,
            "valorParcela": numbers.valor_parcela,
            "valorGlobal": numbers.valor_global,
            "valorAcumulado": numbers.valor_acumulado,
            "dataAtualizacaoGlobal": None,
            "identificadorCipi": self._cipi(segment),
            "urlCipi": "" if happens(rng, 0.0012) else None,
            "usuarioNome": orgao.sistema,
        }
        if when.atualizacao_global is None:
            del record["dataAtualizacaoGlobal"]
        else:
            record["dataAtualizacaoGlobal"] = when.atualizacao_global.isoformat()
        return record if happens(rng, NEW_FIELDS_SHARE) else _older(record)

    def _ata(self, compra: str) -> str | None:
        return ata_control_number(compra, self._rng.randint(1, 9)) if happens(self._rng, 0.006) else None

    def _emenda(self, when: Dates) -> bool | None:
        if when.publicacao.date() < EMENDAS_SINCE or happens(self._rng, 0.92):
            return None
        return happens(self._rng, 0.1)

    def _cipi(self, segment: Segment) -> str | None:
        rng = self._rng
        known = segment.style == "works" and happens(rng, 0.3)
        return f"{rng.randint(1000, 9999)}.{rng.randint(10, 99)}-{rng.randint(10, 99)}" if known else None

    def _own_number(self, tipo: int, sequencial: int, ano: int) -> str:
        rng = self._rng
        if tipo == EMPENHO:
            return padded_number(rng, f"{ano}NE{sequencial:06d}")
        form = rng.choice(("{n}/{y}", "{n:03d}/{y}", "{n:05d}", "AF{n}", "CT-{n:04d}-{y}", "{n}"))
        return padded_number(rng, form.format(n=sequencial, y=ano))


def _older(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as collected before 2026: without the newer fields, and keyed in another order."""
    keys = [key for key in record if key not in NEW_FIELDS]
    turn = keys.index("numeroControlePNCP")
    first, *rest = keys
    return {key: record[key] for key in (first, *rest[turn - 1 :], *rest[: turn - 1])}
