"""What goes with every answer: its SQL, the snapshot, the coverage, and what the numbers are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baliza import __version__
from baliza.language import _
from baliza.publish import coverage
from baliza.publish.coverage import Asked
from baliza.publish.masking import mask
from baliza.publish.mcp.published import Published
from baliza.publish.mcp.sandbox import Result


@dataclass(frozen=True)
class Part:
    """One query of an answer, with what it is called."""

    title: str
    result: Result


def heading(published: Published) -> dict[str, Any]:
    """What every answer begins with: which file, of when, and whether its data are invented."""
    told: dict[str, Any] = {"baliza": __version__, "snapshot": published.as_json()}
    if published.is_synthetic:
        told["warning"] = _("SYNTHETIC DATA: every name, CNPJ and value here is invented.")
    return told


def answer(published: Published, parts: Sequence[Part], asked: Asked) -> dict[str, Any]:
    """An answer made of queries."""
    tables = {table for part in parts for table in part.result.tables}
    named = {day for part in parts for day in part.result.days}
    return {
        **heading(published),
        "coverage": coverage.of_tables(published.path, tables, asked, named),
        "notes": notes(tables),
        "results": [_told(part) for part in parts],
    }


def _told(part: Part) -> dict[str, Any]:
    result = part.result
    return {
        "title": part.title,
        "sql": mask(result.sql),
        "columns": result.columns,
        "rows": result.rows,
        "row_count": len(result.rows),
        "truncated": result.truncated_by is not None,
        "truncated_by": result.truncated_by,
        "values_cut": result.cells_cut,
    }


def notes(tables: Sequence[str] | set[str]) -> list[str]:
    """What the numbers of these tables are not."""
    told = [text for text, names in _notes() if not names or names & set(tables)]
    return told if tables else []


def _notes() -> tuple[tuple[str, set[str]], ...]:
    return (
        (_("Amounts are what was contracted or estimated, not money paid."), set()),
        (
            _(
                "Empenhos partly repeat the contracts they pay for, and income is no spending: "
                "they stand apart, "
                "and so do suspect values. Do not add them."
            ),
            {"mart.spending", "mart.suppliers", "stage.contratos"},
        ),
        (
            _(
                "A flag is a reason to look at a record, not proof of anything; what can "
                "regularly explain it "
                "stands in its text, and mart.flag_computability says how far it reaches."
            ),
            {"mart.red_flags", "mart.flag_computability"},
        ),
        (
            _("CPFs are masked where they are read. Two people may share a masked CPF: do not group by it."),
            set(),
        ),
    )
