"""Contratações (compras) as PNCP lists them: its names, its nesting, every field, every observed version."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, flag, group, groups, integer, long_text, moment, text
from dataflows.raw import provenance
from dataflows.raw.groups import AMPARO, FONTE_ORCAMENTARIA, ORGAO, UNIDADE


class RawContratacoes(Contract):
    """Contratações, uma linha por registro e mudança observada."""

    grain = "one row per numeroControlePNCP and observed change"
    key = ("numeroControlePNCP", "observation_id")

    numeroControlePNCP = text("Número de controle da contratação no PNCP.", nullable=False)
    anoCompra = integer("Ano da numeração; pode diferir do ano de publicação.")
    sequencialCompra = integer("Sequencial da contratação no órgão e ano, dado pelo PNCP.")
    numeroCompra = text("Número da contratação no sistema de origem; não é chave.")
    processo = text("Número do processo no sistema de origem.")
    modalidadeId = integer("Modalidade; 8 e 9 são dispensa e inexigibilidade.", domain="modalidade")
    modalidadeNome = text("Rótulo que a API trouxe da modalidade.")
    modoDisputaId = integer("Modo de disputa.", domain="modo_disputa")
    modoDisputaNome = text("Rótulo que a API trouxe do modo de disputa.")
    tipoInstrumentoConvocatorioCodigo = integer(
        "Tipo do instrumento convocatório (o manual escreve tipoInstrumentoConvocatorioId).",
        domain="tipo_instrumento_convocatorio",
    )
    tipoInstrumentoConvocatorioNome = text("Rótulo que a API trouxe do tipo do instrumento.")
    amparoLegal = group("Dispositivo legal que ampara a contratação.", AMPARO)
    situacaoCompraId = integer(
        "Situação; 1 (divulgada) não quer dizer que ainda receba propostas.", domain="situacao_compra"
    )
    situacaoCompraNome = text("Rótulo que a API trouxe da situação.")
    srp = flag("Verdadeiro se é para registro de preços.")
    objetoCompra = long_text("Objeto da contratação.")
    informacaoComplementar = long_text("Informação complementar.")
    justificativaPresencial = long_text("Por que a disputa não foi eletrônica.")
    orgaoEntidade = group("Órgão contratante.", ORGAO)
    unidadeOrgao = group("Unidade compradora.", UNIDADE)
    orgaoSubRogado = group("Órgão sub-rogado, quando houver; a chave segue com o original.", ORGAO)
    unidadeSubRogada = group("Unidade sub-rogada, quando houver.", UNIDADE)
    valorTotalEstimado = amount("Valor estimado; zero quando o orçamento é sigiloso ou não foi informado.")
    valorTotalHomologado = amount("Soma dos resultados; nulo, que não é zero, enquanto não há resultado.")
    fontesOrcamentarias = groups(
        "Fontes do orçamento; lista vazia quando não informadas.", FONTE_ORCAMENTARIA
    )
    emendaParlamentar = flag("Verdadeiro se há emenda parlamentar (desde 2026).")
    dataAberturaProposta = moment("Início do recebimento de propostas (America/Sao_Paulo).")
    dataEncerramentoProposta = moment(
        "Fim do recebimento de propostas (America/Sao_Paulo); nulo na contratação direta."
    )
    dataPublicacaoPncp = moment("Publicação no PNCP (America/Sao_Paulo).")
    dataInclusao = moment("Inclusão do registro (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo).")
    dataAtualizacaoGlobal = moment(
        "Última atualização do registro ou de seus dependentes (America/Sao_Paulo)."
    )
    linkSistemaOrigem = long_text("Onde a disputa acontece; nem sempre é um endereço.")
    linkProcessoEletronico = long_text("Endereço do processo eletrônico.")
    usuarioNome = text("Plataforma que enviou o registro.")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_contratacoes(landed_contratacoes: ir.Table) -> Annotated[ir.Table, RawContratacoes]:
    """Contratações as they landed, nothing changed and nothing dropped.

    Grain: one row per numeroControlePNCP and observed change.
    Key: numeroControlePNCP, observation_id.
    Source: GET /v1/contratacoes/publicacao and /atualizacao.
    """
    return landed_contratacoes.select(*RawContratacoes.columns)
