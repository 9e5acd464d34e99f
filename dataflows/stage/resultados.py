"""Results of items, one row each: who won, for how much; cleaned, labelled, flattened, with verdicts."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, day, flag, integer, moment, order, quantity, text
from dataflows.domains import Domain
from dataflows.expressions import Row
from dataflows.raw.resultados import RawResultados
from dataflows.stage import columns
from dataflows.stage.control_numbers import of_purchase
from dataflows.stage.texts import clean, code
from dataflows.stage.verdicts import RESULT_VERDICTS, VALUE_VERDICTS, amount_verdict, result_verdict
from dataflows.stage.versions import latest, one_row_per_key

CANCELLED = 2
"""Code of situacao_resultado for a result that no longer counts."""

KEY = ("parent_key", "numeroItem", "sequencialResultado")


class StageResultados(Contract):
    """Resultados de itens de contratações na versão mais recente, limpos e rotulados."""

    grain = "one row per result of an item of a contratação (latest version)"
    key = ("numero_controle_pncp_compra", "numero_item", "sequencial_resultado")
    by_key = KEY

    numero_controle_pncp_compra = text(
        "Número de controle da contratação do resultado.", source="parent_key", nullable=False
    )
    numero_item = integer("Número do item na contratação.", source="numeroItem", nullable=False)
    sequencial_resultado = integer(
        "Sequencial do resultado no item; vários são lícitos (classificação de SRP, cadastro de reserva).",
        source="sequencialResultado",
        nullable=False,
    )
    cnpj_orgao = columns.CNPJ_ORGAO_DA_COMPRA
    ano_compra = columns.ANO_COMPRA
    sequencial_compra = columns.SEQUENCIAL_COMPRA
    link_pncp = columns.LINK_COMPRA

    ni_fornecedor = columns.NI_FORNECEDOR
    nome_fornecedor = columns.NOME_FORNECEDOR
    tipo_pessoa_id = columns.TIPO_PESSOA_ID
    tipo_pessoa_nome = columns.TIPO_PESSOA_NOME
    porte_fornecedor_id = integer(
        "Código do porte do fornecedor.", source="porteFornecedorId", domain="porte_empresa"
    )
    porte_fornecedor_nome = text(
        "Rótulo oficial do porte; na falta dele, o que a API trouxe.", source="porte_fornecedor_id"
    )
    natureza_juridica_id = text(
        "Código da natureza jurídica do fornecedor, quatro dígitos; 0000 quando não informada.",
        source="naturezaJuridicaId",
        domain="natureza_juridica",
    )
    natureza_juridica_nome = text(
        "Rótulo oficial da natureza jurídica; na falta dele, o que a API trouxe.",
        source="natureza_juridica_id",
    )
    codigo_pais_fornecedor = columns.CODIGO_PAIS_FORNECEDOR.but(source="codigoPais")
    uf_sigla_fornecedor = text("UF do fornecedor (desde 2026).", source="localidadeFornecedor.uf")
    uf_nome_fornecedor = text("Nome da UF do fornecedor (desde 2026).", source="localidadeFornecedor.ufNome")
    codigo_ibge_fornecedor = text(
        "Código IBGE do município do fornecedor (desde 2026).", source="localidadeFornecedor.codigoIbge"
    )
    municipio_nome_fornecedor = text(
        "Município do fornecedor (desde 2026).", source="localidadeFornecedor.nomeMunicipio"
    )
    localidade_exterior = text(
        "Localidade do fornecedor no exterior (desde 2026).", source="localidadeExterior"
    )
    indicador_subcontratacao = flag("Verdadeiro se há subcontratação.", source="indicadorSubcontratacao")

    situacao_compra_item_resultado_id = integer(
        "Código da situação do resultado.",
        source="situacaoCompraItemResultadoId",
        domain="situacao_resultado",
    )
    situacao_compra_item_resultado_nome = text(
        "Rótulo oficial da situação; na falta dele, o que a API trouxe.",
        source="situacao_compra_item_resultado_id",
    )
    cancelado = flag(
        "Verdadeiro se o resultado foi cancelado (situação 2 ou data de cancelamento): não conta.",
        source="situacao_compra_item_resultado_id, data_cancelamento",
        nullable=False,
    )
    motivo_cancelamento = text("Motivo do cancelamento, em uma linha.", source="motivoCancelamento")
    ordem_classificacao_srp = integer(
        "Classificação do fornecedor no registro de preços.", source="ordemClassificacaoSrp"
    )
    reserva_remanescente_codigo = integer(
        "Código: se o resultado é de cadastro de reserva ou de remanescente (desde 2026).",
        source="reservaRemanescente.codigo, reservaRemanescenteId.codigo",
        domain="reserva_remanescente",
    )
    reserva_remanescente_nome = text(
        "Rótulo oficial de reserva ou remanescente; na falta dele, o que a API trouxe.",
        source="reserva_remanescente_codigo",
    )

    aplicacao_beneficio_me_epp = flag(
        "Verdadeiro se houve benefício a microempresa ou empresa de pequeno porte.",
        source="aplicacaoBeneficioMeEpp",
    )
    aplicacao_margem_preferencia = flag(
        "Verdadeiro se houve margem de preferência.", source="aplicacaoMargemPreferencia"
    )
    amparo_legal_margem_preferencia_id = integer(
        "Código do dispositivo legal da margem de preferência.",
        source="amparoLegalMargemPreferencia.id",
        domain="amparo_legal",
    )
    amparo_legal_margem_preferencia_nome = text(
        "Rótulo oficial do dispositivo da margem; na falta dele, o que a API trouxe.",
        source="amparo_legal_margem_preferencia_id",
    )
    aplicacao_criterio_desempate = flag("Verdadeiro se houve desempate.", source="aplicacaoCriterioDesempate")
    amparo_legal_criterio_desempate_id = integer(
        "Código do dispositivo legal do desempate.",
        source="amparoLegalCriterioDesempate.id",
        domain="amparo_legal",
    )
    amparo_legal_criterio_desempate_nome = text(
        "Rótulo oficial do dispositivo do desempate; na falta dele, o que a API trouxe.",
        source="amparo_legal_criterio_desempate_id",
    )
    pais_origem_produto_servico_id = text(
        "Código do país de origem do produto ou serviço.", source="paisOrigemProdutoServico.id"
    )
    pais_origem_produto_servico_nome = text(
        "Nome do país de origem do produto ou serviço.", source="paisOrigemProdutoServico.nome"
    )

    data_resultado = day(
        "Data do resultado, como publicada; há datas absurdas (ano 1).", source="dataResultado"
    )
    data_cancelamento = moment("Cancelamento do resultado (America/Sao_Paulo).", source="dataCancelamento")
    data_inclusao = columns.DATA_INCLUSAO
    data_atualizacao = columns.DATA_ATUALIZACAO
    date_verdict = text(
        "Avaliação de data_resultado: ok, implausible (ano impossível), dated_after_inclusion (depois do dia "
        "em que o registro foi incluído).",
        source="data_resultado, data_inclusao",
        nullable=False,
        isin=RESULT_VERDICTS,
    )

    quantidade_homologada = quantity(
        "Quantidade homologada.", unit="unidade_medida", source="quantidadeHomologada"
    )
    valor_unitario_homologado = amount(
        "Valor unitário homologado: o preço que se compara.", source="valorUnitarioHomologado"
    )
    valor_total_homologado = amount(
        "Valor total homologado; um desconto pode afastá-lo do produto.", source="valorTotalHomologado"
    )
    percentual_desconto = quantity("Desconto.", unit="%", source="percentualDesconto")
    award_verdict = text(
        "Avaliação de valor_total_homologado: ok, review (convém conferir), suspect (somar à parte).",
        source="valor_total_homologado",
        nullable=False,
        isin=VALUE_VERDICTS,
    )
    moeda_estrangeira_id = order("Número da moeda estrangeira no PNCP.", source="moedaEstrangeira.id")
    moeda_estrangeira_simbolo = text(
        "Símbolo da moeda estrangeira da proposta.", source="moedaEstrangeira.simbolo"
    )
    moeda_estrangeira_nome = text("Nome da moeda estrangeira da proposta.", source="moedaEstrangeira.nome")
    valor_nominal_moeda_estrangeira = quantity(
        "Valor na moeda estrangeira; não se soma aos valores em reais.",
        unit="moeda_estrangeira_simbolo",
        source="valorNominalMoedaEstrangeira",
    )
    data_cotacao_moeda_estrangeira = moment(
        "Cotação da moeda estrangeira, no fuso de timezone_cotacao_moeda_estrangeira.",
        source="dataCotacaoMoedaEstrangeira",
    )
    timezone_cotacao_moeda_estrangeira = text(
        "Fuso de data_cotacao_moeda_estrangeira.", source="timezoneCotacaoMoedaEstrangeira"
    )

    observation_id = columns.OBSERVATION_ID
    observed_at = columns.OBSERVED_AT


def resultados_latest(raw_resultados: Annotated[ir.Table, RawResultados]) -> ir.Table:
    """The version of each result that counts: highest dataAtualizacao, then latest observation."""
    return latest(raw_resultados, key=KEY, version="dataAtualizacao")


def resultados_identification(resultados_latest: ir.Table) -> dict[str, ir.Value]:
    """The purchase and item a result is of, its sequence there, and the purchase's page on the portal."""
    row: Row = resultados_latest
    purchase = of_purchase(row.parent_key)
    return {
        "numero_controle_pncp_compra": purchase.pop("numero_controle_pncp_compra"),
        "numero_item": row.numeroItem,
        "sequencial_resultado": row.sequencialResultado,
        **purchase,
    }


