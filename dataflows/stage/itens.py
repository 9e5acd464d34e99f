"""Items of contratações, one row each: cleaned, labelled, flattened, with a verdict on the estimate."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, flag, integer, long_text, quantity, text
from dataflows.domains import Domain
from dataflows.expressions import Flag, Row
from dataflows.raw.itens import RawItens
from dataflows.stage import columns
from dataflows.stage.control_numbers import of_purchase
from dataflows.stage.secrecy import MISSING, is_secret, missing
from dataflows.stage.texts import clean, code
from dataflows.stage.verdicts import VALUE_VERDICTS, amount_verdict
from dataflows.stage.versions import latest, one_row_per_key

KEY = ("parent_key", "numeroItem")


class StageItens(Contract):
    """Itens de contratações na versão mais recente, limpos e rotulados."""

    grain = "one row per item of a contratação (latest version)"
    key = ("numero_controle_pncp_compra", "numero_item")
    by_key = KEY

    numero_controle_pncp_compra = text(
        "Número de controle da contratação do item.", source="parent_key", nullable=False
    )
    numero_item = integer(
        "Número do item na contratação; nem sempre segue de 1 em diante.", source="numeroItem", nullable=False
    )
    cnpj_orgao = columns.CNPJ_ORGAO_DA_COMPRA
    ano_compra = columns.ANO_COMPRA
    sequencial_compra = columns.SEQUENCIAL_COMPRA
    link_pncp = columns.LINK_COMPRA

    descricao = long_text("Descrição livre do item, em uma linha.", source="descricao")
    informacao_complementar = columns.INFORMACAO_COMPLEMENTAR
    material_ou_servico_id = text(
        "Código: M (material) ou S (serviço).", source="materialOuServico", domain="material_servico"
    )
    material_ou_servico_nome = text(
        "Rótulo oficial de material ou serviço; na falta dele, o que a API trouxe.",
        source="material_ou_servico_id",
    )
    item_categoria_id = integer(
        "Código da categoria do item em leilões; 3 nos demais casos.",
        source="itemCategoriaId",
        domain="item_categoria",
    )
    item_categoria_nome = text(
        "Rótulo oficial da categoria; na falta dele, o que a API trouxe.", source="item_categoria_id"
    )
    criterio_julgamento_id = integer(
        "Código do critério de julgamento.", source="criterioJulgamentoId", domain="criterio_julgamento"
    )
    criterio_julgamento_nome = text(
        "Rótulo oficial do critério; na falta dele, o que a API trouxe.", source="criterio_julgamento_id"
    )
    situacao_compra_item_id = integer(
        "Código da situação do item; homologado (2) pode não ter resultado.",
        source="situacaoCompraItem",
        domain="situacao_item",
    )
    situacao_compra_item_nome = text(
        "Rótulo oficial da situação; na falta dele, o que a API trouxe.", source="situacao_compra_item_id"
    )
    tem_resultado = flag("Verdadeiro se o item tem resultado a perguntar.", source="temResultado")
    tipo_beneficio_id = integer(
        "Código do benefício a microempresas e empresas de pequeno porte.",
        source="tipoBeneficio",
        domain="tipo_beneficio",
    )
    tipo_beneficio_nome = text(
        "Rótulo oficial do benefício; na falta dele, o que a API trouxe.", source="tipo_beneficio_id"
    )
    incentivo_produtivo_basico = flag(
        "Verdadeiro se há incentivo ao processo produtivo básico.", source="incentivoProdutivoBasico"
    )
    aplicabilidade_margem_preferencia_normal = flag(
        "Verdadeiro se cabe margem de preferência normal.", source="aplicabilidadeMargemPreferenciaNormal"
    )
    aplicabilidade_margem_preferencia_adicional = flag(
        "Verdadeiro se cabe margem de preferência adicional.",
        source="aplicabilidadeMargemPreferenciaAdicional",
    )
    percentual_margem_preferencia_normal = quantity(
        "Margem de preferência normal.", unit="%", source="percentualMargemPreferenciaNormal"
    )
    percentual_margem_preferencia_adicional = quantity(
        "Margem de preferência adicional.", unit="%", source="percentualMargemPreferenciaAdicional"
    )
    tipo_margem_preferencia_codigo = integer(
        "Código da norma da margem de preferência.",
        source="tipoMargemPreferencia.codigo",
        domain="tipo_margem_preferencia",
    )
    tipo_margem_preferencia_nome = text(
        "Rótulo oficial da norma; na falta dele, o que a API trouxe.", source="tipo_margem_preferencia_codigo"
    )
    exigencia_conteudo_nacional = flag(
        "Verdadeiro se há exigência de conteúdo nacional.", source="exigenciaConteudoNacional"
    )

    ncm_nbs_codigo = text("Código NCM (bens) ou NBS (serviços).", source="ncmNbsCodigo")
    ncm_nbs_descricao = text("Descrição da NCM ou NBS, em uma linha.", source="ncmNbsDescricao")
    catalogo_id = integer(
        "Código do catálogo de que vem o código do item.", source="catalogo.id", domain="catalogo"
    )
    catalogo_nome = text(
        "Rótulo oficial do catálogo; na falta dele, o que a API trouxe.", source="catalogo_id"
    )
    categoria_item_catalogo_id = integer(
        "Código da categoria do item no catálogo.",
        source="categoriaItemCatalogo.id",
        domain="categoria_item_pca",
    )
    categoria_item_catalogo_nome = text(
        "Rótulo oficial da categoria no catálogo; na falta dele, o que a API trouxe.",
        source="categoria_item_catalogo_id",
    )
    catalogo_codigo_item = text(
        "Código CATMAT ou CATSER; quase sempre nulo fora do Compras.gov.br.", source="catalogoCodigoItem"
    )
    patrimonio = text("Código do bem no patrimônio do órgão.", source="patrimonio")
    codigo_registro_imobiliario = text("Código do imóvel no registro.", source="codigoRegistroImobiliario")

    quantidade = quantity("Quantidade.", unit="unidade_medida", source="quantidade")
    unidade_medida = text("Unidade de medida; texto livre, sem padrão.", source="unidadeMedida")
    orcamento_sigiloso = flag("Verdadeiro se o orçamento do item é sigiloso.", source="orcamentoSigiloso")
    valor_unitario_estimado = amount(
        "Valor unitário estimado; nulo se o sigilo é certo, zero se a API trouxe zero sem que se saiba "
        "por quê.",
        source="valorUnitarioEstimado",
    )
    valor_total = amount(
        "Valor total estimado; nem sempre é a quantidade vezes o valor unitário. Nulo se o sigilo é certo.",
        source="valorTotal",
    )
    estimate_missing = text(
        "Por que valor_total é nulo: secret (orçamento sigiloso, ainda sem resultado: a API traz zero), "
        "unpublished (a API trouxe nulo); nulo quando há valor.",
        source="valorTotal, orcamento_sigiloso, tem_resultado",
        isin=MISSING,
    )
    estimate_verdict = text(
        "Avaliação de valor_total: ok, review (convém conferir), suspect (somar à parte).",
        source="valor_total",
        nullable=False,
        isin=VALUE_VERDICTS,
    )

    data_inclusao = columns.DATA_INCLUSAO
    data_atualizacao = columns.DATA_ATUALIZACAO

    observation_id = columns.OBSERVATION_ID
    observed_at = columns.OBSERVED_AT


def itens_latest(raw_itens: Annotated[ir.Table, RawItens]) -> ir.Table:
    """The version of each item that counts: highest dataAtualizacao, then latest observation."""
    return latest(raw_itens, key=KEY, version="dataAtualizacao")


def itens_identification(itens_latest: ir.Table) -> dict[str, ir.Value]:
    """The purchase an item is of, its number there, and the purchase's page on the portal."""
    row: Row = itens_latest
    purchase = of_purchase(row.parent_key)
    compra = purchase.pop("numero_controle_pncp_compra")
    return {"numero_controle_pncp_compra": compra, "numero_item": row.numeroItem, **purchase}


