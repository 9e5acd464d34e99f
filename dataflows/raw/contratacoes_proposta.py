"""Contratações that were open to proposals when asked: a snapshot, with the rows of raw.contratacoes."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.raw.contratacoes import RawContratacoes


class RawContratacoesProposta(RawContratacoes):
    """Contratações que recebiam propostas, uma linha por registro e mudança observada."""

    grain = "one row per numeroControlePNCP and observed change"
    key = ("numeroControlePNCP", "observation_id")


def raw_contratacoes_proposta(
    landed_contratacoes_proposta: ir.Table,
) -> Annotated[ir.Table, RawContratacoesProposta]:
    """Contratações open to proposals as they landed, nothing changed and nothing dropped.

    Grain: one row per numeroControlePNCP and observed change.
    Key: numeroControlePNCP, observation_id.
    Source: GET /v1/contratacoes/proposta.
    """
    return landed_contratacoes_proposta.select(*RawContratacoesProposta.columns)
