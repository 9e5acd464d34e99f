"""Contratações (purchases), one row each: cleaned, labelled, flattened, with verdicts on values and dates."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, flag, integer, integers, long_text, moment, order, text
from dataflows.domains import Domain
from dataflows.expressions import Row
from dataflows.raw.compras import RawCompras
from dataflows.raw.contratacoes import RawContratacoes
from dataflows.stage import columns
from dataflows.stage.buyers import buyer, cnpj_orgao
from dataflows.stage.control_numbers import page
from dataflows.stage.secrecy import MISSING, WHOLLY_SECRET, is_secret, missing, with_secrecy
from dataflows.stage.texts import clean, code
from dataflows.stage.verdicts import (
    PROPOSAL_VERDICTS,
    VALUE_VERDICTS,
    estimate_verdict,
    proposal_verdict,
    value_verdict,
)
from dataflows.stage.versions import latest, one_row_per_key

DIRECT = (8, 9, 14)
"""Modalidades without a contest: dispensa, inexigibilidade, inaplicabilidade da licitação."""

CONTESTED = (1, 2, 3, 4, 5, 6, 7, 13, 16, 17, 18, 19)
"""Modalidades whose proposals compete: leilão, diálogo competitivo, concurso, concorrência, pregão.

Neither direct ones nor calls that take in whoever fits, often for years: manifestação de interesse,
pré-qualificação, credenciamento, chamada pública.
"""

CANCELLED = (2, 3)
"""Codes of situacao_compra for purchases that were given up: revogada, anulada."""

KEY = ("numeroControlePNCP",)


class StageContratacoes(Contract):
    """Contratações na versão mais recente, limpas e rotuladas."""

    grain = "one row per contratação (latest version)"
    key = ("numero_controle_pncp",)
    by_key = KEY

    numero_controle_pncp = text(
        "Número de controle da contratação no PNCP.", source="numeroControlePNCP", nullable=False
    )
    ano_compra = integer("Ano da numeração; pode diferir do ano de publicação.", source="anoCompra")
    sequencial_compra = columns.SEQUENCIAL_COMPRA.but(source="sequencialCompra")
    numero_compra = text("Número no sistema de origem.", source="numeroCompra")
    processo = columns.PROCESSO
    link_pncp = columns.LINK_PNCP.but(source="cnpj_orgao, ano_compra, sequencial_compra")

    cnpj_orgao = text(
        "CNPJ do órgão contratante original, que conta mesmo quando há sub-rogação; na falta dele, o do "
        "número de controle.",
        source="orgaoEntidade.cnpj",
        nullable=False,
    )
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

    modalidade_id = integer("Código da modalidade.", source="modalidadeId", domain="modalidade")
    modalidade_nome = text(
        "Rótulo oficial da modalidade; na falta dele, o que a API trouxe.", source="modalidade_id"
    )
    modo_disputa_id = integer("Código do modo de disputa.", source="modoDisputaId", domain="modo_disputa")
    modo_disputa_nome = text(
        "Rótulo oficial do modo de disputa; na falta dele, o que a API trouxe.", source="modo_disputa_id"
    )
    tipo_instrumento_convocatorio_codigo = integer(
        "Código do tipo de instrumento convocatório.",
        source="tipoInstrumentoConvocatorioCodigo",
        domain="tipo_instrumento_convocatorio",
    )
    tipo_instrumento_convocatorio_nome = text(
        "Rótulo oficial do tipo de instrumento; na falta dele, o que a API trouxe.",
        source="tipo_instrumento_convocatorio_codigo",
    )
    amparo_legal_codigo = integer(
        "Código do dispositivo legal.", source="amparoLegal.codigo", domain="amparo_legal"
    )
    amparo_legal_nome = text(
        "Rótulo oficial do dispositivo legal; na falta dele, o que a API trouxe.",
        source="amparo_legal_codigo",
    )
    amparo_legal_descricao = text("Texto do dispositivo legal, em uma linha.", source="amparoLegal.descricao")
    situacao_compra_id = integer(
        "Código da situação; 1 (divulgada) não quer dizer que ainda receba propostas.",
        source="situacaoCompraId",
        domain="situacao_compra",
    )
    situacao_compra_nome = text(
        "Rótulo oficial da situação; na falta dele, o que a API trouxe.", source="situacao_compra_id"
    )
    direta = flag(
        "Verdadeiro se é contratação direta: dispensa (8), inexigibilidade (9) ou inaplicabilidade (14).",
        source="modalidade_id",
        nullable=False,
    )
    srp = flag("Verdadeiro se é para registro de preços.", source="srp")
    emenda_parlamentar = flag("Verdadeiro se há emenda parlamentar (desde 2026).", source="emendaParlamentar")
    orcamento_sigiloso_codigo = integer(
        "Sigilo do orçamento: 1 sem sigilo, 2 parcial, 3 total; nulo se o detalhe da contratação não foi "
        "baixado.",
        source="orcamentoSigilosoCodigo",
    )
    orcamento_sigiloso_nome = text(
        "Rótulo que a API trouxe do sigilo do orçamento.", source="orcamentoSigilosoDescricao"
    )
    existe_resultado = flag(
        "Verdadeiro se algum item já tem resultado; nulo se o detalhe da contratação não foi baixado.",
        source="existeResultado",
    )
    quantidade_fontes_orcamentarias = order(
        "Quantas fontes orçamentárias foram informadas; zero se nenhuma.",
        source="fontesOrcamentarias",
        unit="fontes",
    )
    fontes_orcamentarias_codigos = integers(
        "Códigos das fontes orçamentárias, na ordem em que vieram; lista vazia se nenhuma.",
        source="fontesOrcamentarias.codigo",
        domain="fonte_orcamentaria",
    )
    fontes_orcamentarias_nomes = text(
        "Rótulos oficiais das fontes orçamentárias (na falta deles, os que a API trouxe), separados por "
        "ponto e vírgula.",
        source="fontes_orcamentarias_codigos, fontesOrcamentarias.nome",
    )

    objeto_compra = long_text("Objeto da contratação, em uma linha.", source="objetoCompra")
    informacao_complementar = columns.INFORMACAO_COMPLEMENTAR
    justificativa_presencial = long_text(
        "Por que a disputa não foi eletrônica, em uma linha.", source="justificativaPresencial"
    )
    link_sistema_origem = long_text(
        "Onde a disputa acontece; nem sempre é um endereço.", source="linkSistemaOrigem"
    )
    link_processo_eletronico = long_text("Endereço do processo eletrônico.", source="linkProcessoEletronico")
    usuario_nome = columns.USUARIO_NOME

    data_abertura_proposta = moment(
        "Início do recebimento de propostas, como publicado (America/Sao_Paulo).",
        source="dataAberturaProposta",
    )
    data_encerramento_proposta = moment(
        "Fim do recebimento de propostas, como publicado (America/Sao_Paulo); costuma ser nulo na "
        "contratação direta.",
        source="dataEncerramentoProposta",
    )
    dias_proposta = order(
        "Dias de calendário entre abertura e encerramento (no mesmo dia, zero); nulo se falta uma das datas "
        "ou se date_verdict é implausible ou reversed.",
        source="data_abertura_proposta, data_encerramento_proposta, date_verdict",
        unit="dias",
        ge=0,
    )
    data_publicacao_pncp = columns.DATA_PUBLICACAO_PNCP
    data_inclusao = columns.DATA_INCLUSAO
    data_atualizacao = columns.DATA_ATUALIZACAO
    data_atualizacao_global = columns.DATA_ATUALIZACAO_GLOBAL
    date_verdict = text(
        "Avaliação das datas: ok, implausible (ano impossível ou prazo longo demais), reversed (encerramento "
        "antes da abertura), closed_before_publication (encerramento antes da publicação).",
        source="data_abertura_proposta, data_encerramento_proposta, data_publicacao_pncp",
        nullable=False,
        isin=PROPOSAL_VERDICTS,
    )

    valor_total_estimado = amount(
        "Valor estimado; nulo se o sigilo é certo, zero se a API trouxe zero sem que se saiba por quê.",
        source="valorTotalEstimado",
    )
    estimate_missing = text(
        "Por que o valor estimado é nulo: secret (orçamento sigiloso, ainda sem resultado: a API traz zero), "
        "unpublished (a API trouxe nulo); nulo quando há valor.",
        source="valorTotalEstimado, orcamento_sigiloso_codigo, existe_resultado, valor_total_homologado",
        isin=MISSING,
    )
    estimate_verdict = text(
        "Avaliação do valor estimado: ok, review (convém conferir), suspect (somar à parte); quando o "
        "homologado é muitas vezes o estimado, os dois são postos em dúvida.",
        source="valor_total_estimado, valor_total_homologado",
        nullable=False,
        isin=VALUE_VERDICTS,
    )
    valor_total_homologado = amount(
        "Soma dos resultados; nulo, que não é zero, enquanto não há resultado.",
        source="valorTotalHomologado",
    )
    award_verdict = text(
        "Avaliação do valor homologado: ok, review (convém conferir), suspect (somar à parte).",
        source="valor_total_homologado, valor_total_estimado",
        nullable=False,
        isin=VALUE_VERDICTS,
    )

    observation_id = columns.OBSERVATION_ID
    observed_at = columns.OBSERVED_AT


def contratacoes_latest(
    raw_contratacoes: Annotated[ir.Table, RawContratacoes], raw_compras: Annotated[ir.Table, RawCompras]
) -> ir.Table:
    """The version of each purchase that counts: highest dataAtualizacaoGlobal, then latest observation."""
    return with_secrecy(latest(raw_contratacoes, key=KEY), raw_compras)


def contratacoes_identification(contratacoes_latest: ir.Table) -> dict[str, ir.Value]:
    """Control number, the source system's own numbers, and the page on the portal."""
    row: Row = contratacoes_latest
    cnpj = cnpj_orgao(row.orgaoEntidade.cnpj, row.numeroControlePNCP)
    return {
        "numero_controle_pncp": row.numeroControlePNCP,
        "ano_compra": row.anoCompra,
        "sequencial_compra": row.sequencialCompra,
        "numero_compra": clean(row.numeroCompra),
        "processo": clean(row.processo),
        "link_pncp": page("editais", cnpj, row.anoCompra, row.sequencialCompra),
    }


