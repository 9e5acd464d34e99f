"""Billing instruments of contratos as PNCP publishes them, with their electronic invoices (NF-e).

Numbers and dates inside an invoice are texts ("4.920,00", "21/03/2025 10:20:30"), and stay as PNCP has them.
"""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, day, group, groups, integer, moment, order, text
from dataflows.raw import provenance
from dataflows.raw.contratos import RawContratos
from dataflows.raw.groups import dated

ITEM = {
    "numeroItem": text("Número do item na nota."),
    "descricaoProdutoServico": text("Descrição do produto ou serviço."),
    "codigoNCM": text("Código NCM."),
    "descricaoNCM": text("Descrição da NCM."),
    "cfop": text("Código fiscal da operação."),
    "quantidade": text('Quantidade, no texto em que o PNCP a publica ("6.000,00").'),
    "unidade": text("Unidade de medida; texto livre."),
    "valorUnitario": text('Valor unitário em reais, no texto em que o PNCP o publica ("0,82").'),
    "valorTotal": text('Valor total em reais, no texto em que o PNCP o publica ("4.920,00").'),
}
EVENTO = {
    "dataEvento": text('Data do evento, no texto em que o PNCP a publica ("20/01/2025 14:30:57").'),
    "tipoEvento": text("Tipo do evento."),
    "evento": text("Evento."),
    "motivoEvento": text("Motivo do evento."),
}
NOTA = {
    "instrumentoCobrancaId": order("Número interno do instrumento de cobrança."),
    "chave": text("Chave de acesso da nota, 44 dígitos."),
    "nfTransparenciaID": order("Número da nota no Portal da Transparência."),
    "numero": order("Número da nota."),
    "serie": integer("Série da nota."),
    "dataEmissao": text('Emissão da nota, no texto em que o PNCP a publica ("20/01/2025").'),
    "niEmitente": text("CNPJ ou CPF do emitente, com a pontuação em que veio."),
    "nomeEmitente": text("Nome do emitente."),
    "nomeMunicipioEmitente": text("Município do emitente."),
    "codigoOrgaoDestinatario": text("Código do órgão destinatário."),
    "nomeOrgaoDestinatario": text("Nome do órgão destinatário."),
    "codigoOrgaoSuperiorDestinatario": text("Código do órgão superior do destinatário."),
    "nomeOrgaoSuperiorDestinatario": text("Nome do órgão superior do destinatário."),
    "valorNotaFiscal": text('Valor da nota em reais, no texto em que o PNCP o publica ("4.920,00").'),
    "tipoEventoMaisRecente": text("Evento mais recente da nota."),
    "dataTipoEventoMaisRecente": text(
        'Data do evento mais recente, no texto em que o PNCP a publica ("20/01/2025 14:30:57").'
    ),
    "dataInclusao": moment("Inclusão da nota (America/Sao_Paulo)."),
    "dataAtualizacao": moment("Última atualização da nota (America/Sao_Paulo)."),
    "itens": groups("Itens da nota.", ITEM),
    "eventos": groups("Eventos da nota; lista vazia quando não há.", EVENTO),
}


class RawInstrumentosCobranca(Contract):
    """Instrumentos de cobrança de contratos, uma linha por registro e mudança observada."""

    grain = "one row per instrumento de cobrança and observed change"
    key = ("cnpj", "ano", "sequencialContrato", "sequencialInstrumentoCobranca", "observation_id")

    cnpj = text("CNPJ do órgão contratante.", nullable=False)
    ano = integer("Ano do contrato.", nullable=False)
    sequencialContrato = integer("Sequencial do contrato no órgão e ano.", nullable=False)
    sequencialInstrumentoCobranca = integer("Sequencial do instrumento no contrato.", nullable=False)
    tipoInstrumentoCobranca = group("Tipo do instrumento.", dated("tipo_instrumento_cobranca"))
    numeroInstrumentoCobranca = text("Número do instrumento.")
    dataEmissaoDocumento = day("Emissão do documento.")
    observacao = text("Observação.")
    chaveNFe = text("Chave de acesso da NF-e, 44 dígitos.")
    fonteNFe = order("Código da fonte da NF-e; não há tabela publicada.")
    dataConsultaNFe = moment("Quando o PNCP consultou a NF-e (America/Sao_Paulo).")
    statusResponseNFe = text("Resposta HTTP que a consulta da NF-e recebeu.")
    jsonResponseNFe = text("A nota inteira, no JSON da fonte, como texto; os nomes não são os do PNCP.")
    notaFiscalEletronica = group("NF-e; nula em três quartos dos instrumentos.", NOTA)
    recuperarContratoDTO = group(
        "O contrato inteiro, como em raw.contratos.", provenance.published(RawContratos)
    )
    dataInclusao = moment("Inclusão do registro (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo).")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_instrumentos_cobranca(
    landed_instrumentos_cobranca: ir.Table,
) -> Annotated[ir.Table, RawInstrumentosCobranca]:
    """Billing instruments as they landed, nothing changed and nothing dropped.

    Grain: one row per instrumento de cobrança and observed change.
    Key: cnpj, ano, sequencialContrato, sequencialInstrumentoCobranca, observation_id.
    Source: GET /v1/instrumentoscobranca/inclusao.
    """
    return landed_instrumentos_cobranca.select(*RawInstrumentosCobranca.columns)
