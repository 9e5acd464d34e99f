"""The peer that nothing should beat: the same two tables by DuckDB SQL written by hand, in a bare script.

    python benchmarks/by_hand.py FILE [--memory-limit 2GB] [--threads 2]

Reads `raw.contratos` of a baliza file and writes `hand_stage.contratos` and `hand_mart.spending` beside it.
The SQL is that of the dbt project (`dbt_baseline`), which dbt and `baliza parity` run too.
Imports nothing but DuckDB and what Python brings.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path

import duckdb

MACROS = Path(__file__).parent / "dbt_baseline" / "macros"

LONG = ("objeto_contrato", "informacao_complementar", "link_pncp")
"""Columns that are packed by Zstandard, as those of baliza are: smaller, and faster to write."""


def sql(name: str, **relations: str) -> str:
    """The text of a macro, with the relations it reads."""
    text = (MACROS / f"{name}.sql").read_text(encoding="utf-8")
    text = re.sub(r"{%.*?%}", "", text)
    for parameter, relation in relations.items():
        text = text.replace("{{ " + parameter + " }}", relation)
    return text


def build(path: Path, memory_limit: str | None = None, threads: int | None = None) -> dict[str, float]:
    """Build both tables; seconds of each."""
    limits = {"memory_limit": memory_limit, "threads": threads}
    con = duckdb.connect(path, config={name: value for name, value in limits.items() if value})
    con.execute("SET preserve_insertion_order = false")
    con.execute("CREATE SCHEMA IF NOT EXISTS hand_stage; CREATE SCHEMA IF NOT EXISTS hand_mart")
    con.execute(sql("functions"))
    seconds = {}
    for table, query in (
        ("hand_stage.contratos", sql("meant/stage_contratos", raw="raw.contratos")),
        ("hand_mart.spending", sql("meant/mart_spending", stage="hand_stage.contratos")),
    ):
        started = time.monotonic()
        columns = ", ".join(
            f'"{name}" {type_}{" USING COMPRESSION zstd" if name in LONG else ""}'
            for name, type_, *_ in con.execute(f"DESCRIBE {query}").fetchall()
        )
        con.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
        con.execute(f"INSERT INTO {table} {query}")
        seconds[table] = time.monotonic() - started
    con.close()
    return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--memory-limit")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    print(json.dumps(build(options.file, options.memory_limit, options.threads)))
