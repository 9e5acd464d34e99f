"""Dropping the old schema: after a backup, whole or not at all."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.cli.progress import Quiet
from baliza.errors import DatabaseError, DatabaseLockedError, DiskFullError
from baliza.migration import dropping
from baliza.migration.account import Loss
from baliza.migration.dropping import drop
from baliza.migration.migrating import migrate
from baliza.simulator.old_layout import OldPage, write_first, write_second, write_third
from tests.migration.conftest import ASKED, march

DBT = """
CREATE SCHEMA marts;
CREATE TABLE marts.fact_contratos (contrato_key VARCHAR PRIMARY KEY, valor DECIMAL(15, 4));
INSERT INTO marts.fact_contratos SELECT md5(i::VARCHAR), i FROM range(1000) AS rows(i);
CREATE INDEX by_value ON marts.fact_contratos (valor);
CREATE VIEW marts.big AS SELECT * FROM marts.fact_contratos WHERE valor > 500;
CREATE VIEW marts.bodies AS SELECT endpoint_name FROM psa.pncp_requests;
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with two generations of bodies, and what dbt made of them."""
    path = tmp_path_factory.mktemp("template") / "old.duckdb"
    pages = march(30)
    write_second(path, pages)
    write_third(path, pages)
    with duckdb.connect(path) as con:
        con.execute(DBT)
        con.execute(
            "CREATE TABLE raw.of_dbt AS SELECT i FROM range(5) AS rows(i)",
        )
        ballast = "SELECT uuid(), repeat(md5(i::VARCHAR), 300), md5(i::VARCHAR), 1, NULL, NULL, 0 FROM range(400) AS rows(i)"
        con.execute(f"INSERT INTO psa.pncp_content {ballast}")
    return path


@pytest.fixture
def old(template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "old.duckdb"
    path.write_bytes(template.read_bytes())
    return path


def tables(path: Path) -> set[str]:
    with duckdb.connect(path, read_only=True) as con:
        return {
            name
            for (name,) in con.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
            ).fetchall()
        }


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_only_the_old_layout_goes_and_the_backup_has_it(old: Path, template: Path):
    dropped = drop(old)

    assert tables(old) == {"marts.fact_contratos", "raw.of_dbt"}
    assert dropped.tables == ["psa.pncp_content", "psa.pncp_requests", "raw.api_requests", "raw.hot_payloads"]
    assert dropped.views == ["marts.bodies"]
    assert dropped.backup.read_bytes() == template.read_bytes()
    assert names(old.parent) == {"old.duckdb", "old.before-migration.duckdb"}
    with duckdb.connect(old) as con:
        assert con.execute("SELECT count(*) FROM marts.big").fetchall() == [(499,)]
        assert con.execute("SELECT index_name FROM duckdb_indexes()").fetchall() == [("by_value",)]
        with pytest.raises(duckdb.ConstraintException):
            con.execute("INSERT INTO marts.fact_contratos SELECT * FROM marts.fact_contratos LIMIT 1")


def test_the_room_is_given_back(old: Path):
    dropped = drop(old)

    assert dropped.before == dropped.backup.stat().st_size
    assert dropped.after == old.stat().st_size < dropped.before


def test_a_log_that_was_not_written_back_is_part_of_the_file(old: Path):
    with duckdb.connect(old) as con:
        con.execute("PRAGMA disable_checkpoint_on_shutdown")
        con.execute("INSERT INTO raw.of_dbt VALUES (77)")
    assert old.with_name("old.duckdb.wal").exists()

    drop(old)

    with duckdb.connect(old) as con:
        assert con.execute("SELECT max(i) FROM raw.of_dbt").fetchall() == [(77,)]


def test_a_backup_that_is_there_serves_again_and_another_file_is_left_alone(old: Path, template: Path):
    (old.parent / "old.before-migration.duckdb").write_bytes(b"mine")
    (old.parent / "old.before-migration-2.duckdb").write_bytes(template.read_bytes())

    assert drop(old).backup.name == "old.before-migration-2.duckdb"
    assert (old.parent / "old.before-migration.duckdb").read_bytes() == b"mine"


def test_too_small_a_disk_is_noticed_before_anything_begins(
    old: Path, unpublished: Any, monkeypatch: pytest.MonkeyPatch
):
    usage = type("Usage", (), {"free": dropping.room_needed(old) - 1})()
    monkeypatch.setattr(dropping.shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(DiskFullError, match="too small"):
        migrate(old, old.parent / "new.duckdb", Quiet(), drop=True, settings=unpublished)

    assert names(old.parent) == {"old.duckdb"}


@pytest.mark.parametrize(
    "step", ["copy_whole", "_check_backup", "write_without", "flush", "same_folder_move"]
)
def test_a_failure_at_any_step_leaves_the_file_as_it_was(
    old: Path, template: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dropping, step, fail)

    with pytest.raises(DatabaseError):
        drop(old)

    assert old.read_bytes() == template.read_bytes()
    assert names(old.parent) <= {"old.duckdb", "old.before-migration.duckdb"}


def test_what_another_program_writes_meanwhile_is_not_lost(old: Path, monkeypatch: pytest.MonkeyPatch):
    write = dropping.write_without

    def written(*args: Any) -> list[str]:
        found = write(*args)
        os.utime(old)
        return found

    monkeypatch.setattr(dropping, "write_without", written)

    with pytest.raises(DatabaseLockedError):
        drop(old)
    assert "psa.pncp_content" in tables(old)


def test_a_file_someone_holds_is_not_touched(old: Path, held: Callable):
    with held(old), pytest.raises(DatabaseLockedError):
        drop(old)

    assert names(old.parent) == {"old.duckdb"}


@pytest.fixture
def unlandable(tmp_path: Path) -> Path:
    """An old file with a body that fits no table, and a table that is not of the old layout."""
    path = tmp_path / "old.duckdb"
    odd = OldPage("contratos_publicacao", {}, b'{"data":[{"a":1}],"totalRegistros":1}', ASKED)
    write_first(path, [*march(), odd])
    with duckdb.connect(path) as con:
        con.execute("CREATE TABLE psa.notes (text VARCHAR)")
    return path


def test_it_is_refused_where_something_would_be_lost(unlandable: Path, unpublished: Any):
    before = unlandable.read_bytes()

    account = migrate(unlandable, unlandable.parent / "new.duckdb", Quiet(), drop=True, settings=unpublished)

    assert (account.refused, account.exit_code, account.dropped) == (True, 1, None)
    assert account.gives_up == [
        Loss("bodies", 1),
        Loss("tables", 1, ("psa.notes",)),
    ]
    assert unlandable.read_bytes() == before


def test_force_drops_it_all_the_same_and_says_what_is_given_up(unlandable: Path, unpublished: Any):
    new = unlandable.parent / "new.duckdb"

    account = migrate(unlandable, new, Quiet(), drop=True, force=True, settings=unpublished)

    assert account.dropped is not None
    assert account.dropped.tables == ["psa.notes", "psa.pncp_raw_responses"]
    assert len(account.gives_up) == 2
    assert tables(unlandable) == set()
    assert tables(account.dropped.backup) == {"psa.notes", "psa.pncp_raw_responses"}


@pytest.mark.slow
def test_killed_at_any_moment_it_is_whole(old: Path, template: Path):
    """Nothing but the two whole files is ever under their names, and a run after it comes to the end."""
    code = "import sys; from pathlib import Path; from baliza.migration.dropping import drop; print('go', flush=True); drop(Path(sys.argv[1]))"
    chance = random.Random(5)
    ended = {"as it was": 0, "dropped": 0}
    for _ in range(12):
        old.write_bytes(template.read_bytes())
        with subprocess.Popen([sys.executable, "-c", code, str(old)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.6))
            process.send_signal(signal.SIGKILL)
        is_old = old.read_bytes() == template.read_bytes()
        assert is_old or tables(old) == {"marts.fact_contratos", "raw.of_dbt"}
        backup = old.parent / "old.before-migration.duckdb"
        assert not backup.exists() or backup.read_bytes() == template.read_bytes()
        ended["as it was" if is_old else "dropped"] += 1
        if not is_old:
            assert backup.exists()
    if old.read_bytes() != template.read_bytes():
        old.write_bytes(template.read_bytes())
    drop(old)
    assert names(old.parent) == {"old.duckdb", "old.before-migration.duckdb"}
    assert ended["as it was"]