def contratacoes_buyer(
    contratacoes_latest: ir.Table, domain_poder: Domain, domain_esfera: Domain
) -> dict[str, ir.Value]:
    """Órgão and unidade, with their place; and those sub-rogated."""
    return buyer(contratacoes_latest, domain_poder, domain_esfera)


def contratacoes_classification(
    contratacoes_latest: ir.Table,
    domain_modalidade: Domain,
    domain_modo_disputa: Domain,
    domain_tipo_instrumento_convocatorio: Domain,
    domain_amparo_legal: Domain,
    domain_situacao_compra: Domain,
) -> dict[str, ir.Value]:
    """How it buys, by what law, and where it stands, with official labels."""
    row: Row = contratacoes_latest
    modalidade, modo, amparo = row.modalidadeId, row.modoDisputaId, row.amparoLegal
    instrumento, situacao = row.tipoInstrumentoConvocatorioCodigo, row.situacaoCompraId
    return {
        "modalidade_id": modalidade,
        "modalidade_nome": domain_modalidade.label(modalidade).coalesce(clean(row.modalidadeNome)),
        "modo_disputa_id": modo,
        "modo_disputa_nome": domain_modo_disputa.label(modo).coalesce(clean(row.modoDisputaNome)),
        "tipo_instrumento_convocatorio_codigo": instrumento,
        "tipo_instrumento_convocatorio_nome": domain_tipo_instrumento_convocatorio.label(
            instrumento
        ).coalesce(clean(row.tipoInstrumentoConvocatorioNome)),
        "amparo_legal_codigo": amparo.codigo,
        "amparo_legal_nome": domain_amparo_legal.label(amparo.codigo).coalesce(clean(amparo.nome)),
        "amparo_legal_descricao": clean(amparo.descricao),
        "situacao_compra_id": situacao,
        "situacao_compra_nome": domain_situacao_compra.label(situacao).coalesce(
            clean(row.situacaoCompraNome)
        ),
        "direta": modalidade.isin(DIRECT).coalesce(False),
        "srp": row.srp,
    }


