"""Results of items as PNCP publishes them: its names, its nesting, every field, every observed version."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, day, flag, group, integer, moment, order, quantity, text
from dataflows.raw import provenance
from dataflows.raw.groups import coded, described

LOCALIDADE = {
    "codigoIbge": text("Código IBGE do município, sete dígitos."),
    "nomeMunicipio": text("Nome do município."),
    "uf": text("Sigla da UF."),
    "ufNome": text("Nome da UF."),
}
MOEDA = {
    "id": order("Número interno da moeda no PNCP."),
    "simbolo": text("Símbolo da moeda."),
    "nome": text("Nome da moeda."),
}
PAIS = {"id": text("Código do país."), "nome": text("Nome do país.")}


class RawResultados(Contract):
    """Resultados de itens de contratações, uma linha por resultado e mudança observada."""

    grain = "one row per result of an item and observed change"
    key = ("parent_key", "numeroItem", "sequencialResultado", "observation_id")

    parent_key = provenance.PARENT_KEY
    numeroItem = integer("Número do item na contratação.", nullable=False)
    sequencialResultado = integer(
        "Sequencial do resultado no item; vários são lícitos (classificação de SRP, cadastro de reserva).",
        nullable=False,
    )
    numeroControlePNCPCompra = text("Número de controle da contratação.")
    niFornecedor = text("CNPJ, CPF ou identificação estrangeira do fornecedor.")
    nomeRazaoSocialFornecedor = text("Nome ou razão social do fornecedor; pode conter CPF.")
    tipoPessoa = text("Tipo de pessoa do fornecedor: PJ, PF ou PE.", domain="tipo_pessoa")
    porteFornecedorId = integer("Porte do fornecedor.", domain="porte_empresa")
    porteFornecedorNome = text("Rótulo que a API trouxe do porte.")
    naturezaJuridicaId = text(
        "Natureza jurídica do fornecedor, quatro dígitos; 0000 quando não informada.",
        domain="natureza_juridica",
    )
    naturezaJuridicaNome = text("Rótulo que a API trouxe da natureza jurídica.")
    codigoPais = text("País do fornecedor, ISO 3166 alfa-3.")
    localidadeFornecedor = group("Município do fornecedor (desde 2026).", LOCALIDADE)
    localidadeExterior = text("Localidade do fornecedor no exterior (desde 2026).")
    indicadorSubcontratacao = flag("Verdadeiro se há subcontratação.")
    quantidadeHomologada = quantity("Quantidade homologada.", unit="unidadeMedida do item")
    valorUnitarioHomologado = amount("Valor unitário homologado: o preço que se compara.")
    valorTotalHomologado = amount("Valor total homologado; um desconto pode afastá-lo do produto.")
    percentualDesconto = quantity("Desconto.", unit="%")
    ordemClassificacaoSrp = integer("Classificação do fornecedor no registro de preços.")
    reservaRemanescente = group(
        "Se o resultado é de cadastro de reserva ou de remanescente (desde 2026).",
        coded("reserva_remanescente", code="codigo"),
    )
    reservaRemanescenteId = group(
        "O mesmo que reservaRemanescente, com o nome que o manual lhe dá.",
        coded("reserva_remanescente", code="codigo"),
    )
    situacaoCompraItemResultadoId = integer(
        "Situação do resultado; os cancelados (2) não contam.", domain="situacao_resultado"
    )
    situacaoCompraItemResultadoNome = text("Rótulo que a API trouxe da situação.")
    dataResultado = day("Data do resultado; há datas absurdas (ano 1).")
    dataCancelamento = moment("Cancelamento do resultado (America/Sao_Paulo).")
    motivoCancelamento = text("Motivo do cancelamento.")
    aplicacaoMargemPreferencia = flag("Verdadeiro se houve margem de preferência.")
    amparoLegalMargemPreferencia = group(
        "Dispositivo legal da margem de preferência.", described("amparo_legal")
    )
    aplicacaoBeneficioMeEpp = flag(
        "Verdadeiro se houve benefício a microempresa ou empresa de pequeno porte."
    )
    aplicacaoCriterioDesempate = flag("Verdadeiro se houve desempate.")
    amparoLegalCriterioDesempate = group("Dispositivo legal do desempate.", described("amparo_legal"))
    paisOrigemProdutoServico = group("País de origem do produto ou serviço.", PAIS)
    moedaEstrangeira = group("Moeda estrangeira da proposta.", MOEDA)
    valorNominalMoedaEstrangeira = quantity("Valor na moeda estrangeira.", unit="moedaEstrangeira")
    dataCotacaoMoedaEstrangeira = moment(
        "Cotação da moeda estrangeira, no fuso de timezoneCotacaoMoedaEstrangeira."
    )
    timezoneCotacaoMoedaEstrangeira = text("Fuso de dataCotacaoMoedaEstrangeira.")
    dataInclusao = moment("Inclusão do registro (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo).")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_resultados(landed_resultados: ir.Table) -> Annotated[ir.Table, RawResultados]:
    """Results of items as they landed, nothing changed and nothing dropped.

    Grain: one row per result of an item and observed change.
    Key: parent_key, numeroItem, sequencialResultado, observation_id.
    Source: GET /v1/orgaos/{cnpj}/compras/{ano}/{sequencial}/itens/{numeroItem}/resultados.
    """
    return landed_resultados.select(*RawResultados.columns)
