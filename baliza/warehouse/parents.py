"""The purchases and contracts in the file whose details are still to be fetched, or have changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from baliza.warehouse.ledger import Cell


@dataclass(frozen=True)
class Parent:
    """One purchase or contract to ask about.

    Attributes:
        cell: of its details: its control number is the slice, its day of publication the day. Pending where
            they were never fetched, or it has changed since.
        items: numbers of its items that have results.
    """

    cell: Cell
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which parents: published in these days, and what their newest version says.

    Attributes:
        matches: (fields, values): one of the fields holds one of the values.
        known_to: an endpoint: only parents whose details were asked of it before.
    """

    since: date
    until: date
    matches: Sequence[tuple[tuple[str, ...], tuple[str, ...]]] = ()
    known_to: str | None = None


def find(
    con: duckdb.DuckDBPyConnection, table: str, endpoint: str, wanted: Wanted, *, by_item: bool
) -> list[Parent]:
    """The parents whose details are wanted, by day of publication.

    Args:
        con: the file.
        table: of schema raw, where they landed.
        endpoint: of the details.
        wanted: which parents.
        by_item: only those that have items with results, as the items landed say, with those.
    """
    latest, facts = _latest(table, wanted)
    if by_item:
        latest = f"""
            SELECT parent, any_value(day) AS day, max(items.observed_at) AS changed_at,
                   list(numeroItem ORDER BY numeroItem) AS numbers
            FROM ({latest}) JOIN (
                SELECT parent_key, numeroItem, arg_max(temResultado, observation_id) AS has_results,
                       max(observed_at) AS observed_at
                FROM raw.itens GROUP BY ALL
            ) AS items ON items.parent_key = parent AND has_results
            GROUP BY parent
        """  # noqa: S608 - names are ours
    rows = con.execute(
        f"""
        SELECT parent, latest.day, latest.numbers,
               CASE WHEN known.updated_at >= changed_at THEN known.status ELSE 'pending' END,
               known.expected, coalesce(known.landed, 0), known.reason
        FROM ({latest}) AS latest LEFT JOIN meta.coverage AS known
            ON known.endpoint = $endpoint AND known.slice = parent AND known.day = latest.day
        WHERE latest.day BETWEEN $since AND $until
        ORDER BY latest.day, parent
        """,  # noqa: S608 - names are ours
        {"endpoint": endpoint, "since": wanted.since, "until": wanted.until, **facts},
    ).fetchall()
    return [
        Parent(
            Cell(endpoint, day, status, number, expected=expected, landed=landed, reason=reason),
            tuple(items or ()),
        )
        for number, day, items, status, expected, landed, reason in rows
    ]


def without_items(con: duckdb.DuckDBPyConnection, wanted: Wanted) -> int:
    """How many of the purchases have never had their items fetched: nothing can be said of their results."""
    latest, facts = _latest("contratacoes", wanted)
    row = con.execute(
        f"""
        WITH latest AS ({latest})
        SELECT count(*) FROM latest WHERE day BETWEEN $since AND $until AND parent NOT IN (
            SELECT slice FROM meta.coverage WHERE endpoint = 'itens' AND status IN ('complete', 'empty')
        )
        """,  # noqa: S608 - names are ours
        {"since": wanted.since, "until": wanted.until, **facts},
    ).fetchone()
    return 0 if row is None else row[0]


def orgaos_of_municipio(con: duckdb.DuckDBPyConnection, codigo_ibge: str) -> list[str]:
    """CNPJs of the municipal órgãos of a municipality, as the purchases and contracts landed name them.

    Municipal alone: a federal campus in town buys for the whole country under its CNPJ.
    """
    rows = con.execute(
        """
        SELECT DISTINCT orgaoEntidade.cnpj FROM (
            SELECT orgaoEntidade, unidadeOrgao FROM raw.contratacoes
            UNION ALL SELECT orgaoEntidade, unidadeOrgao FROM raw.contratos
        )
        WHERE unidadeOrgao.codigoIbge = ? AND orgaoEntidade.esferaId = 'M' AND orgaoEntidade.cnpj IS NOT NULL
        ORDER BY 1
        """,
        [codigo_ibge],
    ).fetchall()
    return [cnpj for (cnpj,) in rows]


def _latest(table: str, wanted: Wanted) -> tuple[str, Mapping[str, object]]:
    """SELECT of the newest version of each parent that matches, and its parameters."""
    conditions = ["true"]
    facts: dict[str, object] = {}
    known = "true"
    if wanted.known_to is not None:
        known = "numeroControlePNCP IN (SELECT slice FROM meta.coverage WHERE endpoint = $known_to)"
        facts["known_to"] = wanted.known_to
    for number, (fields, values) in enumerate(wanted.matches):
        places = ", ".join(f"CAST({field} AS VARCHAR)" for field in fields)
        conditions.append(f"list_has_any([{places}], $values{number})")
        facts[f"values{number}"] = list(values)
    return (
        f"""
        SELECT numeroControlePNCP AS parent, max(observed_at) AS changed_at,
               -- One without a day stands under its year, rather than never being asked about.
               coalesce(
                   arg_max(CAST(dataPublicacaoPncp AS DATE), observation_id),
                   TRY_CAST(right(numeroControlePNCP, 4) || '-01-01' AS DATE)
               ) AS day,
               CAST(NULL AS INTEGER[]) AS numbers
        FROM raw."{table}" WHERE {known} GROUP BY numeroControlePNCP
        HAVING arg_max({" AND ".join(conditions)}, observation_id)
        """,  # noqa: S608 - names are ours
        facts,
    )
