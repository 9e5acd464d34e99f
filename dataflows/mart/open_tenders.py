"""Open tenders: what can still be bid for on a day, by the latest complete snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import Contract, amount, day, flag, integer, moment, order, text
from dataflows.expressions import Day, Flag, Row, Text
from dataflows.mart.reconciliation import compare_totals
from dataflows.mart.snapshots import gone, latest_proof
from dataflows.stage.contratacoes_proposta import StageContratacoesProposta
from dataflows.stage.secrecy import MISSING
from dataflows.stage.verdicts import PROPOSAL_VERDICTS, VALUE_VERDICTS

PUBLISHED = 1
"""Code of situacao_compra: divulgada. The others are revogada, anulada and suspensa."""

SITUATIONS = ("closed", "suspended", "unproven", "newer", "vanished", "open")
"""Where a purchase ever seen open to proposals stands on the day: the first that applies.

closed: its last day has passed. suspended: it is not published any more. unproven: no complete snapshot by
the day covers it. newer: the one that does came without it, as it was first observed only later. vanished: a
complete one came without it. open: none of these.
"""

KEY = ("numero_controle_pncp",)


class MartOpenTenders(Contract):
    """Contratações que recebem propostas em data_referencia, segundo o retrato completo mais recente."""

    grain = "one row per contratação open to proposals on the day of reference"
    key = KEY

    numero_controle_pncp = text(
        "Número de controle da contratação no PNCP.", source="stage.contratacoes_proposta", nullable=False
    )
    data_referencia = day("Dia de que a tabela fala.", source="data_referencia", nullable=False)

    objeto_compra = text("Objeto da contratação.", source="stage.contratacoes_proposta")
    cnpj_orgao = text(
        "CNPJ do órgão contratante original.", source="stage.contratacoes_proposta", nullable=False
    )
    nome_orgao = text("Razão social do órgão.", source="stage.contratacoes_proposta")
    esfera_id = text("Código da esfera do órgão.", source="stage.contratacoes_proposta")
    codigo_unidade = text("Código da unidade compradora.", source="stage.contratacoes_proposta")
    nome_unidade = text("Nome da unidade compradora.", source="stage.contratacoes_proposta")
    uf_sigla = text("UF da unidade compradora.", source="stage.contratacoes_proposta")
    codigo_ibge = text(
        "Código IBGE do município da unidade compradora.", source="stage.contratacoes_proposta"
    )
    municipio_nome = text("Município da unidade compradora.", source="stage.contratacoes_proposta")
    modalidade_id = integer("Código da modalidade.", source="stage.contratacoes_proposta")
    modalidade_nome = text("Rótulo oficial da modalidade.", source="modalidade_id")
    modo_disputa_id = integer("Código do modo de disputa.", source="stage.contratacoes_proposta")
    modo_disputa_nome = text("Rótulo oficial do modo de disputa.", source="modo_disputa_id")
    srp = flag("Verdadeiro se é para registro de preços.", source="stage.contratacoes_proposta")

    valor_total_estimado = amount(
        "Valor estimado; nulo se sigiloso ou não publicado.", source="stage.contratacoes_proposta"
    )
    estimate_missing = text(
        "Por que o valor estimado é nulo: secret (sigiloso), unpublished (a API trouxe nulo).",
        source="stage.contratacoes_proposta",
        isin=MISSING,
    )
    estimate_verdict = text(
        "Avaliação do valor estimado: ok, review (convém conferir), suspect (não some).",
        source="stage.contratacoes_proposta",
        nullable=False,
        isin=VALUE_VERDICTS,
    )

    data_publicacao_pncp = moment(
        "Publicação no PNCP (America/Sao_Paulo).", source="stage.contratacoes_proposta"
    )
    data_abertura_proposta = moment(
        "Início do recebimento de propostas, como publicado (America/Sao_Paulo).",
        source="stage.contratacoes_proposta",
    )
    data_encerramento_proposta = moment(
        "Fim do recebimento de propostas, como publicado (America/Sao_Paulo); nulo se o PNCP não o diz.",
        source="stage.contratacoes_proposta",
    )
    date_verdict = text(
        "Avaliação das datas: ok, implausible, reversed, closed_before_publication.",
        source="stage.contratacoes_proposta",
        nullable=False,
        isin=PROPOSAL_VERDICTS,
    )
    ja_recebe_propostas = flag(
        "Verdadeiro se o recebimento começa até data_referencia, a qualquer hora; nulo sem abertura.",
        source="data_abertura_proposta, data_referencia",
    )
    dias_restantes = order(
        "Dias de calendário de data_referencia ao encerramento; zero se encerra nesse dia, a qualquer hora; "
        "nulo sem data de encerramento.",
        source="data_encerramento_proposta, data_referencia",
        unit="dias",
        ge=0,
    )

    link_pncp = text("Página da contratação no portal do PNCP.", source="stage.contratacoes_proposta")
    link_sistema_origem = text(
        "Onde a disputa acontece; nem sempre é um endereço.", source="stage.contratacoes_proposta"
    )

    dia_retrato = day(
        "Dia do retrato completo mais recente que cobre a contratação, até data_referencia.",
        source="meta.coverage",
        nullable=False,
    )
    provado_em = moment(
        "Instante (UTC) em que esse retrato ficou provado.", source="meta.coverage", nullable=False
    )
    recorte = text(
        "De que parte do país é esse retrato: vazio é o país inteiro; cnpj=, uf= ou municipio= e o valor.",
        source="meta.coverage",
        nullable=False,
    )
    dias_desde_retrato = order(
        "Dias do retrato a data_referencia: quanto mais, menos a tabela sabe do que se publicou ou encerrou "
        "desde então.",
        source="dia_retrato, data_referencia",
        unit="dias",
        nullable=False,
        ge=0,
    )


def mart_open_tenders(
    stage_contratacoes_proposta: Annotated[ir.Table, StageContratacoesProposta],
    meta_coverage: ir.Table,
    meta_vanished: ir.Table,
    data_referencia: Any,
) -> Annotated[ir.Table, MartOpenTenders]:
    """What can still be bid for on the day of reference: closing when, where, under which link.

    Grain: one row per contratação open to proposals on the day of reference.
    Key: numero_controle_pncp.
    Source: meta_coverage, meta_vanished, stage_contratacoes_proposta.
    Notes: of the purchases ever seen open, those in the latest complete snapshot of their modalidade and
    slice taken by `data_referencia`, published (neither revoked, annulled nor suspended), and whose last day
    has not passed; one that closes on the day itself counts as open, at whatever hour, and so does one whose
    closing PNCP does not say. What PNCP published or changed after the snapshot is not here:
    `dias_desde_retrato` says how old it is. What no complete snapshot covers is left out, as is what was
    first observed only after it (by a later one that is not complete), and what a later one no longer showed;
    the gate counts each kind (meta.reconciliations). One that an earlier snapshot showed, this one did not,
    and a later, incomplete one showed again counts as in it. A sub-rogated purchase counts as covered by the
    snapshot of the whole country, or of an órgão that is both of its own. Rows show the newest version seen,
    also where `data_referencia` lies in the past. Direct contracting is among them where it takes proposals.
    """
    placed = _placed(stage_contratacoes_proposta, meta_coverage, meta_vanished, data_referencia)
    return placed.filter(_.situacao == "open").select(*MartOpenTenders.columns)


def _placed(stage: ir.Table, coverage: ir.Table, vanished: ir.Table, data_referencia: Any) -> ir.Table:
    """Every purchase ever seen open, with its proof and where it stands on the day."""
    today: Row = ibis.literal(data_referencia, "date")
    proof = latest_proof(stage, coverage, until=today)
    lost = gone(vanished, coverage, until=today)
    seen = stage.left_join(proof, list(KEY)).select(*stage.columns, "dia_retrato", "provado_em", "recorte")
    seen = seen.left_join(lost, list(KEY)).select(*seen.columns, sumiu=_.sumiu.coalesce(False))
    return seen.mutate(situacao=_situation(today), data_referencia=today, **_days(seen, today))


def _situation(today: Day) -> Text:
    return ibis.cases(
        (_.data_encerramento_proposta.date() < today, "closed"),
        ((_.situacao_compra_id != PUBLISHED).coalesce(True), "suspended"),
        (_.dia_retrato.isnull(), "unproven"),
        (_.first_observed_at > _.provado_em, "newer"),
        (_.sumiu, "vanished"),
        else_="open",
    )


def _days(seen: Row, today: Day) -> dict[str, ir.Value]:
    return {
        "ja_recebe_propostas": seen.data_abertura_proposta.date() <= today,
        "dias_restantes": seen.data_encerramento_proposta.date().delta(today, unit="day"),
        "dias_desde_retrato": today.delta(seen.dia_retrato, unit="day"),
    }


@MartOpenTenders.rule("an estimate is missing for a reason, or is there")
def _missing_for_a_reason(table: Row) -> Flag:
    return table.valor_total_estimado.isnull() == table.estimate_missing.notnull()


@MartOpenTenders.gate("every purchase ever seen open is here, or left out for a reason")
def _nothing_disappears(
    mart_open_tenders: ir.Table,
    stage_contratacoes_proposta: ir.Table,
    meta_coverage: ir.Table,
    meta_vanished: ir.Table,
    data_referencia: Any,
) -> ir.Table:
    placed: Row = _placed(stage_contratacoes_proposta, meta_coverage, meta_vanished, data_referencia)
    mart: Row = mart_open_tenders
    left_out: Row = placed.anti_join(mart, list(KEY))
    expected = placed.aggregate(rows=placed.count(), **_counted(placed, SITUATIONS))
    found = (
        mart.aggregate(open=mart.count())
        .cross_join(left_out.aggregate(left_out=left_out.count(), **_counted(left_out, SITUATIONS[:-1])))
        .mutate(rows=_.open + _.left_out)
    )
    return compare_totals(expected, found)


def _counted(placed: Row, situations: Sequence[str]) -> dict[str, ir.Value]:
    return {one: placed.count(where=placed.situacao == one) for one in situations}
