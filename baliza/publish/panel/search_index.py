"""The index of the search: one line for each órgão, municipality and supplier, the largest first.

A page reads the files one after the other, and shows what it has found meanwhile. Each is one text, a line
for each entry: kind, id, what identifies it, name, UF.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from baliza.publish.panel.script import data, line, script
from baliza.publish.panel.shards import rows

LARGE_ENOUGH = 200_000

_ENTRIES = """
    SELECT kind, id, shown, name, uf FROM (
        SELECT 'm' AS kind, 1 AS place, id, shown, name, uf, value FROM panel.municipio
        UNION ALL SELECT 'o', 1, id, shown, name, uf, value FROM panel.orgao
        UNION ALL SELECT 'f', 2, id, shown, name, NULL, value FROM panel.supplier
    ) ORDER BY place, value DESC, kind, id
"""


def write(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Write the index.

    Returns:
        How many files it has.
    """
    place = folder / "busca"
    place.mkdir()
    entries: list[str] = []
    size = files = 0

    def close() -> None:
        nonlocal entries, size, files
        (place / f"{files}.js").write_bytes(script(f"busca/{files}", data("\n".join(entries))))
        entries, size, files = [], 0, files + 1

    for kind, id_, shown, name, uf in rows(con, _ENTRIES):
        told = (None if shown == id_ else shown, name, uf)
        entry = "\t".join((kind, id_, *(line(text) or "" for text in told)))
        entries.append(entry)
        size += len(entry)
        if size >= LARGE_ENOUGH:
            close()
    if entries or not files:
        close()
    return files
