"""The year a mart counts a record in."""

from __future__ import annotations

from dataflows.expressions import Expression, Moment


def year(moment: Moment) -> Expression:
    """Of 32 bits as every year is: an engine may take a wider number out of a date, and Ibis not see it."""
    return moment.year().cast("int64").cast("int32")
