"""Written rules for values and dates that cannot be taken at their word; the original always stays."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable

import ibis

from dataflows.expressions import Amount, Day, Expression, Flag, Moment, Text

VALUE_VERDICTS = ("ok", "review", "suspect")
DATE_VERDICTS = ("ok", "implausible", "reversed", "signed_after_publication")
PROPOSAL_VERDICTS = ("ok", "implausible", "reversed", "closed_before_publication")
RESULT_VERDICTS = ("ok", "implausible", "dated_after_inclusion")
BUCKETS = ("income", "suspect", "empenho", "contract")

_NEVER = ibis.literal(value=False)


def value_verdict(
    value: Amount,
    initial: Amount,
    *,
    suspect_value: int,
    review_value: int,
    suspect_growth: int,
    review_growth: int,
    suspect_nines: int,
) -> Text:
    """How far a contract's value can be trusted.

    suspect: negative, at least `suspect_value`, written only in nines (`suspect_nines` digits or more, the
    decimal point and decimal zeros dropped), or at least `suspect_growth` times a positive initial value.
    review: zero, at least `review_value`, or at least `review_growth` times a positive initial value.
    ok: everything else, null included (null says nothing, so there is nothing to doubt).
    """
    return _judged(
        value,
        suspect=_grew(initial, value, suspect_growth),
        review=_grew(initial, value, review_growth),
        suspect_value=suspect_value,
        review_value=review_value,
        suspect_nines=suspect_nines,
    )


def amount_verdict(value: Amount, *, suspect_value: int, review_value: int, suspect_nines: int) -> Text:
    """How far an amount that stands alone can be trusted: the rule of contracts without growth."""
    return _judged(
        value,
        suspect=_NEVER,
        review=_NEVER,
        suspect_value=suspect_value,
        review_value=review_value,
        suspect_nines=suspect_nines,
    )


def estimate_verdict(
    estimated: Amount,
    awarded: Amount,
    *,
    suspect_value: int,
    review_value: int,
    suspect_growth: int,
    review_growth: int,
    suspect_nines: int,
) -> Text:
    """How far an estimate can be trusted, beside what was awarded.

    The rule of contracts, but that growth puts the smaller of the two in doubt as well: where 1,138,637.47
    was awarded of an estimated 0.06, one of them is wrong, and nothing says which.
    """
    return _judged(
        estimated,
        suspect=_grew(estimated, awarded, suspect_growth),
        review=_grew(estimated, awarded, review_growth),
        suspect_value=suspect_value,
        review_value=review_value,
        suspect_nines=suspect_nines,
    )


def _grew(initial: Amount, value: Amount, times: int) -> Flag:
    return (initial > 0) & (value >= initial * times)


def _judged(
    value: Amount, *, suspect: Flag, review: Flag, suspect_value: int, review_value: int, suspect_nines: int
) -> Text:
    suspect = (value < 0) | (value >= suspect_value) | _only_nines(value, suspect_nines) | suspect
    review = (value == 0) | (value >= review_value) | review
    return ibis.cases((value.isnull(), "ok"), (suspect, "suspect"), (review, "review"), else_="ok")


def change_verdict(change: Amount, *, suspect_value: int, review_value: int, suspect_nines: int) -> Text:
    """How far an amount added to a contract can be trusted; taken from it when negative, so any sign will do.

    suspect: at least `suspect_value` either way, or written only in nines. review: at least `review_value`
    either way. ok: everything else, null and zero included (most amendments leave the value as it is).
    """
    size = change.abs()
    suspect = (size >= suspect_value) | _only_nines(size, suspect_nines)
    return ibis.cases((suspect, "suspect"), (size >= review_value, "review"), else_="ok")


def _only_nines(value: Amount, digits: int) -> Flag:
    written = value.cast("string").re_replace(r"\.?0*$", "").replace(".", "")
    return written.re_search(f"^9{{{digits},}}$")


def date_verdict(
    signed: Day,
    start: Day,
    end: Day,
    published: Moment,
    *,
    earliest_year: int,
    longest_term: int,
) -> Text:
    """What is wrong with a contract's dates; the first that applies.

    implausible: a date before `earliest_year`, any date more than `longest_term` years after publication, or
    an end more than that after signature. reversed: an end before its start. signed_after_publication: as
    named. ok: none of these; absent dates are not held against a contract.
    """
    years = (signed.year(), start.year(), end.year())
    return ibis.cases(
        (_any_before(years, earliest_year), "implausible"),
        (_any_long_after(published, years, longest_term), "implausible"),
        (end.year() - signed.year() > longest_term, "implausible"),
        (end < start, "reversed"),
        (signed > published.date(), "signed_after_publication"),
        else_="ok",
    )


def proposal_verdict(
    opening: Moment, closing: Moment, published: Moment, *, earliest_year: int, longest_proposal: int
) -> Text:
    """What is wrong with a purchase's dates; the first that applies.

    implausible: a year before `earliest_year`, either date more than `longest_proposal` years after
    publication, or a closing more than that after opening. reversed: closing before opening.
    closed_before_publication: as named. ok: none of these; absent dates are not held against a purchase.
    """
    years = (opening.year(), closing.year())
    return ibis.cases(
        (_any_before(years, earliest_year), "implausible"),
        (_any_long_after(published, years, longest_proposal), "implausible"),
        (closing.year() - opening.year() > longest_proposal, "implausible"),
        (closing < opening, "reversed"),
        (closing < published, "closed_before_publication"),
        else_="ok",
    )


def _any_before(years: Iterable[Expression], earliest_year: int) -> Flag:
    return functools.reduce(operator.or_, (year < earliest_year for year in years))


def _any_long_after(published: Moment, years: Iterable[Expression], longest: int) -> Flag:
    """A year that is wrong in every date of a record shows beside the day PNCP itself wrote down."""
    return functools.reduce(operator.or_, (year - published.year() > longest for year in years))


def result_verdict(decided: Day, included: Moment, *, earliest_year: int) -> Text:
    """What is wrong with the date of a result; the first that applies.

    implausible: a year before `earliest_year` (01/01/0001 and 01/01/1900 are how systems write an unknown
    date). dated_after_inclusion: later than the day the result was entered. ok: neither, or no date.
    """
    return ibis.cases(
        (decided.year() < earliest_year, "implausible"),
        (decided > included.date(), "dated_after_inclusion"),
        else_="ok",
    )


def bucket(receita: Flag, verdict: Text, empenho: Flag) -> Text:
    """The one bucket a contract is summed in: income, then suspect, then empenho, else contract.

    A null `receita` counts as expense.
    """
    return ibis.cases(
        (receita, "income"), (verdict == "suspect", "suspect"), (empenho, "empenho"), else_="contract"
    )
