"""What is counted and summed of items and of their results: columns of mart.sme_benefits, by their names."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.expressions import Row
from dataflows.mart.sums import sum_where
from dataflows.mart.years import year

WITH_BENEFIT = (1, 2, 3)
"""Codes of tipo_beneficio for a benefit: exclusive participation, subcontracting, reserved share."""

WITHOUT_BENEFIT = (4, 5)
"""Codes of tipo_beneficio for none: sem benefício, não se aplica."""

FAILED = (3, 4, 5)
"""Codes of situacao_item for items that nobody won: anulado, revogado or cancelado; deserto; fracassado."""

RESERVE = 3
"""Code of cadastro de reserva, in reserva_remanescente and in situacao_resultado alike."""

ME_EPP = (1, 2)
"""Codes of porte_empresa for micro and small enterprises."""

OTHER_SIZES = (3, 4)
"""Codes of porte_empresa that say it is neither: demais, and não se aplica (pessoa física)."""

_ITEM = ("numero_controle_pncp_compra", "numero_item")


def items_of_years(stage_itens: ir.Table, stage_resultados: ir.Table, stage_contratacoes: ir.Table) -> Row:
    """Every item with the `ano` and órgão of its purchase, and whether results of it are in the file."""
    results = stage_resultados.select(*_ITEM).distinct().mutate(resultado_no_arquivo=ibis.literal(value=True))
    items: Row = stage_itens.left_join(results, list(_ITEM)).select(
        *stage_itens.columns, "resultado_no_arquivo"
    )
    return _of_purchase(items, stage_contratacoes)


def results_of_years(stage_itens: ir.Table, stage_resultados: ir.Table, stage_contratacoes: ir.Table) -> Row:
    """Every result with the `ano` and órgão of its purchase, the benefit of its item, and what it counts as.

    `destino`: cancelled; suspect (of value); reserve (in the reserve register, or outranked by another result
    of the item); award. A lower rank is an award when those above it were cancelled.
    """
    items = stage_itens.select(*_ITEM, "tipo_beneficio_id").mutate(item_no_arquivo=ibis.literal(value=True))
    results: Row = stage_resultados.left_join(items, list(_ITEM)).select(
        *stage_resultados.columns, "tipo_beneficio_id", "item_no_arquivo"
    )
    waiting = (results.reserva_remanescente_codigo == RESERVE).coalesce(False) | (
        results.situacao_compra_item_resultado_id == RESERVE
    ).coalesce(False)
    stands = ~results.cancelado & ~waiting
    ranked: Row = results.mutate(rank=stands.ifelse(results.ordem_classificacao_srp.coalesce(1), None))
    best = ranked["rank"].min().over(ibis.window(group_by=list(_ITEM)))
    judged = ranked.mutate(
        destino=ibis.cases(
            (ranked.cancelado, "cancelled"),
            (ranked.award_verdict == "suspect", "suspect"),
            (ranked["rank"] == best, "award"),
            else_="reserve",
        )
    )
    return _of_purchase(judged, stage_contratacoes)


def item_measures() -> dict[str, Any]:
    """Everything that is counted and summed of items."""
    value, suspect = _.valor_total, _.estimate_verdict == "suspect"
    return {
        "quantidade_itens": _.count(),
        "quantidade_itens_sem_compra": _.count(where=~_.compra_no_arquivo),
        "quantidade_itens_fracassados": _.count(where=_.situacao_compra_item_id.isin(FAILED)),
        "quantidade_itens_sem_estimativa": _.count(where=value.coalesce(0) == 0),
        "quantidade_itens_suspeitos": _.count(where=suspect),
        "valor_estimado_itens": sum_where(value, ~suspect),
        "valor_estimado_itens_suspeito": sum_where(value, suspect),
        "quantidade_itens_com_resultado": _.count(where=_.tem_resultado),
        "quantidade_itens_resultado_baixado": _.count(where=_.tem_resultado & _.resultado_no_arquivo),
    }


def result_measures() -> dict[str, Any]:
    """Everything that is counted and summed of results."""
    value, award, porte = _.valor_total_homologado, _.destino == "award", _.porte_fornecedor_id
    small, other = porte.isin(ME_EPP).coalesce(False), porte.isin(OTHER_SIZES).coalesce(False)
    return {
        "quantidade_resultados": _.count(where=award),
        "quantidade_resultados_reserva": _.count(where=_.destino == "reserve"),
        "quantidade_resultados_suspeitos": _.count(where=_.destino == "suspect"),
        "quantidade_resultados_cancelados": _.count(where=_.destino == "cancelled"),
        "quantidade_resultados_sem_item": _.count(where=_.item_no_arquivo.isnull()),
        "valor_homologado_itens": sum_where(value, award),
        "valor_homologado_itens_reserva": sum_where(value, _.destino == "reserve"),
        "valor_homologado_itens_suspeito": sum_where(value, _.destino == "suspect"),
        "quantidade_resultados_me_epp": _.count(where=award & small),
        "quantidade_resultados_outro_porte": _.count(where=award & other),
        "quantidade_resultados_porte_desconhecido": _.count(where=award & ~small & ~other),
        "valor_me_epp": sum_where(value, award & small),
        "valor_outro_porte": sum_where(value, award & other),
        "valor_porte_desconhecido": sum_where(value, award & ~small & ~other),
    }


def _of_purchase(details: Row, stage_contratacoes: ir.Table) -> Row:
    """Details with the órgão and `ano` of their purchase; where it is not in the file, their own and null."""
    purchases = stage_contratacoes.select(
        compra="numero_controle_pncp", cnpj_compra="cnpj_orgao", ano=year(_.data_publicacao_pncp)
    )
    joined: Row = details.left_join(purchases, details.numero_controle_pncp_compra == purchases.compra)
    return joined.mutate(
        cnpj_orgao=joined.cnpj_compra.coalesce(joined.cnpj_orgao), compra_no_arquivo=joined.compra.notnull()
    )
