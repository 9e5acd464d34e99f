"""Ground truth: what the simulator holds, written where a test can compare it with what was harvested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from baliza.simulator.answers import Records
from baliza.simulator.endpoints import ENDPOINTS, day_of, exploded, key_of


def write(path: Path, records: Mapping[str, Records]) -> int:
    """Write every record, one JSON object per line.

    Args:
        path: file to write; its folder must exist.
        records: in PNCP's shape, keyed by endpoint id. A plan gives a line for each of its items, which is
            what pages count.

    Returns:
        Lines written. Each has "endpoint", "key" (text), "day" (AAAA-MM-DD the endpoint files the record
        under; null when it never shows it by day) and "record".
    """
    lines = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for name, held in records.items():
            for parent, record in _each(name, held):
                entry = {
                    "endpoint": name,
                    "key": key_of(ENDPOINTS[name], record, parent),
                    "day": day_of(ENDPOINTS[name], record),
                    "record": record,
                }
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")
                lines += 1
    return lines


def read(path: Path) -> list[dict[str, Any]]:
    """Read what `write` wrote: one dict per line with "endpoint", "key", "day" and "record"."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def _each(name: str, held: Records) -> Iterator[tuple[str | None, dict[str, Any]]]:
    if isinstance(held, Mapping):
        for parent, rows in cast("Mapping[str, Sequence[dict[str, Any]]]", held).items():
            for row in rows:
                yield parent, row
    else:
        for record in exploded(ENDPOINTS[name], list(held)):
            yield None, record
