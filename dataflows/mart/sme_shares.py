"""What part of an órgão's year each benefit is, and who won it: told only where enough is in the file."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from dataflows.contract import QUANTITY
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart.sums import share
from dataflows.mart.years import year

SHARES = (
    "percentual_itens",
    "percentual_valor_estimado",
    "percentual_resultados_me_epp",
    "percentual_valor_me_epp",
)

_YEAR = ("cnpj_orgao", "ano")


def with_coverage(rows: Row, stage_itens: ir.Table, stage_contratacoes: ir.Table) -> Row:
    """Rows with the purchases of their órgão and year, and how many of these have items in the file."""
    known = stage_itens.select(numero_controle_pncp="numero_controle_pncp_compra").distinct()
    purchases: Row = stage_contratacoes.left_join(
        known.mutate(tem_itens=ibis.literal(value=True)), "numero_controle_pncp"
    )
    years: Row = purchases.group_by(
        cnpj_compras=purchases.cnpj_orgao, ano_compras=year(purchases.data_publicacao_pncp)
    ).aggregate(compras=purchases.count(), compras_com_itens=purchases.tem_itens.count())
    same = (rows.cnpj_orgao == years.cnpj_compras) & rows.ano.identical_to(years.ano_compras)
    joined: Row = rows.left_join(years, same)
    return joined.select(
        *rows.columns,
        compras=joined.compras.coalesce(0),
        compras_com_itens=joined.compras_com_itens.coalesce(0),
    )


def with_shares(rows: Row, least: int) -> Row:
    """Rows with their shares, null where too little is in the file to tell them.

    Args:
        rows: with their coverage.
        least: percent of the year's purchases that must have their items, and of the row's items with results
            that must have them, for what is said of winners; of items without results nothing is said.
    """
    whole = {
        name: rows[name].sum().over(ibis.window(group_by=_YEAR))
        for name in ("quantidade_itens", "valor_estimado_itens")
    }
    told = rows.ano.notnull() & _covers(rows.compras_com_itens, rows.compras, least)
    won = told & _covers(rows.quantidade_itens_resultado_baixado, rows.quantidade_itens_com_resultado, least)
    sized = rows.quantidade_resultados_me_epp + rows.quantidade_resultados_outro_porte
    shares = (
        (told, rows.quantidade_itens, whole["quantidade_itens"]),
        (told, rows.valor_estimado_itens, whole["valor_estimado_itens"]),
        (won, rows.quantidade_resultados_me_epp, sized),
        (won, rows.valor_me_epp, rows.valor_me_epp + rows.valor_outro_porte),
    )
    return rows.mutate(
        **{
            name: known.ifelse(share(part, of).cast(QUANTITY), None)
            for name, (known, part, of) in zip(SHARES, shares, strict=True)
        }
    )


def _covers(part: Expression, whole: Expression, least: int) -> Flag:
    """Nothing covers nothing: what is there although it should not be tells no share."""
    return (whole > 0) & (part * 100 >= whole * least)
