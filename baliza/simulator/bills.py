"""Bills (instrumentos de cobrança) of contracts as /v1/instrumentoscobranca/inclusao lists them."""

from __future__ import annotations

import json
import random
from datetime import date, datetime, time, timedelta
from typing import Any
from zlib import crc32

from baliza.simulator.chance import dice, happens
from baliza.simulator.codes import TIPOS_COBRANCA
from baliza.simulator.corpus import NEW_FIELDS
from baliza.simulator.domains import row

FIRST_DAY = date(2025, 1, 1)
"""PNCP has no bills of before."""
BILLED_SHARE, INVOICE_SHARE = 0.022, 0.25
NFE = 1


def bills(contract: dict[str, Any], until: date) -> list[dict[str, Any]]:
    """Invent the bills of a contract.

    Args:
        contract: in PNCP's shape; each bill holds it whole.
        until: day after which none is entered.

    Returns:
        Bills in PNCP's shape, mostly none; about a quarter with the invoice (NF-e) as found by PNCP.
    """
    rng = dice("bills", contract["numeroControlePNCP"], contract["dataPublicacaoPncp"])
    if not happens(rng, BILLED_SHARE) or contract["tipoPessoa"] != "PJ":
        return []
    begin = max(datetime.fromisoformat(contract["dataPublicacaoPncp"]), datetime.combine(FIRST_DAY, time()))
    room = (datetime.combine(until, time(23, 59)) - begin).total_seconds()
    if room <= 0:
        return []
    count = rng.choice((1, 1, 1, 2, 3))
    moments = sorted(begin + timedelta(seconds=rng.randrange(int(room) + 1)) for _ in range(count))
    return [_bill(rng, contract, number, moment) for number, moment in enumerate(moments, 1)]


def _bill(rng: random.Random, contract: dict[str, Any], number: int, entered: datetime) -> dict[str, Any]:
    issued = entered.date() - timedelta(days=rng.randrange(0, 45))
    value = round(max((contract["valorGlobal"] or contract["valorInicial"]) * rng.uniform(0.05, 1), 1.0), 2)
    invoiced = happens(rng, INVOICE_SHARE)
    invoice = _invoice(rng, contract, (issued, entered), value) if invoiced else None
    shown = {name: content for name, content in contract.items() if name not in NEW_FIELDS}
    return {
        "cnpj": contract["orgaoEntidade"]["cnpj"],
        "ano": contract["anoContrato"],
        "sequencialContrato": contract["sequencialContrato"],
        "sequencialInstrumentoCobranca": number,
        "tipoInstrumentoCobranca": row("tipos-instrumentos-cobranca", NFE, TIPOS_COBRANCA[NFE]),
        "numeroInstrumentoCobranca": str(rng.randrange(1, 9_999)),
        "dataEmissaoDocumento": issued.isoformat(),
        "observacao": rng.choice((None, None, None, None, "", " ", "Parcela única")),
        "chaveNFe": invoice["chave"]
        if invoice
        else _key(rng, contract, issued)
        if happens(rng, 0.5)
        else None,
        "fonteNFe": 1 if invoice else None,
        "dataConsultaNFe": entered.isoformat() if invoice else None,
        "statusResponseNFe": "200" if invoice else None,
        "jsonResponseNFe": json.dumps(_response(invoice), ensure_ascii=False) if invoice else None,
        "notaFiscalEletronica": invoice,
        "dataInclusao": entered.isoformat(),
        "dataAtualizacao": entered.isoformat(),
        "recuperarContratoDTO": shown,
    }


