"""Exactly once: a harvest killed at random moments ends where an undisturbed one does, row for row."""

import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from baliza.build.raw_tables import raw_table, raw_tables
from baliza.pncp.endpoints import ENDPOINTS
from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator
from baliza.simulator.world import world

PROCESS = Path(__file__).with_name("harvesting_process.py")
KILLS = 5
FAULTS = Faults(lost=(0.15, 0.25), http_500=0.03, latency=0.004)
FIRST, LAST = date(2025, 3, 10), date(2025, 3, 14)
MODALIDADES = (6, 8, 10)


@pytest.fixture(scope="session")
def pncp() -> dict[str, Any]:
    """Contracts and purchases of five days, the items of those purchases, and nothing else."""
    records = world(seed=13, since=FIRST, until=LAST, per_day=15)
    purchases = [
        one
        for one in records["contratacoes_publicacao"]
        if one["modalidadeId"] in MODALIDADES and one["dataPublicacaoPncp"] >= FIRST.isoformat()
    ]
    assert len(purchases) > 15
    return {
        "contratos": records["contratos"],
        "contratacoes_publicacao": purchases,
        "itens": {
            one["numeroControlePNCP"]: records["itens"][one["numeroControlePNCP"]] for one in purchases
        },
    }


def a_harvest(task: Path, *, kill_after: float | None = None) -> int:
    """Exit code of a harvest, killed so many seconds after it began."""
    with subprocess.Popen(
        [sys.executable, str(PROCESS), str(task)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "harvesting\n"
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        return process.wait()


def a_task(path: Path, url: str) -> bytes:
    """What a process is to do, over pages of ten, the least PNCP allows."""
    tables = {table.name: table for table in raw_tables()}
    lists = [
        (replace(ENDPOINTS["contratos"], page_size=10), (0,)),
        (replace(ENDPOINTS["contratacoes_publicacao"], page_size=10), MODALIDADES),
    ]
    return pickle.dumps((path, url, tables, lists, replace(ENDPOINTS["itens"], page_size=10), FIRST, LAST))


def ledger_of(archive: Any) -> list[tuple[Any, ...]]:
    """What is proven, without how it came to be."""
    return archive.con.execute(
        "SELECT endpoint, modalidade, slice, day, status, expected, landed FROM meta.coverage ORDER BY ALL"
    ).fetchall()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))], ids="round {}".format
)
def test_a_killed_harvest_lands_everything_exactly_once(
    archives: Callable[..., Any], pncp: dict[str, Any], truth: Any, tmp_path: Path, seed: int
):
    task = tmp_path / "task"
    with Simulator(pncp) as simulator:
        task.write_bytes(a_task(tmp_path / "undisturbed.duckdb", simulator.url))
        assert a_harvest(task) == 0

    rng = random.Random(seed)
    with Simulator(pncp, FAULTS, seed) as simulator:
        task.write_bytes(a_task(tmp_path / "killed.duckdb", simulator.url))
        ends = [a_harvest(task, kill_after=rng.uniform(0.0, 0.6)) for _ in range(KILLS)]
        print(f"KILLED {ends.count(-signal.SIGKILL)} of {KILLS}")  # noqa: T201  shown by -rP
        assert ends.count(-signal.SIGKILL) >= KILLS - 2, (
            "most kills must meet a harvest that is still under way"
        )
        assert a_harvest(task) == 0
        done = len(simulator.requests)
        assert a_harvest(task) == 0
        assert len(simulator.requests) == done, "a finished harvest asks nothing"

    killed, undisturbed = archives("killed"), archives("undisturbed")
    for name, shown in (
        ("contratos", len(pncp["contratos"])),
        ("contratacoes", len(pncp["contratacoes_publicacao"])),
        ("itens", sum(map(len, pncp["itens"].values()))),
    ):
        assert killed.rows(name) == undisturbed.rows(name)
        assert len(killed.rows(name)) == shown
        assert_each_row_once_and_with_its_evidence(killed, name)
    assert killed.landed() == truth(pncp["contratos"])
    assert ledger_of(killed) == ledger_of(undisturbed)
    assert {row[4] for row in ledger_of(killed)} == {"complete", "empty"}
    assert {row[0] for row in ledger_of(killed)} == {"contratos", "contratacoes_publicacao", "itens"}
    assert killed.leftovers() == []
    con = killed.con
    assert con.execute("SELECT count(*) FROM meta.vanished").fetchone() == (0,)
    assert con.execute("SELECT count(*) = count(DISTINCT request_id) FROM meta.requests").fetchone() == (
        True,
    )
    stored = sum(len(killed.rows(name)) for name in ("contratos", "contratacoes", "itens"))
    assert con.execute(
        "SELECT sum(stored), bool_and(received = stored + repeats) FROM meta.landings"
    ).fetchone() == (stored, True)


def assert_each_row_once_and_with_its_evidence(archive: Any, name: str) -> None:
    """Every row says which answer brought it, and that answer is in evidence."""
    key = raw_table(name).key_sql
    assert archive.con.execute(
        f"""
        SELECT count(*) = count(DISTINCT {key}), count(*) = count(DISTINCT observation_id),
               count(*) FILTER (request_id NOT IN (SELECT request_id FROM meta.requests))
        FROM raw."{name}"
        """
    ).fetchone() == (True, True, 0)
