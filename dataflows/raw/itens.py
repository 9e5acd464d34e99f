"""Items of contratações as PNCP publishes them: its names, its nesting, every observed version."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, flag, group, integer, long_text, moment, quantity, text
from dataflows.raw import provenance
from dataflows.raw.groups import CATALOGO, coded, dated


class RawItens(Contract):
    """Itens de contratações, uma linha por item e mudança observada."""

    grain = "one row per item of a contratação and observed change"
    key = ("parent_key", "numeroItem", "observation_id")

    parent_key = provenance.PARENT_KEY
    numeroItem = integer("Número do item na contratação; nem sempre segue de 1 em diante.", nullable=False)
    descricao = long_text("Descrição livre do item.")
    materialOuServico = text("M (material) ou S (serviço).", domain="material_servico")
    materialOuServicoNome = text("Rótulo que a API trouxe de materialOuServico.")
    valorUnitarioEstimado = amount("Valor unitário estimado; zero quando o orçamento é sigiloso.")
    valorTotal = amount("Valor total estimado; nem sempre é a quantidade vezes o valor unitário.")
    quantidade = quantity("Quantidade.", unit="unidadeMedida")
    unidadeMedida = text("Unidade de medida; texto livre, sem padrão.")
    orcamentoSigiloso = flag("Verdadeiro se o orçamento é sigiloso: sem resultado, os valores vêm zerados.")
    itemCategoriaId = integer("Categoria do item em leilões; 3 nos demais casos.", domain="item_categoria")
    itemCategoriaNome = text("Rótulo que a API trouxe da categoria.")
    patrimonio = text("Código do bem no patrimônio do órgão.")
    codigoRegistroImobiliario = text("Código do imóvel no registro.")
    criterioJulgamentoId = integer("Critério de julgamento.", domain="criterio_julgamento")
    criterioJulgamentoNome = text("Rótulo que a API trouxe do critério.")
    situacaoCompraItem = integer(
        "Situação do item (o manual escreve situacaoCompraItemId); homologado pode não ter resultado.",
        domain="situacao_item",
    )
    situacaoCompraItemNome = text("Rótulo que a API trouxe da situação.")
    tipoBeneficio = integer(
        "Benefício a microempresas e empresas de pequeno porte (o manual escreve tipoBeneficioId).",
        domain="tipo_beneficio",
    )
    tipoBeneficioNome = text("Rótulo que a API trouxe do benefício.")
    incentivoProdutivoBasico = flag("Verdadeiro se há incentivo ao processo produtivo básico.")
    temResultado = flag("Verdadeiro se o item tem resultado a perguntar.")
    imagem = integer("Número que a API dá à imagem do item; zero em tudo o que se viu.")
    aplicabilidadeMargemPreferenciaNormal = flag("Verdadeiro se cabe margem de preferência normal.")
    aplicabilidadeMargemPreferenciaAdicional = flag("Verdadeiro se cabe margem de preferência adicional.")
    percentualMargemPreferenciaNormal = quantity("Margem de preferência normal.", unit="%")
    percentualMargemPreferenciaAdicional = quantity("Margem de preferência adicional.", unit="%")
    tipoMargemPreferencia = group(
        "Norma da margem de preferência.", coded("tipo_margem_preferencia", code="codigo")
    )
    exigenciaConteudoNacional = flag("Verdadeiro se há exigência de conteúdo nacional.")
    ncmNbsCodigo = text("Código NCM (bens) ou NBS (serviços).")
    ncmNbsDescricao = text("Descrição da NCM ou NBS.")
    catalogo = group("Catálogo de que vem o código do item.", CATALOGO)
    categoriaItemCatalogo = group("Categoria do item no catálogo.", dated("categoria_item_pca"))
    catalogoCodigoItem = text("Código CATMAT ou CATSER; quase sempre nulo fora do Compras.gov.br.")
    informacaoComplementar = long_text("Informação complementar.")
    dataInclusao = moment("Inclusão do registro (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo).")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_itens(landed_itens: ir.Table) -> Annotated[ir.Table, RawItens]:
    """Items of contratações as they landed, nothing changed and nothing dropped.

    Grain: one row per item of a contratação and observed change.
    Key: parent_key, numeroItem, observation_id.
    Source: GET /v1/orgaos/{cnpj}/compras/{ano}/{sequencial}/itens.
    """
    return landed_itens.select(*RawItens.columns)
