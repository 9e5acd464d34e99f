"""What is behind rows of a mart: the records, the days they rest on, and the way they came.

Everything is read, nothing written, and the mart's own function is the judge: run once more over the records
that were found, it must make the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import behind, catalog, failures, footing, lineage, picking, stored
from baliza.build.catalog import TableNode
from baliza.build.footing import Footing
from baliza.build.inputs import ledger_inputs
from baliza.build.lineage import Step
from baliza.build.period import PNCP_BEGAN, SAO_PAULO, today
from baliza.errors import UnexplainableError
from baliza.warehouse import schema
from baliza.warehouse.published import Opened, reading_published
from baliza.warehouse.snapshots import Snapshot
from dataflows import domains, law, parameters
from dataflows.expressions import Row

_GROUPED_BY = ("bucket", "verdict", "estimate_verdict", "award_verdict", "status")
"""What tells records apart in a sum: the first of these that a table has."""

_SUMMED = ("valor_global", "valor_total")
"""How the amounts begin that marts add up."""

_TOLD = (
    "link_pncp", "data_publicacao_pncp", "data_assinatura", "cnpj_orgao", "nome_orgao", "ni_fornecedor",
    "nome_fornecedor", "objeto_contrato", "objeto_compra", "descricao",
)  # fmt: skip
"""What is told of a record, where its table has it, beside its key, its group and its amounts."""


@dataclass(frozen=True)
class Group:
    """Records of one bucket, or of one verdict: how many, and the sums of their amounts."""

    name: str | None
    records: int
    sums: Mapping[str, Decimal]


@dataclass(frozen=True)
class Records:
    """The records of one table behind the rows.

    Attributes:
        grouped_by: the column that tells the groups apart.
        records: the first of them; `total` says how many there are.
    """

    table: str
    grouped_by: str | None
    groups: list[Group]
    total: int
    records: list[dict[str, Any]]


@dataclass(frozen=True)
class Check:
    """What the mart's function makes of the records alone, beside what the file holds.

    Attributes:
        same: columns that come out the same in every row; the key apart.
        differing: the others, with the rows they differ in: they rest on more than these records.
    """

    same: list[str]
    differing: Mapping[str, int]


@dataclass(frozen=True)
class Evidence:
    """What rows that list their evidence list: records named, of those counted; and those that were found."""

    named: int
    counted: int
    found: int


@dataclass(frozen=True)
class Explanation:
    """What is behind rows of a mart.

    Attributes:
        snapshot: that was read; None where it was the file itself.
        wanted: what they were asked for by.
        rows: the first of them; `total` says how many there are.
        check: None where the rows list their evidence instead.
        evidence: None where the key leads to the records.
    """

    database: Path
    snapshot: Snapshot | None
    source: str | None
    node: TableNode
    wanted: Mapping[str, Any]
    rows: list[dict[str, Any]]
    total: int
    records: list[Records]
    check: Check | None
    evidence: Evidence | None
    footing: list[Footing]
    way: list[Step]


def explain(
    database: Path, target: str, keys: Sequence[tuple[str, str]], *, limit: int | None = None
) -> Explanation:
    """What is behind the rows of a mart that have these values.

    Args:
        database: the file.
        target: the mart.
        keys: columns and values.
        limit: rows and records of each table shown; all without.

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
    wanted = picking.parse(node, keys)
    with reading_published(database) as opened:
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
        self._backend: Backend = ibis.duckdb.from_connection(con)
        self._inputs = {
            **domains.inputs(),
            **law.inputs(),
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
        found = behind.records(node, rows, self._made)
        told = [self._told(name, records, limit) for name, records in found.items()]
        return Explanation(
            database=self._database,
            snapshot=self._snapshot,
            source=schema.read_fact(self._con, "source"),
            node=node,
            wanted=self._wanted,
            rows=self._fetch(_some(rows.order_by(*node.contract.key), limit)),
            total=total,
            records=told,
            check=None if node.contract.evidence else self._check(rows, found),
            evidence=self._evidence(rows, told) if node.contract.evidence else None,
            footing=self._footing(rows),
            way=lineage.way(self._con, node.name),
        )

    def _made(self, name: str) -> Any:
        """A stored table, or an external input as it was when the mart was built."""
        node = catalog.tables().get(name)
        if node is None:
            return self._inputs[name]
        if node.table not in self._backend.list_tables(database=node.layer):
            raise failures.never_built(node, self._database)
        return self._backend.table(node.table, database=node.layer)

    def _fetch(self, table: ir.Table) -> list[dict[str, Any]]:
        result = self._con.execute(ibis.to_sql(table, dialect="duckdb"))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _count(self, table: ir.Table) -> int:
        return int(self._fetch(table.aggregate(rows=table.count()))[0]["rows"])

    def _told(self, name: str, records: Row, limit: int | None) -> Records:
        group = next((column for column in _GROUPED_BY if column in records.columns), None)
        amounts = [column for column in records.columns if column.startswith(_SUMMED)]
        node = catalog.tables().get(name)
        # Of the ledger everything is told; of a record what names it, places it and values it.
        shown = list(
            records.columns
            if node is None
            else dict.fromkeys(
                column
                for column in (*node.contract.key, *([group] if group else []), *amounts, *_TOLD)
                if column in records.columns
            )
        )
        order = [*([group] if group else []), *(ibis.desc(column) for column in amounts)]
        order += [column for column in shown if column not in {group, *amounts}]
        sums = {column: records[column].sum().coalesce(0) for column in amounts}
        groups = self._fetch(
            (records.group_by(group) if group else records).aggregate(records=records.count(), **sums)
        )
        return Records(
            table=node.location if node else name.replace("_", ".", 1),
            grouped_by=group,
            groups=sorted(
                (
                    Group(one.get(group or ""), one["records"], {column: one[column] for column in amounts})
                    for one in groups
                ),
                key=lambda one: one.name or "",
            ),
            total=sum(one["records"] for one in groups),
            records=self._fetch(_some(records.select(*shown).order_by(order), limit)),
        )

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

    def _footing(self, rows: ir.Table) -> list[Footing]:
        columns = [name for name in _scope(self._node) if name in rows.columns]
        if not columns:
            return []
        spoken_of = self._fetch(rows.select(*columns).distinct())
        period = footing.period_of(spoken_of, _last_day(self._con, self._node.name))
        found = [
            footing.footing(self._con, endpoint, period, spoken_of)
            for endpoint in footing.behind(self._node.name)
        ]
        return [one for one in found if one.since is not None]


def _some(table: ir.Table, limit: int | None) -> ir.Table:
    return table if limit is None else table.limit(limit)


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
