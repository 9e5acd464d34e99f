"""Open tenders, one file for each UF: closing when, where, under which link."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from baliza.publish.masking import masked_sql
from baliza.publish.panel.script import amount, data, line, script
from baliza.publish.panel.shards import rows

NOWHERE = "sem-uf"

_OPEN = f"""
    SELECT CASE WHEN regexp_full_match(uf_sigla, '[A-Z]{{2}}') THEN uf_sigla ELSE '{NOWHERE}' END AS uf,
           {masked_sql("objeto_compra")}, o.id, {masked_sql("nome_orgao")}, municipio_nome, modalidade_nome,
           valor_total_estimado, estimate_missing, estimate_verdict,
           strftime(data_encerramento_proposta, '%Y-%m-%d %H:%M'), dias_restantes, ja_recebe_propostas,
           strftime(data_abertura_proposta, '%Y-%m-%d %H:%M'), numero_controle_pncp, link_pncp
    FROM mart.open_tenders t LEFT JOIN panel.orgao o ON o.key = t.cnpj_orgao
    ORDER BY uf, data_encerramento_proposta NULLS LAST, numero_controle_pncp
"""

_TOLD = """
    SELECT max(data_referencia)::VARCHAR, count(*), max(dias_desde_retrato), min(dia_retrato)::VARCHAR,
           count(DISTINCT recorte), count(*) FILTER (recorte <> '')
    FROM mart.open_tenders
"""


def write(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    """Write the tenders of each UF.

    Returns:
        Of what day, how many, how old the snapshot is; how many of each UF.
    """
    place = folder / "abertas"
    place.mkdir()
    counts: dict[str, int] = {}
    for uf, found in groupby(rows(con.cursor(), _OPEN), key=lambda row: row[0]):
        listed = [
            [line(value) if isinstance(value, str) else amount(value) for value in row[1:]] for row in found
        ]
        counts[uf] = len(listed)
        (place / f"{uf}.js").write_bytes(script(f"abertas/{uf}", data(listed)))
    day, number, age, oldest, slices, sliced = con.execute(_TOLD).fetchone() or (None, 0, None, None, 0, 0)
    return {
        "dia": day,
        "quantas": number,
        "idade": age,
        "retrato": oldest,
        "recortes": slices,
        "deRecortes": sliced,
        "ufs": counts,
    }
