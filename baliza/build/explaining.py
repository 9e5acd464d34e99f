"""What is behind rows of a mart: the records, the days they rest on, and the way they came.

Everything is read, nothing written, and the mart's own function is the judge: run once more over the records
that were found, it must make the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir

from baliza.build import (
    behind,
    catalog,
    column_values,
    failures,
    footing,
    lineage,
    picking,
    small_results,
    stored,
    told_records,
)
from baliza.build.catalog import TableNode
from baliza.build.engine import Engine
from baliza.build.explanation import Check, Evidence, Explanation, Records
from baliza.build.facts import facts
from baliza.build.footing import Footing
from baliza.build.inputs import ledger_inputs
from baliza.build.period import PNCP_BEGAN, SAO_PAULO, today
from baliza.errors import UnexplainableError
from baliza.warehouse import schema
from baliza.warehouse.published import Opened, reading_published
from dataflows import parameters
from dataflows.contract import FINDING

_ORGAN = "cnpj_orgao"


def explain(
    database: Path,
    target: str,
    keys: Sequence[tuple[str, str]],
    *,
    limit: int | None = None,
    unpublished: bool = False,
    options: Iterable[str] = (),
) -> Explanation:
    """What is behind the rows of a mart that have these values.

    Args:
        database: the file.
        target: the mart.
        keys: columns and values.
        limit: rows and records of each table shown; all without.
        unpublished: read the file as it is, not its last published state.
        options: names that may have been meant by one that is no column.

    Raises:
        UnknownTargetError: there is no such table.
        UnexplainableError: nothing says which records its rows are made from.
        UsageError: no key, no such column, or a value that is none of it.
        UnknownRecordError: no row has these values.
        DatabaseError: missing, locked, not baliza's, or the table was never built in it.
    """
    node = catalog.find(target)
    if node.layer != "mart" or not behind.is_explainable(node):
        raise _unexplainable(node)
    wanted = column_values.parse(node, keys, also=options)
    with reading_published(database, unpublished=unpublished) as opened:
        return _Explaining(opened, database, node, wanted).explanation(limit)


def _unexplainable(node: TableNode) -> UnexplainableError:
    return UnexplainableError(
        "The rows of {table} were to be explained.",
        "Its rows are what landed or was cleaned, record by record, not made of others."
        if node.layer != "mart"
        else "Its rows count what no column of its key leads back to.",
        "These can be explained: {explainable}",
        table=node.location,
        explainable=", ".join(behind.explainable()),
    )


class _Explaining:
    """One file and one mart."""

    def __init__(self, opened: Opened, database: Path, node: TableNode, wanted: Mapping[str, Any]) -> None:
        self._con = con = opened.con
        self._snapshot = opened.snapshot
        self._database = database
        self._node = node
        self._wanted = wanted
        self._backend = Engine.from_connection(con)
        self._inputs = {
            **facts(),
            **_as_built(con, node.name),
            **ledger_inputs(self._backend),
        }

    def explanation(self, limit: int | None) -> Explanation:
        node, table = self._node, self._made(self._node.name)
        if not self._wanted:
            raise picking.nothing_asked(node, table, self._fetch, self._database)
        rows = picking.rows(table, self._wanted)
        total = self._count(rows)
        if not total:
            raise picking.none_found(node, table, self._wanted, self._fetch)
        keys = self._fetch(_keys(node, rows))
        found = behind.records(node, rows, keys, self._made)
        named = {value for one in keys for value in one.values()}
        told = [
            told_records.told(name, records, self._fetch, limit=limit, named=named)
            for name, records in found.items()
        ]
        return Explanation(
            database=self._database,
            snapshot=self._snapshot,
            source=schema.read_fact(self._con, "source"),
            node=node,
            wanted=self._wanted,
            rows=self._fetch(told_records.some(rows.order_by(*node.contract.key), limit)),
            total=total,
            records=_with_something(told),
            check=self._check(rows, behind.made_of(node, keys, found, self._made)),
            evidence=self._evidence(rows, told) if node.contract.evidence else None,
            footing=self._footing(rows, found),
            way=lineage.way(self._con, node.name),
        )

    def _made(self, name: str) -> Any:
        """A stored table, or an external input as it was when the mart was built."""
        node = catalog.tables().get(name)
        if node is None:
            return self._inputs[name]
        if node.table not in small_results.tables_in(self._backend, node.layer):
            raise failures.never_built(node, self._database)
        return self._backend.table(node.table, database=node.layer)

    def _fetch(self, table: ir.Table) -> list[dict[str, Any]]:
        return small_results.rows(self._backend, table)

    def _count(self, table: ir.Table) -> int:
        return int(self._fetch(table.aggregate(rows=table.count()))[0]["rows"])

    def _check(self, rows: ir.Table, found: Mapping[str, ir.Table]) -> Check:
        compared = self._fetch(behind.differences(self._node, rows, found, self._made))[0]
        return Check(
            same=[name for name, differing in compared.items() if not differing],
            differing={name: differing for name, differing in compared.items() if differing},
        )

    def _evidence(self, rows: ir.Table, told: Sequence[Records]) -> Evidence:
        counts = self._fetch(behind.evidence_counts(self._node, rows))[0]
        return Evidence(
            named=int(counts["named"]),
            counted=int(counts["counted"]),
            found=sum(one.total for one in told),
        )

    def _footing(self, rows: ir.Table, found: Iterable[str]) -> list[Footing]:
        columns = [name for name in _scope(self._node) if name in rows.columns]
        if not columns:
            return []
        spoken_of = self._fetch(rows.select(*columns).distinct())
        period = footing.period_of(spoken_of, _last_day(self._con, self._node.name))
        told = [
            footing.footing(self._con, endpoint, period, spoken_of)
            for endpoint in footing.behind(*(found if behind.is_cut(self._node) else [self._node.name]))
        ]
        return [one for one in told if one.since is not None]


def _keys(node: TableNode, rows: ir.Table) -> ir.Table:
    """The keys of the rows, and whose they are."""
    columns = dict.fromkeys((*node.contract.key, _ORGAN))
    return rows.select(*(name for name in columns if name in rows.columns)).distinct()


def _with_something(told: list[Records]) -> list[Records]:
    """Where what was found lies in one of several places, the others have nothing to show."""
    of_findings = any(one.grouped_by == FINDING for one in told)
    return [one for one in told if one.total or not of_findings] or told[:1]


def _scope(node: TableNode) -> tuple[str, ...]:
    """The columns that say of a row what part of the country and which days it is made of.

    Others than the key's do where one record is one row, or where the row is of one group in all.
    """
    own = ("cnpj_orgao", "ano", "mes")
    if node.contract.evidence:
        return own
    if node.contract.key == (behind.NUMBER,):
        return ("cnpj_orgao", "uf_sigla", "codigo_ibge")
    return tuple(node.contract.key)


def _as_built(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, int | date]:
    """The parameters a table was built with; the defaults where the file does not say."""
    known: dict[str, int | date] = {**parameters.inputs(), parameters.REFERENCE_DAY: today()}
    held = stored.read(con).get(name)
    for one, text in (held.definition.inputs if held and held.definition else {}).items():
        if one == parameters.REFERENCE_DAY:
            known[one] = date.fromisoformat(text)
        elif one in known:
            known[one] = int(text)
    return known


def _last_day(con: duckdb.DuckDBPyConnection, name: str) -> date:
    """The last day that was over when a table was built: of those after it nothing could be in it."""
    times: dict[str, datetime] = dict(con.execute("SELECT name, built_at FROM meta.tables").fetchall())
    if name not in times:
        return PNCP_BEGAN
    built = times[name].replace(tzinfo=UTC).astimezone(SAO_PAULO).date()
    return built - timedelta(days=1)
