"""Termos: amendments of a contract as /contratos/{ano}/{sequencial}/termos shows them."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from baliza.simulator.chance import Urn, dice, happens
from baliza.simulator.corpus import EMPENHO

AMENDED_SHARE = 0.55
"""Contracts with termos among those whose global update came later than themselves."""
ADITIVO, APOSTILAMENTO, RESCISAO = "Termo Aditivo", "Termo de Apostilamento", "Termo de Rescisão"
TIPOS: Urn[str] = Urn([(ADITIVO, 80), (APOSTILAMENTO, 16), (RESCISAO, 4)])
CLAUSE = "Cláusula primeira.\r\nDemais condições inalteradas."
PADDING = 50
"""Width some systems pad names to."""
ENDS_BEFORE_SHARE, FAR_END_SHARE = 0.004, 0.003


def termos(contract: dict[str, Any]) -> list[dict[str, Any]]:
    """Invent the amendments of a contract.

    Args:
        contract: in PNCP's shape. Its dataAtualizacaoGlobal tells when the last one was entered, as it does
            in PNCP: contracts never updated after publication have none.

    Returns:
        Termos in PNCP's shape, mostly none.
    """
    rng = dice("termos", contract["numeroControlePNCP"], contract["dataPublicacaoPncp"])
    published = datetime.fromisoformat(contract["dataPublicacaoPncp"])
    last = datetime.fromisoformat(contract.get("dataAtualizacaoGlobal") or contract["dataPublicacaoPncp"])
    late = last - published > timedelta(days=1)
    if contract["tipoContrato"]["id"] == EMPENHO or not late or not happens(rng, AMENDED_SHARE):
        return []
    count = min(1 + int(rng.expovariate(1.2)), 5)
    moments = sorted(published + (last - published) * rng.random() for _ in range(count - 1))
    return [
        _termo(rng, contract, number, moment.replace(microsecond=0))
        for number, moment in enumerate([*moments, last], 1)
    ]


def _termo(rng: random.Random, contract: dict[str, Any], number: int, entered: datetime) -> dict[str, Any]:
    tipo = TIPOS.draw(rng)
    of_time, of_value = happens(rng, 0.6), happens(rng, 0.25)
    signed = entered.date() - timedelta(days=rng.choice((0, 0, 1, 3, 12)))
    global_ = contract["valorGlobal"] or contract["valorInicial"]
    added = round(global_ * rng.uniform(-0.2, 0.25), 2) if of_value else None
    begin, end = _validity(rng, contract, signed)
    named = not happens(rng, 0.46)
    shown = contract["nomeRazaoSocialFornecedor"]
    objeto = f"{tipo} nº {number} ao contrato {contract['numeroContratoEmpenho']}"
    return {
        "dataInclusao": entered.isoformat(),
        "dataPublicacaoPncp": entered.isoformat(),
        "unidade": dict(contract["unidadeOrgao"]),
        "fornecedor": _supplier(rng, contract) if named else None,
        "niFornecedor": contract["niFornecedor"] if named else None,
        "fornecedorSubContratado": None,
        "niFornecedorSubContratado": None,
        "orgaoEntidade": dict(contract["orgaoEntidade"]),
        "dataAssinatura": signed.isoformat(),
        "dataVigenciaFim": end,
        "dataVigenciaInicio": begin,
        "dataAtualizacao": entered.isoformat(),
        "tipoPessoa": contract["tipoPessoa"],
        "nomeRazaoSocialFornecedor": shown if named else None,
        "informacaoComplementar": None,
        "processo": contract["processo"],
        "sequencialTermoContrato": number,
        "numeroTermoContrato": _own_number(rng, number, signed.year),
        "unidadeSubrogada": None,
        "tipoPessoaSubContratada": None,
        "qualificacaoAcrescimoSupressao": of_value,
        "qualificacaoVigencia": of_time,
        "qualificacaoFornecedor": happens(rng, 0.01),
        "qualificacaoReajuste": tipo == APOSTILAMENTO and happens(rng, 0.7),
        "prazoAditadoDias": rng.choice((0, 30, 90, 180, 365)) if happens(rng, 0.64) else None,
        "informativoObservacao": rng.choice((None, None, None, None, "", CLAUSE, objeto, objeto)),
        "orgaoSubrogado": dict(contract["orgaoEntidade"]) if happens(rng, 0.002) else None,
        "objetoTermoContrato": f"{objeto}.\r\n{CLAUSE}" if happens(rng, 0.17) else objeto,
        "fundamentoLegal": rng.choice((None, None, None, "", "Art. 125 da Lei 14.133/2021")),
        "valorAcrescido": added,
        "numeroParcelas": contract["numeroParcelas"] if happens(rng, 0.72) else None,
        "nomeFornecedorSubContratado": None,
        "valorParcela": contract["valorParcela"] if happens(rng, 0.72) else None,
        "valorGlobal": round(global_ + (added or 0), 2) if happens(rng, 0.72) else None,
        "tipoTermoContratoNome": tipo,
    }


def _supplier(rng: random.Random, contract: dict[str, Any]) -> dict[str, Any]:
    name = contract["nomeRazaoSocialFornecedor"]
    return {
        "id": crc32(contract["niFornecedor"].encode()) % 100_000,
        "niFornecedor": contract["niFornecedor"],
        "nomeRazaoSocial": name.ljust(PADDING) if happens(rng, 0.08) else name,
        "tipoPessoaId": contract["tipoPessoa"],
    }


def _validity(rng: random.Random, contract: dict[str, Any], signed: date) -> tuple[str | None, str | None]:
    begin = max(contract["dataVigenciaInicio"], signed.isoformat())
    end = (signed + timedelta(days=rng.choice((90, 180, 365, 365)))).isoformat()
    if happens(rng, ENDS_BEFORE_SHARE):
        end = (signed - timedelta(days=17)).isoformat()
    if happens(rng, FAR_END_SHARE):
        end = "2076-06-17"
    return None if happens(rng, 0.1) else begin, None if happens(rng, 0.08) else end


def _own_number(rng: random.Random, number: int, year: int) -> str | None:
    if happens(rng, 0.003):
        return None
    return rng.choice((f"{number:05d}/{year}", f"{number}º ", f"{number}", f"{number} ", f"{number}/{year}"))
