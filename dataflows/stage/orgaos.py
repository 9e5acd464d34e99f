"""Órgãos: one row per CNPJ that a record names as the one that contracts, or as the one sub-rogated."""

from __future__ import annotations

from typing import Annotated

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, text
from dataflows.domains import Domain
from dataflows.expressions import Row
from dataflows.stage import columns
from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.mentions import every_mention_has_its_row, mention, newest
from dataflows.stage.termos import StageTermos

KEY = ("cnpj_orgao",)
FACTS = (*KEY, "nome_orgao", "poder_id", "esfera_id")
SUB_ROGATED = {"cnpj_orgao": "cnpj_orgao_subrogado", "nome_orgao": "nome_orgao_subrogado"}


class StageOrgaos(Contract):
    """Órgãos e entidades citados nos registros, uma linha por CNPJ."""

    grain = "one row per órgão (CNPJ)"
    key = KEY

    cnpj_orgao = text(
        "CNPJ do órgão, de quem contrata ou de quem foi sub-rogado.",
        source="cnpj_orgao, cnpj_orgao_subrogado",
        nullable=False,
    )
    nome_orgao = text("Razão social, a mais recente vista.", source="nome_orgao, nome_orgao_subrogado")
    outros_nomes = columns.OUTROS_NOMES.but(source="nome_orgao")
    poder_id = text(
        "Código do poder, o mais recente visto; as atas não o dizem.", source="poder_id", domain="poder"
    )
    poder_nome = columns.PODER_NOME
    esfera_id = text(
        "Código da esfera, a mais recente vista; as atas não a dizem.", source="esfera_id", domain="esfera"
    )
    esfera_nome = columns.ESFERA_NOME
    visto_em = columns.VISTO_EM.but(source="cnpj_orgao")


def orgaos_mentions(
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_atas: Annotated[ir.Table, StageAtas],
    stage_termos: Annotated[ir.Table, StageTermos],
) -> ir.Table:
    """What each record says of an órgão."""
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


def stage_orgaos(
    orgaos_mentions: ir.Table, domain_poder: Domain, domain_esfera: Domain
) -> Annotated[ir.Table, StageOrgaos]:
    """Every órgão that a record names, as the newest record knows it.

    Grain: one row per órgão (CNPJ).
    Key: cnpj_orgao.
    Source: stage_contratacoes, stage_contratos, stage_atas, stage_termos.
    Notes: each fact is that of the newest record that states it (highest data_atualizacao_global, then
    control number); other names are kept. Órgãos that were sub-rogated are órgãos too; the órgão of a
    purchase that is not in the file is not, though a contract points to it: no record here names it. Natureza
    jurídica is not known. A CNPJ is no municipality: one has several.
    """
    row: Row = newest(orgaos_mentions, key=KEY, name="nome_orgao")
    return row.mutate(
        poder_nome=domain_poder.label(row.poder_id), esfera_nome=domain_esfera.label(row.esfera_id)
    ).select(*StageOrgaos.columns)


@StageOrgaos.gate("every órgão that a record names has its row")
def _every_orgao(
    stage_orgaos: ir.Table,
    stage_contratacoes: ir.Table,
    stage_contratos: ir.Table,
    stage_atas: ir.Table,
    stage_termos: ir.Table,
) -> ir.Table:
    return every_mention_has_its_row(
        stage_orgaos,
        KEY,
        contratacoes=stage_contratacoes,
        contratos=stage_contratos,
        atas=stage_atas,
        termos=stage_termos,
    )
