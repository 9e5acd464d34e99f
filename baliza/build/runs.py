"""The diary of the file: one row of meta.runs per command that writes."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

import duckdb

from baliza import __version__
from baliza.events import RUN, tell

_logger = logging.getLogger(__name__)


def start(con: duckdb.DuckDBPyConnection, command: str, parameters: Mapping[str, object]) -> int:
    """Write down that a command began; returns its run_id."""
    row = con.execute(
        """
        INSERT INTO meta.runs
        SELECT coalesce(max(run_id), 0) + 1, ?, ?, ?, ?, NULL, NULL FROM meta.runs
        RETURNING run_id
        """,
        [command, __version__, json.dumps(parameters, default=str), datetime.now(UTC).replace(tzinfo=None)],
    ).fetchone()
    run_id = row[0] if row else 0
    RUN.set(run_id)
    tell(
        _logger,
        logging.INFO,
        "run started",
        command=command,
        version=__version__,
        parameters=dict(parameters),
    )
    return run_id


def finish(con: duckdb.DuckDBPyConnection, run_id: int, *, seconds: float, exit_code: int) -> None:
    """Write down how it ended."""
    con.execute(
        "UPDATE meta.runs SET seconds = ?, exit_code = ? WHERE run_id = ?", [seconds, exit_code, run_id]
    )
    tell(_logger, logging.INFO, "run ended", seconds=seconds, exit_code=exit_code)
