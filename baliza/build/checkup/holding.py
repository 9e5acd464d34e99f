"""What the file says of itself: its format and source, its last build, its coverage."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from baliza.build import gaps
from baliza.build.checkup.finding import Finding
from baliza.language import marked, number
from baliza.warehouse import publication, schema
from baliza.warehouse.published import Opened

_MEGABYTE = 1_000_000


def itself(opened: Opened, database: Path) -> Finding:
    """Its size, its format, where its data come from."""
    row = opened.con.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchone()
    facts = {
        "database": database,
        "size": number(database.stat().st_size / _MEGABYTE, 1),
        "source": schema.read_fact(opened.con, "source") or "–",
        "format": row[0] if row and row[0] else "?",
    }
    return Finding(
        "file",
        "ok",
        marked("{database}: {size} MB, source {source}, readable by DuckDB {format}"),
        facts=facts,
    )


def last_build(con: duckdb.DuckDBPyConnection, database: Path) -> Finding:
    """Whether it ended well: else readers keep the state before it."""
    row = con.execute(
        "SELECT run_id, exit_code, started_at FROM meta.runs WHERE command IN ('build', 'driver') "
        "ORDER BY run_id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return Finding(
            "last build",
            "warn",
            marked("No table was ever built in it."),
            marked("baliza build --target mart_spending --database {database}"),
            {"database": database},
        )
    facts = {
        "run": row[0],
        "code": "–" if row[1] is None else row[1],
        "time": f"{row[2]:%Y-%m-%d %H:%M}",
        "database": database,
    }
    if publication.is_whole(con):
        told = marked("Run {run} of {time} UTC ended well.")
        return Finding("last build", "ok", told, facts=facts)
    return Finding(
        "last build",
        "fail",
        marked("Run {run} of {time} UTC did not end well (exit code {code}); readers see the state before."),
        marked("See why: baliza runs show {run} --database {database}; then build again"),
        facts,
    )


def coverage(database: Path) -> Finding:
    """Days that were asked for and are not proven."""
    facts: dict[str, object] = {"database": database}
    report = gaps.find(database, (), None)
    if report.gaps:
        open_days: Counter[str] = Counter()
        for gap in report.gaps:
            open_days[gap.status] += (gap.until - gap.since).days + 1
        facts |= {status: number(open_days[status]) for status in ("failed", "short", "pending")}
        return Finding(
            "coverage",
            "warn",
            marked("Not proven: {failed} days failed, {short} short, {pending} pending."),
            marked("baliza gaps --fill --database {database}"),
            facts,
        )
    return Finding("coverage", "ok", marked("Every day that was asked of PNCP is proven."))
