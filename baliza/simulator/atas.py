"""Atas: prices a purchase registered, as /v1/atas lists them, every date without a time."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from baliza.simulator.chance import happens
from baliza.simulator.identifiers import ata_control_number
from baliza.simulator.purchases import Purchase

MOST_ATAS = 6
ABSURD_END = "7203-07-27"
ABSURD_END_SHARE, CANCELLED_SHARE, NEW_FIELD_SHARE = 0.001, 0.002, 0.2


def atas(purchase: Purchase, until: date) -> list[dict[str, Any]]:
    """Invent the atas of a purchase.

    Args:
        purchase: one ata for each of its suppliers, and those its contracts name.
        until: day after which nothing is updated.

    Returns:
        Atas in PNCP's shape; none unless prices were registered and suppliers chosen.
    """
    if not purchase.procedure.srp or purchase.decided is None:
        return []
    count = max(min(len(purchase.suppliers), MOST_ATAS), *purchase.atas, 1)
    rng = purchase.dice("atas")
    return [_ata(rng, purchase, number, until) for number in range(1, count + 1)]


def _ata(rng: random.Random, purchase: Purchase, number: int, until: date) -> dict[str, Any]:
    decided = (purchase.decided or purchase.published).date()
    signed = min(decided + timedelta(days=rng.randrange(0, 12)), until)
    published = min(signed + timedelta(days=rng.randrange(0, 9)), until)
    updated = published
    if happens(rng, 0.3):
        updated = min(published + timedelta(days=int(rng.expovariate(1 / 60))), until)
    end = signed + timedelta(days=rng.choice((364, 365, 365, 365, 180, 730)))
    cancelled = happens(rng, CANCELLED_SHARE)
    record: dict[str, Any] = {
        "numeroControlePNCPAta": ata_control_number(purchase.control, number),
        "numeroAtaRegistroPreco": rng.choice((f"{number}", f"{number:03d}/{signed.year}", f"{number:05d}")),
        "anoAta": signed.year,
        "numeroControlePNCPCompra": purchase.control,
        "cancelado": cancelled,
        "dataCancelamento": updated.isoformat() if cancelled else None,
        "dataAssinatura": signed.isoformat(),
        "vigenciaInicio": signed.isoformat(),
        "vigenciaFim": ABSURD_END if happens(rng, ABSURD_END_SHARE) else end.isoformat(),
        "dataPublicacaoPncp": published.isoformat(),
        "dataInclusao": published.isoformat(),
        "dataAtualizacao": updated.isoformat(),
        "dataAtualizacaoGlobal": updated.isoformat(),
        "usuario": purchase.orgao.sistema,
        "objetoContratacao": purchase.objeto,
        "cnpjOrgao": purchase.orgao.cnpj,
        "nomeOrgao": purchase.orgao.record["razaoSocial"],
        "cnpjOrgaoSubrogado": None,
        "nomeOrgaoSubrogado": None,
        "codigoUnidadeOrgao": purchase.unidade["codigoUnidade"],
        "nomeUnidadeOrgao": purchase.unidade["nomeUnidade"],
        "codigoUnidadeOrgaoSubrogado": None,
        "nomeUnidadeOrgaoSubrogado": None,
    }
    if happens(rng, NEW_FIELD_SHARE):
        record["possibilidadeAdesao"] = happens(rng, 0.4)
    return record
