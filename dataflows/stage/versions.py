"""Which of a record's observed versions counts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def latest(table: ir.Table, *, key: str) -> ir.Table:
    """One row per key: the highest dataAtualizacaoGlobal, nulls last, then the latest observation.

    The order is total (observation_id is unique), so the choice never depends on the engine.
    """
    newest_first = [
        ibis.desc(table.dataAtualizacaoGlobal, nulls_first=False),
        ibis.desc(table.observation_id),
    ]
    return table.filter(ibis.row_number().over(group_by=table[key], order_by=newest_first) == 0)
