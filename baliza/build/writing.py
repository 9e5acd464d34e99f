"""Writing a table, whole or for the keys that changed: written, checked, and then committed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend

from baliza.build import failures, stored
from baliza.build.catalog import TableNode
from baliza.build.journal import Built, Journal, now
from baliza.build.relations import Relations
from baliza.build.renewal import Renewal
from baliza.build.stored import Definition
from baliza.errors import ContractBrokenError
from baliza.warehouse.connection import transaction
from baliza.warehouse.packing import create_table
from baliza.warehouse.profile import profiled


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Until now, to the millisecond."""
        return round(time.monotonic() - self._started, 3)


class Writer:
    """Writes the tables of one file.

    Args:
        backend: the Ibis connection to the file.
        database: its path.
        journal: the diary of the run.
        relations: the tables as relations.
    """

    def __init__(self, backend: Backend, database: Path, journal: Journal, relations: Relations) -> None:
        self._con: duckdb.DuckDBPyConnection = backend.con
        self._database = database
        self._journal = journal
        self._relations = relations

    def write(
        self, node: TableNode, definition: Definition, built: Built, renewal: Renewal | None, watch: Stopwatch
    ) -> Built:
        """Write a table, or the rows of its changed keys; check it; commit; what became of it.

        Raises:
            ContractBrokenError, NodeFailedError, DiskFullError: it was rolled back.
        """
        sql = definition.sql
        try:
            with profiled(self._con) as most_memory, transaction(self._con):
                rows = None
                if renewal is None:
                    create_table(self._con, f'{node.layer}."{node.table}"', sql, node.contract.long_texts())
                    memory = most_memory()
                else:
                    sql = renewal.query()
                    renewal.make(sql)
                    memory = most_memory()
                    renewal.replace_rows()
                    rows = renewal.rows_to_check()
                found, measures = self._relations.check(node, rows)
                errors = [violation for violation in found if violation.severity == "error"]
                if errors:
                    raise failures.contract_broken(node, errors, self._database)
                built = replace(
                    built,
                    rows=self._relations.count(node),
                    keys=renewal and renewal.count(),
                    seconds=watch.seconds,
                    warnings=tuple(found),
                    peak_memory=memory,
                )
                stored.write(
                    self._con, node.name, definition, rows=built.rows, seconds=built.seconds, built_at=now()
                )
        except ContractBrokenError as error:
            self._journal.keep_violations(node.name, error.violations)
            raise
        except duckdb.Error as error:
            raise failures.sql_failed(node, sql, error, self._database) from error
        self._journal.keep_violations(node.name, found)
        self._journal.keep_measures(node.name, measures)
        return built

    def foresee(self, node: TableNode, renewal: Renewal) -> None:
        """Find out what tables made from this one want to know of its changed keys, and write nothing.

        Raises:
            NodeFailedError, DiskFullError: they cannot be made.
        """
        try:
            renewal.foresee()
        except duckdb.Error as error:
            raise failures.sql_failed(node, renewal.query(), error, self._database) from error
