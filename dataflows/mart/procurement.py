"""Procurement: what each órgão set out to buy, at what estimate and award; and what it contracted."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Annotated

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import Contract, count, day, integer, quantity, text, total
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart import buckets, proven_days
from dataflows.mart.names import records_of, with_newest_names
from dataflows.mart.procurement_measures import (
    KINDS,
    MEASURED,
    PARTS,
    contract_measures,
    day_of_both,
    days_of,
    discount,
    purchase_measures,
    with_term,
)
from dataflows.mart.reconciliation import compare_totals
from dataflows.mart.sides import either
from dataflows.mart.years import days_of_every_year, year
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos

KEY = ("cnpj_orgao", "ano")


class MartProcurement(Contract):
    """Compras e contratos de cada órgão por ano de publicação: duas populações, lado a lado."""

    grain = "one row per órgão and year of publication"
    key = KEY

    cnpj_orgao = text("CNPJ do órgão.", source="stage.contratacoes, stage.contratos", nullable=False)
    ano = integer(
        "Ano de publicação no PNCP; nulo se o registro não traz a data.", source="data_publicacao_pncp"
    )
    nome_orgao = text("Nome do órgão, o mais recente visto.", source="stage.contratacoes, stage.contratos")
    esfera_id = text("Esfera do órgão, a mais recente vista.", source="stage.contratacoes, stage.contratos")

    quantidade_compras = count(
        "Contratações publicadas, cada uma contada uma vez, também as revogadas e anuladas.",
        unit="compras",
        source="stage.contratacoes",
    )
    quantidade_compras_diretas = count(
        "Das quais diretas: dispensa, inexigibilidade ou inaplicabilidade.", unit="compras", source="direta"
    )
    quantidade_compras_canceladas = count(
        "Das quais revogadas ou anuladas.", unit="compras", source="situacao_compra_id"
    )
    quantidade_estimativa_sigilosa = count(
        "Compras sem estimativa porque o orçamento é sigiloso.", unit="compras", source="estimate_missing"
    )
    quantidade_estimativa_nao_publicada = count(
        "Compras cuja estimativa o PNCP traz nula.", unit="compras", source="estimate_missing"
    )
    quantidade_estimativa_zero = count(
        "Compras de estimativa zero, que costuma ser sigilosa ou desconhecida.",
        unit="compras",
        source="valor_total_estimado",
    )
    quantidade_sem_resultado = count(
        "Compras sem valor homologado: ainda sem resultado, ou que não o terão.",
        unit="compras",
        source="valor_total_homologado",
    )
    quantidade_homologacao_zero = count(
        "Compras de valor homologado zero, que costuma ser valor desconhecido ou de compra sem vencedor.",
        unit="compras",
        source="valor_total_homologado",
    )
    quantidade_estimativas_suspeitas = count(
        "Compras de estimativa suspeita, somada à parte em valor_estimado_suspeito.",
        unit="compras",
        source="estimate_verdict",
    )
    quantidade_homologacoes_suspeitas = count(
        "Compras de valor homologado suspeito, somado à parte em valor_homologado_suspeito.",
        unit="compras",
        source="award_verdict",
    )

    valor_estimado = total(
        "Soma das estimativas não suspeitas, também das compras revogadas e anuladas.",
        source="valor_total_estimado, estimate_verdict",
    )
    valor_estimado_suspeito = total(
        "Soma das estimativas suspeitas, fora de valor_estimado.",
        source="valor_total_estimado, estimate_verdict",
    )
    valor_estimado_em_revisao = total(
        "Parte de valor_estimado que convém conferir (verdict review).",
        source="valor_total_estimado, estimate_verdict",
    )
    valor_estimado_cancelado = total(
        "Parte de valor_estimado de compras revogadas ou anuladas.",
        source="valor_total_estimado, estimate_verdict, situacao_compra_id",
    )
    valor_homologado = total(
        "Soma dos valores homologados não suspeitos, também das compras revogadas e anuladas.",
        source="valor_total_homologado, award_verdict",
    )
    valor_homologado_suspeito = total(
        "Soma dos valores homologados suspeitos, fora de valor_homologado.",
        source="valor_total_homologado, award_verdict",
    )
    valor_homologado_em_revisao = total(
        "Parte de valor_homologado que convém conferir (verdict review).",
        source="valor_total_homologado, award_verdict",
    )
    valor_homologado_cancelado = total(
        "Parte de valor_homologado de compras revogadas ou anuladas.",
        source="valor_total_homologado, award_verdict, situacao_compra_id",
    )
    valor_homologado_srp = total(
        "Parte de valor_homologado em registro de preços: o teto do que se pode pedir, não o que se comprou.",
        source="valor_total_homologado, award_verdict, srp",
    )
    quantidade_comparaveis = count(
        "Compras com estimativa e valor homologado, ambos acima de zero e não suspeitos.",
        unit="compras",
        source="valor_total_estimado, valor_total_homologado, estimate_verdict, award_verdict",
    )
    valor_estimado_comparavel = total(
        "Soma das estimativas das compras comparáveis.", source="valor_total_estimado, quantidade_comparaveis"
    )
    valor_homologado_comparavel = total(
        "Soma dos valores homologados das compras comparáveis.",
        source="valor_total_homologado, quantidade_comparaveis",
    )
    percentual_desconto = quantity(
        "Quanto valor_homologado_comparavel fica abaixo de valor_estimado_comparavel (negativo: acima); nulo "
        "sem compras comparáveis. Inclui o que não se homologou por falta de vencedor, que não é desconto.",
        unit="%",
        source="valor_estimado_comparavel, valor_homologado_comparavel",
    )
    quantidade_com_dias_proposta = count(
        "Compras com disputa (pregão, concorrência, concurso, leilão, diálogo competitivo) e prazo de "
        "propostas conhecido e plausível.",
        unit="compras",
        source="dias_proposta, modalidade_id",
    )
    media_dias_proposta = quantity(
        "Média do prazo de propostas das mesmas compras, em dias de calendário; nula se nenhum é conhecido. "
        "Ficam fora contratações diretas e chamadas (credenciamento, pré-qualificação), abertas por anos.",
        unit="dias",
        source="dias_proposta, modalidade_id",
    )
    mediana_dias_proposta = quantity(
        "Mediana dos mesmos dias; nula se nenhum prazo é conhecido. Não se soma.",
        unit="dias",
        source="dias_proposta, modalidade_id",
    )

    quantidade_contratos = buckets.QUANTIDADE_CONTRATOS
    quantidade_contratos_sem_valor = count(
        "Dos quais de valor nulo ou zero, que costuma ser valor desconhecido.",
        unit="contratos",
        source="valor_global, bucket contract",
    )
    valor_contratos = buckets.VALOR_CONTRATOS
    quantidade_contratos_compra_propria = count(
        "Contratos de compra do próprio órgão.",
        unit="contratos",
        source="numero_controle_pncp_compra, bucket contract",
    )
    valor_contratos_compra_propria = total(
        "Soma de valor_global dos contratos de compra do próprio órgão.",
        source="valor_global, numero_controle_pncp_compra, bucket contract",
    )
    quantidade_contratos_compra_alheia = count(
        "Contratos de compra de outro órgão (adesão, compra compartilhada).",
        unit="contratos",
        source="numero_controle_pncp_compra, bucket contract",
    )
    valor_contratos_compra_alheia = total(
        "Soma de valor_global dos contratos de compra de outro órgão.",
        source="valor_global, numero_controle_pncp_compra, bucket contract",
    )
    quantidade_contratos_sem_compra = count(
        "Contratos que não dizem de que compra vêm.",
        unit="contratos",
        source="numero_controle_pncp_compra, bucket contract",
    )
    quantidade_contratos_com_dias = count(
        "Contratos com prazo de vigência conhecido e plausível.",
        unit="contratos",
        source="data_vigencia_inicio, data_assinatura, data_vigencia_fim, date_verdict",
    )
    media_dias_contrato = quantity(
        "Média dos dias do início da vigência (na falta dele, da assinatura) ao fim; nula se nenhum prazo é "
        "conhecido.",
        unit="dias",
        source="quantidade_contratos_com_dias",
    )
    mediana_dias_contrato = quantity(
        "Mediana dos mesmos dias; nula se nenhum prazo é conhecido. Não se soma.",
        unit="dias",
        source="quantidade_contratos_com_dias",
    )

    primeira_publicacao = day(
        "Dia da primeira publicação de compra ou contrato no ano, neste arquivo, que pode ter só parte do "
        "ano (ver mart.coverage).",
        source="data_publicacao_pncp",
    )
    ultima_publicacao = day(
        "Dia da última publicação de compra ou contrato no ano, neste arquivo.", source="data_publicacao_pncp"
    )
    dias_do_ano = proven_days.DIAS_DO_ANO
    dias_provados_compras = proven_days.DIAS_PROVADOS_COMPRAS
    dias_provados_contratos = proven_days.DIAS_PROVADOS_CONTRATOS


def mart_procurement(
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    stage_contratos: Annotated[ir.Table, StageContratos],
    meta_coverage: ir.Table,
    domain_modalidade: Domain,
) -> Annotated[ir.Table, MartProcurement]:
    """What an órgão set out to buy in a year, and what it contracted in that year.

    Grain: one row per órgão and year of publication in PNCP.
    Key: cnpj_orgao, ano.
    Source: meta_coverage, stage_contratacoes, stage_contratos.
    Notes: purchases and contracts are two populations, and no column divides one by the other: a contract is
    published months after its purchase, or comes from another órgão's; a purchase may have many contracts, or
    only atas and empenhos. An órgão (and year) of which the file has only one of the two has its row too,
    with zeros on the other side, which may only mean that the other was not fetched. Estimates include
    purchases revoked, annulled or still open; awards of price registers are ceilings. The discount is over
    purchases that have both values, and what of these went to nobody looks like a discount. Days open to
    proposals are of contests alone. Records without date of publication are kept, under a null year. Of a
    year the file may hold a part only, and not the same part of both: `dias_provados_compras` and
    `dias_provados_contratos` say how many of its days are proven, for the country or for the órgão. Empenhos,
    income and suspect contracts are in mart.spending, not here. Counts for the original órgão, also where
    another was sub-rogated. What contracts say is contracted, not paid.
    """
    ano = year(_.data_publicacao_pncp)
    bought = (
        stage_contratacoes.mutate(ano=ano)
        .group_by(*KEY)
        .aggregate(**purchase_measures(), **days_of("compras"))
    )
    contracted = (
        with_term(stage_contratos)
        .mutate(ano=ano)
        .group_by(*KEY)
        .aggregate(**contract_measures(), **days_of("contratos"))
    )
    rows = either(bought, contracted, MartProcurement).mutate(
        percentual_desconto=discount(_.valor_estimado_comparavel, _.valor_homologado_comparavel),
        primeira_publicacao=day_of_both(ibis.least, "primeira_publicacao"),
        ultima_publicacao=day_of_both(ibis.greatest, "ultima_publicacao"),
    )
    told = proven_days.with_proven_days(rows, meta_coverage, _listings(domain_modalidade))
    records = records_of((stage_contratacoes, stage_contratos), _NAMED_BY)
    return with_newest_names(told, records, _NAMED_BY).select(*MartProcurement.columns)


def _listings(domain_modalidade: Domain) -> dict[str, proven_days.Listing]:
    return {
        "dias_provados_compras": proven_days.purchases(domain_modalidade),
        "dias_provados_contratos": proven_days.CONTRACTS,
    }


_NAMED_BY = {"nome_orgao": ("cnpj_orgao",), "esfera_id": ("cnpj_orgao",)}
"""The code each name belongs to."""


@MartProcurement.rule("parts do not exceed the whole")
def _parts_within_whole(table: Row) -> Flag:
    return _all(_added(table, parts) <= table[whole] for whole in PARTS for parts in PARTS[whole])


@MartProcurement.rule("a contract is of an own purchase, of another's, or says of none")
def _whose_purchase(table: Row) -> Flag:
    return _added(table, KINDS) == table.quantidade_contratos


@MartProcurement.rule("a row is of purchases or contracts")
def _not_of_nothing(table: Row) -> Flag:
    return table.quantidade_compras + table.quantidade_contratos > 0


@MartProcurement.rule("means, medians and the discount are there when something was measured")
def _measured(table: Row) -> Flag:
    return _all((table[known] > 0) == table[name].notnull() for name, known in MEASURED.items())


@MartProcurement.rule("the first day is not after the last, both are of the year, and without it none")
def _days_in_order(table: Row) -> Flag:
    return days_of_every_year(table)


@MartProcurement.rule("no more days are proven than the year has")
def _proven_days(table: Row) -> Flag:
    return proven_days.proven_within_the_year(table, "dias_provados_compras", "dias_provados_contratos")


def _added(table: Row, columns: Iterable[str]) -> Expression:
    return functools.reduce(operator.add, (table[column] for column in columns))


def _all(conditions: Iterable[Flag]) -> Flag:
    return functools.reduce(operator.and_, conditions)


@MartProcurement.gate("purchases and contracts are those of stage, by verdict and bucket")
def _adds_up(mart_procurement: ir.Table, stage_contratacoes: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    mart: Row = mart_procurement
    stage: Row = stage_contratacoes
    additive = {name: measure for name, measure in purchase_measures().items() if name not in MEASURED}
    expected = stage.aggregate(
        **additive,
        estimado=stage.valor_total_estimado.sum().coalesce(0),
        homologado=stage.valor_total_homologado.sum().coalesce(0),
    )
    sums = {name: mart[name].sum().coalesce(0) for name in additive}
    found = mart.aggregate(
        **sums,
        estimado=sums["valor_estimado"] + sums["valor_estimado_suspeito"],
        homologado=sums["valor_homologado"] + sums["valor_homologado_suspeito"],
    )
    contracts = buckets.bucket_adds_up(mart_procurement, stage_contratos, "contract")
    return ibis.union(compare_totals(expected, found), contracts)
