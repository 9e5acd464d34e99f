"""Every threshold and choice of the dataflow: inputs of the graph, with their defaults.

A value goes into the SQL of the tables that use it, so a changed parameter rebuilds exactly those.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One choice a user may change with `--param name=value`.

    Attributes:
        name: input of the graph.
        default: used when nothing else is said.
        meaning: one line.
        most: the greatest value that has a meaning, such as 100 of percent; the least is 0.
    """

    name: str
    default: int
    meaning: str
    most: int = 10**15

    def admits(self, value: int) -> bool:
        """Whether the value has a meaning."""
        return 0 <= value <= self.most


PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("suspect_value", 10_000_000_000, "BRL from which a value is suspect"),
        Parameter("review_value", 1_000_000_000, "BRL from which a value wants a look"),
        Parameter(
            "suspect_growth", 100, "global / initial, awarded / estimated from which a value is suspect"
        ),
        Parameter(
            "review_growth", 10, "global / initial, awarded / estimated from which a value wants a look"
        ),
        Parameter("suspect_nines", 6, "digits from which a value written only in nines is suspect", most=38),
        Parameter("earliest_year", 1990, "first year a date may plausibly have", most=9999),
        Parameter(
            "longest_term",
            35,
            "years from signature to end, or publication to any date; more is implausible (Lei 14.133/2021, "
            "art. 110)",
            most=1000,
        ),
        Parameter(
            "least_contracts_for_shares",
            5,
            "contracts of known value and supplier from which shares and HHI are told",
        ),
        Parameter(
            "longest_proposal",
            10,
            "years from opening to closing of proposals, or publication to either; more is implausible",
            most=1000,
        ),
        Parameter(
            "least_details_coverage",
            95,
            "percent of purchases with items, and of items with results, from which shares are told",
            most=100,
        ),
        Parameter(
            "no_discount_share", 99, "percent of the estimate from which an award has no discount", most=100
        ),
        Parameter(
            "bunching_share",
            95,
            "percent of the legal limit from which a direct award is just below it",
            most=100,
        ),
        Parameter(
            "repeated_direct_awards_from",
            3,
            "dispensas of a year to one supplier from which they are repeated",
        ),
        Parameter(
            "year_end_share",
            40,
            "percent of a year's contracted value from which December is a rush",
            most=100,
        ),
        Parameter(
            "year_end_contracts", 10, "contracts of a year, with value, from which its December is judged"
        ),
        Parameter(
            "year_end_months", 9, "months of a year with contracts from which its December is judged", most=12
        ),
        Parameter(
            "concentrated_hhi",
            2500,
            "HHI above which contracts are concentrated in few suppliers",
            most=10000,
        ),
        Parameter("flag_evidence", 20, "control numbers shown as evidence of a flag; all are counted"),
        Parameter(
            "common_flag_share",
            30,
            "percent of subjects from which a flag is raised too often to say much",
            most=100,
        ),
        Parameter(
            "least_computable_share",
            50,
            "percent of subjects below which a flag is judged only in part",
            most=100,
        ),
    )
}


REFERENCE_DAY = "data_referencia"
"""The day (a Python date) that "open now" and "days silent" speak of: an input like the others.

Its default is the last day that the file proves anything of: no table asks the clock.
"""


def inputs() -> dict[str, int]:
    """Every default under the name its node has in the graph."""
    return {name: parameter.default for name, parameter in PARAMETERS.items()}
