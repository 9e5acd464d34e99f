"""Contratos, one row each: cleaned, labelled, flattened, with verdicts on values and dates."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, flag, integer, long_text, text
from dataflows.domains import Domain
from dataflows.expressions import Row
from dataflows.raw.contratos import RawContratos
from dataflows.stage import columns
from dataflows.stage.buyers import buyer, cnpj_orgao
from dataflows.stage.control_numbers import page
from dataflows.stage.texts import clean, code
from dataflows.stage.verdicts import (
    BUCKETS,
    VALUE_VERDICTS,
    bucket,
    date_verdict,
    value_verdict,
)
from dataflows.stage.versions import latest, one_row_per_key

EMPENHO = 7
"""Code of tipo_contrato for empenhos: commitments of budget, about 40 % of what /v1/contratos returns."""

KEY = ("numeroControlePNCP",)


class StageContratos(Contract):
    """Contratos e empenhos na versão mais recente, limpos e rotulados."""

    grain = "one row per contrato or empenho (latest version)"
    key = ("numero_controle_pncp",)
    by_key = KEY

    numero_controle_pncp = text(
        "Número de controle do contrato no PNCP.", source="numeroControlePNCP", nullable=False
    )
    numero_controle_pncp_compra = text(
        "Número de controle da contratação de origem; em um terço dos casos é de outro órgão.",
        source="numeroControlePncpCompra",
    )
    numero_controle_pncp_ata = text("Número de controle da ata de origem.", source="numeroControlePncpAta")
    ano_contrato = integer("Ano do contrato no órgão.", source="anoContrato")
    sequencial_contrato = integer("Sequencial do contrato no órgão e ano.", source="sequencialContrato")
    numero_contrato_empenho = text("Número no sistema de origem.", source="numeroContratoEmpenho")
    processo = columns.PROCESSO
    link_pncp = columns.LINK_PNCP.but(source="cnpj_orgao, ano_contrato, sequencial_contrato")

    cnpj_orgao = columns.CNPJ_ORGAO
    nome_orgao = columns.NOME_ORGAO
    poder_id = columns.PODER_ID
    poder_nome = columns.PODER_NOME
    esfera_id = columns.ESFERA_ID
    esfera_nome = columns.ESFERA_NOME
    codigo_unidade = columns.CODIGO_UNIDADE
    nome_unidade = columns.NOME_UNIDADE
    uf_sigla = columns.UF_SIGLA
    uf_nome = columns.UF_NOME
    codigo_ibge = columns.CODIGO_IBGE
    municipio_nome = columns.MUNICIPIO_NOME
    cnpj_orgao_subrogado = columns.CNPJ_ORGAO_SUBROGADO
    nome_orgao_subrogado = columns.NOME_ORGAO_SUBROGADO
    codigo_unidade_subrogada = columns.CODIGO_UNIDADE_SUBROGADA
    nome_unidade_subrogada = columns.NOME_UNIDADE_SUBROGADA

    ni_fornecedor = columns.NI_FORNECEDOR
    nome_fornecedor = columns.NOME_FORNECEDOR
    tipo_pessoa_id = columns.TIPO_PESSOA_ID
    tipo_pessoa_nome = columns.TIPO_PESSOA_NOME
    codigo_pais_fornecedor = columns.CODIGO_PAIS_FORNECEDOR
    ni_fornecedor_subcontratado = columns.NI_FORNECEDOR_SUBCONTRATADO
    nome_fornecedor_subcontratado = columns.NOME_FORNECEDOR_SUBCONTRATADO
    tipo_pessoa_subcontratada_id = columns.TIPO_PESSOA_SUBCONTRATADA_ID

    tipo_contrato_id = integer(
        "Código do tipo de contrato.", source="tipoContrato.id", domain="tipo_contrato"
    )
    tipo_contrato_nome = text(
        "Rótulo oficial do tipo de contrato; na falta dele, o que a API trouxe.", source="tipo_contrato_id"
    )
    categoria_processo_id = integer(
        "Código da categoria do processo.", source="categoriaProcesso.id", domain="categoria_processo"
    )
    categoria_processo_nome = text(
        "Rótulo oficial da categoria; na falta dele, o que a API trouxe.", source="categoria_processo_id"
    )
    empenho = flag("Verdadeiro se é empenho (tipo de contrato 7).", source="tipo_contrato_id", nullable=False)
    receita = flag("Verdadeiro se é receita, e não despesa; nulo conta como despesa.", source="receita")
    fruto_adesao = flag("Verdadeiro se nasceu de adesão a uma ata.", source="frutoAdesao")
    tem_remanejamento = flag("Verdadeiro se houve remanejamento.", source="temRemanejamento")
    emenda_parlamentar = flag("Verdadeiro se há emenda parlamentar.", source="emendaParlamentar")

    objeto_contrato = long_text("Objeto do contrato, em uma linha.", source="objetoContrato")
    informacao_complementar = columns.INFORMACAO_COMPLEMENTAR
    identificador_cipi = text("Identificador no CIPI.", source="identificadorCipi")
    url_cipi = long_text("Endereço no CIPI.", source="urlCipi")
    usuario_nome = columns.USUARIO_NOME

    data_assinatura = columns.DATA_ASSINATURA
    data_vigencia_inicio = columns.DATA_VIGENCIA_INICIO
    data_vigencia_fim = columns.DATA_VIGENCIA_FIM
    data_publicacao_pncp = columns.DATA_PUBLICACAO_PNCP
    data_atualizacao = columns.DATA_ATUALIZACAO
    data_atualizacao_global = columns.DATA_ATUALIZACAO_GLOBAL
    date_verdict = columns.DATE_VERDICT

    valor_inicial = amount("Valor na assinatura.", source="valorInicial")
    valor_parcela = amount("Valor da parcela.", source="valorParcela")
    valor_global = amount(
        "Valor total contratado, atual; zero costuma ser desconhecido.", source="valorGlobal"
    )
    valor_acumulado = amount("Valor acumulado.", source="valorAcumulado")
    numero_parcelas = columns.NUMERO_PARCELAS
    numero_retificacao = integer("Quantas vezes o registro foi retificado.", source="numeroRetificacao")
    verdict = text(
        "Avaliação de valor_global: ok, review (convém conferir), suspect (somado à parte).",
        source="valor_global, valor_inicial",
        nullable=False,
        isin=VALUE_VERDICTS,
    )
    bucket = text(
        "Onde o contrato é somado: income (receita), suspect, empenho ou contract; exatamente um.",
        source="receita, verdict, empenho",
        nullable=False,
        isin=BUCKETS,
    )

    observation_id = columns.OBSERVATION_ID
    observed_at = columns.OBSERVED_AT


def contratos_latest(raw_contratos: Annotated[ir.Table, RawContratos]) -> ir.Table:
    """The version of each contrato that counts: highest dataAtualizacaoGlobal, then latest observation."""
    return latest(raw_contratos, key=KEY)


def contratos_identification(contratos_latest: ir.Table) -> dict[str, ir.Value]:
    """Control numbers, the source system's own numbers, and the page on the portal."""
    row: Row = contratos_latest
    cnpj = cnpj_orgao(row.orgaoEntidade.cnpj, row.numeroControlePNCP)
    return {
        "numero_controle_pncp": row.numeroControlePNCP,
        "numero_controle_pncp_compra": code(row.numeroControlePncpCompra),
        "numero_controle_pncp_ata": code(row.numeroControlePncpAta),
        "ano_contrato": row.anoContrato,
        "sequencial_contrato": row.sequencialContrato,
        "numero_contrato_empenho": clean(row.numeroContratoEmpenho),
        "processo": clean(row.processo),
        "link_pncp": page("contratos", cnpj, row.anoContrato, row.sequencialContrato),
    }


