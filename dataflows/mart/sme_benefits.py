"""Benefits to micro and small enterprises: how much is bought with which, and how much of it they win."""

from __future__ import annotations

import functools
import operator
from typing import Annotated

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import Contract, count, flag, integer, quantity, text, total
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart import proven_days
from dataflows.mart.names import with_newest_names
from dataflows.mart.reconciliation import compare_totals
from dataflows.mart.sides import either
from dataflows.mart.sme_measures import (
    WITH_BENEFIT,
    WITHOUT_BENEFIT,
    item_measures,
    items_of_years,
    result_measures,
    results_of_years,
)
from dataflows.mart.sme_shares import SHARES, with_coverage, with_shares
from dataflows.mart.sums import sum_where
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.itens import StageItens
from dataflows.stage.resultados import StageResultados

KEY = ("cnpj_orgao", "ano", "tipo_beneficio_id")


class MartSmeBenefits(Contract):
    """Itens e resultados de cada órgão e ano por tipo de benefício a micro e pequenas empresas (ME e EPP)."""

    grain = "one row per órgão, year of publication of the purchase and tipo_beneficio of the item"
    key = KEY

    cnpj_orgao = text("CNPJ do órgão contratante original.", source="stage.contratacoes", nullable=False)
    ano = integer(
        "Ano de publicação da compra no PNCP; nulo se a compra não está neste arquivo ou não traz a data.",
        source="data_publicacao_pncp",
    )
    tipo_beneficio_id = integer(
        "Código do benefício; nulo se o item não o traz, ou se o resultado é de item fora deste arquivo.",
        source="stage.itens",
    )
    nome_orgao = text("Nome do órgão, o mais recente visto.", source="stage.contratacoes")
    tipo_beneficio_nome = text("Rótulo do benefício.", source="stage.itens")
    com_beneficio = flag(
        "Verdadeiro se há benefício (1 exclusividade, 2 subcontratação, 3 cota), falso se não (4, 5); nulo "
        "se o código é outro.",
        source="tipo_beneficio_id",
    )

    compras = count(
        "Compras do órgão no ano neste arquivo, de qualquer benefício; repete-se nas linhas, não se soma.",
        unit="compras",
        source="stage.contratacoes",
    )
    compras_com_itens = count(
        "Das quais têm itens neste arquivo; repete-se nas linhas, não se soma.",
        unit="compras",
        source="stage.contratacoes, stage.itens",
    )

    quantidade_itens = count("Itens com este benefício.", unit="itens", source="stage.itens")
    quantidade_itens_sem_compra = count(
        "Dos quais são de compra que não está neste arquivo.",
        unit="itens",
        source="numero_controle_pncp_compra",
    )
    quantidade_itens_fracassados = count(
        "Dos quais ninguém levou: cancelados, desertos ou fracassados.",
        unit="itens",
        source="situacao_compra_item_id",
    )
    quantidade_itens_sem_estimativa = count(
        "Dos quais têm estimativa nula ou zero: sigilosa ou desconhecida.", unit="itens", source="valor_total"
    )
    quantidade_itens_suspeitos = count(
        "Dos quais têm estimativa suspeita, somada à parte em valor_estimado_itens_suspeito.",
        unit="itens",
        source="estimate_verdict",
    )
    valor_estimado_itens = total(
        "Soma das estimativas não suspeitas dos itens.", source="valor_total, estimate_verdict"
    )
    valor_estimado_itens_suspeito = total(
        "Soma das estimativas suspeitas, fora de valor_estimado_itens.",
        source="valor_total, estimate_verdict",
    )
    percentual_itens = quantity(
        "Parte dos itens do órgão no ano que tem este benefício; nula se faltam itens de compras demais ou o "
        "ano.",
        unit="%",
        source="quantidade_itens, compras, compras_com_itens",
    )
    percentual_valor_estimado = quantity(
        "Parte do valor estimado dos itens do órgão no ano que tem este benefício; nula como "
        "percentual_itens, ou sem valor.",
        unit="%",
        source="valor_estimado_itens, compras, compras_com_itens",
    )

    quantidade_itens_com_resultado = count(
        "Itens que, segundo o PNCP, têm resultado.", unit="itens", source="tem_resultado"
    )
    quantidade_itens_resultado_baixado = count(
        "Dos quais o resultado está neste arquivo.", unit="itens", source="tem_resultado, stage.resultados"
    )
    quantidade_resultados = count(
        "Resultados somados em valor_homologado_itens.", unit="resultados", source="stage.resultados"
    )
    quantidade_resultados_reserva = count(
        "Resultados em cadastro de reserva ou atrás de outro na classificação do item: não são homologação.",
        unit="resultados",
        source="reserva_remanescente_codigo, situacao_compra_item_resultado_id, ordem_classificacao_srp",
    )
    quantidade_resultados_suspeitos = count(
        "Resultados de valor suspeito, somados à parte em valor_homologado_itens_suspeito.",
        unit="resultados",
        source="award_verdict",
    )
    quantidade_resultados_cancelados = count(
        "Resultados cancelados, fora de toda soma.", unit="resultados", source="cancelado"
    )
    quantidade_resultados_sem_item = count(
        "Resultados de item que não está neste arquivo, de qualquer dos quatro tipos acima.",
        unit="resultados",
        source="numero_controle_pncp_compra, numero_item",
    )
    valor_homologado_itens = total(
        "Soma dos resultados que contam: nem cancelados, nem de reserva, nem suspeitos.",
        source="valor_total_homologado",
    )
    valor_homologado_itens_reserva = total(
        "Soma dos resultados de reserva, fora de valor_homologado_itens.", source="valor_total_homologado"
    )
    valor_homologado_itens_suspeito = total(
        "Soma dos resultados suspeitos, fora de valor_homologado_itens.",
        source="valor_total_homologado, award_verdict",
    )

    quantidade_resultados_me_epp = count(
        "Resultados de microempresa ou empresa de pequeno porte.",
        unit="resultados",
        source="porte_fornecedor_id",
    )
    quantidade_resultados_outro_porte = count(
        "Resultados de outro porte, ou de pessoa física.", unit="resultados", source="porte_fornecedor_id"
    )
    quantidade_resultados_porte_desconhecido = count(
        "Resultados de porte não informado.", unit="resultados", source="porte_fornecedor_id"
    )
    valor_me_epp = total(
        "Parte de valor_homologado_itens de microempresas e empresas de pequeno porte.",
        source="valor_total_homologado, porte_fornecedor_id",
    )
    valor_outro_porte = total(
        "Parte de valor_homologado_itens de outro porte, ou de pessoas físicas.",
        source="valor_total_homologado, porte_fornecedor_id",
    )
    valor_porte_desconhecido = total(
        "Parte de valor_homologado_itens de porte não informado.",
        source="valor_total_homologado, porte_fornecedor_id",
    )
    percentual_resultados_me_epp = quantity(
        "Parte dos resultados de porte conhecido que é de ME ou EPP; nula como percentual_itens, se faltam "
        "resultados demais, ou se nenhum item da linha tem resultado segundo o PNCP.",
        unit="%",
        source="quantidade_resultados_me_epp, quantidade_resultados_outro_porte",
    )
    percentual_valor_me_epp = quantity(
        "Parte do valor homologado de porte conhecido que é de ME ou EPP; nula como "
        "percentual_resultados_me_epp, ou sem valor.",
        unit="%",
        source="valor_me_epp, valor_outro_porte",
    )

    dias_do_ano = proven_days.DIAS_DO_ANO
    dias_provados_compras = proven_days.DIAS_PROVADOS_COMPRAS


