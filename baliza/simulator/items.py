"""Items of a purchase as /itens shows them."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from baliza.simulator.chance import Urn, happens
from baliza.simulator.codes import BENEFICIOS, CATEGORIAS_ITEM, CRITERIOS, SITUACOES_ITEM
from baliza.simulator.modalities import AUCTIONS
from baliza.simulator.purchases import Purchase

EM_ANDAMENTO, HOMOLOGADO, CANCELADO, DESERTO, FRACASSADO = 1, 2, 3, 4, 5
MATERIAL, SERVICO = ("M", "Material"), ("S", "Serviço")
MOST_ITEMS = 60
WITHOUT_RESULT_SHARE = 0.03
"""Items called homologated whose result was never entered, of purchases without contract."""
ABSURD_PRICE_SHARE = 0.0008
WRONG_TOTAL_SHARE = 0.004
CATALOGUED_SHARE = 0.06
_BENEFICIO: Urn[int] = Urn([(4, 38), (5, 30), (1, 29), (3, 2.5), (2, 0.5)])
_DETAILS = (
    "", "", ", tipo A", ", de primeira qualidade", " - conforme termo de referência", ", embalagem original",
    ", cor azul", ", unidade", ", com garantia de 12 meses", ", marca de referência ou similar", ", 2ª etapa",
)  # fmt: skip
_UNITS = ("UN", "UND", "UNIDADE", "un", "KG", "CX", "PCT", "M³", "LITRO", "UNIDADE 1.0 MILILITRO ", "-")
_TIMES = ("SERVIÇO", "MÊS", "UNIDADE", "UN", "HORA", "DIÁRIA")
_QUANTITIES = (1, 2, 5, 10, 12, 20, 30, 50, 100, 120, 250, 500, 1_000, 2_600, 16_000, 4_638_000)
_TOP = 14
"""Quantities up to this one are usual."""


def items(purchase: Purchase) -> list[dict[str, Any]]:
    """Invent what a purchase buys, piece by piece.

    The estimated prices exceed what is paid by a tenth or so; secret ones are zero until the result.

    Args:
        purchase: whose value, fate and suppliers decide.

    Returns:
        Items in PNCP's shape, at least one for each supplier of a purchase with contracts.
    """
    rng = purchase.dice("items")
    count = max(_count(rng, purchase), len(purchase.suppliers))
    numbers = _numbers(rng, count)
    shares = [rng.random() + 0.05 for _ in numbers]
    margin = 1 + abs(rng.gauss(0.08, 0.1))
    total = sum(shares)
    return [
        _item(rng, purchase, number, purchase.value * margin * share / total)
        for number, share in zip(numbers, shares, strict=True)
    ]


def _count(rng: random.Random, purchase: Purchase) -> int:
    if purchase.segment.style != "goods" or purchase.procedure.direct:
        return 1 if happens(rng, 0.85) else rng.randint(2, 4)
    if happens(rng, 0.015):
        return rng.randint(12, MOST_ITEMS)
    return 1 + int(rng.expovariate(1 / 1.3))


def _numbers(rng: random.Random, count: int) -> list[int]:
    """Number items as platforms do: from 1 mostly, with gaps, or from a number of their own."""
    first = rng.choice((2_100_054, 101, 0)) if happens(rng, 0.02) else 1
    step = 2 if happens(rng, 0.01) else 1
    return [first + step * place for place in range(count)]


def _situation(rng: random.Random, purchase: Purchase) -> int:
    if purchase.situacao in {2, 3}:
        return CANCELADO
    if purchase.failed:
        return rng.choice((DESERTO, FRACASSADO))
    if purchase.decided is None:
        return EM_ANDAMENTO
    if not purchase.contracted and happens(rng, 0.02):
        return rng.choice((CANCELADO, DESERTO, FRACASSADO))
    return HOMOLOGADO


def _item(rng: random.Random, purchase: Purchase, number: int, value: float) -> dict[str, Any]:
    goods = purchase.segment.style == "goods"
    kind, kind_name = MATERIAL if goods else SERVICO
    situation = _situation(rng, purchase)
    has_result = situation == HOMOLOGADO and (purchase.contracted or not happens(rng, WITHOUT_RESULT_SHARE))
    quantity = _quantity(rng, goods=goods)
    price = round(value / quantity, 4 if happens(rng, 0.2) else 2) or 0.0951
    if happens(rng, ABSURD_PRICE_SHARE):
        price = rng.choice((9_999_999.99, 0.0001))
    total = round(price * quantity, 4)
    if happens(rng, WRONG_TOTAL_SHARE):
        total = price
    secret = purchase.sigilo == 3 or (purchase.sigilo == 2 and happens(rng, 0.5))  # noqa: PLR2004  wholly, in part
    if secret and not has_result:
        price = total = 0.0
    auction = purchase.procedure.modalidade in AUCTIONS
    criterio = 5 if auction else 7 if purchase.procedure.direct else 2 if happens(rng, 0.04) else 1
    category = rng.choice((1, 2)) if auction else 3
    benefit = _BENEFICIO.draw(rng)
    catalogued = happens(rng, CATALOGUED_SHARE)
    changed = purchase.decided if situation == HOMOLOGADO else None
    return {
        "numeroItem": number,
        "descricao": _description(rng, purchase),
        "materialOuServico": kind,
        "materialOuServicoNome": kind_name,
        "valorUnitarioEstimado": price,
        "valorTotal": total,
        "quantidade": float(quantity),
        "unidadeMedida": rng.choice(_UNITS if goods else _TIMES),
        "orcamentoSigiloso": secret,
        "itemCategoriaId": category,
        "itemCategoriaNome": CATEGORIAS_ITEM[category],
        "patrimonio": None,
        "codigoRegistroImobiliario": None,
        "criterioJulgamentoId": criterio,
        "criterioJulgamentoNome": CRITERIOS[criterio],
        "situacaoCompraItem": situation,
        "situacaoCompraItemNome": SITUACOES_ITEM[situation],
        "tipoBeneficio": benefit,
        "tipoBeneficioNome": BENEFICIOS[benefit],
        "incentivoProdutivoBasico": False,
        "dataInclusao": purchase.published.isoformat(),
        "dataAtualizacao": _stamp(changed or purchase.published),
        "temResultado": has_result,
        "imagem": 0,
        "aplicabilidadeMargemPreferenciaNormal": False,
        "aplicabilidadeMargemPreferenciaAdicional": False,
        "percentualMargemPreferenciaNormal": None,
        "percentualMargemPreferenciaAdicional": None,
        "ncmNbsCodigo": None,
        "ncmNbsDescricao": None,
        "catalogo": {"id": 1, "nome": "CNBS"} if catalogued else None,
        "categoriaItemCatalogo": {"id": 1 if goods else 2, "nome": kind_name} if catalogued else None,
        "catalogoCodigoItem": str(rng.randrange(200_000, 490_000)) if catalogued else None,
        "informacaoComplementar": "" if happens(rng, 0.02) else None,
        "tipoMargemPreferencia": None,
        "exigenciaConteudoNacional": False,
    }


def _description(rng: random.Random, purchase: Purchase) -> str:
    text = rng.choice(purchase.segment.items) + rng.choice(_DETAILS)
    if happens(rng, 0.6):
        text = text.upper()
    return f" {text}" if happens(rng, 0.02) else text


def _quantity(rng: random.Random, *, goods: bool) -> int:
    if not goods:
        return rng.choice((1, 1, 1, 1, 12, 6))
    return rng.choice(_QUANTITIES) if happens(rng, 0.05) else rng.choice(_QUANTITIES[:_TOP])


def _stamp(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()
