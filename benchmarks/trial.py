"""Trials: whole processes measured beside each other, alternating, told as ratios in Markdown."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One process: processor seconds (user and system, of its children too), wall seconds, peak memory.

    Attributes:
        inner: seconds that the process itself counted for the work alone.
    """

    cpu: float
    wall: float
    peak_mb: int
    inner: float | None = None


@dataclass(frozen=True)
class Contender:
    """A command to measure.

    Attributes:
        command: what is run.
        env: variables beside those of this process.
        before: run before each measurement, outside of it: puts things back.
        inner: tells from what the process said, or left behind, how long the work alone took.
        done: the exit codes that say that the work was done.
    """

    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    inner: Callable[[str], float | None] = lambda _said: None
    done: Collection[int] = (0,)


@dataclass(frozen=True)
class Result:
    """The runs of one contender; each figure is the median, memory the most."""

    runs: Sequence[Run]

    @property
    def cpu(self) -> float:
        """Processor seconds."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def wall(self) -> float:
        """Wall seconds."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def inner(self) -> float:
        """Seconds of the work alone."""
        return statistics.median(run.inner or 0 for run in self.runs)

    @property
    def peak_mb(self) -> int:
        """Peak resident memory, MB."""
        return max(run.peak_mb for run in self.runs)


def measure(contender: Contender) -> Run:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; what it said is shown.
    """
    contender.before()
    with tempfile.TemporaryFile("w+") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            contender.command, env={**os.environ, **contender.env}, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        output.seek(0)
        said = output.read()
    if os.waitstatus_to_exitcode(status) not in contender.done:
        raise SystemExit(f"{' '.join(map(str, contender.command))} failed:\n{said}")
    inner = contender.inner(said)
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss // 1024, inner)


def compete(contenders: Mapping[str, Contender], rounds: int) -> dict[str, Result]:
    """Measure them in alternating rounds, so that what else the machine does falls on all alike."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, contender in contenders.items():
            runs[name].append(measure(contender))
            print(f"round {number + 1}: {name}: {runs[name][-1].cpu:.2f} s CPU", file=sys.stderr, flush=True)
    return {name: Result(measured) for name, measured in runs.items()}


def table(results: Mapping[str, Result]) -> str:
    """Every contender beside the first one, in Markdown."""
    first = next(iter(results.values()))
    lines = ["| | CPU s | ratio | wall s | ratio | peak MB |", "|---|---|---|---|---|---|"]
    for name, result in results.items():
        lines.append(
            f"| {name} | {result.cpu:.2f} | {result.cpu / first.cpu:.2f} "
            f"| {result.wall:.2f} | {result.wall / first.wall:.2f} | {result.peak_mb} |"
        )
    return "\n".join(lines)


def goal(name: str, seen: float, at_most: float) -> str:
    """One line of the table of goals."""
    return f"| {name} | <= {at_most} | {seen:.2f} | {'met' if seen <= at_most else 'missed'} |"


def environment(folder: Path, *requirements: str) -> Path:
    """The interpreter of an environment with these packages, made where there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
    return python


def apart(work: Callable[..., object], *arguments: object) -> None:
    """Do something in a process of its own: one is told to have used as much memory as its parent had."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        pool.submit(work, *arguments).result()
