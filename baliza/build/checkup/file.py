"""The file: whether it can be read, who holds it, what killed runs left beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from baliza.build import cleaning
from baliza.build.checkup import holding
from baliza.build.checkup.finding import Finding, of_error
from baliza.errors import DatabaseError, DatabaseLockedError, DatabaseReadOnlyError
from baliza.language import marked, number
from baliza.settings import Settings
from baliza.warehouse import snapshots
from baliza.warehouse.connection import connect
from baliza.warehouse.published import reading_live

_MEGABYTE = 1_000_000


def file(database: Path, settings: Settings) -> Iterator[Finding]:
    """What there is to say of it, the file itself first."""
    if not database.exists():
        yield _missing(database)
        return
    lock = _lock(database)
    try:
        with reading_live(database) as opened:
            yield holding.itself(opened, database)
            told = [holding.last_build(opened.con, database)]
    except DatabaseLockedError:
        told = []
    except DatabaseError as error:
        yield of_error("file", error)
        return
    yield lock
    yield from told
    if lock.state == "ok":
        yield _leftovers(database, settings)
    if told:
        yield holding.coverage(database)


def _missing(database: Path) -> Finding:
    newest = snapshots.newest(database)
    facts = {"database": database, "snapshot": newest and newest.path}
    if newest:
        return Finding(
            "file",
            "fail",
            marked("{database} is gone; its last published state is still there: {snapshot}"),
            marked("Copy that one to {database}"),
            facts,
        )
    return Finding(
        "file",
        "warn",
        marked("There is no {database} yet."),
        marked("baliza build --target mart_spending (with --source sample: invented data, in seconds)"),
        facts,
    )


def _lock(database: Path) -> Finding:
    """Who holds it: whoever reads it keeps builds from writing, whoever writes keeps everyone away."""
    if database.with_name(f"{database.name}.wal").exists():
        # Opened to be written it would be written: what a killed run left is taken in by the next command.
        return _read_only(database)
    try:
        connect(database, write=True, create=False).close()
    except DatabaseLockedError as error:
        return _held(database, error)
    except DatabaseReadOnlyError as error:
        return of_error("lock", error, "warn")
    except DatabaseError:
        return _read_only(database)
    return Finding("lock", "ok", marked("Nobody holds the file."))


def _read_only(database: Path) -> Finding:
    try:
        connect(database, write=False).close()
    except DatabaseLockedError as error:
        return _held(database, error)
    except DatabaseError as error:
        return of_error("lock", error)
    return Finding("lock", "ok", marked("Nobody writes to the file."))


def _held(database: Path, error: DatabaseLockedError) -> Finding:
    facts = {"program": error.facts.get("program", "?"), "pid": error.facts.get("pid", "?")}
    try:
        connect(database, write=False).close()
    except DatabaseError:
        return Finding(
            "lock",
            "warn" if snapshots.newest(database) else "fail",
            marked("{program} (PID {pid}) writes to the file; readers see its last published state."),
            marked("Wait until it ends; if it hangs: kill {pid}"),
            facts,
        )
    return Finding(
        "lock",
        "warn",
        marked("{program} (PID {pid}) has the file open to read: no build can write meanwhile."),
        marked("Close it there, such as the notebook or the SQL client that has it open; or: kill {pid}"),
        facts,
    )


def _leftovers(database: Path, settings: Settings) -> Finding:
    try:
        found = cleaning.look(database, settings)
    except DatabaseError as error:
        return of_error("leftovers", error, "warn")
    items = [*found.leftovers, *found.snapshots]
    facts = {
        "n": number(len(items)),
        "size": number(sum(one.size for one in items) / _MEGABYTE),
        "tables": ", ".join(one.location for one in found.forgotten) or "–",
        "database": database,
    }
    if items or found.forgotten:
        return Finding(
            "leftovers",
            "warn",
            marked("{n} files of killed runs or older states, {size} MB; tables nothing makes: {tables}"),
            marked("baliza clean --database {database}"),
            facts,
        )
    return Finding("leftovers", "ok", marked("Nothing is left over."))
