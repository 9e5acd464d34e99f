"""The year a mart counts a record in, and the days of publication that the file has of it."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from dataflows.expressions import Expression, Flag, Moment, Row


def year(moment: Moment) -> Expression:
    """Of 32 bits as every year is: an engine may take a wider number out of a date, and Ibis not see it."""
    return moment.year().cast("int64").cast("int32")


def publication_days(where: Flag | None = None) -> dict[str, Any]:
    """The first and the last day of publication, for an aggregation of records of stage."""
    published = _.data_publicacao_pncp.date()
    return {
        "primeira_publicacao": published.min(where=where),
        "ultima_publicacao": published.max(where=where),
    }


def days_of_year(table: Row) -> Flag:
    """The rule that the first day is not after the last, and both are of `ano`; null where there are none."""
    first, last = table.primeira_publicacao, table.ultima_publicacao
    return (first <= last) & (first.year() == table.ano) & (last.year() == table.ano)


def days_of_every_year(table: Row) -> Flag:
    """The same rule, of rows that have days wherever they have a year, and nowhere else."""
    none = table.primeira_publicacao.isnull() & table.ultima_publicacao.isnull()
    return ibis.cases((table.ano.isnull(), none), else_=days_of_year(table).coalesce(False))