def contratos_buyer(
    contratos_latest: ir.Table, domain_poder: Domain, domain_esfera: Domain
) -> dict[str, ir.Value]:
    """Órgão and unidade, with their place; and those sub-rogated."""
    row: Row = contratos_latest
    return buyer(row, domain_poder, domain_esfera)


def contratos_supplier(contratos_latest: ir.Table, domain_tipo_pessoa: Domain) -> dict[str, ir.Value]:
    """Supplier and subcontractor."""
    row: Row = contratos_latest
    tipo_pessoa = code(row.tipoPessoa)
    return {
        "ni_fornecedor": code(row.niFornecedor),
        "nome_fornecedor": clean(row.nomeRazaoSocialFornecedor),
        "tipo_pessoa_id": tipo_pessoa,
        "tipo_pessoa_nome": domain_tipo_pessoa.label(tipo_pessoa),
        "codigo_pais_fornecedor": code(row.codigoPaisFornecedor),
        "ni_fornecedor_subcontratado": code(row.niFornecedorSubContratado),
        "nome_fornecedor_subcontratado": clean(row.nomeFornecedorSubContratado),
        "tipo_pessoa_subcontratada_id": code(row.tipoPessoaSubContratada),
    }


def contratos_classification(
    contratos_latest: ir.Table, domain_tipo_contrato: Domain, domain_categoria_processo: Domain
) -> dict[str, ir.Value]:
    """What kind of record it is, with official labels."""
    row: Row = contratos_latest
    tipo, categoria = row.tipoContrato, row.categoriaProcesso
    return {
        "tipo_contrato_id": tipo.id,
        "tipo_contrato_nome": domain_tipo_contrato.label(tipo.id).coalesce(clean(tipo.nome)),
        "categoria_processo_id": categoria.id,
        "categoria_processo_nome": domain_categoria_processo.label(categoria.id).coalesce(
            clean(categoria.nome)
        ),
        "empenho": (tipo.id == EMPENHO).coalesce(False),
        "receita": row.receita,
        "fruto_adesao": row.frutoAdesao,
        "tem_remanejamento": row.temRemanejamento,
        "emenda_parlamentar": row.emendaParlamentar,
    }


