"""The page of a supplier: what it sold, year by year, and to whom."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from baliza.publish.masking import masked_sql
from baliza.publish.panel.partners import Partners
from baliza.publish.panel.script import amount, line
from baliza.publish.panel.shards import Following, Shards, rows

_EVERY = "SELECT id, shown, name, esfera FROM panel.supplier ORDER BY id"

_YEARS = f"""
    SELECT s.id, ano, quantidade_contratos, valor_contratos, quantidade_empenhos, valor_empenhos,
           quantidade_suspeitos, valor_suspeito, quantidade_receitas, valor_receita,
           quantidade_orgaos, quantidade_municipios, quantidade_ufs,
           percentual_maior_orgao, valor_maior_orgao,
           o.id, {masked_sql("coalesce(nome_maior_orgao, cnpj_maior_orgao)")}, primeira_publicacao::VARCHAR,
           ultima_publicacao::VARCHAR, dias_provados_contratos, dias_do_ano
    FROM mart.suppliers m JOIN panel.supplier s ON s.key = m.ni_fornecedor
    LEFT JOIN panel.orgao o ON o.key = cnpj_maior_orgao
    ORDER BY s.id, ano
"""


def write(con: duckdb.DuckDBPyConnection, folder: Path, present: Collection[str]) -> list[str]:
    """Write the data of every supplier.

    Returns:
        The first id of each file.
    """
    shards = Shards(folder, "fornecedores")
    years = Following(con, _YEARS) if "mart.suppliers" in present else None
    buyers = Partners(con, "supplier", "orgao") if "mart.supply" in present else None
    for id_, shown, name, kind in rows(con.cursor(), _EVERY):
        record = {
            "doc": line(shown),
            "nome": line(name),
            "tipo": kind,
            "anos": years
            and [
                [line(value) if isinstance(value, str) else amount(value) for value in row]
                for row in years.of(id_)
            ],
            "compradores": buyers and buyers.of(id_),
        }
        shards.add(id_, record)
    shards.close()
    return shards.first
