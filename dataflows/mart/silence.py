"""How long an órgão published nothing, as far as the ledger proves it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.expressions import Day, Row
from dataflows.mart.proven_days import Listing, country_days, own_days


def with_silence(orgaos: ir.Table, meta_coverage: ir.Table, listing: Listing, reference: Day) -> ir.Table:
    """Add to each órgão the days that are proven for it, and how many of them are silent.

    Args:
        orgaos: with `cnpj_orgao` and `ultima_publicacao`.
        meta_coverage: the ledger.
        listing: of what órgãos are heard of by.
        reference: days after it do not count.
    """
    past = meta_coverage.filter(_.day <= reference)
    country: Row = country_days(past, listing)
    own = own_days(past, listing)
    return (
        orgaos.left_join(_silent_days(orgaos, country), "ultima_publicacao")
        .left_join(_own_days(orgaos, own), "cnpj_orgao")
        .cross_join(country.aggregate(primeiro=_.day.min(), ultimo=_.day.max()))
        .mutate(
            primeiro_dia_coberto=ibis.least(
                _.primeiro.coalesce(_.primeiro_proprio), _.primeiro_proprio.coalesce(_.primeiro)
            ),
            ultimo_dia_coberto=ibis.greatest(
                _.ultimo.coalesce(_.ultimo_proprio), _.ultimo_proprio.coalesce(_.ultimo)
            ),
            proven_days=_.silent.coalesce(0) + _.own_silent.coalesce(0),
        )
        .mutate(days=_.ultimo_dia_coberto.delta(_.ultima_publicacao, unit="day"))
        .mutate(dias_sem_publicar=ibis.cases((_.days.notnull(), _.proven_days)).cast("int32"))
        .mutate(dias_sem_cobertura=(ibis.greatest(_.days, 0) - _.dias_sem_publicar).cast("int32"))
        .select(*orgaos.columns, *COLUMNS)
    )


COLUMNS = ("primeiro_dia_coberto", "ultimo_dia_coberto", "dias_sem_publicar", "dias_sem_cobertura")
"""What is added, in this order."""


def _silent_days(orgaos: ir.Table, country: ir.Table) -> ir.Table:
    """Of each day on which some órgão was last heard of, the days of the country after it.

    Órgãos are many and days few: counted by day, the comparison of every day with every other stays small.
    """
    heard: Row = orgaos.select("ultima_publicacao").distinct()
    day: Row = country
    return (
        heard.join(country, heard.ultima_publicacao < day.day)
        .group_by("ultima_publicacao")
        .aggregate(silent=_.count())
    )


def _own_days(orgaos: ir.Table, own: ir.Table) -> ir.Table:
    return (
        orgaos.select("cnpj_orgao", "ultima_publicacao")
        .join(own, "cnpj_orgao")
        .group_by("cnpj_orgao")
        .aggregate(
            primeiro_proprio=_.day.min(),
            ultimo_proprio=_.day.max(),
            own_silent=_.count(where=_.day > _.ultima_publicacao),
        )
    )
