"""The page of a municipality: what the órgãos there contracted, and when."""

from __future__ import annotations

from pathlib import Path

import duckdb

from baliza.publish.panel.script import amount, line
from baliza.publish.panel.shards import Following, Shards, rows

_EVERY = "SELECT id, shown, name, uf FROM panel.municipio ORDER BY id"

_JOINED = "FROM mart.spending s JOIN panel.municipio m ON m.key = s.codigo_ibge"

_MONTHS = f"""
    SELECT m.id, strftime(mes, '%Y-%m'), categoria_processo_id AS categoria, esfera_id,
           sum(quantidade_contratos)::BIGINT, sum(valor_contratos)
    {_JOINED} GROUP BY m.id, mes, categoria, esfera_id
    HAVING sum(quantidade_contratos) > 0 ORDER BY m.id, mes, categoria, esfera_id
"""

_ORGAOS = f"""
    SELECT m.id, o.id, o.shown, o.name, esfera_id, year(mes) AS ano, categoria_processo_id AS categoria,
           sum(quantidade_contratos)::BIGINT, sum(valor_contratos)
    {_JOINED} JOIN panel.orgao o ON o.key = s.cnpj_orgao
    GROUP BY m.id, o.id, o.shown, o.name, esfera_id, ano, categoria
    HAVING sum(quantidade_contratos) > 0 ORDER BY m.id, o.id, ano, categoria
"""


def write(con: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Write the data of every municipality of mart.spending.

    Returns:
        The first id of each file.
    """
    shards = Shards(folder, "municipios")
    months, orgaos = Following(con, _MONTHS), Following(con, _ORGAOS)
    for id_, shown, name, uf in rows(con.cursor(), _EVERY):
        position: dict[str, int] = {}
        named, sums = [], []
        for orgao, doc, orgao_name, esfera, ano, categoria, n, valor in orgaos.of(id_):
            if orgao not in position:
                position[orgao] = len(named)
                named.append([orgao, doc, line(orgao_name), esfera])
            sums.append([position[orgao], ano, categoria, n, amount(valor)])
        record = {
            "doc": shown,
            "nome": line(name),
            "uf": uf,
            "meses": [[*row[:-1], amount(row[-1])] for row in months.of(id_)],
            "quem": named,
            "linhas": sums,
        }
        shards.add(id_, record)
    shards.close()
    return shards.first
