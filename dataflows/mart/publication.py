"""Publication: which órgãos publish their contracts in PNCP, since when, and how long after signature."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.business_days import business_days
from dataflows.contract import QUANTITY, Contract, count, day, integer, quantity, text
from dataflows.expressions import Flag, Row
from dataflows.law import Law
from dataflows.mart.names import with_newest_names
from dataflows.mart.proven_days import CONTRACTS
from dataflows.mart.reconciliation import compare_totals
from dataflows.mart.silence import with_silence
from dataflows.stage.contratos import StageContratos


class MartPublication(Contract):
    """Publicação de contratos e empenhos no PNCP por órgão: desde quando, até quando e com que atraso."""

    grain = "one row per órgão"
    key = ("cnpj_orgao",)

    cnpj_orgao = text("CNPJ do órgão contratante.", source="stage.contratos", nullable=False)
    nome_orgao = text("Nome do órgão, o mais recente visto.", source="stage.contratos")
    uf_sigla = text("UF da unidade executora, a mais recente vista.", source="stage.contratos")
    esfera_id = text("Esfera do órgão, a mais recente vista.", source="stage.contratos")

    quantidade_registros = count(
        "Contratos e empenhos publicados, também os de receita e os de valor suspeito.",
        unit="registros",
        source="stage.contratos",
    )
    quantidade_empenhos = count(
        "Parte de quantidade_registros que são empenhos, de qualquer valor: deles não se mede o atraso.",
        unit="empenhos",
        source="empenho",
    )
    primeira_publicacao = day(
        "Dia da primeira publicação neste arquivo; antes de primeiro_dia_coberto nada se sabe.",
        source="data_publicacao_pncp",
    )
    ultima_publicacao = day("Dia da última publicação neste arquivo.", source="data_publicacao_pncp")

    primeiro_dia_coberto = day(
        "Primeiro dia em que o arquivo prova ter tudo o que o órgão publicou; nulo se não prova nenhum.",
        source="meta.coverage",
    )
    ultimo_dia_coberto = day(
        "Último dia, até data_referencia, em que o arquivo prova ter tudo o que o órgão publicou.",
        source="meta.coverage, data_referencia",
    )
    dias_sem_publicar = integer(
        "Dias corridos provados depois da última publicação, até ultimo_dia_coberto: em nenhum deles o órgão "
        "publicou contrato ou empenho. Nulo se o arquivo não prova dia nenhum.",
        unit="dias",
        source="ultima_publicacao, meta.coverage",
        ge=0,
    )
    dias_sem_cobertura = integer(
        "Dias corridos entre a última publicação e ultimo_dia_coberto de que o arquivo não prova nada: o "
        "órgão pode ter publicado neles.",
        unit="dias",
        source="ultima_publicacao, meta.coverage",
        ge=0,
    )

    quantidade_avaliados = count(
        "Contratos, também os de receita, de datas plausíveis e assinados desde a Lei 14.133/2021: só deles "
        "se mede o atraso.",
        unit="contratos",
        source="empenho, data_assinatura, data_publicacao_pncp, date_verdict",
    )
    quantidade_nao_avaliados = count(
        "Contratos sem data de assinatura ou de publicação, de datas implausíveis, assinados depois da "
        "publicação ou assinados antes da Lei 14.133/2021.",
        unit="contratos",
        source="empenho, data_assinatura, data_publicacao_pncp, date_verdict",
    )
    mediana_dias_publicacao = quantity(
        "Mediana dos dias corridos da assinatura à publicação; nula se nada foi avaliado.",
        unit="dias",
        source="data_assinatura, data_publicacao_pncp",
    )
    p90_dias_publicacao = quantity(
        "Dias corridos da assinatura à publicação que nove em cada dez avaliados não passam (percentil 90, "
        "interpolado).",
        unit="dias",
        source="data_assinatura, data_publicacao_pncp",
    )
    quantidade_apos_20_dias_uteis = count(
        "Avaliados publicados mais de 20 dias úteis depois da assinatura: o prazo maior do art. 94, que não "
        "obriga todo município (art. 176); os assinados antes de 30/12/2023, e alguns depois, podem ser das "
        "leis anteriores, que não o tinham.",
        unit="contratos",
        source="data_assinatura, data_publicacao_pncp",
    )
    percentual_apos_20_dias_uteis = quantity(
        "Quanto de quantidade_avaliados foi publicado mais de 20 dias úteis depois da assinatura, o que nem "
        "sempre é contra a lei; nulo se nada foi avaliado.",
        unit="%",
        source="quantidade_apos_20_dias_uteis, quantidade_avaliados",
    )


def mart_publication(
    stage_contratos: Annotated[ir.Table, StageContratos],
    meta_coverage: ir.Table,
    data_referencia: Any,
    law_publication_periods: Law,
) -> Annotated[ir.Table, MartPublication]:
    """Who publishes contracts in PNCP, since when, and how long after they were signed.

    Grain: one row per órgão.
    Key: cnpj_orgao.
    Source: stage_contratos, meta_coverage.
    Notes: only órgãos of which the file holds a contract or empenho; those that never published are not here.
    Every record counts as published, of any bucket; empenhos have a count of their own. Silence is counted in
    days that the ledger proves (the listing of contracts by day of publication, of the country or of the
    órgão alone, complete or empty) up to data_referencia; days of which it proves nothing stand apart, and
    what only the feed of updates or a short day brought is no proof. A silent órgão may have had nothing to
    publish. The delay is that of contracts, those of income too, and never of empenhos: art. 94 speaks of
    contracts. An end before the start says nothing of it and leaves none out. More than 20 business days is a
    fact and no verdict. It is the longer period of art. 94 (I), because a contract does not say whether it
    was a direct one, which has 10; the flag published_late judges those by their purchase, where it is in the
    file. Towns of up to 20,000 people have until April 2027 to publish here (art. 176), and how many people a
    town has is not in the file; contracts of the older laws, which could be chosen until 29 December 2023,
    had no such period. Optional closing days do not count as business days; holidays of states and towns are
    unknown and do, so a few delays look longer than they were. Dates are as published: where a system sends a
    wrong signature, the delay is wrong.
    """
    records = _with_delay(stage_contratos, law_publication_periods)
    orgaos = records.group_by("cnpj_orgao").aggregate(**_published(), **_delays())
    orgaos = with_silence(orgaos, meta_coverage, CONTRACTS, ibis.date(data_referencia))
    named = with_newest_names(orgaos, stage_contratos, _NAMED_BY)
    return named.mutate(**_parts()).select(*MartPublication.columns)


_NINE_TENTHS = ibis.literal(Decimal("0.9"), "decimal(2, 1)")

_NAMED_BY = {"nome_orgao": ("cnpj_orgao",), "uf_sigla": ("cnpj_orgao",), "esfera_id": ("cnpj_orgao",)}


def _with_delay(stage_contratos: ir.Table, periods: Law) -> ir.Table:
    """Each record with its days from signature to publication, and whether it took long; null: not judged."""
    row: Row = stage_contratos
    signed, published = row.data_assinatura, row.data_publicacao_pncp
    working = business_days(signed, published, with_optional=False)
    days = published.cast("date").delta(signed, unit="day")
    # The verdict names the first fault alone: one that ends before it starts may be signed too late as well.
    in_order = row.date_verdict.isin(("ok", "reversed")) & (days >= 0)
    return stage_contratos.select(
        "cnpj_orgao",
        "data_publicacao_pncp",
        "empenho",
        took_long=ibis.cases((in_order & ~row.empenho, working > periods.value_on(signed, "licitacao"))),
        days=days,
    )


def _published() -> dict[str, Any]:
    return {
        "quantidade_registros": _.count(),
        "quantidade_empenhos": _.count(where=_.empenho),
        "primeira_publicacao": _.data_publicacao_pncp.min().cast("date"),
        "ultima_publicacao": _.data_publicacao_pncp.max().cast("date"),
    }


def _delays() -> dict[str, Any]:
    judged = _.took_long.notnull()
    return {
        "quantidade_avaliados": _.count(where=judged),
        "mediana_dias_publicacao": _.days.median(where=judged).cast(QUANTITY),
        "p90_dias_publicacao": _.days.quantile(_NINE_TENTHS, where=judged).cast(QUANTITY),
        "quantidade_apos_20_dias_uteis": _.count(where=_.took_long),
    }


def _parts() -> dict[str, Any]:
    share = _.quantidade_apos_20_dias_uteis * 100 / _.quantidade_avaliados.nullif(0)
    return {
        "quantidade_nao_avaliados": _.quantidade_registros - _.quantidade_empenhos - _.quantidade_avaliados,
        "percentual_apos_20_dias_uteis": share.cast(QUANTITY),
    }


@MartPublication.rule(
    "empenhos, judged and not judged are what was published, and what took long is a part of the judged"
)
def _parts_within_whole(table: Row) -> Flag:
    parts = table.quantidade_empenhos + table.quantidade_avaliados + table.quantidade_nao_avaliados
    return (parts == table.quantidade_registros) & (
        table.quantidade_apos_20_dias_uteis <= table.quantidade_avaliados
    )


@MartPublication.rule("delays and the share are null where nothing was judged, and only there")
def _null_where_nothing_was_judged(table: Row) -> Flag:
    judged = table.quantidade_avaliados > 0
    return (
        (table.mediana_dias_publicacao.notnull() == judged)
        & (table.p90_dias_publicacao.notnull() == judged)
        & (table.percentual_apos_20_dias_uteis.notnull() == judged)
    )


@MartPublication.rule("first is not after last, and the median not above the 90th percentile")
def _in_order(table: Row) -> Flag:
    return (
        (table.primeira_publicacao <= table.ultima_publicacao)
        & (table.primeiro_dia_coberto <= table.ultimo_dia_coberto).coalesce(True)
        & (table.mediana_dias_publicacao <= table.p90_dias_publicacao).coalesce(True)
    )


@MartPublication.rule("proven and unproven days add up to those since the last publication")
def _silence_adds_up(table: Row) -> Flag:
    days = table.ultimo_dia_coberto.delta(table.ultima_publicacao, unit="day")
    return table.dias_sem_publicar + table.dias_sem_cobertura == ibis.greatest(days, 0)


@MartPublication.gate("every record of stage.contratos counts once, under its órgão")
def _every_record_once(mart_publication: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    mart: Row = mart_publication
    stage: Row = stage_contratos
    expected = stage.aggregate(
        registros=stage.count(), empenhos=stage.count(where=stage.empenho), orgaos=stage.cnpj_orgao.nunique()
    )
    found = mart.aggregate(
        registros=mart.quantidade_registros.sum().coalesce(0),
        empenhos=mart.quantidade_empenhos.sum().coalesce(0),
        orgaos=mart.count(),
    )
    return compare_totals(expected, found)
