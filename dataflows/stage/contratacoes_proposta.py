"""Contratações seen open to proposals, one row each: as in stage.contratacoes, and when first seen."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir
from ibis import _

from dataflows.contract import moment
from dataflows.domains import Domain
from dataflows.raw.compras import RawCompras
from dataflows.raw.contratacoes_proposta import RawContratacoesProposta
from dataflows.stage.contratacoes import (
    KEY,
    StageContratacoes,
    contratacoes_budget,
    contratacoes_buyer,
    contratacoes_classification,
    contratacoes_dates,
    contratacoes_evidence,
    contratacoes_identification,
    contratacoes_texts,
    contratacoes_values,
)
from dataflows.stage.secrecy import with_secrecy
from dataflows.stage.versions import latest, one_row_per_key


class StageContratacoesProposta(StageContratacoes):
    """Contratações vistas recebendo propostas, na versão mais recente que se viu."""

    grain = "one row per contratação ever seen open to proposals (latest version seen so)"
    key = ("numero_controle_pncp",)
    by_key = KEY

    first_observed_at = moment(
        "Instante (UTC) em que a contratação foi vista recebendo propostas pela primeira vez, em qualquer "
        "versão.",
        source="observed_at",
        nullable=False,
    )


def contratacoes_proposta_latest(
    raw_contratacoes_proposta: Annotated[ir.Table, RawContratacoesProposta],
    raw_compras: Annotated[ir.Table, RawCompras],
) -> ir.Table:
    """The version of each purchase that counts, and when the first of any was observed.

    Highest dataAtualizacaoGlobal, then latest observation.
    """
    newest = latest(raw_contratacoes_proposta, key=KEY)
    first = raw_contratacoes_proposta.group_by(*KEY).aggregate(first_observed_at=_.observed_at.min())
    seen = newest.left_join(first, list(KEY)).select(*newest.columns, "first_observed_at")
    return with_secrecy(seen, raw_compras)


def contratacoes_proposta_classification(
    contratacoes_proposta_latest: ir.Table,
    domain_modalidade: Domain,
    domain_modo_disputa: Domain,
    domain_tipo_instrumento_convocatorio: Domain,
    domain_amparo_legal: Domain,
    domain_situacao_compra: Domain,
) -> dict[str, ir.Value]:
    """How it buys, by what law, and where it stands, with official labels."""
    return contratacoes_classification(
        contratacoes_proposta_latest,
        domain_modalidade,
        domain_modo_disputa,
        domain_tipo_instrumento_convocatorio,
        domain_amparo_legal,
        domain_situacao_compra,
    )


def contratacoes_proposta_dates(
    contratacoes_proposta_latest: ir.Table, earliest_year: int, longest_proposal: int
) -> dict[str, ir.Value]:
    """Dates as published, the days open to proposals, and a verdict."""
    return contratacoes_dates(contratacoes_proposta_latest, earliest_year, longest_proposal)


def contratacoes_proposta_values(
    contratacoes_proposta_latest: ir.Table,
    suspect_value: int,
    review_value: int,
    suspect_growth: int,
    review_growth: int,
    suspect_nines: int,
) -> dict[str, ir.Value]:
    """Estimated and awarded amounts, each with its verdict, and why there is no estimate."""
    return contratacoes_values(
        contratacoes_proposta_latest,
        suspect_value,
        review_value,
        suspect_growth,
        review_growth,
        suspect_nines,
    )


def stage_contratacoes_proposta(
    contratacoes_proposta_latest: ir.Table,
    contratacoes_proposta_classification: dict[str, ir.Value],
    contratacoes_proposta_dates: dict[str, ir.Value],
    contratacoes_proposta_values: dict[str, ir.Value],
    domain_poder: Domain,
    domain_esfera: Domain,
    domain_fonte_orcamentaria: Domain,
) -> Annotated[ir.Table, StageContratacoesProposta]:
    """Every contratação ever seen open to proposals once, in the latest version seen so.

    Grain: one row per contratação.
    Key: numero_controle_pncp.
    Source: raw_compras, raw_contratacoes_proposta.
    Notes: no row is left out, so what has closed since stays: which are open, and on what day, say the dates
    and the snapshot. `observed_at` is of the version shown, `first_observed_at` of the purchase. Everything
    else as in stage_contratacoes, by the same functions.
    """
    rows = contratacoes_proposta_latest
    return rows.select(
        **contratacoes_identification(rows),
        **contratacoes_buyer(rows, domain_poder, domain_esfera),
        **contratacoes_proposta_classification,
        **contratacoes_budget(rows, domain_fonte_orcamentaria),
        **contratacoes_texts(rows),
        **contratacoes_proposta_dates,
        **contratacoes_proposta_values,
        **contratacoes_evidence(rows),
        first_observed_at=rows.first_observed_at,
    )


@StageContratacoesProposta.gate("one row per key of raw")
def _every_key_once(stage_contratacoes_proposta: ir.Table, raw_contratacoes_proposta: ir.Table) -> ir.Table:
    return one_row_per_key(stage_contratacoes_proposta, raw_contratacoes_proposta, key=KEY)
