"""The cells of the ledger, each with what it is of, and what the whole country proves of its slices."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import QUANTITY
from dataflows.expressions import Day, Expression, Row
from dataflows.ledger import CELLS, PROVEN

WHOLE = ""
"""The slice of the ledger that is the whole country."""


def cells(meta_coverage: ir.Table) -> ir.Table:
    """Each cell with what it is of, and whether the whole country proves its day as well."""
    row: Row = meta_coverage
    # Every kind of slice is written kind=value; what is not is the number of a detail's parent.
    is_detail = (row.slice != WHOLE) & ~row.slice.contains("=")
    known = meta_coverage.mutate(
        tipo_celula=row.endpoint.cases(*CELLS.items()),
        recorte=is_detail.ifelse(None, row.slice),
        mes=_month(row.day),
        provada=row.status.isin(PROVEN),
    )
    days = _country_days(meta_coverage)
    return known.left_join(days, ["endpoint", "modalidade", "day"]).select(
        *known.columns, tambem_no_pais=(_.slice != WHOLE) & _.no_pais.coalesce(False)
    )


def _country_days(meta_coverage: ir.Table) -> ir.Table:
    """The cells that prove the whole country."""
    proven = meta_coverage.filter(_.slice == WHOLE, _.status.isin(PROVEN))
    return proven.select("endpoint", "modalidade", "day", no_pais=ibis.literal(value=True))


def proven_by_country(meta_coverage: ir.Table) -> ir.Table:
    """How many days of a month are proven for the whole country."""
    days = _country_days(meta_coverage).mutate(mes=_month(_.day))
    return days.group_by("endpoint", "modalidade", "mes").aggregate(dias_do_pais=_.count())


def proven_part(proven: Expression, asked: Expression) -> Expression:
    """What part of what was asked is proven, in %, cut to four decimals: 100 is all of it.

    Rounded, of three million cells one could fail and leave 100.
    """
    return (proven * 1_000_000 // asked / 10_000).cast(QUANTITY)


def _month(when: Day) -> Day:
    # Engines truncate a date to a moment, and Ibis, to which it stays a date, would leave out the cast alone.
    return when.cast("timestamp").truncate("M").date()
