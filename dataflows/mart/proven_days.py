"""The days of publication that the ledger proves: how much of a year the file can speak of.

A day is proven where a listing by day of publication is complete or empty: for everybody that of the country,
for an órgão its own too. Where PNCP is asked modalidade by modalidade, all of them have to be.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows import ledger
from dataflows.contract import order
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart.cells import WHOLE
from dataflows.mart.years import year

_OWN = "cnpj="
"""How the ledger writes a listing of one órgão."""

DIAS_DO_ANO = order(
    "Dias do ano, os que ainda não chegaram também; nulo sem ano.", unit="dias", source="ano", ge=365
)
DIAS_PROVADOS_CONTRATOS = order(
    "Dias do ano em que o arquivo prova ter todos os contratos e empenhos que o PNCP publicou, do país "
    "ou só do órgão da linha; nulo sem ano. Onde são menos que dias_do_ano, a linha fala de uma parte dele.",
    unit="dias",
    source="meta.coverage",
    ge=0,
)
DIAS_PROVADOS_COMPRAS = order(
    "Dias do ano em que o arquivo prova ter todas as contratações que o PNCP publicou, do país ou só do "
    "órgão da linha; nulo sem ano. Onde são menos que dias_do_ano, a linha fala de uma parte dele.",
    unit="dias",
    source="meta.coverage",
    ge=0,
)
"""The columns that marts by year have, alike in all of them."""


@dataclass(frozen=True)
class Listing:
    """A listing by day of publication.

    Attributes:
        endpoint: as in the ledger.
        modalidades: how many times PNCP has to be asked for one day.
    """

    endpoint: str
    modalidades: int = 1


CONTRACTS = Listing(ledger.CONTRACTS)


def purchases(domain_modalidade: Domain) -> Listing:
    """The listing of contratações, which is asked for modalidade by modalidade."""
    return Listing(ledger.PURCHASES, len(domain_modalidade.labels))


def country_days(meta_coverage: ir.Table, listing: Listing) -> ir.Table:
    """The days (`day`) that are proven for everybody."""
    return _whole(_country_cells(meta_coverage, listing), ("day",), listing)


def own_days(meta_coverage: ir.Table, listing: Listing) -> ir.Table:
    """The days (`cnpj_orgao`, `day`) that are proven for an órgão, and not for everybody."""
    cells: Row = _proven(meta_coverage, listing)
    own = (
        cells.filter(cells["slice"].startswith(_OWN))
        .select("day", "modalidade", cnpj_orgao=cells["slice"].substr(len(_OWN)))
        .anti_join(country_days(meta_coverage, listing), "day")
    )
    # The country proves some modalidades of a day, the órgão's own listing the others.
    beside = (
        own.select("cnpj_orgao", "day").distinct().join(_country_cells(meta_coverage, listing), "day")
    ).select(*own.columns)
    return _whole(ibis.union(own, beside, distinct=True), ("cnpj_orgao", "day"), listing)


def _proven(meta_coverage: ir.Table, listing: Listing) -> ir.Table:
    return meta_coverage.filter(_.endpoint == listing.endpoint, _.status.isin(ledger.PROVEN))


def _country_cells(meta_coverage: ir.Table, listing: Listing) -> ir.Table:
    cells = _proven(meta_coverage, listing)
    return cells.filter(cells["slice"] == WHOLE).select("day", "modalidade").distinct()


def _whole(cells: ir.Table, by: tuple[str, ...], listing: Listing) -> ir.Table:
    asked = cells.group_by(*by).aggregate(modalidades=_.count())
    return asked.filter(_.modalidades >= listing.modalidades).select(*by)


def with_proven_days(mart: ir.Table, meta_coverage: ir.Table, listings: Mapping[str, Listing]) -> ir.Table:
    """Add `dias_do_ano` and a column of each listing with the days of the year that it proves.

    Args:
        mart: rows of a year, `ano`; where they are an órgão's, `cnpj_orgao`, its own listing counts as well.
        meta_coverage: the ledger.
        listings: by the name of the column.
    """
    for name, listing in listings.items():
        days = by_year(country_days(meta_coverage, listing))
        joined = mart.left_join(days, "ano").select(*mart.columns, dias=_.dias.coalesce(0))
        if "cnpj_orgao" in mart.columns:
            own = by_year(own_days(meta_coverage, listing), "cnpj_orgao").rename(proprios="dias")
            joined = joined.left_join(own, ["cnpj_orgao", "ano"]).select(
                *mart.columns, dias=_.dias + _.proprios.coalesce(0)
            )
        mart = joined.select(*mart.columns, **{name: ibis.cases((_.ano.notnull(), _.dias))})
    return mart.mutate(dias_do_ano=days_in(_.ano))


def by_year(days: ir.Table, *key: str) -> ir.Table:
    """How many days (`dias`) of each year (`ano`) are among these, for each key."""
    return days.group_by(*key, ano=year(_.day)).aggregate(dias=_.count())


def days_in(ano: Expression) -> Expression:
    """How many days a year has; null where there is no year."""
    leap = (ano % 4 == 0) & ((ano % 100 != 0) | (ano % 400 == 0))
    return ibis.cases((ano.isnull(), None), (leap, 366), else_=365).cast("int64")


def proven_within_the_year(table: Row, *columns: str) -> Flag:
    """The rule that no more days are proven than the year has."""
    return functools.reduce(operator.and_, (table[name] <= table.dias_do_ano for name in columns))
