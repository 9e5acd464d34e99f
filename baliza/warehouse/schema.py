"""The layout of the file: its schemas, the tables of `meta`, its format number and its one source."""

from __future__ import annotations

from pathlib import Path

import duckdb

from baliza.errors import MixedSourcesError, NewerFormatError, NotADatabaseError
from baliza.warehouse.connection import explained, transaction
from baliza.warehouse.evolution.table import evolve, outdated
from baliza.warehouse.packing import packs
from baliza.warehouse.raw_table import RawTable

FORMAT = 1
"""Rises when an older baliza could not read the file any more."""

SOURCES = {
    "pncp": "PNCP",
    "sample": "the embedded sample (synthetic)",
    "simulator": "the simulator (synthetic)",
}

META = """
CREATE SCHEMA IF NOT EXISTS raw;
CREATE SCHEMA IF NOT EXISTS stage;
CREATE SCHEMA IF NOT EXISTS mart;
CREATE SCHEMA IF NOT EXISTS meta;

-- What the file is: format, source, who made it.
CREATE TABLE IF NOT EXISTS meta.database (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

-- The ledger: what was asked of PNCP, day by day, and what of it is proven to be here.
CREATE TABLE IF NOT EXISTS meta.coverage (
    endpoint VARCHAR NOT NULL,
    modalidade INTEGER NOT NULL,    -- 0 where the endpoint has none
    slice VARCHAR NOT NULL,         -- '' is the whole country; cnpj=... one órgão; of a detail, its parent
    day DATE NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('complete', 'empty', 'short', 'failed', 'pending')),
    expected BIGINT,                -- totalRegistros; null when PNCP never said
    landed BIGINT NOT NULL,         -- distinct keys
    repeats BIGINT NOT NULL,        -- records that came again
    walks INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    quarantined BIGINT NOT NULL,    -- of landed: kept as text in meta.quarantine
    reason VARCHAR,                 -- why it is short or failed
    updated_at TIMESTAMP NOT NULL,  -- UTC; completeness is as of this time
    PRIMARY KEY (endpoint, modalidade, slice, day)
);

-- Evidence: every answer, with the fingerprint of its body (the body itself is not kept).
CREATE TABLE IF NOT EXISTS meta.requests (
    request_id BIGINT NOT NULL,
    endpoint VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    requested_at TIMESTAMP NOT NULL, -- UTC
    seconds DOUBLE NOT NULL,
    status INTEGER,                  -- null when no answer came
    size BIGINT NOT NULL,            -- bytes of the body
    sha256 VARCHAR,
    outcome VARCHAR NOT NULL         -- 'records', 'empty', or what was wrong with it
);

-- One row per landed window: received = stored + repeats + quarantined.
CREATE TABLE IF NOT EXISTS meta.landings (
    landing_id BIGINT NOT NULL,
    table_name VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    slice VARCHAR NOT NULL,
    since DATE NOT NULL,
    until DATE NOT NULL,
    received BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    repeats BIGINT NOT NULL,         -- identical to what was already here
    quarantined BIGINT NOT NULL,
    landed_at TIMESTAMP NOT NULL,
    modalidade INTEGER DEFAULT 0
);
ALTER TABLE meta.landings ADD COLUMN IF NOT EXISTS modalidade INTEGER DEFAULT 0;

-- Records that could not be typed, as they came.
CREATE TABLE IF NOT EXISTS meta.quarantine (
    quarantine_id BIGINT NOT NULL,
    table_name VARCHAR NOT NULL,
    key VARCHAR,
    reason VARCHAR NOT NULL,
    raw_text VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    slice VARCHAR NOT NULL,
    since DATE NOT NULL,
    until DATE NOT NULL,
    page INTEGER NOT NULL,
    request_id BIGINT NOT NULL,
    quarantined_at TIMESTAMP NOT NULL,
    modalidade INTEGER DEFAULT 0,
    day DATE                         -- of the record, where it can be read
);
ALTER TABLE meta.quarantine ADD COLUMN IF NOT EXISTS modalidade INTEGER DEFAULT 0;
ALTER TABLE meta.quarantine ADD COLUMN IF NOT EXISTS day DATE;

-- Records that PNCP no longer shows where it showed them: kept, and marked as seen until a time.
CREATE TABLE IF NOT EXISTS meta.vanished (
    table_name VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    endpoint VARCHAR NOT NULL,
    seen_until TIMESTAMP NOT NULL,   -- UTC; when PNCP last showed it
    noticed_at TIMESTAMP NOT NULL,   -- UTC; when a complete listing came without it
    PRIMARY KEY (table_name, key)
);

-- What came out of files of the old layout: so that it comes once, and that its account balances.
CREATE TABLE IF NOT EXISTS meta.migrated (
    source VARCHAR NOT NULL,         -- digest of the old file
    table_name VARCHAR,              -- of schema raw; null where there was nothing to land
    answers STRUCT(origin VARCHAR, "row" BIGINT, outcome VARCHAR)[] NOT NULL,
    received BIGINT NOT NULL,        -- records: stored + repeats + covered + quarantined
    stored BIGINT NOT NULL,
    repeats BIGINT NOT NULL,         -- identical to what was already here
    covered BIGINT NOT NULL,         -- parsed rows of a version whose own record is here
    quarantined BIGINT NOT NULL,
    migrated_at TIMESTAMP NOT NULL   -- UTC
);

-- What is built: one row per table of stage and mart.
CREATE TABLE IF NOT EXISTS meta.tables (
    name VARCHAR PRIMARY KEY,
    fingerprint VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    seconds DOUBLE NOT NULL,
    built_at TIMESTAMP NOT NULL,
    definition JSON                  -- its SQL, inputs and parents: what decides whether it is stale
);
ALTER TABLE meta.tables ADD COLUMN IF NOT EXISTS definition JSON;

-- The dataflow that built something: the fingerprint of each function, to tell what has changed since.
CREATE TABLE IF NOT EXISTS meta.code (digest VARCHAR PRIMARY KEY, definitions JSON NOT NULL);

-- A bounded sample of rows that broke a contract, kept after the table was rolled back.
CREATE TABLE IF NOT EXISTS meta.violations (
    table_name VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    failing BIGINT NOT NULL,
    key VARCHAR,                     -- JSON object of the key columns
    found_at TIMESTAMP NOT NULL
);

-- How each table reconciles with those it is made from, raw ones with what landed: one row per measure.
CREATE TABLE IF NOT EXISTS meta.reconciliations (
    table_name VARCHAR NOT NULL,
    gate VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    expected DECIMAL(38, 4),
    found DECIMAL(38, 4),            -- equal to what was expected, or the table was not committed
    checked_at TIMESTAMP NOT NULL
);

-- The diary: one row per command that writes, with what it ran with and how it ended.
CREATE TABLE IF NOT EXISTS meta.runs (
    run_id BIGINT NOT NULL,
    command VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    parameters JSON NOT NULL,
    started_at TIMESTAMP NOT NULL,
    seconds DOUBLE,                  -- null while running, or when the run was killed
    exit_code INTEGER
);

-- What each run did with each table.
CREATE TABLE IF NOT EXISTS meta.run_nodes (
    run_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    decision VARCHAR NOT NULL,       -- 'skipped', 'incremental', 'rebuilt', 'failed'
    reason VARCHAR NOT NULL,
    rows_in BIGINT,                  -- of the tables it is made from
    rows BIGINT NOT NULL,
    rejected BIGINT NOT NULL,        -- rows that break a rule of severity warning
    keys BIGINT,                     -- of an increment: made anew
    seconds DOUBLE NOT NULL,
    peak_memory BIGINT,              -- bytes DuckDB held at most meanwhile, kept pages of the file among them
    fingerprint VARCHAR NOT NULL
);
"""


