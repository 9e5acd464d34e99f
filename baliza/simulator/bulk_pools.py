"""What bulk contracts are put together from: markets, words, órgãos and suppliers, as temporary tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from baliza.simulator.chance import Urn
from baliza.simulator.corpus import TIPOS
from baliza.simulator.organs import Orgao, orgaos
from baliza.simulator.segments import CATEGORIAS, SEGMENTS
from baliza.simulator.suppliers import PER_SEGMENT, market
from baliza.simulator.texts import EMPENHO, ENDINGS, OPENINGS, PURPOSES, RARE_FLAWS

SLOTS = 65_536
"""Places of a wheel: each thing takes as many as its weight, and a row spins it with its own chance."""
COUNTRY_SKEW = 1.2
"""The n-th country buys in proportion to 1 / n ** this: few órgãos buy much, most of them little."""


def fill(con: duckdb.DuckDBPyConnection, seed: int, countries: int) -> None:
    """Make the temporary tables that the rows are drawn from.

    Args:
        con: the file.
        seed: of the first country.
        countries: of the simulator, each with some 250 órgãos and 5,000 suppliers, that are taken together.
    """
    con.execute("SET VARIABLE bulk_ranks = ?", [PER_SEGMENT * countries])
    seeds = range(seed, seed + countries)
    urns = [orgaos(one) for one in seeds]
    things = [orgao for urn in urns for orgao in urn.things]
    weights = [
        weight / (number + 1) ** COUNTRY_SKEW for number, urn in enumerate(urns) for weight in urn.weights
    ]
    _table(con, "pool_orgao", [_orgao(number, orgao) for number, orgao in enumerate(things)])
    _wheel(con, "orgao", weights)
    _table(con, "pool_segmento", [_segment(number) for number in range(len(SEGMENTS))])
    _wheel(con, "segmento", [segment.weight for segment in SEGMENTS])
    _table(
        con, "pool_tipo", [{"tipo": n, "id": id_, "nome": nome} for n, (id_, nome) in enumerate(TIPOS.things)]
    )
    _wheel(con, "tipo", TIPOS.weights)
    _table(con, "pool_fornecedor", _suppliers(seeds))
    words = {"finalidades": PURPOSES, "finais": ENDINGS, "empenhos": EMPENHO, "falhas": RARE_FLAWS}
    _table(con, "pool_palavras", [{name: list(texts) for name, texts in words.items()}])


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    # Column by column: DuckDB takes a second for each ten thousand rows that come as dictionaries.
    columns = ", ".join(
        f"unnest(${column}::{_type(value)}[]) AS {column}" for column, value in rows[0].items()
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {columns}",
        {column: [row[column] for row in rows] for column in rows[0]},
    )


def _type(value: Any) -> str:
    if isinstance(value, Mapping):
        members = ", ".join(f'"{name}" {_type(member)}' for name, member in value.items())
        return f"STRUCT({members})"
    if isinstance(value, list):
        return f"{_type(value[0])}[]"
    return {int: "INTEGER", float: "DOUBLE"}.get(type(value), "VARCHAR")


def _wheel(con: duckdb.DuckDBPyConnection, name: str, weights: Sequence[float]) -> None:
    """A table from each slot of a wheel to the number of a thing, `weights` in the order of the numbers."""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE wheel_{name} AS
        WITH things AS (
            SELECT number - 1 AS number, sum(weight) OVER (ORDER BY number) / sum(weight) OVER () AS reaches
            FROM (SELECT unnest($weights) AS weight, generate_subscripts($weights, 1) AS number)
        ), slots AS (SELECT range AS slot, (range + 0.5) / {SLOTS} AS place FROM range({SLOTS}))
        SELECT slot::INTEGER AS slot, things.number::INTEGER AS {name}
        FROM slots ASOF JOIN things ON slots.place <= things.reaches
        """,
        {"weights": list(weights)},
    )


def _orgao(number: int, orgao: Orgao) -> dict[str, Any]:
    return {
        "orgao": number,
        "cnpj": orgao.cnpj,
        "sistema": orgao.sistema,
        "entidade": dict(orgao.record),
        "unidades": [dict(unidade.record) for unidade in orgao.unidades],
        "parceiros": [partner.cnpj for partner in orgao.partners],
    }


def _segment(number: int) -> dict[str, Any]:
    segment = SEGMENTS[number]
    return {
        "segmento": number,
        "categoria": segment.categoria,
        "categoria_nome": CATEGORIAS[segment.categoria],
        "mediana": float(segment.median),
        "espalha": float(segment.spread),
        "estilo": segment.style,
        "aberturas": list(OPENINGS[segment.style]),
        "coisas": segment.items,
    }


def _suppliers(seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Ranked within their market, persons and foreigners after the markets of companies."""
    rows: list[dict[str, Any]] = []
    markets = [market(seed) for seed in seeds]
    groups = [[one.companies(segment) for one in markets] for segment in SEGMENTS]
    groups += [[one.persons for one in markets], [one.foreigners for one in markets]]
    for group, urns in enumerate(groups):
        for rank, (place, urn) in enumerate(_ranked(urns)):
            supplier = urn.things[place]
            rows.append(
                {
                    "mercado": group,
                    "posto": rank,
                    "ni": supplier.ni,
                    "pessoa": supplier.tipo_pessoa,
                    "nome": supplier.nome,
                    "pais": supplier.pais,
                }
            )
    return rows


def _ranked(urns: Sequence[Urn[Any]]) -> list[tuple[int, Urn[Any]]]:
    """The first of each country, then the second of each, and so on."""
    return [(place, urn) for place in range(len(urns[0].things)) for urn in urns]
