"""Purchases as /v1/contratacoes lists them and /compras/{ano}/{sequencial} details them."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from baliza.simulator.chance import happens
from baliza.simulator.codes import (
    AMPAROS,
    FONTES,
    INSTRUMENTOS,
    MODALIDADES,
    MODOS_DISPUTA,
    SITUACOES_COMPRA,
)
from baliza.simulator.corpus import EMENDAS_SINCE, NEW_FIELDS_SHARE
from baliza.simulator.modalities import IN_PERSON
from baliza.simulator.purchases import Purchase
from baliza.simulator.texts import padded_number

SIGILOS = {1: "Compra sem sigilo", 2: "Compra parcialmente sigilosa", 3: "Compra totalmente sigilosa"}
ZERO_SHARE, TINY_SHARE, ZERO_RESULT_SHARE = 0.11, 0.0005, 0.004
SUBROGATED_SHARE = 0.011
SOURCES_SHARE = 0.03
PRESENT = "A sessão presencial atende melhor ao interesse público, com ata e gravação em áudio e vídeo."
COMPLEMENT = "Edital e anexos disponíveis no endereço eletrônico do órgão."
DETAIL_FIELDS = ("orcamentoSigilosoCodigo", "orcamentoSigilosoDescricao", "existeResultado")
"""What the detail of a purchase says that its row in the lists does not."""


def notice(purchase: Purchase, items: list[dict[str, Any]], results: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the row of a purchase.

    Args:
        purchase: what happened.
        items: its items, whose estimates add up to its own.
        results: their results, likewise.

    Returns:
        The record in PNCP's shape, updated when its last item or result was.
    """
    rng = purchase.dice("notice")
    how, unit = purchase.procedure, purchase.unidade
    amparo, amparo_text = AMPAROS[how.amparo]
    other = rng.choice(purchase.orgao.partners) if happens(rng, SUBROGATED_SHARE) else None
    updated = purchase.published + timedelta(seconds=rng.choice((0, 0, 0, 1, 300)))
    globally = max([updated.isoformat(), *(row["dataAtualizacao"] for row in (*items, *results))])
    record: dict[str, Any] = {
        "numeroControlePNCP": purchase.control,
        "dataAtualizacaoGlobal": globally,
        "modalidadeId": how.modalidade,
        "srp": how.srp,
        "orgaoEntidade": dict(purchase.orgao.record),
        "anoCompra": purchase.ano,
        "sequencialCompra": purchase.sequencial,
        "dataInclusao": purchase.published.isoformat(),
        "dataPublicacaoPncp": purchase.published.isoformat(),
        "dataAtualizacao": updated.isoformat(),
        "numeroCompra": _own_number(rng, purchase),
        "unidadeOrgao": dict(unit),
        "amparoLegal": {"descricao": amparo_text, "nome": amparo, "codigo": how.amparo},
        "dataAberturaProposta": _stamp(purchase.opened),
        "dataEncerramentoProposta": _stamp(purchase.closed),
        "informacaoComplementar": _said(rng, COMPLEMENT, null=0.6, empty=0.137, blank=0.001),
        "processo": purchase.processo,
        "objetoCompra": purchase.objeto,
        "linkSistemaOrigem": _link(rng, purchase),
        "justificativaPresencial": _presence(rng, purchase),
        "unidadeSubRogada": dict(other.unidades[0].record) if other else None,
        "orgaoSubRogado": dict(other.record) if other else None,
        "valorTotalHomologado": _awarded(rng, results),
        "modoDisputaId": how.modo,
        "linkProcessoEletronico": None,
        "valorTotalEstimado": _estimated(rng, items),
        "modalidadeNome": MODALIDADES[how.modalidade],
        "modoDisputaNome": MODOS_DISPUTA[how.modo],
        "tipoInstrumentoConvocatorioCodigo": how.instrumento,
        "tipoInstrumentoConvocatorioNome": INSTRUMENTOS[how.instrumento],
        "fontesOrcamentarias": _sources(rng, purchase),
        "emendaParlamentar": None,
        "situacaoCompraId": purchase.situacao,
        "situacaoCompraNome": SITUACOES_COMPRA[purchase.situacao],
        "usuarioNome": purchase.orgao.sistema,
    }
    if happens(rng, 0.012):
        record["linkProcessoEletronico"] = f"https://processo.invalid/{purchase.ano}/{purchase.sequencial}"
    if purchase.published.date() >= EMENDAS_SINCE and happens(rng, 0.3):
        record["emendaParlamentar"] = happens(rng, 0.1)
    if happens(rng, NEW_FIELDS_SHARE):
        return record
    return {name: record[name] for name in sorted(record) if name != "emendaParlamentar"}


