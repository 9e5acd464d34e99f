"""Atas de registro de preços as PNCP publishes them: its names, every field, every observed version.

All dates are moments: the listings give days, the manual and the detail give the time too, and both fit.
"""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, flag, integer, long_text, moment, text
from dataflows.raw import provenance


class RawAtas(Contract):
    """Atas de registro de preços, uma linha por registro e mudança observada."""

    grain = "one row per numeroControlePNCPAta and observed change"
    key = ("numeroControlePNCPAta", "observation_id")

    numeroControlePNCPAta = text("Número de controle da ata no PNCP.", nullable=False)
    numeroControlePNCPCompra = text(
        "Número de controle da contratação de origem. Onde a API escreve numeroControlePncpCompra, o valor "
        "fica em unknown_fields: o DuckDB não distingue as duas grafias."
    )
    numeroAtaRegistroPreco = text("Número da ata no sistema de origem; não é chave.")
    anoAta = integer("Ano da ata.")
    cancelado = flag("Verdadeiro se a ata foi cancelada.")
    dataCancelamento = moment("Cancelamento da ata (America/Sao_Paulo).")
    dataAssinatura = moment("Assinatura da ata; a hora costuma faltar.")
    vigenciaInicio = moment("Início da vigência; a hora costuma faltar.")
    vigenciaFim = moment("Fim da vigência; a hora costuma faltar, e há anos absurdos (7203).")
    dataPublicacaoPncp = moment("Publicação no PNCP (America/Sao_Paulo); a hora costuma faltar.")
    dataInclusao = moment("Inclusão do registro (America/Sao_Paulo); a hora costuma faltar.")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo); a hora costuma faltar.")
    dataAtualizacaoGlobal = moment(
        "Última atualização do registro ou de seus dependentes (America/Sao_Paulo); a hora costuma faltar."
    )
    objetoContratacao = long_text("Objeto da contratação de origem.")
    cnpjOrgao = text("CNPJ do órgão gerenciador; a ata não diz esfera, poder nem município.")
    nomeOrgao = text("Razão social do órgão gerenciador.")
    codigoUnidadeOrgao = text("Código da unidade no sistema de origem; texto livre.")
    nomeUnidadeOrgao = text("Nome da unidade.")
    cnpjOrgaoSubrogado = text("CNPJ do órgão sub-rogado, quando houver.")
    nomeOrgaoSubrogado = text("Razão social do órgão sub-rogado.")
    codigoUnidadeOrgaoSubrogado = text("Código da unidade sub-rogada.")
    nomeUnidadeOrgaoSubrogado = text("Nome da unidade sub-rogada.")
    possibilidadeAdesao = flag("Verdadeiro se não participantes podem aderir (desde 2026).")
    usuario = text("Plataforma que enviou o registro.")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_atas(landed_atas: ir.Table) -> Annotated[ir.Table, RawAtas]:
    """Atas as they landed, nothing changed and nothing dropped.

    Grain: one row per numeroControlePNCPAta and observed change.
    Key: numeroControlePNCPAta, observation_id.
    Source: GET /v1/atas (by validity, not by publication) and /v1/atas/atualizacao.
    """
    return landed_atas.select(*RawAtas.columns)
