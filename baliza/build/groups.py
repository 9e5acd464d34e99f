"""The rows of a mart made anew for the groups of records that changed.

Where a contract says so (`Contract.by_group`), a row is made from the records that agree with it on its key
and those linked to them (`Contract.linked_by`), all of one table, and bears the newest names of the whole
file (`Contract.named_by`). So these rows may change: those of the groups that a changed record is in, or was
in; of the groups of records linked to one; and those that bear a name of which there is a newer one.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from baliza.build import catalog, keyed, keys, renewal
from baliza.build.catalog import TableNode
from baliza.build.decide import Cause
from baliza.build.newest import Choice, choices
from baliza.build.relations import relation
from baliza.build.renewal import Renewal, swapped, temporary
from baliza.build.stored import Stored
from dataflows.expressions import Row

Renewed = Mapping[str, str]
"""The tables of which keys were made anew in this build, and the version that each had before."""


class GroupRenewal(Renewal):
    """The rows of changed groups of a mart."""

    def query(self) -> str:
        """The same expression over the records of the groups and those linked, with names made apart."""
        names = {choice.op: self._newest(choice) for choice in choices(self.node, self.expression)}
        parent = _parent(self.node)
        whole: Any = _stored(self._backend, parent).op()
        named = swapped(self.expression, names)
        return self._backend.compile(swapped(named, {whole: self._records(parent)}))

    def foresee(self) -> None:
        """Nothing is made from a mart by group."""

    def _newest(self, choice: Choice) -> ir.Table:
        """The newest name of each code that the groups have; to them those are added that bear another."""
        label = f"{self.node.name}_{choice.name}"
        mart = _stored(self._backend, self.node)
        parent = _parent(self.node)
        standing = mart.select(*choice.by, choice.name).distinct()
        new = self._groups().select(*choice.by).distinct().anti_join(standing, choice.by)
        doubtful = choice.in_doubt(*_images(self._backend, parent), parent.contract.key, mart)
        doubt = self._keep(f"doubt_{label}", ibis.union(doubtful, new, distinct=True))
        chosen = self._keep(f"chosen_{label}", choice.of(doubt))
        self._add_misnamed(choice, mart, chosen)
        return self._keep(f"newest_{label}", ibis.union(standing.anti_join(doubt, choice.by), chosen))

    def _add_misnamed(self, choice: Choice, mart: Row, newest: ir.Table) -> None:
        """The groups whose rows bear another name than the newest."""
        other: Row = newest.rename({f"newest_{column}": column for column in newest.columns})
        same = functools.reduce(operator.and_, (mart[by] == other[f"newest_{by}"] for by in choice.by))
        joined: Row = mart.inner_join(other, same)
        misnamed = joined.filter(~joined[choice.name].identical_to(joined[f"newest_{choice.name}"]))
        found = self._backend.compile(misnamed.select(*self._key()))
        self._con.execute(f'INSERT INTO temp."{self._keys}" ({found}) EXCEPT FROM temp."{self._keys}"')

    def _groups(self) -> ir.Table:
        return temporary(self._backend, self._keys, _stored(self._backend, self.node).select(*self._key()))

    def _records(self, parent: TableNode) -> ir.Table:
        """The records of a parent that the groups are made from."""
        table: Row = _stored(self._backend, parent)
        numbered: Row = table.mutate(row_number=table.rowid())
        own = keyed.agreeing(keyed.with_key(self.node, parent.name, numbered), self._groups(), self._key())
        linked_by = _links(self.node, parent)
        rows = self._keep(f"rows_{self.node.name}_{parent.name}", own.select("row_number", *linked_by))
        if linked_by:
            links = rows.select(*linked_by).distinct()
            rows = ibis.union(rows, numbered.semi_join(links, linked_by).select("row_number", *linked_by))
            rows = self._keep(f"linked_{self.node.name}_{parent.name}", rows.select("row_number").distinct())
        return numbered.semi_join(rows, "row_number").select(*table.columns)


def find(
    backend: Backend,
    node: TableNode,
    expression: ir.Table,
    stored: Stored,
    causes: Sequence[Cause],
    renewed: Renewed,
) -> GroupRenewal | None:
    """What is to be made anew; None where the mart must be built whole.

    It must where anything but the records that it is made from changed; where they were not renewed by key in
    this build, from the version that the mart was made of; where it bears names of codes that are not of its
    key; and where too many groups changed.
    """
    parent = _parent(node)
    if any((cause.kind, cause.name) != ("parent", parent.name) for cause in causes):
        return None
    if stored.definition is None or stored.definition.parents[parent.name] != renewed.get(parent.name):
        return None
    if not all(choice.is_of_key(node, parent) for choice in choices(node, expression)):
        return None
    parts = _changed_groups(backend, node, parent)
    changed = backend.compile(ibis.union(*parts, distinct=True))
    backend.con.execute(f'CREATE OR REPLACE TEMP TABLE "{renewal.keys_of(node)}" AS {changed}')
    found = GroupRenewal(backend, node, expression)
    return found if found.count() <= stored.rows * renewal.MOST_KEYS else None


def _changed_groups(backend: Backend, node: TableNode, parent: TableNode) -> list[ir.Table]:
    """The groups that changed records of a parent are in, or were, and those of records linked to them."""
    records = [*_images(backend, parent)]
    if linked_by := _links(node, parent):
        links = ibis.union(*(image.select(*linked_by) for image in records), distinct=True)
        records.append(_stored(backend, parent).semi_join(links, linked_by))
    return [keyed.with_key(node, parent.name, one).select(*node.contract.key) for one in records]


def _images(backend: Backend, parent: TableNode) -> tuple[ir.Table, ir.Table]:
    """The changed records of a parent, before and after, with the columns that marts are told."""
    known = _stored(backend, parent).select(*keys.told_to_marts(parent))
    was, now = (temporary(backend, name(parent), known) for name in (renewal.before, renewal.after))
    return was, now


def _parent(node: TableNode) -> TableNode:
    """The table of the records that a mart by group is made from."""
    (parent,) = keyed.parents(node)
    return catalog.tables()[parent]


def _links(node: TableNode, parent: TableNode) -> list[str]:
    """The columns that link records of this parent."""
    return [name for name in node.contract.linked_by if name in parent.contract.columns]


def _stored(backend: Backend, node: TableNode) -> ir.Table:
    return relation(backend, node.table, node.contract.schema(), database=node.layer)
