"""The names beside the codes of a mart, taken from the records that it counts.

A mart made from one stage table takes its names from there: through a dimension it would be made from every
table that the dimension reads, and a build would fetch them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from dataflows.expressions import Expression, Row

SEEN = ("data_atualizacao_global", "data_publicacao_pncp", "observation_id")
"""What says which of two names is the newer."""

_EARLIEST = ibis.timestamp("1900-01-01")


def with_newest_names(mart: ir.Table, records: ir.Table, named_by: Mapping[str, Sequence[str]]) -> ir.Table:
    """Add to a mart the latest seen name of each code: last updated in PNCP, then last observed.

    Args:
        mart: with the codes.
        records: of a stage table whose versions have `data_atualizacao_global`.
        named_by: columns of the records, and the codes that each belongs to; a null code has no name.
    """
    for name, by in named_by.items():
        mart = _with_newest(mart, records, name, by)
    return mart


def records_of(tables: Sequence[ir.Table], named_by: Mapping[str, Sequence[str]]) -> ir.Table:
    """What the records of several stage tables say of these names, as records of one.

    Observations are counted through all tables of the file, so the later of two is known here too.
    """
    codes = (code for by in named_by.values() for code in by)
    said = dict.fromkeys([*codes, *named_by, *SEEN])
    return ibis.union(*(table.select(*said) for table in tables))


def _with_newest(mart: ir.Table, records: ir.Table, name: str, by: Sequence[str]) -> ir.Table:
    row: Row = records
    named = row[name].argmax(seen(row), where=row[name].notnull())
    names = records.group_by(*by).aggregate(**{name: named})
    # Selected, not dropped: Ibis writes dropped names in the order of a set, another in every process.
    return mart.left_join(names, list(by)).select(*mart.columns, name)


def seen(records: Row) -> Expression:
    """When each record was seen; of two, the newer is the greater."""
    return ibis.struct(
        {
            "updated": records.data_atualizacao_global.coalesce(records.data_publicacao_pncp, _EARLIEST),
            "observation": records.observation_id,
        }
    )
