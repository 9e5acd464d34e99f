"""Red flags: what each says, of how many, and those of each órgão with their evidence."""

from __future__ import annotations

from typing import Any

import duckdb

from baliza.publish.masking import masked_sql
from baliza.publish.panel.script import amount, line
from baliza.publish.panel.shards import Following, rows

MOST = 40
"""Of one flag, for one órgão, shown with their evidence; how many there are is told."""

MOST_ORGAOS = 20
"""Of one flag, that lead to their pages."""

_DEFINED = """
    SELECT flag, any_value(titulo), any_value(texto), any_value(fonte), any_value(link_fonte),
           any_value(tipo_sujeito), any_value(unidade_medida), count(*), count(DISTINCT cnpj_orgao)
    FROM mart.red_flags GROUP BY flag ORDER BY flag
"""

_COMPUTABLE = """
    SELECT flag, titulo, texto, fonte, link_fonte, quantidade_sujeitos, quantidade_calculaveis,
           quantidade_sinalizados, percentual_sinalizado, leitura, falta_principal, o_que_falta,
           dias_provados, dias_dos_anos, tipo_sujeito
    FROM mart.flag_computability ORDER BY quantidade_sinalizados DESC, flag
"""

_SUPPLIER = (
    "CASE tipo_sujeito "
    "WHEN 'orgao-fornecedor-ano-inciso' THEN regexp_extract(subject, '^[^/]*/[^/]*/[^/]*/(.*)$', 1) "
    "WHEN 'orgao-fornecedor-ano' THEN regexp_extract(subject, '^[^/]*/[^/]*/(.*)$', 1) END"
)
"""The supplier in the key of a group, which ends with it."""

_OF_ORGAOS = f"""
    WITH told AS (
        SELECT o.id, flag, ano, subject, valor_observado, limite, detalhe, evidencias, quantidade_evidencias,
               {_SUPPLIER} AS ni
        FROM mart.red_flags f JOIN panel.orgao o ON o.key = f.cnpj_orgao
    )
    SELECT told.id, flag, ano, {masked_sql("subject")} AS shown, valor_observado, limite,
           {masked_sql("detalhe")}, evidencias, quantidade_evidencias, s.id, s.name
    FROM told LEFT JOIN panel.supplier s ON s.key = ni
    QUALIFY row_number() OVER (
        PARTITION BY told.id, flag ORDER BY ano DESC NULLS LAST, quantidade_evidencias DESC, shown
    ) <= {MOST}
    ORDER BY told.id, flag, ano DESC NULLS LAST, quantidade_evidencias DESC, shown
"""

_ORGAOS = f"""
    SELECT flag, o.id, any_value(coalesce(o.name, o.shown)), any_value(o.uf), count(*) AS n
    FROM mart.red_flags f JOIN panel.orgao o ON o.key = f.cnpj_orgao
    GROUP BY flag, o.id
    QUALIFY row_number() OVER (PARTITION BY flag ORDER BY n DESC, o.id) <= {MOST_ORGAOS}
    ORDER BY flag, n DESC, o.id
"""

_COUNTED = """
    SELECT o.id, flag, ano, count(*) FROM mart.red_flags f JOIN panel.orgao o ON o.key = f.cnpj_orgao
    GROUP BY o.id, flag, ano ORDER BY o.id, flag, ano
"""


def defined(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """By code: title, words, source, link to it, kind of subject, unit, how many, of how many órgãos."""
    return {flag: list(said) for flag, *said in rows(con, _DEFINED)}


def computable(con: duckdb.DuckDBPyConnection) -> list[list[Any]]:
    """How far each flag can be judged, as mart.flag_computability says it."""
    return [
        [line(value) if isinstance(value, str) else amount(value) for value in row]
        for row in rows(con, _COMPUTABLE)
    ]


def orgaos(con: duckdb.DuckDBPyConnection) -> dict[str, list[list[Any]]]:
    """By code: the órgãos with most cases, id, name, UF and how many."""
    found: dict[str, list[list[Any]]] = {}
    for flag, id_, name, uf, n in rows(con, _ORGAOS):
        found.setdefault(flag, []).append([id_, line(name), uf, n])
    return found


class FlagsOfOrgao:
    """The flags of each órgão, in the order of ids."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._rows = Following(con, _OF_ORGAOS)
        self._counts = Following(con, _COUNTED)

    def of(self, id_: str) -> dict[str, Any]:
        """How many by flag and year, and the first of them with their evidence."""
        return {
            "quantos": [list(row) for row in self._counts.of(id_)],
            "linhas": [
                [flag, ano, line(subject), amount(observed), amount(limit), line(detail), *rest]
                for flag, ano, subject, observed, limit, detail, *rest in self._rows.of(id_)
            ],
        }