def resultados_supplier(
    resultados_latest: ir.Table,
    domain_tipo_pessoa: Domain,
    domain_porte_empresa: Domain,
    domain_natureza_juridica: Domain,
) -> dict[str, ir.Value]:
    """Supplier: who, of what size and kind, and where from."""
    row: Row = resultados_latest
    tipo_pessoa, porte = code(row.tipoPessoa), row.porteFornecedorId
    natureza, lugar = code(row.naturezaJuridicaId), row.localidadeFornecedor
    return {
        "ni_fornecedor": code(row.niFornecedor),
        "nome_fornecedor": clean(row.nomeRazaoSocialFornecedor),
        "tipo_pessoa_id": tipo_pessoa,
        "tipo_pessoa_nome": domain_tipo_pessoa.label(tipo_pessoa),
        "porte_fornecedor_id": porte,
        "porte_fornecedor_nome": domain_porte_empresa.label(porte).coalesce(clean(row.porteFornecedorNome)),
        "natureza_juridica_id": natureza,
        "natureza_juridica_nome": domain_natureza_juridica.label(natureza).coalesce(
            clean(row.naturezaJuridicaNome)
        ),
        "codigo_pais_fornecedor": code(row.codigoPais),
        "uf_sigla_fornecedor": code(lugar.uf),
        "uf_nome_fornecedor": clean(lugar.ufNome),
        "codigo_ibge_fornecedor": code(lugar.codigoIbge),
        "municipio_nome_fornecedor": clean(lugar.nomeMunicipio),
        "localidade_exterior": clean(row.localidadeExterior),
        "indicador_subcontratacao": row.indicadorSubcontratacao,
    }