def brazilian(value: float) -> str:
    """Write a number as Brazilians do: `4.920,00`."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def _key(rng: random.Random, contract: dict[str, Any], issued: date) -> str:
    """Invent the 44 digits that name an invoice: state, month, issuer, model, series, number, code."""
    state = contract["unidadeOrgao"]["codigoIbge"][:2]
    issuer = contract["niFornecedor"]
    return f"{state}{issued:%y%m}{issuer}55003{rng.randrange(10**9):09d}1{rng.randrange(10**9):09d}"


def _invoice(
    rng: random.Random, contract: dict[str, Any], when: tuple[date, datetime], value: float
) -> dict[str, Any]:
    issued, entered = when
    ni = contract["niFornecedor"]
    key = _key(rng, contract, issued)
    organ = contract["orgaoEntidade"]["razaoSocial"]
    quantity = rng.choice((1, 10, 100, 6_000))
    price = round(value / quantity, 2)
    item = {
        "numeroItem": "1",
        "descricaoProdutoServico": " ".join(contract["objetoContrato"].split())[:60].upper(),
        "codigoNCM": "30051090",
        "descricaoNCM": "Outros pensos adesivos, artigos análogos, com camada adesiva",
        "cfop": rng.choice(("6102", "5102")),
        "quantidade": brazilian(quantity),
        "unidade": rng.choice(("UN", "CX", "KG")),
        "valorUnitario": brazilian(price),
        "valorTotal": brazilian(value),
    }
    event = {
        "dataEvento": f"{issued:%d/%m/%Y} 16:02:11",
        "tipoEvento": "Carta de Correção",
        "evento": "Carta de Correção registrada",
        "motivoEvento": "",
    }
    return {
        "instrumentoCobrancaId": crc32(key.encode()) % 100_000,
        "chave": key,
        "nfTransparenciaID": crc32(key[::-1].encode()) % 300_000_000,
        "numero": int(key[25:34]) % 100_000,
        "serie": 3,
        "dataEmissao": f"{issued:%d/%m/%Y}",
        "niEmitente": f"{ni[:2]}.{ni[2:5]}.{ni[5:8]}/{ni[8:12]}-{ni[12:]}",
        "nomeEmitente": contract["nomeRazaoSocialFornecedor"],
        "nomeMunicipioEmitente": contract["unidadeOrgao"]["municipioNome"].upper(),
        "codigoOrgaoDestinatario": "52000",
        "nomeOrgaoDestinatario": organ,
        "codigoOrgaoSuperiorDestinatario": "52000",
        "nomeOrgaoSuperiorDestinatario": organ,
        "valorNotaFiscal": brazilian(value),
        "tipoEventoMaisRecente": "Autorização de Uso",
        "dataTipoEventoMaisRecente": f"{issued:%d/%m/%Y} 14:30:57",
        "dataInclusao": entered.isoformat(),
        "dataAtualizacao": entered.isoformat(),
        "itens": [item],
        "eventos": [event] if happens(rng, 0.2) else [],
    }


def _response(invoice: dict[str, Any]) -> dict[str, Any]:
    """Write the invoice as the federal portal answered it: other names for the same things."""
    items = [
        {
            "numeroProduto": item["numeroItem"],
            "descricaoProdutoServico": item["descricaoProdutoServico"],
            "codigoNcmSh": item["codigoNCM"],
            "ncmSh": item["descricaoNCM"],
            "cfop": item["cfop"],
            "quantidade": item["quantidade"],
            "unidade": item["unidade"],
            "valorUnitario": item["valorUnitario"],
            "valor": item["valorTotal"],
        }
        for item in invoice["itens"]
    ]
    return {
        "notaFiscalDTO": {
            "id": invoice["nfTransparenciaID"],
            "codigoOrgaoSuperiorDestinatario": invoice["codigoOrgaoSuperiorDestinatario"],
            "orgaoSuperiorDestinatario": invoice["nomeOrgaoSuperiorDestinatario"],
            "codigoOrgaoDestinatario": invoice["codigoOrgaoDestinatario"],
            "orgaoDestinatario": invoice["nomeOrgaoDestinatario"],
            "nomeFornecedor": invoice["nomeEmitente"],
            "cnpjFornecedor": invoice["niEmitente"],
            "municipioFornecedor": invoice["nomeMunicipioEmitente"],
            "chaveNotaFiscal": invoice["chave"],
            "valorNotaFiscal": invoice["valorNotaFiscal"],
            "tipoEventoMaisRecente": invoice["tipoEventoMaisRecente"],
            "dataTipoEventoMaisRecente": invoice["dataTipoEventoMaisRecente"],
            "dataEmissao": invoice["dataEmissao"],
            "numero": invoice["numero"],
            "serie": invoice["serie"],
        },
        "itensNotaFiscal": items,
        "eventosNotaFiscal": invoice["eventos"],
    }