def prepare(con: duckdb.DuckDBPyConnection, path: Path, *, version: str, raw_tables: list[RawTable]) -> None:
    """Lay out a new file, or bring an old one up to what this baliza writes.

    Raises:
        NewerFormatError: a newer baliza wrote it.
        NotADatabaseError: it is a DuckDB file of something else.
    """
    check_format(con, path)
    with explained(path), transaction(con):
        con.execute(META)
        con.execute(
            "INSERT INTO meta.database VALUES ('format', ?), ('created_by', ?) ON CONFLICT DO NOTHING",
            [str(FORMAT), f"baliza {version}"],
        )
        packed = packs(con)
        for table in raw_tables:
            con.execute(table.ddl(packed=packed))
        evolve(con, raw_tables)


def is_current(con: duckdb.DuckDBPyConnection, raw_tables: list[RawTable]) -> bool:
    """Whether the file is laid out as this baliza does, so that `prepare` would find nothing to do."""
    with duckdb.connect() as model:
        model.execute(META)
        needed = _columns_of_meta(model)
    return needed <= _columns_of_meta(con) and not outdated(con, raw_tables)


def is_blank(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file holds no table at all."""
    return not con.execute("SELECT 1 FROM duckdb_tables() WHERE NOT internal LIMIT 1").fetchall()


def _columns_of_meta(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    rows = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() "
        "WHERE schema_name = 'meta' AND database_name = current_database()"
    )
    return {(table, column) for table, column in rows.fetchall()}


def check_format(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a file that this baliza cannot use; one with no tables at all is new, and fine to be written.

    Raises:
        NewerFormatError, NotADatabaseError.
    """
    tables = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal"
    ).fetchall()
    if not tables:
        if con.execute("SELECT current_setting('access_mode')").fetchone() == ("read_only",):
            raise NotADatabaseError(
                "The database {path} was to be read.",
                "It is empty: a command that was to fill it never came to that.",
                "Build it first: baliza build --target mart_spending --database {path}",
                path=path,
            )
        return
    if ("meta.database",) not in tables:
        raise NotADatabaseError(
            "The database {path} was to be used.",
            "It is a DuckDB file of something else: it holds {table} and no meta.database.",
            "Name another file with --database.",
            path=path,
            table=tables[0][0],
        )
    found = read_fact(con, "format")
    if found is None:
        raise NotADatabaseError(
            "The database {path} was to be used.",
            "It does not say which format it has, so baliza did not make it.",
            "Name another file with --database.",
            path=path,
        )
    if not found.isdecimal() or int(found) > FORMAT:
        raise NewerFormatError(
            "The database {path} was to be used.",
            "Its format is {format}, written by a newer baliza; this one knows {known}.",
            "Upgrade: pip install -U baliza",
            path=path,
            format=found,
            known=FORMAT,
        )


