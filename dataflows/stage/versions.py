"""Which of a record's observed versions counts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from dataflows.expressions import Row


def latest(table: ir.Table, *, key: str) -> ir.Table:
    """One row per key: the highest dataAtualizacaoGlobal, nulls last, then the latest observation.

    The order is total (observation_id is unique), so the choice never depends on the engine. It is made over
    three narrow columns: sorting whole rows took a quarter longer at a million of them.
    """
    versions: Row = table.select(key, "dataAtualizacaoGlobal", "observation_id")
    newest_first = [
        ibis.desc(versions.dataAtualizacaoGlobal, nulls_first=False),
        ibis.desc(versions.observation_id),
    ]
    place = ibis.row_number().over(group_by=versions[key], order_by=newest_first)
    return table.semi_join(versions.filter(place == 0), "observation_id")
