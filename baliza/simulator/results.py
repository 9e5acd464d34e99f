"""Results of an item as /itens/{numeroItem}/resultados shows them: who won it, and at what price."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from baliza.simulator.chance import happens
from baliza.simulator.codes import AMPAROS, NATUREZAS, PORTES, RESERVAS, SITUACOES_RESULTADO
from baliza.simulator.corpus import NEW_FIELDS_SHARE
from baliza.simulator.items import HOMOLOGADO
from baliza.simulator.purchases import Purchase
from baliza.simulator.suppliers import Supplier

NEW_FIELDS = ("reservaRemanescente", "localidadeFornecedor", "localidadeExterior")
LOCALITIES_SINCE = date(2026, 6, 1)
INFORMADO, CANCELADO = 1, 2
CANCELLED_SHARE, RESERVE_SHARE, TIE_SHARE = 0.012, 0.12, 0.02
NO_DAY_SHARE, OLD_DAY_SHARE = 0.002, 0.004
"""Results dated of the years 1 and 1900."""
DESEMPATE = 146
_PORTES = (1, 1, 1, 2, 2, 3, 3, 3, 5)
_NATUREZAS = (*["2062"] * 5, "2135", "2135", "2054", "2240", "0000")


def results(purchase: Purchase, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Invent the results of a purchase's items.

    Args:
        purchase: whose suppliers won, the items going round among them.
        items: of the purchase, in PNCP's shape.

    Returns:
        Results in PNCP's shape, in order of item; one for each item that has any, sometimes more: a cancelled
        one first, or, where prices are registered, suppliers in reserve after.
    """
    if purchase.decided is None:
        return []
    rng = purchase.dice("results")
    discount = 1.0 if purchase.procedure.direct else 1 - min(abs(rng.gauss(0, 0.14)), 0.7)
    found: list[dict[str, Any]] = []
    won = [item for item in items if item["temResultado"] and item["situacaoCompraItem"] == HOMOLOGADO]
    for place, item in enumerate(won):
        supplier = purchase.suppliers[place % len(purchase.suppliers)]
        price = round(item["valorUnitarioEstimado"] * discount, 4) or 0.0001
        number = 1
        if happens(rng, CANCELLED_SHARE):
            found.append(_result(rng, purchase, item, supplier, number, price, cancelled=True))
            number = 2
        found.append(_result(rng, purchase, item, supplier, number, price))
        if purchase.procedure.srp and len(purchase.suppliers) > 1 and happens(rng, RESERVE_SHARE):
            second = purchase.suppliers[(place + 1) % len(purchase.suppliers)]
            found.append(
                _result(rng, purchase, item, second, number + 1, round(price * 1.02, 4), reserve=True)
            )
    return found


def _result(
    rng: random.Random,
    purchase: Purchase,
    item: dict[str, Any],
    supplier: Supplier,
    number: int,
    price: float,
    *,
    cancelled: bool = False,
    reserve: bool = False,
) -> dict[str, Any]:
    decided = (purchase.decided or purchase.published).replace(microsecond=0)
    situation = CANCELADO if cancelled else INFORMADO
    waiting = 3 if reserve else 1
    porte, natureza = _size_of(supplier)
    tied = happens(rng, TIE_SHARE)
    record: dict[str, Any] = {
        "indicadorSubcontratacao": False,
        "reservaRemanescente": {"codigo": waiting, "nome": RESERVAS[waiting]},
        "timezoneCotacaoMoedaEstrangeira": None,
        "moedaEstrangeira": None,
        "dataInclusao": decided.isoformat(),
        "numeroItem": item["numeroItem"],
        "niFornecedor": supplier.ni,
        "dataCancelamento": decided.isoformat() if cancelled else None,
        "dataAtualizacao": decided.isoformat(),
        "tipoPessoa": supplier.tipo_pessoa,
        "nomeRazaoSocialFornecedor": supplier.nome,
        "valorTotalHomologado": round(price * item["quantidade"], 4),
        "valorNominalMoedaEstrangeira": None,
        "dataCotacaoMoedaEstrangeira": None,
        "codigoPais": supplier.pais or "BRA",
        "porteFornecedorId": porte,
        "quantidadeHomologada": item["quantidade"],
        "valorUnitarioHomologado": price,
        "percentualDesconto": 0.0,
        "amparoLegalMargemPreferencia": None,
        "amparoLegalCriterioDesempate": _tie_break() if tied else None,
        "paisOrigemProdutoServico": None,
        "localidadeExterior": None,
        "ordemClassificacaoSrp": (2 if reserve else 1) if purchase.procedure.srp else None,
        "dataResultado": _day(rng, decided),
        "motivoCancelamento": "Erro de lançamento" if cancelled else None,
        "situacaoCompraItemResultadoId": situation,
        "porteFornecedorNome": PORTES[porte],
        "situacaoCompraItemResultadoNome": SITUACOES_RESULTADO[situation],
        "sequencialResultado": number,
        "naturezaJuridicaNome": NATUREZAS[natureza] if natureza else None,
        "localidadeFornecedor": _locality(rng, purchase),
        "aplicacaoMargemPreferencia": False,
        "aplicacaoBeneficioMeEpp": item["tipoBeneficio"] == 1,
        "aplicacaoCriterioDesempate": tied,
        "naturezaJuridicaId": natureza,
        "numeroControlePNCPCompra": purchase.control,
    }
    if happens(rng, NEW_FIELDS_SHARE):
        return record
    return {name: record[name] for name in sorted(record) if name not in NEW_FIELDS}


def _size_of(supplier: Supplier) -> tuple[int, str | None]:
    """Return the size and legal nature of a supplier, which depend on who it is alone."""
    if supplier.tipo_pessoa != "PJ":
        return (4 if supplier.tipo_pessoa == "PF" else 5), None
    spot = crc32(supplier.ni.encode())
    natureza = _NATUREZAS[spot // 9 % len(_NATUREZAS)] if spot % 2 else None
    return _PORTES[spot % len(_PORTES)], natureza


def _tie_break() -> dict[str, Any]:
    nome, descricao = AMPAROS[DESEMPATE]
    return {"id": DESEMPATE, "nome": nome, "descricao": descricao, "statusAtivo": True}


def _locality(rng: random.Random, purchase: Purchase) -> dict[str, str] | None:
    if purchase.published.date() < LOCALITIES_SINCE or happens(rng, 0.7):
        return None
    unit = purchase.unidade
    return {
        "codigoIbge": unit["codigoIbge"],
        "nomeMunicipio": unit["municipioNome"],
        "uf": unit["ufSigla"],
        "ufNome": unit["ufNome"],
    }


def _day(rng: random.Random, decided: datetime) -> str:
    spot = rng.random()
    if spot < NO_DAY_SHARE:
        return "0001-01-01"
    if spot < NO_DAY_SHARE + OLD_DAY_SHARE:
        return "1900-01-01"
    return (decided - timedelta(days=rng.choice((0, 0, 0, 1, 4)))).date().isoformat()
