"""Which of a record's observed versions counts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.expressions import Expression, Row


def latest(table: ir.Table, *, key: tuple[str, ...], version: str = "dataAtualizacaoGlobal") -> ir.Table:
    """One row per key: the highest version, nulls last, then the latest observation.

    The order is total (observation_id is unique), so the choice never depends on the engine. Few records are
    ever seen to change, so only the versions of those are put in order, over a few narrow columns; all other
    rows are simply kept.

    Args:
        table: a raw table.
        key: the columns that name a record; never null.
        version: the column in which PNCP says when the record last changed.
    """
    versions = table.select(*key, version, "observation_id")
    changed = versions.group_by(*key).aggregate(times=_.count()).filter(_.times > 1)
    several: Row = versions.semi_join(changed, list(key))
    newest_first = [ibis.desc(several[version], nulls_first=False), ibis.desc(several.observation_id)]
    place: Expression = ibis.row_number().over(
        group_by=[several[name] for name in key], order_by=newest_first
    )
    return table.anti_join(several.filter(place > 0), "observation_id")


def one_row_per_key(stage: ir.Table, raw: ir.Table, *, key: tuple[str, ...]) -> ir.Table:
    """A gate: the rows of a stage table beside the distinct keys of its raw one."""
    keys = raw.select(*key).distinct()
    expected = keys.aggregate(expected=keys.count())
    found = stage.aggregate(found=stage.count())
    return expected.cross_join(found).select(measure=ibis.literal("rows"), expected="expected", found="found")