def resultados_classification(
    resultados_latest: ir.Table, domain_situacao_resultado: Domain, domain_reserva_remanescente: Domain
) -> dict[str, ir.Value]:
    """Whether a result counts, and its place among those of its item."""
    row: Row = resultados_latest
    situacao = row.situacaoCompraItemResultadoId
    reserva = row.reservaRemanescente.codigo.coalesce(row.reservaRemanescenteId.codigo)
    brought = row.reservaRemanescente.nome.coalesce(row.reservaRemanescenteId.nome)
    return {
        "situacao_compra_item_resultado_id": situacao,
        "situacao_compra_item_resultado_nome": domain_situacao_resultado.label(situacao).coalesce(
            clean(row.situacaoCompraItemResultadoNome)
        ),
        "cancelado": ((situacao == CANCELLED) | row.dataCancelamento.notnull()).coalesce(False),
        "motivo_cancelamento": clean(row.motivoCancelamento),
        "ordem_classificacao_srp": row.ordemClassificacaoSrp,
        "reserva_remanescente_codigo": reserva,
        "reserva_remanescente_nome": domain_reserva_remanescente.label(reserva).coalesce(clean(brought)),
    }


def resultados_preferences(resultados_latest: ir.Table, domain_amparo_legal: Domain) -> dict[str, ir.Value]:
    """What the law preferred: small enterprises, margins, tie-breaks; and where the thing is made."""
    row: Row = resultados_latest
    margem, desempate = row.amparoLegalMargemPreferencia, row.amparoLegalCriterioDesempate
    pais = row.paisOrigemProdutoServico
    return {
        "aplicacao_beneficio_me_epp": row.aplicacaoBeneficioMeEpp,
        "aplicacao_margem_preferencia": row.aplicacaoMargemPreferencia,
        "amparo_legal_margem_preferencia_id": margem.id,
        "amparo_legal_margem_preferencia_nome": domain_amparo_legal.label(margem.id).coalesce(
            clean(margem.nome)
        ),
        "aplicacao_criterio_desempate": row.aplicacaoCriterioDesempate,
        "amparo_legal_criterio_desempate_id": desempate.id,
        "amparo_legal_criterio_desempate_nome": domain_amparo_legal.label(desempate.id).coalesce(
            clean(desempate.nome)
        ),
        "pais_origem_produto_servico_id": code(pais.id),
        "pais_origem_produto_servico_nome": clean(pais.nome),
    }