def mart_sme_benefits(
    stage_itens: Annotated[ir.Table, StageItens],
    stage_resultados: Annotated[ir.Table, StageResultados],
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    meta_coverage: ir.Table,
    domain_modalidade: Domain,
    least_details_coverage: int,
) -> Annotated[ir.Table, MartSmeBenefits]:
    """Items and their results by the benefit that they give micro and small enterprises (ME/EPP).

    Grain: one row per órgão, year of publication of the purchase and tipo_beneficio of the item.
    Key: cnpj_orgao, ano, tipo_beneficio_id.
    Source: meta_coverage, stage_itens, stage_resultados, stage_contratacoes.
    Notes: LC 123/2006, art. 48 (as of LC 147/2014), asks for items of up to R$ 80,000 to be exclusive to
    ME/EPP (I), allows subcontracting in works and services (II), and asks for a share of up to 25 % in
    divisible goods (III); art. 49 excepts what has not three local competitors, is no advantage, or is
    contracted directly; Lei 14.133/2021, art. 4, excepts what is estimated above the revenue of an EPP. A low
    share is thus no breach by itself, and nothing here says which items the law obliged. Shares are of what
    the file holds of the órgão's own year: `dias_provados_compras` says how many of its days are proven. None
    are told when too few of its purchases have items in the file (one of which only some items landed counts
    as having them), nor of winners when too few items have their results, or when no item of the row has any
    by what PNCP says (results of items that are not in the file). Estimates include items that failed; awards
    of price registers are ceilings. The size is what PNCP says of the winner; "não informado" is on neither
    side of its share. Details of purchases outside the file have no year and no shares; an órgão and year
    without any item or result in the file has no row.
    """
    details = (stage_itens, stage_resultados, stage_contratacoes)
    items = items_of_years(*details).group_by(*KEY).aggregate(**item_measures())
    results = results_of_years(*details).group_by(*KEY).aggregate(**result_measures())
    rows = either(items, results, MartSmeBenefits).mutate(com_beneficio=_has_benefit(_.tipo_beneficio_id))
    told = with_shares(with_coverage(rows, stage_itens, stage_contratacoes), least_details_coverage)
    told = proven_days.with_proven_days(
        told, meta_coverage, {"dias_provados_compras": proven_days.purchases(domain_modalidade)}
    )
    named = with_newest_names(told, stage_contratacoes, {"nome_orgao": ("cnpj_orgao",)})
    return with_newest_names(
        named, _as_updated(stage_itens), {"tipo_beneficio_nome": ("tipo_beneficio_id",)}
    ).select(*MartSmeBenefits.columns)


