"""What a survey finds up to date, written down; where that is everything, no driver is needed.

To import Hamilton's driver takes longer than a build that has nothing to do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import duckdb

from baliza.build import catalog
from baliza.build.inputs import chosen_inputs
from baliza.build.journal import Built, Journal
from baliza.build.survey import Survey, survey


def look(
    con: duckdb.DuckDBPyConnection,
    targets: Collection[str],
    params: Mapping[str, int | date],
    *,
    force: Collection[str],
) -> Survey:
    """Survey the file for these tables with the inputs that a driver over it would have.

    Raises:
        LandingsBrokenError: a raw table does not hold what landed.
    """
    return survey(con, targets, chosen_inputs(con, params), force=force)


def skip(found: Survey, journal: Journal | None) -> list[Built]:
    """What became of the unchanged tables: nothing.

    Args:
        found: by the survey.
        journal: in which to write that, and how raw tables reconcile; None where nothing is to be written.
    """
    skipped = [skipped_as(found, name, version=found.versions[name]) for name in found.unchanged]
    if journal is not None:
        for name, measures in found.measures.items():
            journal.keep_measures(name, measures)
        for built in skipped:
            journal.note(built)
    return skipped


def skipped_as(found: Survey, name: str, *, version: str, seconds: float = 0) -> Built:
    """A table that stays as it is."""
    location, rows = catalog.tables()[name].location, found.stored[name].rows
    return Built(name, location, "skipped", (), rows, seconds=seconds, version=version)