def resultados_dates(resultados_latest: ir.Table, earliest_year: int) -> dict[str, ir.Value]:
    """Dates as published, with a verdict on that of the result."""
    row: Row = resultados_latest
    return {
        "data_resultado": row.dataResultado,
        "data_cancelamento": row.dataCancelamento,
        "data_inclusao": row.dataInclusao,
        "data_atualizacao": row.dataAtualizacao,
        "date_verdict": result_verdict(row.dataResultado, row.dataInclusao, earliest_year=earliest_year),
    }


def resultados_values(
    resultados_latest: ir.Table, suspect_value: int, review_value: int, suspect_nines: int
) -> dict[str, ir.Value]:
    """Awarded quantity and amounts, the verdict on the total, and what was bid in foreign money."""
    row: Row = resultados_latest
    moeda = row.moedaEstrangeira
    return {
        "quantidade_homologada": row.quantidadeHomologada,
        "valor_unitario_homologado": row.valorUnitarioHomologado,
        "valor_total_homologado": row.valorTotalHomologado,
        "percentual_desconto": row.percentualDesconto,
        "award_verdict": amount_verdict(
            row.valorTotalHomologado,
            suspect_value=suspect_value,
            review_value=review_value,
            suspect_nines=suspect_nines,
        ),
        "moeda_estrangeira_id": moeda.id,
        "moeda_estrangeira_simbolo": code(moeda.simbolo),
        "moeda_estrangeira_nome": clean(moeda.nome),
        "valor_nominal_moeda_estrangeira": row.valorNominalMoedaEstrangeira,
        "data_cotacao_moeda_estrangeira": row.dataCotacaoMoedaEstrangeira,
        "timezone_cotacao_moeda_estrangeira": code(row.timezoneCotacaoMoedaEstrangeira),
    }


def resultados_evidence(resultados_latest: ir.Table) -> dict[str, ir.Value]:
    """Which observation of raw.resultados a row shows."""
    return {
        "observation_id": resultados_latest.observation_id,
        "observed_at": resultados_latest.observed_at,
    }


def stage_resultados(
    resultados_latest: ir.Table,
    resultados_identification: dict[str, ir.Value],
    resultados_supplier: dict[str, ir.Value],
    resultados_classification: dict[str, ir.Value],
    resultados_preferences: dict[str, ir.Value],
    resultados_dates: dict[str, ir.Value],
    resultados_values: dict[str, ir.Value],
    resultados_evidence: dict[str, ir.Value],
) -> Annotated[ir.Table, StageResultados]:
    """Every result of an item once, in its latest version.

    Grain: one row per result of an item of a contratação.
    Key: numero_controle_pncp_compra, numero_item, sequencial_resultado.
    Source: raw_resultados.
    Notes: no row is left out; cancelled results are marked (`cancelado`), and those that are no award
    (reserve register, lower ranks of a price register) keep their code and rank. Only the results of
    purchases whose details were fetched are in the file. Counts for the original órgão of the purchase. The
    control number is that of the purchase asked about; the record's own numeroControlePNCPCompra, which
    repeats it, and the descriptions of legal bases are left out. A unit price of zero or of all nines has
    no verdict of its own.
    """
    return resultados_latest.select(
        **resultados_identification,
        **resultados_supplier,
        **resultados_classification,
        **resultados_preferences,
        **resultados_dates,
        **resultados_values,
        **resultados_evidence,
    )


@StageResultados.gate("one row per key of raw")
def _every_key_once(stage_resultados: ir.Table, raw_resultados: ir.Table) -> ir.Table:
    return one_row_per_key(stage_resultados, raw_resultados, key=KEY)
