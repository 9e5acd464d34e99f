"""Atas de registro de preços, one row each: cleaned, with their purchase, and a verdict on their dates."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Column, Contract, day, flag, integer, long_text, moment, text
from dataflows.expressions import Row
from dataflows.raw.atas import RawAtas
from dataflows.stage import columns, control_numbers
from dataflows.stage.buyers import cnpj_orgao
from dataflows.stage.texts import clean, code
from dataflows.stage.verdicts import date_verdict
from dataflows.stage.versions import latest, one_row_per_key

KEY = ("numeroControlePNCPAta",)


def _without_hour(column: Column) -> Column:
    return column.but(meaning=f"{column.meaning.removesuffix('.')}; a hora costuma faltar.")


class StageAtas(Contract):
    """Atas de registro de preços na versão mais recente, limpas."""

    grain = "one row per ata (latest version)"
    key = ("numero_controle_pncp_ata",)
    by_key = KEY

    numero_controle_pncp_ata = text(
        "Número de controle da ata no PNCP.", source="numeroControlePNCPAta", nullable=False
    )
    numero_controle_pncp_compra = text(
        "Número de controle da contratação de origem; na falta dele, o que inicia o número da ata.",
        source="numeroControlePNCPCompra, numeroControlePNCPAta",
    )
    ano_compra = integer("Ano da numeração da contratação de origem.", source="numero_controle_pncp_ata")
    sequencial_compra = integer(
        "Sequencial da contratação de origem no órgão e ano.", source="numero_controle_pncp_ata"
    )
    sequencial_ata = integer("Sequencial da ata na contratação.", source="numero_controle_pncp_ata")
    ano_ata = integer("Ano da ata; pode diferir do da contratação.", source="anoAta")
    numero_ata_registro_preco = text(
        "Número da ata no sistema de origem; não é chave.", source="numeroAtaRegistroPreco"
    )
    link_pncp = long_text(
        "Página do registro no portal do PNCP; nula se o número de controle foge do formato.",
        source="numero_controle_pncp_ata",
    )

    cnpj_orgao = text(
        "CNPJ do órgão gerenciador; na falta dele, o do número de controle.",
        source="cnpjOrgao",
        nullable=False,
    )
    nome_orgao = columns.NOME_ORGAO.but(source="nomeOrgao")
    codigo_unidade = columns.CODIGO_UNIDADE.but(source="codigoUnidadeOrgao")
    nome_unidade = columns.NOME_UNIDADE.but(source="nomeUnidadeOrgao")
    cnpj_orgao_subrogado = columns.CNPJ_ORGAO_SUBROGADO.but(source="cnpjOrgaoSubrogado")
    nome_orgao_subrogado = columns.NOME_ORGAO_SUBROGADO.but(source="nomeOrgaoSubrogado")
    codigo_unidade_subrogada = columns.CODIGO_UNIDADE_SUBROGADA.but(source="codigoUnidadeOrgaoSubrogado")
    nome_unidade_subrogada = columns.NOME_UNIDADE_SUBROGADA.but(source="nomeUnidadeOrgaoSubrogado")

    cancelado = flag("Verdadeiro se a ata foi cancelada; o PNCP a mantém na lista.", source="cancelado")
    possibilidade_adesao = flag(
        "Verdadeiro se não participantes podem aderir; nulo nas atas anteriores a 2026, que não o dizem.",
        source="possibilidadeAdesao",
    )

    objeto_contratacao = long_text(
        "Objeto da contratação de origem, em uma linha.", source="objetoContratacao"
    )
    usuario_nome = columns.USUARIO_NOME.but(source="usuario")

    data_assinatura = columns.DATA_ASSINATURA
    data_vigencia_inicio = columns.DATA_VIGENCIA_INICIO.but(source="vigenciaInicio")
    data_vigencia_fim = day("Fim da vigência, como publicado; há anos absurdos (7203).", source="vigenciaFim")
    data_cancelamento = moment("Cancelamento da ata (America/Sao_Paulo).", source="dataCancelamento")
    data_publicacao_pncp = _without_hour(columns.DATA_PUBLICACAO_PNCP)
    data_inclusao = _without_hour(columns.DATA_INCLUSAO)
    data_atualizacao = _without_hour(columns.DATA_ATUALIZACAO)
    data_atualizacao_global = _without_hour(columns.DATA_ATUALIZACAO_GLOBAL)
    date_verdict = columns.DATE_VERDICT

    observation_id = columns.OBSERVATION_ID
    observed_at = columns.OBSERVED_AT


def atas_latest(raw_atas: Annotated[ir.Table, RawAtas]) -> ir.Table:
    """The version of each ata that counts: highest dataAtualizacaoGlobal, then latest observation."""
    return latest(raw_atas, key=KEY)


def atas_identification(atas_latest: ir.Table) -> dict[str, ir.Value]:
    """Control numbers with their parts, the source system's own number, and the page on the portal."""
    row: Row = atas_latest
    number = row.numeroControlePNCPAta
    ano, compra = control_numbers.year(number), control_numbers.sequence(number)
    ata = control_numbers.ata_sequence(number)
    return {
        "numero_controle_pncp_ata": number,
        "numero_controle_pncp_compra": code(row.numeroControlePNCPCompra).coalesce(
            control_numbers.compra_of_ata(number)
        ),
        "ano_compra": ano,
        "sequencial_compra": compra,
        "sequencial_ata": ata,
        "ano_ata": row.anoAta,
        "numero_ata_registro_preco": clean(row.numeroAtaRegistroPreco),
        "link_pncp": control_numbers.page("atas", control_numbers.cnpj(number), ano, compra, ata),
    }


