"""The one old question that has no table in baliza, asked of stage.contratacoes as a reader would ask it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from dataflows.expressions import Row
from dataflows.mart.sums import sum_where
from dataflows.mart.years import year


def contratacoes_analytics(stage_contratacoes: ir.Table) -> ir.Table:
    """Purchases and estimates by year of publication, modalidade and órgão; suspect estimates apart."""
    row: Row = stage_contratacoes
    suspect = row.estimate_verdict == "suspect"
    return row.group_by(
        ano=year(row.data_publicacao_pncp),
        modalidade_id=row.modalidade_id,
        modalidade_nome=row.modalidade_nome,
        cnpj_orgao=row.cnpj_orgao,
    ).aggregate(
        quantidade_compras=ibis._.count(),
        valor_estimado=sum_where(row.valor_total_estimado, ~suspect),
        valor_estimado_suspeito=sum_where(row.valor_total_estimado, suspect),
    )