_RESULTS = (
    "quantidade_resultados",
    "quantidade_resultados_reserva",
    "quantidade_resultados_suspeitos",
    "quantidade_resultados_cancelados",
)
"""A result is counted in one of these."""


def _has_benefit(code: Expression) -> Flag:
    return ibis.cases((code.isin(WITH_BENEFIT), True), (code.isin(WITHOUT_BENEFIT), False))


def _as_updated(items: ir.Table) -> ir.Table:
    """Items with their dates under the names that those of other records have."""
    return items.rename(data_atualizacao_global="data_atualizacao", data_publicacao_pncp="data_inclusao")


@MartSmeBenefits.records
def _of_years(
    stage_itens: ir.Table, stage_resultados: ir.Table, stage_contratacoes: ir.Table
) -> dict[str, ir.Table]:
    details = (stage_itens, stage_resultados, stage_contratacoes)
    return {"stage_itens": items_of_years(*details), "stage_resultados": results_of_years(*details)}


@MartSmeBenefits.rule("parts do not exceed the whole")
def _parts_within_whole(table: Row) -> Flag:
    items = table.quantidade_itens
    results = functools.reduce(operator.add, (table[name] for name in _RESULTS))
    return (
        (table.compras_com_itens <= table.compras)
        & (table.quantidade_itens_sem_compra <= items)
        & (table.quantidade_itens_fracassados <= items)
        & (table.quantidade_itens_sem_estimativa + table.quantidade_itens_suspeitos <= items)
        & (table.quantidade_itens_com_resultado <= items)
        & (table.quantidade_itens_resultado_baixado <= table.quantidade_itens_com_resultado)
        & (table.quantidade_resultados_sem_item <= results)
        & (items + results > 0)
    )


@MartSmeBenefits.rule("what is awarded goes to ME/EPP, to others or to unknown sizes")
def _sizes_are_a_partition(table: Row) -> Flag:
    counted = (
        table.quantidade_resultados_me_epp
        + table.quantidade_resultados_outro_porte
        + table.quantidade_resultados_porte_desconhecido
    )
    summed = table.valor_me_epp + table.valor_outro_porte + table.valor_porte_desconhecido
    return (counted == table.quantidade_resultados) & (summed == table.valor_homologado_itens)


@MartSmeBenefits.rule("shares are of a year, and from 0 to 100 %")
def _shares(table: Row) -> Flag:
    return functools.reduce(
        operator.and_,
        (table[name].isnull() | (table.ano.notnull() & table[name].between(0, 100)) for name in SHARES),
    )


@MartSmeBenefits.rule("no more days are proven than the year has")
def _proven_days(table: Row) -> Flag:
    return proven_days.proven_within_the_year(table, "dias_provados_compras")


@MartSmeBenefits.gate("items and results are those of stage, by verdict and by what they count as")
def _adds_up(mart_sme_benefits: ir.Table, stage_itens: ir.Table, stage_resultados: ir.Table) -> ir.Table:
    mart: Row = mart_sme_benefits
    items: Row = stage_itens
    results: Row = stage_resultados
    suspect_item, suspect = items.estimate_verdict == "suspect", results.award_verdict == "suspect"
    awarded = results.valor_total_homologado
    expected = items.aggregate(
        quantidade_itens=items.count(),
        quantidade_itens_suspeitos=items.count(where=suspect_item),
        valor_estimado_itens=sum_where(items.valor_total, ~suspect_item),
        valor_estimado_itens_suspeito=sum_where(items.valor_total, suspect_item),
    ).cross_join(
        results.aggregate(
            resultados=results.count(),
            quantidade_resultados_cancelados=results.count(where=results.cancelado),
            quantidade_resultados_suspeitos=results.count(where=suspect & ~results.cancelado),
            valor_homologado_itens_suspeito=sum_where(awarded, suspect & ~results.cancelado),
            homologado=sum_where(awarded, ~suspect & ~results.cancelado),
        )
    )
    found = mart.aggregate(
        **{name: mart[name].sum().coalesce(0) for name in expected.columns if name in mart.columns},
        resultados=functools.reduce(operator.add, (mart[name].sum().coalesce(0) for name in _RESULTS)),
        homologado=(mart.valor_homologado_itens + mart.valor_homologado_itens_reserva).sum().coalesce(0),
    )
    return compare_totals(expected, found)
