"""What the law limits, and from when until when, read from the CSV files beside this module.

Of each provision: the cases it is about, its value, the first and the last day it is in force (both
inclusive; no last day: still in force), the norm and its article, and the page where they were read. Those
pages are copies by courts, publishers and law firms; where the official text is, `law/norms.csv` says of
every norm but Decreto 10.922/2021, of which no address was found that others give as well. Of Decreto
11.871/2023 the page shows other values: the two limits of 2024 come from lists that agree with one another
and with the index of the decree.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

import ibis
import ibis.expr.datatypes as dt

from dataflows.contract import MONEY
from dataflows.expressions import Amount, Day, Expression, Flag, Text


@dataclass(frozen=True)
class Provision:
    """What a norm says of some cases while it is in force.

    Attributes:
        cases: PNCP's codes, or names of ours where PNCP has none.
        value: reais, days or percent, as the table says.
        since: first day in force, AAAA-MM-DD.
        until: last day in force; None where it still is.
        norm: with the article, such as "Lei 14.133/2021, art. 94, I".
        source: address of the page where it was read.
    """

    cases: tuple[str, ...]
    value: Decimal
    since: str
    until: str | None
    norm: str
    source: str


@dataclass(frozen=True)
class Law:
    """One table of provisions, the least value first.

    Attributes:
        name: as in the file `law/<name>.csv`.
        dtype: of its values.
        provisions: where several hold of one case on one day, the first of them is the one that counts.
    """

    name: str
    dtype: dt.DataType
    provisions: tuple[Provision, ...]

    def value_on(self, day: Day, case: Expression | str) -> Amount:
        """The least value that holds of a case on a day; null where the law says nothing, and before it.

        Written as a CASE over days and cases, so that no join is paid and a changed value changes the SQL.

        Args:
            day: a date, or a moment of that day.
            case: a column of codes, or one code for all rows.
        """
        return ibis.cases(
            *((holds, ibis.literal(known.value, self.dtype)) for holds, known in self._holding(day, case))
        )

    def norm_on(self, day: Day, case: Expression | str) -> Text:
        """The norm and article that `value_on` takes its value from."""
        return ibis.cases(*((holds, known.norm) for holds, known in self._holding(day, case)))

    def _holding(self, day: Day, case: Expression | str) -> list[tuple[Flag, Provision]]:
        date = day.cast("date")
        if isinstance(case, str):
            known = [one for one in self.provisions if case in one.cases]
            if not known:
                raise KeyError(f"{self.name} says nothing of {case}")
            return [(_in_force(one, date), one) for one in known]
        code = case.cast("string")
        return [(code.isin(one.cases) & _in_force(one, date), one) for one in self.provisions]


TABLES = {
    "direct_limits": MONEY,
    "proposal_periods": dt.int32,
    "publication_periods": dt.int32,
    "growth_limits": dt.int32,
}
"""The tables and the type of their values; each is the external input `law_<table>` of the graph.

direct_limits: reais below which art. 75, I and II spare the tender, by PNCP's code of the amparo legal: 18
(works, engineering, upkeep of vehicles) and 19 (the rest). Twice as much for consórcios públicos and agências
executivas (art. 75, § 2º), which PNCP does not mark. The limit is that of the sum of a year, a unit and a
line of business. They are brought up to date each 1 January (art. 182), so each ends with its year, the last
one, too: of later days no limit is known until the decree stands here.

proposal_periods: business days between the publication of a call and the end of its proposals, by PNCP's
code of the modalidade. The law decides by object, criterion and regime, which PNCP does not tell reliably:
the file has every case, and `value_on` gives the least that a modalidade may have. So pregão and
concorrência: 8 (goods by the lowest price), though services and works want 10 or more. Dispensa: 3, only
where it is put up for dispute; the law prefers that, and does not demand it. The Ministry of Health may halve
periods in the SUS (art. 55, § 2º). No row: the law sets no period (inexigibilidade, credenciamento and the
like).

publication_periods: business days between the signature of a contract and its publication in PNCP;
`licitacao`, or `contratacao_direta` where the tender was spared. Urgent contracts have the same periods.

growth_limits: percent of the initial value, brought up to date, that a contract may grow by; `reforma` is the
repair of a building or equipment. Of changes that the buyer imposes: whether agreed ones are bound too is
disputed.
"""


@cache
def load(name: str) -> Law:
    """Read one table from its CSV."""
    content = resources.files("dataflows").joinpath("law", f"{name}.csv").read_text(encoding="utf-8")
    provisions = [
        Provision(
            cases=tuple(row["caso"].split()),
            value=Decimal(row["valor"]),
            since=row["inicio"],
            until=row["fim"] or None,
            norm=f"{row['norma']}, {row['dispositivo']}",
            source=row["fonte"],
        )
        for row in csv.DictReader(content.splitlines())
    ]
    return Law(name, TABLES[name], tuple(sorted(provisions, key=lambda one: one.value)))


@cache
def official_texts() -> dict[str, str]:
    """The address of the official text of each norm, by its name as in "Lei 14.133/2021"."""
    content = resources.files("dataflows").joinpath("law", "norms.csv").read_text(encoding="utf-8")
    return {row["norma"]: row["endereco"] for row in csv.DictReader(content.splitlines())}


def inputs() -> dict[str, Law]:
    """Every table under the name its node has in the graph."""
    return {f"law_{name}": load(name) for name in TABLES}


def _in_force(provision: Provision, day: Day) -> Flag:
    begun = day >= ibis.date(provision.since)
    return begun if provision.until is None else begun & (day <= ibis.date(provision.until))
