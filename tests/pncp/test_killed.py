"""Exactly once: a harvest killed at random moments ends where an undisturbed one does, row for row."""

import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator

PROCESS = Path(__file__).with_name("harvesting_process.py")
KILLS = 5
FAULTS = Faults(lost=(0.15, 0.25), http_500=0.03, latency=0.004)


def harvest_in_a_process(job: Path, *, kill_after: float | None = None) -> int:
    """Exit code of a harvest, killed so many seconds after it began."""
    with subprocess.Popen(
        [sys.executable, str(PROCESS), str(job)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "harvesting\n"
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        return process.wait()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 11))], ids="round {}".format
)
def test_a_killed_harvest_lands_everything_exactly_once(
    archives: Callable[..., Any],
    week: list[dict[str, Any]],
    week_days: list[Any],
    truth: Any,
    tmp_path: Path,
    seed: int,
):
    undisturbed = archives("undisturbed")
    with Simulator({"contratos": week}) as simulator:
        undisturbed.harvest(simulator.url, week_days)

    path, job = tmp_path / "killed.duckdb", tmp_path / "job"
    rng = random.Random(seed)
    with Simulator({"contratos": week}, FAULTS, seed) as simulator:
        task = (path, simulator.url, undisturbed.table, undisturbed.endpoint, week_days[0], week_days[-1])
        job.write_bytes(pickle.dumps(task))
        ends = [harvest_in_a_process(job, kill_after=rng.uniform(0.0, 0.4)) for _ in range(KILLS)]
        assert ends.count(-signal.SIGKILL) >= KILLS - 2, (
            "most kills must meet a harvest that is still under way"
        )
        assert harvest_in_a_process(job) == 0
        asked = len(simulator.requests)
        assert harvest_in_a_process(job) == 0
        assert len(simulator.requests) == asked, "a finished harvest asks nothing"

    killed = archives("killed")
    assert killed.rows() == undisturbed.rows()
    assert killed.landed() == truth(week)
    assert killed.cells() == undisturbed.cells()
    assert killed.statuses() == {"complete", "empty"}
    assert killed.leftovers() == []
    con = killed.con
    assert con.execute(
        'SELECT count(*) = count(DISTINCT "numeroControlePNCP"), count(*) = count(DISTINCT observation_id) FROM raw.contratos'
    ).fetchone() == (True, True)
    # Every row says which answer brought it, and that answer is in evidence, once.
    assert con.execute(
        "SELECT count(*) FROM raw.contratos ANTI JOIN meta.requests USING (request_id)"
    ).fetchone() == (0,)
    assert con.execute("SELECT count(*) = count(DISTINCT request_id) FROM meta.requests").fetchone() == (
        True,
    )
    assert con.execute(
        "SELECT sum(stored), bool_and(received = stored + repeats) FROM meta.landings"
    ).fetchone() == (
        len(week),
        True,
    )