def detail(purchase: Purchase, record: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the detail of a purchase: its row, and the fields only the detail has."""
    return record | {
        "orcamentoSigilosoCodigo": purchase.sigilo,
        "orcamentoSigilosoDescricao": SIGILOS[purchase.sigilo],
        "existeResultado": bool(results),
    }


def proposals(notices: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """Return the rows that still receive proposals on a day."""
    return [row for row in notices if (row["dataEncerramentoProposta"] or "")[:10] >= today.isoformat()]


def _stamp(moment: datetime | None) -> str | None:
    return moment and moment.replace(microsecond=0).isoformat()


def _own_number(rng: random.Random, purchase: Purchase) -> str:
    form = rng.choice(("{n}", "{n:03d}", "{n}/{y}", "{n:05d}", "{n:05d}{y}"))
    return padded_number(rng, form.format(n=purchase.sequencial, y=purchase.ano))


def _said(rng: random.Random, text: str, *, null: float, empty: float, blank: float) -> str | None:
    """Return a text, or one of the three ways PNCP has of saying nothing."""
    spot = rng.random()
    if spot < null:
        return None
    if spot < null + empty:
        return ""
    return " " if spot < null + empty + blank else text


def _link(rng: random.Random, purchase: Purchase) -> str | None:
    text = f"https://licita.invalid/{purchase.unidade['ufSigla'].lower()}/{purchase.sequencial}"
    if happens(rng, 0.003):
        text = "SEM PUBLICAÇÃO"
    return _said(rng, text, null=0.35, empty=0.03, blank=0.005)


def _presence(rng: random.Random, purchase: Purchase) -> str | None:
    if purchase.procedure.modalidade in IN_PERSON:
        return PRESENT
    return _said(rng, PRESENT, null=0.82, empty=0.15, blank=0.006)


def _sources(rng: random.Random, purchase: Purchase) -> list[dict[str, Any]]:
    if not happens(rng, SOURCES_SHARE):
        return []
    code = rng.choice((1, 2, 3, 4))
    return [
        {
            "codigo": code,
            "nome": FONTES[code],
            "descricao": f"Recurso orçamentário: {FONTES[code].lower()}.",
            "dataInclusao": purchase.published.isoformat(),
        }
    ]


def _estimated(rng: random.Random, items: list[dict[str, Any]]) -> float:
    """Add up the estimates; zero means unknown, and a few are typed wrong."""
    spot = rng.random()
    if spot < ZERO_SHARE:
        return 0.0
    if spot < ZERO_SHARE + TINY_SHARE:
        return 0.06
    return round(sum(item["valorTotal"] for item in items), 2)


def _awarded(rng: random.Random, results: list[dict[str, Any]]) -> float | None:
    """Add up the results in force: null before there is any, and now and then zero."""
    if not results:
        return 0.0 if happens(rng, ZERO_RESULT_SHARE) else None
    if happens(rng, ZERO_RESULT_SHARE):
        return 0.0
    valid = (row for row in results if row["dataCancelamento"] is None and row["ordemClassificacaoSrp"] != 2)  # noqa: PLR2004
    return round(sum(row["valorTotalHomologado"] for row in valid), 2)
