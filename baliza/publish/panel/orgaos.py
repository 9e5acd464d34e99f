"""The page of an órgão: what it contracted, when, of which kind, of whom, and what deserves a look."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from baliza.publish.masking import masked_sql
from baliza.publish.panel.flags import FlagsOfOrgao
from baliza.publish.panel.partners import Partners
from baliza.publish.panel.script import amount, line
from baliza.publish.panel.shards import Following, Shards, rows

_PLACES = 12
"""Municipalities of an órgão that are named; the rest is in the file."""

_EVERY = "SELECT id, shown, name, uf, esfera FROM panel.orgao ORDER BY id"

_MONTHS = """
    SELECT o.id, strftime(mes, '%Y-%m') AS month, categoria_processo_id AS categoria,
           sum(quantidade_contratos)::BIGINT, sum(valor_contratos),
           sum(quantidade_empenhos)::BIGINT, sum(valor_empenhos),
           sum(quantidade_suspeitos)::BIGINT, sum(valor_suspeito),
           sum(quantidade_receitas)::BIGINT, sum(valor_receita), sum(valor_em_revisao)
    FROM mart.spending s JOIN panel.orgao o ON o.key = s.cnpj_orgao
    GROUP BY o.id, mes, categoria ORDER BY o.id, mes, categoria
"""

_WHERE = f"""
    SELECT o.id, m.id, m.name, m.uf, sum(valor_contratos) AS valor, sum(quantidade_contratos)::BIGINT
    FROM mart.spending s
    JOIN panel.orgao o ON o.key = s.cnpj_orgao JOIN panel.municipio m ON m.key = codigo_ibge
    GROUP BY o.id, m.id, m.name, m.uf
    QUALIFY row_number() OVER (PARTITION BY o.id ORDER BY valor DESC, m.id) <= {_PLACES}
    ORDER BY o.id, valor DESC, m.id
"""

_CONCENTRATION = f"""
    SELECT o.id, ano, categoria_processo_id, quantidade_contratos, quantidade_considerada,
           quantidade_fornecedores, hhi, percentual_maior_fornecedor,
           {masked_sql("coalesce(nome_maior_fornecedor, maior_fornecedor)")}, valor_maior_fornecedor
    FROM mart.concentration c JOIN panel.orgao o ON o.key = c.cnpj_orgao
    ORDER BY o.id, ano, categoria_processo_id
"""

_PROVEN = """
    SELECT DISTINCT o.id, ano, dias_provados_contratos, dias_do_ano
    FROM mart.{table} c JOIN panel.orgao o ON o.key = c.cnpj_orgao
    WHERE ano IS NOT NULL ORDER BY o.id, ano
"""

_PUBLICATION = """
    SELECT o.id, quantidade_registros, primeira_publicacao::VARCHAR, ultima_publicacao::VARCHAR,
           primeiro_dia_coberto::VARCHAR, ultimo_dia_coberto::VARCHAR, dias_sem_publicar, dias_sem_cobertura,
           quantidade_avaliados, mediana_dias_publicacao, p90_dias_publicacao,
           quantidade_apos_20_dias_uteis, percentual_apos_20_dias_uteis
    FROM mart.publication p JOIN panel.orgao o ON o.key = p.cnpj_orgao ORDER BY o.id
"""


def write(con: duckdb.DuckDBPyConnection, folder: Path, present: Collection[str]) -> list[str]:
    """Write the data of every órgão.

    Returns:
        The first id of each file.
    """
    shards = Shards(folder, "orgaos")
    read = _Reading(con, present)
    for id_, shown, name, uf, esfera in rows(con.cursor(), _EVERY):
        record = {"doc": shown, "nome": line(name), "uf": uf, "esfera": esfera, **read.of(id_)}
        shards.add(id_, record)
    shards.close()
    return shards.first


class _Reading:
    """What each mart says of an órgão; null for what was never built."""

    def __init__(self, con: duckdb.DuckDBPyConnection, present: Collection[str]) -> None:
        def following(table: str, sql: str) -> Following | None:
            return Following(con, sql) if table in present else None

        self._months = following("mart.spending", _MONTHS)
        self._where = following("mart.spending", _WHERE)
        self._concentration = following("mart.concentration", _CONCENTRATION)
        self._publication = following("mart.publication", _PUBLICATION)
        by_year = next((one for one in ("concentration", "supply") if f"mart.{one}" in present), None)
        self._proven = Following(con, _PROVEN.format(table=by_year)) if by_year else None
        self._suppliers = Partners(con, "orgao", "supplier") if "mart.supply" in present else None
        self._flags = FlagsOfOrgao(con) if "mart.red_flags" in present else None

    def of(self, id_: str) -> dict[str, Any]:
        publication = self._publication and self._publication.of(id_)
        return {
            "meses": _numbers(self._months, id_),
            "onde": _numbers(self._where, id_),
            "concentracao": _numbers(self._concentration, id_),
            "provados": _numbers(self._proven, id_),
            "publicacao": _plain(publication[0]) if publication else None,
            "fornecedores": self._suppliers and self._suppliers.of(id_),
            "sinais": self._flags and self._flags.of(id_),
        }


def _numbers(following: Following | None, id_: str) -> list[list[Any]] | None:
    return following and [_plain(row) for row in following.of(id_)]


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [line(value) if isinstance(value, str) else amount(value) for value in row]