def contratos_texts(contratos_latest: ir.Table) -> dict[str, ir.Value]:
    """Free texts on one line each."""
    row: Row = contratos_latest
    return {
        "objeto_contrato": clean(row.objetoContrato),
        "informacao_complementar": clean(row.informacaoComplementar),
        "identificador_cipi": code(row.identificadorCipi),
        "url_cipi": code(row.urlCipi),
        "usuario_nome": clean(row.usuarioNome),
    }


def contratos_dates(contratos_latest: ir.Table, earliest_year: int, longest_term: int) -> dict[str, ir.Value]:
    """Dates as published, with a verdict."""
    row: Row = contratos_latest
    return {
        "data_assinatura": row.dataAssinatura,
        "data_vigencia_inicio": row.dataVigenciaInicio,
        "data_vigencia_fim": row.dataVigenciaFim,
        "data_publicacao_pncp": row.dataPublicacaoPncp,
        "data_atualizacao": row.dataAtualizacao,
        "data_atualizacao_global": row.dataAtualizacaoGlobal,
        "date_verdict": date_verdict(
            row.dataAssinatura,
            row.dataVigenciaInicio,
            row.dataVigenciaFim,
            row.dataPublicacaoPncp,
            earliest_year=earliest_year,
            longest_term=longest_term,
        ),
    }


def contratos_values(
    contratos_latest: ir.Table,
    contratos_classification: dict[str, ir.Value],
    suspect_value: int,
    review_value: int,
    suspect_growth: int,
    review_growth: int,
    suspect_nines: int,
) -> dict[str, ir.Value]:
    """Amounts as published, the verdict on valor_global, and the one bucket it is summed in."""
    row: Row = contratos_latest
    verdict = value_verdict(
        row.valorGlobal,
        row.valorInicial,
        suspect_value=suspect_value,
        review_value=review_value,
        suspect_growth=suspect_growth,
        review_growth=review_growth,
        suspect_nines=suspect_nines,
    )
    return {
        "valor_inicial": row.valorInicial,
        "valor_parcela": row.valorParcela,
        "valor_global": row.valorGlobal,
        "valor_acumulado": row.valorAcumulado,
        "numero_parcelas": row.numeroParcelas,
        "numero_retificacao": row.numeroRetificacao,
        "verdict": verdict,
        "bucket": bucket(row.receita, verdict, contratos_classification["empenho"]),
    }


def contratos_evidence(contratos_latest: ir.Table) -> dict[str, ir.Value]:
    """Which observation of raw.contratos a row shows."""
    return {
        "observation_id": contratos_latest.observation_id,
        "observed_at": contratos_latest.observed_at,
    }


def stage_contratos(
    contratos_latest: ir.Table,
    contratos_identification: dict[str, ir.Value],
    contratos_buyer: dict[str, ir.Value],
    contratos_supplier: dict[str, ir.Value],
    contratos_classification: dict[str, ir.Value],
    contratos_texts: dict[str, ir.Value],
    contratos_dates: dict[str, ir.Value],
    contratos_values: dict[str, ir.Value],
    contratos_evidence: dict[str, ir.Value],
) -> Annotated[ir.Table, StageContratos]:
    """Every contrato and empenho once, in its latest version.

    Grain: one row per contrato or empenho.
    Key: numero_controle_pncp.
    Source: raw_contratos.
    Notes: nothing is left out; income, suspects and empenhos are marked (`bucket`), not dropped. Counts for
    the órgão of the record (orgaoEntidade), also where another was sub-rogated.
    """
    return contratos_latest.select(
        **contratos_identification,
        **contratos_buyer,
        **contratos_supplier,
        **contratos_classification,
        **contratos_texts,
        **contratos_dates,
        **contratos_values,
        **contratos_evidence,
    )


@StageContratos.gate("one row per key of raw")
def _every_key_once(stage_contratos: ir.Table, raw_contratos: ir.Table) -> ir.Table:
    return one_row_per_key(stage_contratos, raw_contratos, key=KEY)