def atas_buyer(atas_latest: ir.Table) -> dict[str, ir.Value]:
    """Órgão and unidade that manage the ata, and those sub-rogated."""
    row: Row = atas_latest
    return {
        "cnpj_orgao": cnpj_orgao(row.cnpjOrgao, row.numeroControlePNCPAta),
        "nome_orgao": clean(row.nomeOrgao),
        "codigo_unidade": code(row.codigoUnidadeOrgao),
        "nome_unidade": clean(row.nomeUnidadeOrgao),
        "cnpj_orgao_subrogado": code(row.cnpjOrgaoSubrogado),
        "nome_orgao_subrogado": clean(row.nomeOrgaoSubrogado),
        "codigo_unidade_subrogada": code(row.codigoUnidadeOrgaoSubrogado),
        "nome_unidade_subrogada": clean(row.nomeUnidadeOrgaoSubrogado),
    }


def atas_situation(atas_latest: ir.Table) -> dict[str, ir.Value]:
    """Whether it was cancelled, and whether others may join it."""
    row: Row = atas_latest
    return {"cancelado": row.cancelado, "possibilidade_adesao": row.possibilidadeAdesao}


def atas_texts(atas_latest: ir.Table) -> dict[str, ir.Value]:
    """Free texts on one line each."""
    row: Row = atas_latest
    return {"objeto_contratacao": clean(row.objetoContratacao), "usuario_nome": clean(row.usuario)}


def atas_dates(atas_latest: ir.Table, earliest_year: int, longest_term: int) -> dict[str, ir.Value]:
    """Dates as published, with a verdict; of signature and validity the day alone."""
    row: Row = atas_latest
    signed, start, end = (
        published.date() for published in (row.dataAssinatura, row.vigenciaInicio, row.vigenciaFim)
    )
    return {
        "data_assinatura": signed,
        "data_vigencia_inicio": start,
        "data_vigencia_fim": end,
        "data_cancelamento": row.dataCancelamento,
        "data_publicacao_pncp": row.dataPublicacaoPncp,
        "data_inclusao": row.dataInclusao,
        "data_atualizacao": row.dataAtualizacao,
        "data_atualizacao_global": row.dataAtualizacaoGlobal,
        "date_verdict": date_verdict(
            signed,
            start,
            end,
            row.dataPublicacaoPncp,
            earliest_year=earliest_year,
            longest_term=longest_term,
        ),
    }


def atas_evidence(atas_latest: ir.Table) -> dict[str, ir.Value]:
    """Which observation of raw.atas a row shows."""
    return {"observation_id": atas_latest.observation_id, "observed_at": atas_latest.observed_at}


def stage_atas(
    atas_latest: ir.Table,
    atas_identification: dict[str, ir.Value],
    atas_buyer: dict[str, ir.Value],
    atas_situation: dict[str, ir.Value],
    atas_texts: dict[str, ir.Value],
    atas_dates: dict[str, ir.Value],
    atas_evidence: dict[str, ir.Value],
) -> Annotated[ir.Table, StageAtas]:
    """Every ata de registro de preços once, in its latest version.

    Grain: one row per ata.
    Key: numero_controle_pncp_ata.
    Source: raw_atas.
    Notes: no record is left out; cancelled atas are marked, not dropped. An ata says neither poder, esfera
    nor place, and no value: those are its purchase's. Of signature and validity the time, which PNCP mostly
    leaves out, is not kept. Counts for the órgão that manages the ata (cnpjOrgao), also where another was
    sub-rogated.
    """
    return atas_latest.select(
        **atas_identification,
        **atas_buyer,
        **atas_situation,
        **atas_texts,
        **atas_dates,
        **atas_evidence,
    )


@StageAtas.gate("one row per key of raw")
def _every_key_once(stage_atas: ir.Table, raw_atas: ir.Table) -> ir.Table:
    return one_row_per_key(stage_atas, raw_atas, key=KEY)