def contratacoes_budget(
    contratacoes_latest: ir.Table, domain_fonte_orcamentaria: Domain
) -> dict[str, ir.Value]:
    """Where the money comes from, and how secret its estimate is."""
    row: Row = contratacoes_latest
    fontes = row.fontesOrcamentarias
    nomes = fontes.map(
        lambda fonte: domain_fonte_orcamentaria.label(fonte.codigo).coalesce(code(fonte.nome), "?")
    )
    return {
        "emenda_parlamentar": row.emendaParlamentar,
        "orcamento_sigiloso_codigo": row.orcamentoSigilosoCodigo,
        "orcamento_sigiloso_nome": clean(row.orcamentoSigilosoDescricao),
        "existe_resultado": row.existeResultado,
        "quantidade_fontes_orcamentarias": fontes.length(),
        "fontes_orcamentarias_codigos": fontes.map(lambda fonte: fonte.codigo),
        "fontes_orcamentarias_nomes": nomes.join("; ").nullif(""),
    }


def contratacoes_texts(contratacoes_latest: ir.Table) -> dict[str, ir.Value]:
    """Free texts on one line each, and addresses as they came."""
    row: Row = contratacoes_latest
    return {
        "objeto_compra": clean(row.objetoCompra),
        "informacao_complementar": clean(row.informacaoComplementar),
        "justificativa_presencial": clean(row.justificativaPresencial),
        "link_sistema_origem": code(row.linkSistemaOrigem),
        "link_processo_eletronico": code(row.linkProcessoEletronico),
        "usuario_nome": clean(row.usuarioNome),
    }


