"""How much one question may take."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ROWS = 1_000
"""Rows of one answer, however many are asked for: it is read by a model."""

MOST_CHARACTERS = 20_000
"""Of a query."""


@dataclass(frozen=True)
class Limits:
    """What one question may take; beyond it the question is stopped, or its answer is cut and says so.

    Attributes:
        seconds: from the question to its last row.
        rows: told, where the question does not say.
        size: bytes of the rows of an answer, as JSON.
        cell: characters of one text.
        memory: DuckDB's; the process may have `beyond` bytes more.
        threads: DuckDB's.
        idle: seconds without a question after which the file is let go.
    """

    seconds: float = 20
    rows: int = 100
    size: int = 200_000
    cell: int = 4_000
    memory: str = "1GB"
    beyond: int = 768 * 2**20
    threads: int = 2
    idle: float = 30
