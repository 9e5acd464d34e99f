"""Who has a page: órgãos, suppliers and municipalities, each with an id that its address may show.

A CNPJ is its own id. Whatever else identifies a supplier may be a CPF, and no function of it is shown: such
suppliers are numbered by what they sold, with their names masked. So are codes that are not of the usual
form. A database in memory, attached as `panel`, keeps them while the site is written, out of the file's way.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from baliza.publish.masking import masked_sql

_CNPJ = "[0-9A-Z]{12}[0-9]{2}"
_IBGE = "[0-9]{7}"

_ORGAOS = {
    "mart.spending": "SELECT cnpj_orgao AS key, nome_orgao AS name, uf_sigla AS uf, esfera_id AS esfera, "
    "valor_contratos AS value, valor_em_revisao AS review, 1 AS rank FROM mart.spending",
    "mart.publication": "SELECT cnpj_orgao, nome_orgao, uf_sigla, esfera_id, 0, 0, 2 FROM mart.publication",
    "mart.concentration": "SELECT cnpj_orgao, nome_orgao, NULL, NULL, 0, 0, 3 FROM mart.concentration",
    "mart.supply": "SELECT cnpj_orgao, nome_orgao, NULL, NULL, 0, 0, 3 FROM mart.supply",
    "mart.red_flags": "SELECT cnpj_orgao, nome_orgao, uf_sigla, NULL, 0, 0, 4 FROM mart.red_flags",
}
_SUPPLIERS = {
    "mart.suppliers": "SELECT ni_fornecedor AS key, nome_fornecedor AS name, NULL AS uf, "
    "tipo_pessoa_nome AS esfera, valor_contratos AS value, valor_em_revisao AS review, 1 AS rank "
    "FROM mart.suppliers WHERE ni_fornecedor IS NOT NULL",
    "mart.supply": "SELECT ni_fornecedor, nome_fornecedor, NULL, NULL, 0, 0, 2 FROM mart.supply "
    "WHERE ni_fornecedor IS NOT NULL",
}
_MUNICIPIOS = {
    "mart.spending": "SELECT codigo_ibge AS key, municipio_nome AS name, uf_sigla AS uf, NULL AS esfera, "
    "valor_contratos AS value, valor_em_revisao AS review, 1 AS rank FROM mart.spending "
    "WHERE codigo_ibge IS NOT NULL",
}
"""Where each is named, table by table: the first that names it is believed."""


def prepare(con: duckdb.DuckDBPyConnection, present: Collection[str]) -> None:
    """Make `panel.orgao`, `panel.supplier` and `panel.municipio`.

    Each has key, id, shown, name, uf, esfera, value, and review: what of the value is to be checked.

    Args:
        con: the file, opened to read.
        present: tables of the file.
    """
    con.execute("ATTACH ':memory:' AS panel (READ_WRITE)")
    for table, sources, usual, letter in (
        ("orgao", _ORGAOS, _CNPJ, "o"),
        ("supplier", _SUPPLIERS, _CNPJ, "p"),
        ("municipio", _MUNICIPIOS, _IBGE, "m"),
    ):
        named = [sql for source, sql in sources.items() if source in present]
        con.execute(f"CREATE TABLE panel.{table} AS {_numbered(named, usual, letter)}")


_NOBODY = (
    "SELECT ''::VARCHAR AS key, NULL::VARCHAR AS name, NULL::VARCHAR AS uf, NULL::VARCHAR AS esfera, "
    "0 AS value, 0 AS review, 9 AS rank WHERE false"
)


def _numbered(named: list[str], usual: str, letter: str) -> str:
    union = " UNION ALL ".join([_NOBODY, *named])
    # Of two who look alike, the order must tell nothing of what is hidden, and be the same every time.
    order = f"value DESC, name, {masked_sql('key')}, md5(key)"
    return f"""
        WITH known AS (
            SELECT key, {masked_sql("arg_min(name, rank) FILTER (name IS NOT NULL)")} AS name,
                   mode(uf) AS uf, arg_min(esfera, rank) FILTER (esfera IS NOT NULL) AS esfera,
                   sum(value) AS value, sum(review) AS review
            FROM ({union}) GROUP BY key
        )
        SELECT key,
               CASE WHEN regexp_full_match(key, '{usual}') THEN key
                    ELSE '{letter}' || row_number() OVER (ORDER BY {order}) END AS id,
               {masked_sql("key")} AS shown, name, uf, esfera, value, review
        FROM known
    """