def read_fact(con: duckdb.DuckDBPyConnection, key: str) -> str | None:
    """One fact of meta.database, or None."""
    # Without a parameter: at the first one DuckDB imports pandas, half a second of every command that reads.
    return dict(con.execute("SELECT key, value FROM meta.database").fetchall()).get(key)


def claim_source(con: duckdb.DuckDBPyConnection, path: Path, source: str) -> None:
    """Say where the file's data come from; the first claim holds for ever.

    Raises:
        MixedSourcesError: the file already holds another source.
    """
    con.execute("INSERT INTO meta.database VALUES ('source', ?) ON CONFLICT DO NOTHING", [source])
    check_source(con, path, source)


def check_source(con: duckdb.DuckDBPyConnection, path: Path, source: str) -> None:
    """Refuse what comes from one source for a file that holds another; a file that holds none takes any.

    Raises:
        MixedSourcesError: the file holds another source.
    """
    held = read_fact(con, "source")
    if held not in {None, source}:
        raise MixedSourcesError(
            "What comes from {source} was to go into {path}.",
            "That file holds what comes from {held}, and a file never mixes sources.",
            "Name another file with --database.",
            source=SOURCES[source],
            path=path,
            held=SOURCES.get(held or "", held),
        )


def is_synthetic(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file holds invented data (the sample or the simulator's)."""
    return read_fact(con, "source") in {"sample", "simulator"}
