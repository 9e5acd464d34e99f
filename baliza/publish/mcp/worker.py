"""The process that runs queries: it has one file, read-only and without CPFs, and nothing else.

Started by `sandbox`, with a line of JSON for what it may take, then one for each question; it answers each
with a line. It can be ended at any time: nothing is lost with it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import duckdb

from baliza.errors import BalizaError, QueryError, QueryStoppedError
from baliza.kinds import size
from baliza.publish.masking import mask
from baliza.publish.mcp import masked, statement
from baliza.publish.mcp.statement import ASKED

GRACE = 2.0
"""Seconds a query has to heed that it is interrupted; then the process ends, whatever it does."""

_BATCH = 20
_TOLD = 1_000
_MOST_EXACT = 2**53


def main() -> None:
    """Answer questions until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    sys.setrecursionlimit(20_000)
    given = json.loads(sys.stdin.readline())
    worker = Worker(Path(given["file"]), memory=given["memory"], threads=given["threads"])
    _confine(size(given["memory"]) + given["beyond"])
    _say(answers, {"tables": worker.tables})
    for line in sys.stdin:
        _say(answers, worker.answer(json.loads(line)))


def _say(answers: TextIO, told: dict[str, Any]) -> None:
    answers.write(json.dumps(told, ensure_ascii=True) + "\n")
    answers.flush()


def _confine(most_memory: int) -> None:
    """Where the system can: no more memory than this, and not one byte written to a file."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        for kind, most in (
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_DATA, most_memory),
        ):
            resource.setrlimit(kind, (most, most))


class Worker:
    """A connection that can do nothing but read the tables of one file.

    Attributes:
        tables: that queries may read.
    """

    def __init__(self, file: Path, *, memory: str, threads: int) -> None:
        self._con = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": "",
                "python_enable_replacements": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            }
        )
        self._hidden, self.tables = masked.expose(self._con, file)
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self._con.execute(f"SET {setting}")

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Run one query.

        Args:
            asked: `sql`, and `seconds`, `rows`, `size`, `cell` as in Limits.

        Returns:
            `columns`, `rows`, `truncated_by`, `cells_cut`, `tables`, `days`; or `error`. With `ends`, the
            process is to be replaced.
        """
        try:
            with self._no_longer_than(asked["seconds"]):
                return self._answer(asked)
        except BalizaError as error:
            return self._failed(error)
        except duckdb.InterruptException:
            return self._failed(stopped(asked["seconds"]), ends=True)
        except (MemoryError, duckdb.OutOfMemoryException):
            return self._failed(too_large(), ends=True)
        except duckdb.Error as error:
            # An error of memory inside a function comes under other names.
            if "bad_alloc" in str(error) or isinstance(
                error, duckdb.FatalException | duckdb.InternalException
            ):
                return self._failed(too_large(), ends=True)
            told = str(error).replace(f"{self._hidden}.", "")[:_TOLD]
            return self._failed(QueryError(ASKED, "{message}", "Mend the query.", message=mask(told)))

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        query = statement.read(self._con, asked["sql"], self.tables)
        result = self._con.execute(query.parsed)
        columns = [{"name": str(one[0]), "type": str(one[1])} for one in result.description or ()]
        cutting = _Cutting(asked["cell"])
        rows: list[list[Any]] = []
        taken, truncated_by = 0, None
        while truncated_by is None and (batch := result.fetchmany(_BATCH)):
            for row in batch:
                told = [cutting.plain(value) for value in row]
                taken += len(json.dumps(told))
                if taken > asked["size"] or len(rows) == asked["rows"]:
                    truncated_by = "size" if taken > asked["size"] else "rows"
                    break
                rows.append(told)
        return {
            "columns": columns,
            "rows": rows,
            "truncated_by": truncated_by,
            "cells_cut": cutting.cut,
            "tables": sorted(query.tables),
            "days": sorted(query.days),
        }

    def _failed(self, error: BalizaError, *, ends: bool = False) -> dict[str, Any]:
        return {
            "error": {
                "type": type(error).__name__,
                "sentences": [error.asked, error.found, error.remedy],
                "facts": {name: str(fact) for name, fact in error.facts.items()},
            },
            "ends": ends,
        }

    @contextmanager
    def _no_longer_than(self, seconds: float) -> Iterator[None]:
        interrupt = threading.Timer(seconds, self._con.interrupt)
        end = threading.Timer(seconds + GRACE, os._exit, [1])
        for timer in (interrupt, end):
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            interrupt.cancel()
            end.cancel()


def stopped(seconds: float) -> QueryStoppedError:
    """What is said of a query that took too long."""
    return QueryStoppedError(
        ASKED,
        "It was stopped after {seconds} seconds.",
        "Ask for less: fewer rows, a shorter period, a mart instead of a stage table.",
        seconds=f"{seconds:g}",
    )


def too_large() -> QueryStoppedError:
    """What is said of a query that took too much memory."""
    return QueryStoppedError(
        ASKED,
        "It was stopped: it took more memory than a question may.",
        "Ask for less: fewer rows, a shorter period, sums instead of lists.",
    )


class _Cutting:
    """Values as JSON's own types; texts cut where they are too long, and counted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.cut = 0

    def plain(self, value: Any) -> Any:  # noqa: PLR0911 - a line for each kind of value
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if abs(value) < _MOST_EXACT else str(value)
        if isinstance(value, str):
            return self._text(mask(value[: self._most + 1]), len(value))
        if isinstance(value, Decimal | UUID | timedelta | float):
            return value if isinstance(value, float) and value - value == 0 else str(value)
        if isinstance(value, date | datetime | time_of_day):
            return value.isoformat()
        if isinstance(value, bytes):
            return self._text(mask(value[: self._most].hex()), 2 * len(value))
        if isinstance(value, dict):
            return {self._text(str(name), len(str(name))): self.plain(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return self._members(value)
        return self._text(mask(str(value)), len(str(value)))

    def _members(self, value: list[Any] | tuple[Any, ...]) -> list[Any]:
        if len(value) > self._most:
            self.cut += 1
        return [self.plain(one) for one in value[: self._most]]

    def _text(self, text: str, length: int) -> str:
        if length <= self._most:
            return text
        self.cut += 1
        return f"{text[: self._most]}… ({length})"


if __name__ == "__main__":
    main()
