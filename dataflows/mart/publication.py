"""Publication: which órgãos publish their contracts in PNCP, since when, and how late."""

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
from dataflows.mart.reconciliation import compare_totals
from dataflows.mart.silence import with_silence
from dataflows.stage.contratos import StageContratos

_ENDPOINT = "contratos"
"""The listing by day of publication: the only one that proves that nothing was published on a day."""


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
        "Registros de datas plausíveis, assinados desde a Lei 14.133/2021: só deles se mede o atraso.",
        unit="registros",
        source="data_assinatura, data_publicacao_pncp, date_verdict",
    )
    quantidade_nao_avaliados = count(
        "Registros sem data de assinatura, de datas implausíveis ou assinados antes da lei.",
        unit="registros",
        source="data_assinatura, data_publicacao_pncp, date_verdict",
    )
    mediana_dias_publicacao = quantity(
        "Mediana dos dias corridos da assinatura à publicação; nula se nada foi avaliado.",
        unit="dias",
        source="data_assinatura, data_publicacao_pncp",
    )
    p90_dias_publicacao = quantity(
        "Dias corridos da assinatura à publicação que nove em cada dez registros não passam (percentil 90, "
        "interpolado).",
        unit="dias",
        source="data_assinatura, data_publicacao_pncp",
    )
    quantidade_fora_do_prazo = count(
        "Registros publicados depois de 20 dias úteis da assinatura, o prazo maior do art. 94.",
        unit="registros",
        source="data_assinatura, data_publicacao_pncp",
    )
    percentual_fora_do_prazo = quantity(
        "Parte de quantidade_avaliados publicada fora do prazo; nula se nada foi avaliado.",
        unit="%",
        source="quantidade_fora_do_prazo, quantidade_avaliados",
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
    Every record counts, of any bucket: publishing is the duty. Silence is counted in days that the ledger
    proves (the listing of contracts by day of publication, of the country or of the órgão alone, complete or
    empty) up to data_referencia; days of which it proves nothing stand apart, and what only the feed of
    updates or a short day brought is no proof. A silent órgão may have had nothing to publish. Lateness is
    lenient: 20 business days (art. 94, I), because a contract does not say whether it was a direct one, which
    has 10; optional closing days do not count as business days. Holidays of states and towns are unknown and
    do count, so a few records look late that were not. Late is not always against the law: towns of up to
    20,000 people have until April 2027 to publish here (art. 176), and contracts of the older laws, signed
    until 2023, had no such period. Dates are as published: where a system sends a wrong signature, the delay
    is wrong.
    """
    records = _with_delay(stage_contratos, law_publication_periods)
    orgaos = records.group_by("cnpj_orgao").aggregate(**_published(), **_delays())
    orgaos = with_silence(orgaos, meta_coverage, _ENDPOINT, ibis.date(data_referencia))
    named = with_newest_names(orgaos, stage_contratos, _NAMED_BY)
    return named.mutate(**_parts()).select(*MartPublication.columns)


_NINE_TENTHS = ibis.literal(Decimal("0.9"), "decimal(2, 1)")

_NAMED_BY = {"nome_orgao": ("cnpj_orgao",), "uf_sigla": ("cnpj_orgao",), "esfera_id": ("cnpj_orgao",)}


def _with_delay(stage_contratos: ir.Table, periods: Law) -> ir.Table:
    """Each record with its days from signature to publication, and whether it was late; null: not judged."""
    row: Row = stage_contratos
    signed, published = row.data_assinatura, row.data_publicacao_pncp
    working = business_days(signed, published, with_optional=False)
    late = working > periods.value_on(signed, "licitacao")
    return stage_contratos.select(
        "cnpj_orgao",
        "data_publicacao_pncp",
        late=ibis.cases((row.date_verdict == "ok", late)),
        days=published.cast("date").delta(signed, unit="day"),
    )


def _published() -> dict[str, Any]:
    return {
        "quantidade_registros": _.count(),
        "primeira_publicacao": _.data_publicacao_pncp.min().cast("date"),
        "ultima_publicacao": _.data_publicacao_pncp.max().cast("date"),
    }


def _delays() -> dict[str, Any]:
    judged = _.late.notnull()
    return {
        "quantidade_avaliados": _.count(where=judged),
        "mediana_dias_publicacao": _.days.median(where=judged).cast(QUANTITY),
        "p90_dias_publicacao": _.days.quantile(_NINE_TENTHS, where=judged).cast(QUANTITY),
        "quantidade_fora_do_prazo": _.count(where=_.late),
    }


def _parts() -> dict[str, Any]:
    share = _.quantidade_fora_do_prazo * 100 / _.quantidade_avaliados.nullif(0)
    return {
        "quantidade_nao_avaliados": _.quantidade_registros - _.quantidade_avaliados,
        "percentual_fora_do_prazo": share.cast(QUANTITY),
    }


@MartPublication.rule("what was judged is a part of what was published, and what was late a part of that")
def _parts_within_whole(table: Row) -> Flag:
    parts = table.quantidade_avaliados + table.quantidade_nao_avaliados
    return (parts == table.quantidade_registros) & (
        table.quantidade_fora_do_prazo <= table.quantidade_avaliados
    )


@MartPublication.rule("delays and the share are null where nothing was judged, and only there")
def _null_where_nothing_was_judged(table: Row) -> Flag:
    judged = table.quantidade_avaliados > 0
    return (
        (table.mediana_dias_publicacao.notnull() == judged)
        & (table.p90_dias_publicacao.notnull() == judged)
        & (table.percentual_fora_do_prazo.notnull() == judged)
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
    expected = stage.aggregate(registros=stage.count(), orgaos=stage.cnpj_orgao.nunique())
    found = mart.aggregate(registros=mart.quantidade_registros.sum().coalesce(0), orgaos=mart.count())
    return compare_totals(expected, found)
