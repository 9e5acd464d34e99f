"""Ground truth: what the simulator holds, written where a test can compare it with what was harvested."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from baliza.simulator.listings import day_of, key_of


def write(path: Path, records: Mapping[str, Iterable[dict[str, Any]]]) -> int:
    """Write every record, one JSON object per line.

    Args:
        path: file to write; its folder must exist.
        records: contracts in PNCP's shape, keyed by endpoint id.

    Returns:
        Lines written. Each has "endpoint", "key" (numeroControlePNCP), "day" (AAAA-MM-DD the endpoint files
        the record under; null when it never shows it) and "record".
    """
    lines = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for endpoint, rows in records.items():
            for record in rows:
                entry = {
                    "endpoint": endpoint,
                    "key": key_of(record),
                    "day": day_of(endpoint, record),
                    "record": record,
                }
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")
                lines += 1
    return lines


def read(path: Path) -> list[dict[str, Any]]:
    """Read what `write` wrote: one dict per line with "endpoint", "key", "day" and "record"."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]