def contratacoes_dates(
    contratacoes_latest: ir.Table, earliest_year: int, longest_proposal: int
) -> dict[str, ir.Value]:
    """Dates as published, the days open to proposals, and a verdict."""
    row: Row = contratacoes_latest
    opening, closing = row.dataAberturaProposta, row.dataEncerramentoProposta
    verdict = proposal_verdict(
        opening,
        closing,
        row.dataPublicacaoPncp,
        earliest_year=earliest_year,
        longest_proposal=longest_proposal,
    )
    days = closing.date().delta(opening.date(), unit="day")
    return {
        "data_abertura_proposta": opening,
        "data_encerramento_proposta": closing,
        "dias_proposta": verdict.isin(("ok", "closed_before_publication")).ifelse(days, None),
        "data_publicacao_pncp": row.dataPublicacaoPncp,
        "data_inclusao": row.dataInclusao,
        "data_atualizacao": row.dataAtualizacao,
        "data_atualizacao_global": row.dataAtualizacaoGlobal,
        "date_verdict": verdict,
    }


def contratacoes_values(
    contratacoes_latest: ir.Table,
    suspect_value: int,
    review_value: int,
    suspect_growth: int,
    review_growth: int,
    suspect_nines: int,
) -> dict[str, ir.Value]:
    """Estimated and awarded amounts, each with its verdict, and why there is no estimate."""
    row: Row = contratacoes_latest
    awarded = row.valorTotalHomologado
    has_result = row.existeResultado.coalesce(False) | awarded.notnull()
    hidden = is_secret(row.valorTotalEstimado, row.orcamentoSigilosoCodigo == WHOLLY_SECRET, has_result)
    estimated = hidden.ifelse(None, row.valorTotalEstimado)
    limits = {
        "suspect_value": suspect_value,
        "review_value": review_value,
        "suspect_growth": suspect_growth,
        "review_growth": review_growth,
        "suspect_nines": suspect_nines,
    }
    return {
        "valor_total_estimado": estimated,
        "estimate_missing": missing(row.valorTotalEstimado, hidden),
        "estimate_verdict": estimate_verdict(estimated, awarded, **limits),
        "valor_total_homologado": awarded,
        "award_verdict": value_verdict(awarded, estimated, **limits),
    }


def contratacoes_evidence(contratacoes_latest: ir.Table) -> dict[str, ir.Value]:
    """Which observation of the raw table a row shows."""
    return {
        "observation_id": contratacoes_latest.observation_id,
        "observed_at": contratacoes_latest.observed_at,
    }


def stage_contratacoes(
    contratacoes_latest: ir.Table,
    contratacoes_identification: dict[str, ir.Value],
    contratacoes_buyer: dict[str, ir.Value],
    contratacoes_classification: dict[str, ir.Value],
    contratacoes_budget: dict[str, ir.Value],
    contratacoes_texts: dict[str, ir.Value],
    contratacoes_dates: dict[str, ir.Value],
    contratacoes_values: dict[str, ir.Value],
    contratacoes_evidence: dict[str, ir.Value],
) -> Annotated[ir.Table, StageContratacoes]:
    """Every contratação once, in its latest version.

    Grain: one row per contratação.
    Key: numero_controle_pncp.
    Source: raw_compras, raw_contratacoes.
    Notes: no row is left out, revoked, annulled and suspended purchases included (`situacao_compra_id`).
    Counts for the original órgão (orgaoEntidade), also where another was sub-rogated; of the sub-rogated
    one, place, poder and esfera are left out. Of the budget's sources, dates and descriptions are left out.
    Of the detail (raw_compras) only the secrecy of the budget and whether there are results are taken:
    without it an estimate of zero may be secret or unknown, and stays zero, under review.
    """
    return contratacoes_latest.select(
        **contratacoes_identification,
        **contratacoes_buyer,
        **contratacoes_classification,
        **contratacoes_budget,
        **contratacoes_texts,
        **contratacoes_dates,
        **contratacoes_values,
        **contratacoes_evidence,
    )


@StageContratacoes.gate("one row per key of raw")
def _every_key_once(stage_contratacoes: ir.Table, raw_contratacoes: ir.Table) -> ir.Table:
    return one_row_per_key(stage_contratacoes, raw_contratacoes, key=KEY)