def itens_classification(
    itens_latest: ir.Table,
    domain_material_servico: Domain,
    domain_item_categoria: Domain,
    domain_criterio_julgamento: Domain,
    domain_situacao_item: Domain,
) -> dict[str, ir.Value]:
    """What is bought, how it is judged and where it stands, with official labels."""
    row: Row = itens_latest
    natureza, categoria = code(row.materialOuServico), row.itemCategoriaId
    criterio, situacao = row.criterioJulgamentoId, row.situacaoCompraItem
    return {
        "descricao": clean(row.descricao),
        "informacao_complementar": clean(row.informacaoComplementar),
        "material_ou_servico_id": natureza,
        "material_ou_servico_nome": domain_material_servico.label(natureza).coalesce(
            clean(row.materialOuServicoNome)
        ),
        "item_categoria_id": categoria,
        "item_categoria_nome": domain_item_categoria.label(categoria).coalesce(clean(row.itemCategoriaNome)),
        "criterio_julgamento_id": criterio,
        "criterio_julgamento_nome": domain_criterio_julgamento.label(criterio).coalesce(
            clean(row.criterioJulgamentoNome)
        ),
        "situacao_compra_item_id": situacao,
        "situacao_compra_item_nome": domain_situacao_item.label(situacao).coalesce(
            clean(row.situacaoCompraItemNome)
        ),
        "tem_resultado": row.temResultado,
    }


def itens_preferences(
    itens_latest: ir.Table, domain_tipo_beneficio: Domain, domain_tipo_margem_preferencia: Domain
) -> dict[str, ir.Value]:
    """Whom the law prefers: benefits to small enterprises, margins, national content."""
    row: Row = itens_latest
    beneficio, margem = row.tipoBeneficio, row.tipoMargemPreferencia
    return {
        "tipo_beneficio_id": beneficio,
        "tipo_beneficio_nome": domain_tipo_beneficio.label(beneficio).coalesce(clean(row.tipoBeneficioNome)),
        "incentivo_produtivo_basico": row.incentivoProdutivoBasico,
        "aplicabilidade_margem_preferencia_normal": row.aplicabilidadeMargemPreferenciaNormal,
        "aplicabilidade_margem_preferencia_adicional": row.aplicabilidadeMargemPreferenciaAdicional,
        "percentual_margem_preferencia_normal": row.percentualMargemPreferenciaNormal,
        "percentual_margem_preferencia_adicional": row.percentualMargemPreferenciaAdicional,
        "tipo_margem_preferencia_codigo": margem.codigo,
        "tipo_margem_preferencia_nome": domain_tipo_margem_preferencia.label(margem.codigo).coalesce(
            clean(margem.nome)
        ),
        "exigencia_conteudo_nacional": row.exigenciaConteudoNacional,
    }


