"""Moving a file of the old layout into today's: everything it holds, with an account that adds up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from baliza.build.session import writing
from baliza.errors import SameFileError
from baliza.migration import dropping
from baliza.migration.account import Account, Loss, coverage_of, outcomes_of, tables_of
from baliza.migration.answers import Answers
from baliza.migration.destination import Destination
from baliza.migration.listings import ListingMigration
from baliza.migration.old_file import CONTENTS, PARSED, PAYLOADS, OldFile, opened
from baliza.migration.parsed_proof import doubt_rows, prove_parsed
from baliza.migration.rebuilding import orphans, ranges, rebuild_rows
from baliza.pncp.harvest import few_resources
from baliza.pncp.progress import Progress
from baliza.settings import Settings
from baliza.warehouse import schema
from baliza.warehouse.connection import explained
from baliza.warehouse.spool import spooling


@dataclass(frozen=True)
class Survey:
    """What an old file holds, and nothing done about it.

    Attributes:
        generations: rows by table.
        requests: answers by endpoint; "?" where it is not known.
        windows: how many were asked for, by endpoint.
        needed: bytes that dropping the old schema would need beside the file.
    """

    old: Path
    generations: dict[str, dict[str, int]]
    requests: dict[str, int]
    windows: dict[str, int]
    strangers: list[str]
    size: int
    needed: int


def survey(old_path: Path, settings: Settings | None = None) -> Survey:
    """Look at an old file.

    Raises:
        DatabaseError: it is missing, locked, no DuckDB file, or holds nothing of the old layout.
    """
    with opened(old_path, settings and settings.resources) as old, explained(old_path):
        listings = Answers(old).listings()
        requests: Counter[str] = Counter()
        for listing in listings:
            requests[listing.endpoint or "?"] += len(listing.numbers)
        return Survey(
            old=old_path,
            generations=old.generations,
            requests=dict(requests),
            windows=dict(Counter(listing.endpoint or "?" for listing in listings if listing.window)),
            strangers=old.strangers,
            size=old_path.stat().st_size,
            needed=dropping.room_needed(old_path),
        )


def migrate(
    old_path: Path,
    database: Path,
    progress: Progress,
    *,
    drop: bool = False,
    force: bool = False,
    settings: Settings | None = None,
) -> Account:
    """Bring everything in; what had come in stands, and another run goes on from there.

    Args:
        old_path: the file of the old layout; it is only read, unless `drop`.
        database: today's file; it may hold what was harvested since, which stays the newer.
        progress: told what happens.
        drop: then drop the old schema, after a verified backup, if all of it came in.
        force: drop it all the same; the account says what is given up.
        settings: what the command runs with.

    Raises:
        SameFileError: both are one file.
        DatabaseError: the old file cannot be read, or today's not be written.
        DiskFullError: there is no room for the backup; nothing was begun.
    """
    _check_apart(old_path, database)
    told = {"old": str(old_path), "drop": drop, "force": force}
    with opened(old_path, settings and settings.resources) as old:
        if drop:
            dropping.check_room(old_path)
        with writing(database, "migrate", told, source="pncp", settings=settings) as session:
            with explained(database), spooling(database) as spool:
                destination = Destination(session.con, database, spool, old.digest, progress)
                account = _bring_in(old, destination)
            account = replace(account, seconds=session.seconds)
            session.exit_code = account.exit_code
    if not drop:
        return account
    if account.gives_up and not force:
        return replace(account, refused=True)
    return replace(account, dropped=dropping.drop(old_path))


def _check_apart(old_path: Path, database: Path) -> None:
    if old_path.exists() and database.exists() and old_path.samefile(database):
        raise SameFileError(
            "What {old} holds was to be migrated into {database}.",
            "They are one file.",
            "Name another file, to be made: baliza migrate {old} --database NEW.duckdb",
            old=old_path,
            database=database,
        )


def _bring_in(old: OldFile, destination: Destination) -> Account:
    with explained(old.path):
        answers = Answers(old)
    source = "simulator" if answers.is_simulated else "pncp"
    schema.claim_source(destination.con, destination.database, source)
    listings = answers.listings()
    batches = sum(1 for table in PARSED if table in old.columns for _ in ranges(old, table))
    destination.progress.planned(requests=answers.count() + batches, seconds=0.0)
    with few_resources(destination.con):
        for listing in listings:
            ListingMigration(answers, destination, listing).run()
        rebuild_rows(old, destination)
    for listing in listings:
        prove_parsed(answers, destination, listing)
    doubt_rows(old, destination)
    return _account(old, answers, destination, source, batches)


def _account(
    old: OldFile,
    answers: Answers,
    destination: Destination,
    source: str,
    batches: int,
) -> Account:
    con = destination.con
    outcomes, misnamed = outcomes_of(con, old.digest)
    places = con.execute(
        "SELECT coalesce(sum(len(answers)), 0) FROM meta.migrated WHERE source = ?", [old.digest]
    ).fetchone()
    account = Account(
        old=old.path,
        database=destination.database,
        source=source,
        generations=old.generations,
        answers=answers.count(),
        outcomes=outcomes,
        misnamed=misnamed,
        bodies_unasked=answers.unasked(CONTENTS, PAYLOADS),
        tables=tables_of(con, old.digest),
        coverage=coverage_of(con),
        orphans=orphans(old, destination),
        missing=answers.count() + batches - int(places[0] if places else 0),
        strangers=old.strangers,
        seconds=0.0,
    )
    return replace(account, gives_up=_gives_up(account))


def _gives_up(account: Account) -> list[Loss]:
    """What would be lost if the old schema were dropped now."""
    unbalanced = tuple(table.table for table in account.tables if not table.is_balanced)
    losses = (
        Loss("not migrated", account.missing),
        Loss("unbalanced", len(unbalanced), unbalanced),
        Loss("bodies", account.outcomes["unknown"]),
        Loss("sources", account.orphans),
        Loss("tables", len(account.strangers), tuple(account.strangers)),
    )
    return [loss for loss in losses if loss.count]
