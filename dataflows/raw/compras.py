"""Contratações in detail, each asked for by its key: the row of the listings and what those leave out."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import flag, integer, text
from dataflows.raw import provenance
from dataflows.raw.contratacoes import RawContratacoes


class RawCompras(RawContratacoes):
    """Detalhes de contratações, uma linha por registro e mudança observada."""

    grain = "one row per numeroControlePNCP and observed change"
    key = ("numeroControlePNCP", "observation_id")

    indicadorOrcamentoSigiloso = text(
        "Sigilo do orçamento: COMPRA_SEM_SIGILO, COMPRA_PARCIALMENTE_SIGILOSA ou COMPRA_TOTALMENTE_SIGILOSA."
    )
    orcamentoSigilosoCodigo = integer("Sigilo do orçamento: 1 sem sigilo, 2 parcial, 3 total.")
    orcamentoSigilosoDescricao = text("Rótulo que a API trouxe do sigilo.")
    existeResultado = flag("Verdadeiro se algum item já tem resultado.")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_compras(landed_compras: ir.Table) -> Annotated[ir.Table, RawCompras]:
    """Details of contratações as they landed, nothing changed and nothing dropped.

    Grain: one row per numeroControlePNCP and observed change.
    Key: numeroControlePNCP, observation_id.
    Source: GET /v1/orgaos/{cnpj}/compras/{ano}/{sequencial}.
    """
    return landed_compras.select(*RawCompras.columns)
