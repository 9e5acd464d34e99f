"""What is behind a number, as one object: for `baliza explain --json`, and for models."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from baliza import __version__
from baliza.build.explaining import Explanation
from baliza.build.lineage import Step
from baliza.publish.plain import plain


def as_json(found: Explanation) -> dict[str, Any]:
    """The object that `--json` prints; docs/json.md says what each member is."""
    return {
        "baliza": __version__,
        "command": "explain",
        "database": str(found.database),
        "snapshot": found.snapshot and found.snapshot.as_json(),
        "source": found.source,
        "synthetic": found.source != "pncp",
        "table": found.node.location,
        "key": plain(dict(found.wanted)),
        "row_count": found.total,
        "rows": plain(found.rows),
        "rows_left_out": found.total - len(found.rows),
        "records": [
            {
                "table": one.table,
                "grouped_by": one.grouped_by,
                "groups": [plain(asdict(group)) for group in one.groups],
                "record_count": one.total,
                "records": plain(one.records),
                "records_left_out": one.total - len(one.records),
            }
            for one in found.records
        ],
        "check": {"same": found.check.same, "differing": dict(found.check.differing)},
        "evidence": found.evidence and asdict(found.evidence),
        "coverage": [
            {
                "endpoint": one.endpoint,
                "since": plain(one.since),
                "until": plain(one.until),
                "complete": one.is_complete,
                "cells": dict(one.cells),
                "missing": one.missing,
            }
            for one in found.footing
        ],
        "way": [_step_as_json(step) for step in found.way],
    }


def _step_as_json(step: Step) -> dict[str, Any]:
    return {
        "table": step.table,
        "summary": step.summary,
        "functions": [asdict(function) for function in step.functions],
        "rows": step.rows,
        "built_at": plain(step.built_at),
        "run": step.run and {**asdict(step.run), "started_at": plain(step.run.started_at)},
        "behind": step.is_behind,
    }
