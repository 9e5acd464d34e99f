"""Raw tables filled without a harvest: rows of records in PNCP's shape, in the order given."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from baliza.warehouse.connection import connect

Records = Iterable[Mapping[str, Any]]


@pytest.fixture(scope="session")
def raw_file(prepared: Path, tmp_path_factory) -> Callable[..., Path]:
    """A file with these records: `raw_file(contratos=[...], itens=[{"parent_key": ..., ...}])`."""

    def make(**tables: Records) -> Path:
        path = Path(shutil.copy(prepared, tmp_path_factory.mktemp("parity") / "records.duckdb"))
        numbers = itertools.count(1)
        with connect(path, write=True) as con:
            con.execute("INSERT INTO meta.database VALUES ('source', 'simulator')")
            for table, records in tables.items():
                types = dict(
                    con.execute(f"SELECT column_name, column_type FROM (DESCRIBE raw.{table})").fetchall()
                )
                observed = {"observed_at": "2025-01-01", "source_endpoint": table, "request_id": 1}
                lines = path.with_name(f"{table}.json")
                lines.write_text(
                    "\n".join(
                        json.dumps(
                            observed
                            | {
                                "observation_id": (number := next(numbers)),
                                "content_hash": f"00000000-0000-0000-0000-{number:012d}",
                            }
                            | record
                        )
                        for record in records
                    )
                )
                con.execute(
                    f"INSERT INTO raw.{table} BY NAME FROM read_json('{lines}', columns = {types!r}, format = 'newline_delimited')"
                )
                con.execute(
                    f"""INSERT INTO meta.landings BY NAME SELECT 1 + (SELECT count(*) FROM meta.landings) AS landing_id,
                    '{table}' AS table_name, '{table}' AS endpoint, '' AS slice, DATE '2025-01-01' AS since,
                    DATE '2025-01-01' AS until, count(*) AS received, count(*) AS stored, 0 AS repeats,
                    0 AS quarantined, TIMESTAMP '2025-01-01' AS landed_at FROM raw.{table}"""
                )
        return path

    return make