def itens_catalogue(
    itens_latest: ir.Table, domain_catalogo: Domain, domain_categoria_item_pca: Domain
) -> dict[str, ir.Value]:
    """Codes that say what the thing is in catalogues and registers."""
    row: Row = itens_latest
    catalogo, categoria = row.catalogo, row.categoriaItemCatalogo
    return {
        "ncm_nbs_codigo": code(row.ncmNbsCodigo),
        "ncm_nbs_descricao": clean(row.ncmNbsDescricao),
        "catalogo_id": catalogo.id,
        "catalogo_nome": domain_catalogo.label(catalogo.id).coalesce(clean(catalogo.nome)),
        "categoria_item_catalogo_id": categoria.id,
        "categoria_item_catalogo_nome": domain_categoria_item_pca.label(categoria.id).coalesce(
            clean(categoria.nome)
        ),
        "catalogo_codigo_item": code(row.catalogoCodigoItem),
        "patrimonio": clean(row.patrimonio),
        "codigo_registro_imobiliario": clean(row.codigoRegistroImobiliario),
    }


def itens_values(
    itens_latest: ir.Table, suspect_value: int, review_value: int, suspect_nines: int
) -> dict[str, ir.Value]:
    """Quantity and estimates, secret ones null, with the verdict on the total."""
    row: Row = itens_latest
    has_result = row.temResultado.coalesce(False)
    hidden = is_secret(row.valorTotal, row.orcamentoSigiloso, has_result)
    unit_hidden = is_secret(row.valorUnitarioEstimado, row.orcamentoSigiloso, has_result)
    total = hidden.ifelse(None, row.valorTotal)
    return {
        "quantidade": row.quantidade,
        "unidade_medida": clean(row.unidadeMedida),
        "orcamento_sigiloso": row.orcamentoSigiloso,
        "valor_unitario_estimado": unit_hidden.ifelse(None, row.valorUnitarioEstimado),
        "valor_total": total,
        "estimate_missing": missing(row.valorTotal, hidden),
        "estimate_verdict": amount_verdict(
            total, suspect_value=suspect_value, review_value=review_value, suspect_nines=suspect_nines
        ),
    }


def itens_evidence(itens_latest: ir.Table) -> dict[str, ir.Value]:
    """When a row was written, and which observation of raw.itens it shows."""
    return {
        "data_inclusao": itens_latest.dataInclusao,
        "data_atualizacao": itens_latest.dataAtualizacao,
        "observation_id": itens_latest.observation_id,
        "observed_at": itens_latest.observed_at,
    }


def stage_itens(
    itens_latest: ir.Table,
    itens_identification: dict[str, ir.Value],
    itens_classification: dict[str, ir.Value],
    itens_preferences: dict[str, ir.Value],
    itens_catalogue: dict[str, ir.Value],
    itens_values: dict[str, ir.Value],
    itens_evidence: dict[str, ir.Value],
) -> Annotated[ir.Table, StageItens]:
    """Every item of a contratação once, in its latest version.

    Grain: one row per item of a contratação.
    Key: numero_controle_pncp_compra, numero_item.
    Source: raw_itens.
    Notes: no row is left out, failed and cancelled items included (`situacao_compra_item_id`). Only the items
    of purchases whose details were fetched are in the file. Counts for the original órgão of the purchase.
    Where `valor_total` is not quantity times unit price, as both are published, mart.quality counts it (a
    rule of severity warning): nothing here says which of the three is wrong. Left out: the number PNCP gives
    an item's image, and dates and descriptions of the rows of official tables.
    """
    return itens_latest.select(
        **itens_identification,
        **itens_classification,
        **itens_preferences,
        **itens_catalogue,
        **itens_values,
        **itens_evidence,
    )


@StageItens.rule("valor_total is quantidade times valor_unitario_estimado, but for cents", severity="warning")
def _total_is_the_product(table: Row) -> Flag:
    """Of what is known alone: a unit price of zero is none.

    A total may be a cent off, and for each unit half a cent, where the price was written in cents.
    """
    number, price = (
        table[name].nullif(0).cast("float64") for name in ("quantidade", "valor_unitario_estimado")
    )
    off = (number * price - table.valor_total.cast("float64")).abs()
    return off * 200 <= number.abs() + 2


@StageItens.gate("one row per key of raw")
def _every_key_once(stage_itens: ir.Table, raw_itens: ir.Table) -> ir.Table:
    return one_row_per_key(stage_itens, raw_itens, key=KEY)
