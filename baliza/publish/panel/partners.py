"""Who contracts with whom: of each órgão its suppliers, and of each supplier its buyers.

A page shows the first few by value, for any year and category chosen; all who are among the first for any
choice are kept, with all their rows, and the others added up by year and category. So every list on the page
is exact, and its rows and the rest sum to the mart's own total.
"""

from __future__ import annotations

from typing import Any

import duckdb

from baliza.publish.panel.script import amount, line
from baliza.publish.panel.shards import Following

SHOWN = 15
"""As many of a list as a page shows."""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make `panel.pair` of mart.supply: sums by órgão, supplier (null: nobody named), year and category."""
    con.execute(
        """
        CREATE TABLE panel.pair AS
        SELECT o.id AS orgao, s.id AS supplier, ano, categoria_processo_id AS categoria,
               sum(quantidade_contratos)::BIGINT AS n, sum(valor_contratos) AS valor,
               max(maior_contrato) AS maior, arg_max(numero_controle_maior_contrato, maior_contrato) AS numero
        FROM mart.supply m
        JOIN panel.orgao o ON o.key = m.cnpj_orgao
        LEFT JOIN panel.supplier s ON s.key = m.ni_fornecedor
        GROUP BY ALL
        """
    )


class Partners:
    """The partners of each órgão, or of each supplier, in the order of ids.

    Args:
        con: the file, with `panel.pair`.
        one: whose pages are written: orgao or supplier.
        other: the other of the two.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
        self._rows = Following(con, _sql(one, other))

    def of(self, id_: str) -> dict[str, Any]:
        """Names of the partners, and rows: partner, year, category, contracts, value, largest, its number.

        The rest has null for a partner; contracts that name no supplier have one whose id is null.
        """
        found = self._rows.of(id_)
        position: dict[str | None, int] = {}
        names, rows = [], []
        for other, shown, name, kept, ano, categoria, n, valor, maior, numero in found:
            if kept and other not in position:
                position[other] = len(names)
                names.append([other, shown, line(name)])
            partner = position[other] if kept else None
            rows.append([partner, ano, categoria, n, amount(valor), amount(maior), numero])
        return {"quem": names, "linhas": rows}


def _sql(one: str, other: str) -> str:
    return f"""
        WITH ranked AS (
            SELECT {one}, {other}
            FROM panel.pair
            WHERE {one} IS NOT NULL
            GROUP BY GROUPING SETS (({one}, {other}), ({one}, {other}, ano), ({one}, {other}, categoria),
                                    ({one}, {other}, ano, categoria))
            QUALIFY row_number() OVER (
                PARTITION BY {one}, grouping(ano, categoria), ano, categoria
                ORDER BY sum(valor) DESC, {other} NULLS LAST
            ) <= {SHOWN}
        ), kept AS (
            SELECT DISTINCT {one}, {other}, true AS kept FROM ranked
        ), told AS (
            SELECT p.{one}, ano, categoria, n, valor, coalesce(kept, false) AS kept,
                   CASE WHEN kept THEN p.{other} END AS partner,
                   CASE WHEN kept THEN maior END AS maior, CASE WHEN kept THEN numero END AS numero
            FROM panel.pair p
            LEFT JOIN kept ON kept.{one} = p.{one} AND kept.{other} IS NOT DISTINCT FROM p.{other}
            WHERE p.{one} IS NOT NULL
        )
        SELECT told.{one}, partner, any_value(e.shown), any_value(e.name), kept, ano, categoria,
               sum(n)::BIGINT, sum(valor), max(maior), arg_max(numero, maior)
        FROM told LEFT JOIN panel.{other} e ON e.id = partner
        GROUP BY told.{one}, partner, kept, ano, categoria
        ORDER BY told.{one}, kept DESC, partner NULLS LAST, ano, categoria
    """
