"""Written rules for values and dates that cannot be taken at their word; the original always stays."""

from __future__ import annotations

import ibis

from dataflows.expressions import Amount, Day, Flag, Moment, Text

VALUE_VERDICTS = ("ok", "review", "suspect")
DATE_VERDICTS = ("ok", "implausible", "reversed", "signed_after_publication")
BUCKETS = ("income", "suspect", "empenho", "contract")


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
    grew = initial > 0
    suspect = (
        (value < 0)
        | (value >= suspect_value)
        | _only_nines(value, suspect_nines)
        | (grew & (value >= initial * suspect_growth))
    )
    review = (value == 0) | (value >= review_value) | (grew & (value >= initial * review_growth))
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

    implausible: a date before `earliest_year`, or an end more than `longest_term` years after signature
    (after publication where there is no signature). reversed: an end before its start.
    signed_after_publication: as named. ok: none of these; absent dates are not held against a contract.
    """
    too_old = (signed.year() < earliest_year) | (start.year() < earliest_year) | (end.year() < earliest_year)
    too_long = end.year() - signed.year().coalesce(published.year()) > longest_term
    return ibis.cases(
        (too_old, "implausible"),
        (too_long, "implausible"),
        (end < start, "reversed"),
        (signed > published.date(), "signed_after_publication"),
        else_="ok",
    )


def bucket(receita: Flag, verdict: Text, empenho: Flag) -> Text:
    """The one bucket a contract is summed in: income, then suspect, then empenho, else contract.

    A null `receita` counts as expense.
    """
    return ibis.cases(
        (receita, "income"), (verdict == "suspect", "suspect"), (empenho, "empenho"), else_="contract"
    )
