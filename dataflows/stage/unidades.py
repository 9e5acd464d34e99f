"""Unidades: one row per órgão and unit code that a record names as executing, managing, or sub-rogated."""

from __future__ import annotations

from typing import Annotated

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, text
from dataflows.stage import columns
from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.mentions import every_mention_has_its_row, mention, newest
from dataflows.stage.termos import StageTermos

KEY = ("cnpj_orgao", "codigo_unidade")
FACTS = (*KEY, "nome_unidade", "codigo_ibge", "municipio_nome", "uf_sigla")
SUB_ROGATED = {
    "cnpj_orgao": "cnpj_orgao_subrogado",
    "codigo_unidade": "codigo_unidade_subrogada",
    "nome_unidade": "nome_unidade_subrogada",
}


class StageUnidades(Contract):
    """Unidades dos órgãos citadas nos registros, uma linha por órgão e código."""

    grain = "one row per órgão and unit code"
    key = KEY

    cnpj_orgao = text("CNPJ do órgão da unidade.", source="cnpj_orgao, cnpj_orgao_subrogado", nullable=False)
    codigo_unidade = text(
        "Código da unidade no sistema de origem; texto livre, único só dentro do órgão.",
        source="codigo_unidade, codigo_unidade_subrogada",
        nullable=False,
    )
    nome_unidade = text(
        "Nome da unidade, o mais recente visto.", source="nome_unidade, nome_unidade_subrogada"
    )
    outros_nomes = columns.OUTROS_NOMES.but(source="nome_unidade")
    codigo_ibge = text(
        "Código IBGE do município, o mais recente visto; as atas não o dizem.",
        source="codigo_ibge",
    )
    municipio_nome = text("Município da unidade, o mais recente visto.", source="municipio_nome")
    uf_sigla = text("UF da unidade, a mais recente vista.", source="uf_sigla")
    visto_em = columns.VISTO_EM.but(source="codigo_unidade")


def unidades_mentions(
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_atas: Annotated[ir.Table, StageAtas],
    stage_termos: Annotated[ir.Table, StageTermos],
) -> ir.Table:
    """What each record says of a unidade."""
    return ibis.union(
        mention(stage_contratacoes, "numero_controle_pncp", FACTS),
        mention(stage_contratacoes, "numero_controle_pncp", FACTS, SUB_ROGATED),
        mention(stage_contratos, "numero_controle_pncp", FACTS),
        mention(stage_contratos, "numero_controle_pncp", FACTS, SUB_ROGATED),
        mention(stage_atas, "numero_controle_pncp_ata", FACTS),
        mention(stage_atas, "numero_controle_pncp_ata", FACTS, SUB_ROGATED),
        mention(stage_termos, "numero_controle_pncp", FACTS),
        mention(stage_termos, "numero_controle_pncp", FACTS, SUB_ROGATED),
    )


def stage_unidades(unidades_mentions: ir.Table) -> Annotated[ir.Table, StageUnidades]:
    """Every unidade that a record names, as the newest record knows it.

    Grain: one row per órgão and unit code.
    Key: cnpj_orgao, codigo_unidade.
    Source: stage_contratacoes, stage_contratos, stage_atas, stage_termos.
    Notes: each fact is that of the newest record that states it (highest data_atualizacao_global, then
    control number); other names are kept. Records without a unit code have no row here.
    """
    return newest(unidades_mentions, key=KEY, name="nome_unidade").select(*StageUnidades.columns)


@StageUnidades.gate("every unidade that a record names has its row")
def _every_unidade(
    stage_unidades: ir.Table,
    stage_contratacoes: ir.Table,
    stage_contratos: ir.Table,
    stage_atas: ir.Table,
    stage_termos: ir.Table,
) -> ir.Table:
    return every_mention_has_its_row(
        stage_unidades,
        KEY,
        contratacoes=stage_contratacoes,
        contratos=stage_contratos,
        atas=stage_atas,
        termos=stage_termos,
    )
