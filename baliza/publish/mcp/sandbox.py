"""A place to run queries that nobody has read before: another process, ended when it does not end itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from baliza import errors
from baliza.errors import BalizaError, DatabaseError, QueryStoppedError
from baliza.publish.mcp.limits import MOST_ROWS, Limits
from baliza.publish.mcp.published import Published, locate
from baliza.publish.mcp.statement import ASKED
from baliza.publish.mcp.worker import GRACE, stopped

_START = 60.0
"""Seconds a process has to open the file."""

_KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TZ", "LANG")
"""Variables the process is given: what others hold is none of its business."""


@dataclass(frozen=True)
class Result:
    """What a query gave.

    Attributes:
        sql: the query.
        columns: name and type of each.
        rows: as JSON's own types; decimals as text.
        truncated_by: rows or size, where there are more; else None.
        cells_cut: texts and lists that were too long.
        tables: that it read.
        days: days, months and years that it names.
    """

    sql: str
    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated_by: str | None
    cells_cut: int
    tables: list[str]
    days: list[str]

    def records(self) -> list[dict[str, Any]]:
        """The rows by the names of their columns."""
        names = [column["name"] for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


class Sandbox:
    """Runs queries on the published state of a file, one at a time.

    Args:
        database: the file.
        limits: of each query.
    """

    def __init__(self, database: Path, limits: Limits | None = None) -> None:
        self.database = database
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._published: Published | None = None
        self._process: _Process | None = None
        self._idle: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and let the file go."""
        with self._lock:
            self._release()

    def published(self) -> Published:
        """The newest state of the file, which the next query reads.

        Raises:
            DatabaseError: the file cannot be read.
        """
        with self._lock:
            self._published = locate(self.database, known=self._published)
            return self._published

    def tables(self) -> list[str]:
        """The tables that a query may read, such as `mart.spending`.

        Raises:
            DatabaseError: the file cannot be read.
        """
        with self._lock:
            return self._current().tables

    def run(self, sql: str, *, rows: int | None = None) -> Result:
        """Run one query.

        Args:
            sql: the query.
            rows: told at most.

        Raises:
            ForbiddenQueryError: it is anything but one SELECT over published tables.
            QueryError: DuckDB cannot make sense of it.
            QueryStoppedError: it took too much time or memory.
            DatabaseError: the file cannot be read.
        """
        limits = self.limits
        asked = {
            "sql": sql,
            "rows": max(1, min(rows or limits.rows, MOST_ROWS)),
            "seconds": limits.seconds,
            "size": limits.size,
            "cell": limits.cell,
        }
        with self._lock:
            process = self._current()
            began = time.monotonic()
            told = process.ask(asked, within=limits.seconds + 2 * GRACE)
            if told is None:
                self._release()
                raise stopped(limits.seconds) if time.monotonic() - began > limits.seconds else _died()
            if told.pop("ends", False):
                self._release()
        if failure := told.get("error"):
            kind: type[BalizaError] = getattr(errors, failure["type"])
            raise kind(*failure["sentences"], **failure["facts"])
        return Result(sql=sql, **told)

    def _current(self) -> _Process:
        """The process that has the newest state open."""
        newest = self._published = locate(self.database, known=self._published)
        if self._process and (self._process.published.identity != newest.identity or self._process.has_ended):
            self._release()
        if self._process is None:
            self._process = _Process(newest, self.limits)
        self._wait_for_the_next()
        return self._process

    def _wait_for_the_next(self) -> None:
        """A file that is open cannot be written by anybody: it is let go when nobody asks."""
        if self._idle:
            self._idle.cancel()
        self._idle = threading.Timer(self.limits.seconds + self.limits.idle, self.close)
        self._idle.daemon = True
        self._idle.start()

    def _release(self) -> None:
        if self._idle:
            self._idle.cancel()
        if self._process:
            self._process.end()
        self._process = None


def _died() -> QueryStoppedError:
    return QueryStoppedError(
        ASKED,
        "The process that ran it ended before it had an answer, likely for lack of memory.",
        "Ask for less: fewer rows, a shorter period, sums instead of lists.",
    )


class _Process:
    """One worker and the file it has open."""

    def __init__(self, published: Published, limits: Limits) -> None:
        self.published = published
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "baliza.publish.mcp.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            text=True,
            encoding="utf-8",
        )
        given = {
            "file": str(published.path.absolute()),
            "memory": limits.memory,
            "beyond": limits.beyond,
            "threads": limits.threads,
        }
        ready = self.ask(given, within=_START)
        if ready is None:
            self.end()
            raise DatabaseError(
                "The database {path} was to be queried.",
                "The process that was to read it ended at once.",
                "Try again; if it ends again, see what is wrong: baliza status --database {path}",
                path=published.path,
            )
        self.tables: list[str] = ready["tables"]

    @property
    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    def ask(self, question: dict[str, Any], *, within: float) -> dict[str, Any] | None:
        """The answer; None where the process ended without one, or was ended because none came."""
        assert self._popen.stdin and self._popen.stdout  # noqa: S101, PT018 - they are pipes
        timer = threading.Timer(within, self._popen.kill)
        timer.daemon = True
        timer.start()
        try:
            self._popen.stdin.write(json.dumps(question) + "\n")
            self._popen.stdin.flush()
            line = self._popen.stdout.readline()
        except OSError:
            line = ""
        finally:
            timer.cancel()
        return json.loads(line) if line.endswith("\n") else None

    def end(self) -> None:
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    continue
