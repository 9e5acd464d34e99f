"""Items of annual procurement plans (PCA): PNCP nests them in the plan; landing puts the plan beside each."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, day, integer, long_text, moment, quantity, text
from dataflows.raw import provenance


class RawPcaItens(Contract):
    """Itens de planos de contratações anuais, uma linha por item e mudança observada."""

    grain = "one row per item of a plan and observed change"
    key = ("idPcaPncp", "numeroItem", "observation_id")

    idPcaPncp = text("Número de controle do plano no PNCP.", nullable=False)
    numeroItem = integer("Número do item no plano.", nullable=False)
    anoPca = integer("Ano a que o plano se refere.")
    orgaoEntidadeCnpj = text("CNPJ do órgão; o plano não diz esfera nem município.")
    orgaoEntidadeRazaoSocial = text("Razão social do órgão.")
    codigoUnidade = text("Código da unidade no sistema de origem; texto livre.")
    nomeUnidade = text("Nome da unidade.")
    dataPublicacaoPNCP = moment("Publicação do plano no PNCP (America/Sao_Paulo).")
    dataAtualizacaoGlobalPCA = moment("Última atualização do plano ou de seus itens (America/Sao_Paulo).")
    descricaoItem = long_text("Descrição do item; nula quando só a classe foi planejada.")
    codigoItem = text("Código CATMAT, CATSER ou próprio.")
    categoriaItemPcaNome = text("Categoria do item; só vem o rótulo.")
    classificacaoCatalogoId = integer("1 material, 2 serviço.", domain="classificacao_catalogo")
    nomeClassificacaoCatalogo = text("Rótulo que a API trouxe da classificação.")
    classificacaoSuperiorCodigo = text("Código da classe (CATMAT) ou do grupo (CATSER).")
    classificacaoSuperiorNome = text("Nome da classe ou do grupo.")
    pdmCodigo = text("Código do padrão descritivo de material.")
    pdmDescricao = text("Descrição do padrão descritivo de material.")
    grupoContratacaoCodigo = text("Código da futura contratação: a ponte do plano à execução.")
    grupoContratacaoNome = text("Nome da futura contratação.")
    unidadeRequisitante = text("Unidade que pediu o item.")
    unidadeFornecimento = text("Unidade de fornecimento; texto livre.")
    quantidadeEstimada = quantity(
        "Quantidade estimada; zero quando não informada.", unit="unidadeFornecimento"
    )
    valorUnitario = amount("Valor unitário estimado; zero quando não informado.")
    valorTotal = amount("Valor total estimado.")
    valorOrcamentoExercicio = amount(
        "Parte orçada no exercício; há quem repita o orçamento inteiro em cada item."
    )
    dataDesejada = day("Quando a contratação é desejada.")
    dataInclusao = moment("Inclusão do item (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do item (America/Sao_Paulo).")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_pca_itens(landed_pca_itens: ir.Table) -> Annotated[ir.Table, RawPcaItens]:
    """Items of plans as they landed, nothing changed and nothing dropped.

    Grain: one row per item of a plan and observed change.
    Key: idPcaPncp, numeroItem, observation_id.
    Source: GET /v1/pca/, /v1/pca/usuario and /v1/pca/atualizacao.
    """
    return landed_pca_itens.select(*RawPcaItens.columns)
