"""Builds beside hand-written SQL, dbt and bare imports: one command per row of the table of goals.

    python benchmarks/build.py full      --contracts 1000000   # a whole build, and its materialisation
    python benchmarks/build.py unchanged --contracts 5000000   # nothing to do
    python benchmarks/build.py day       --contracts 5000000   # 10,000 records new or changed
    python benchmarks/build.py memory    --contracts 5000000   # within 1 GB
    python benchmarks/build.py checks    --contracts 5000000   # beside count(*) with a predicate
    python benchmarks/build.py kedro     --contracts 1000000   # the same functions as a pipeline of Kedro

`--rounds` says how many of each (5); growth is the same command with two sizes. Each prints Markdown. Files
are made once, in `--folder`, and stay there; so does the environment of dbt, from the package index. Before
anything is timed, the tables of all contenders are compared cell by cell. Processor time (user and system) is
told beside wall time: it suffers less from what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bulk
import duckdb
import ibis
import trial
from trial import Contender, Result

from baliza.build import code
from baliza.build.dbt.models import PROJECT
from baliza.build.session import DONE, INCOMPLETE
from baliza.warehouse import snapshots

HERE = Path(__file__).parent
BALIZA = Path(sys.executable).with_name("baliza")
OURS = f"baliza-{code.digest()[:8]}"
"""Files that baliza built, by this dataflow: of another they are not up to date."""
RECORDS_OF_A_DAY = 10_000
QUICKER = 5
"""Times as many rounds of what takes a second: of so short a time one process tells little."""
TABLES = ("stage.contratos", "mart.spending")
DBT = ("dbt-core>=1.10,<1.11", "dbt-duckdb>=1.10,<1.11", f"duckdb=={duckdb.__version__}")
KEDRO = (
    "kedro>=1.7,<1.8", "kedro-datasets>=9.6,<10", "holidays",
    f"ibis-framework[duckdb]=={ibis.__version__}", "sqlglot<30.18", f"duckdb=={duckdb.__version__}",
)  # fmt: skip
BARE = "import ibis, duckdb, hamilton"
DRIVER = "import ibis, duckdb, hamilton.driver; ibis.duckdb"


class Bench:
    """The files of one size, each contender's copy of them, and the commands.

    Args:
        folder: where they are, and stay.
        contracts: distinct ones in the file.
    """

    def __init__(self, folder: Path, contracts: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._contracts = contracts

    def raw(self) -> Path:
        """The file as a harvest would have left it."""
        path = self._folder / f"raw-{self._contracts}.duckdb"
        if not path.exists():
            print(f"making {self._contracts:,} contracts", file=sys.stderr, flush=True)
            trial.apart(bulk.make, path, self._contracts)
        return path

    def built(self, name: str, build: Callable[[Path], Contender]) -> Path:
        """The file with the tables that a contender builds in it."""
        path = self._folder / f"{name}-{self._contracts}.duckdb"
        if not path.exists():
            making = path.with_stem(f"making-{path.stem}")
            shutil.copy(self.raw(), making)
            trial.measure(build(making))
            put(making, path, shutil.move)
        return path

    def with_a_day(self, built: Path, build: Callable[[Path], Contender]) -> Path:
        """The same with a day that is built and the next that is not: a day as all but the first are."""
        path = built.with_stem(f"{built.stem}-second-day")
        if not path.exists():
            making = path.with_stem(f"making-{path.stem}")
            put(built, making, copy)
            trial.apart(bulk.one_more_day, making, RECORDS_OF_A_DAY)
            trial.measure(build(making))
            trial.apart(bulk.one_more_day, making, RECORDS_OF_A_DAY)
            put(making, path, shutil.move)
        return path

    def copied(self, source: Path, build: Callable[[Path], Contender]) -> Contender:
        """A contender on a copy of a file, made anew before each round."""
        target = self._folder / f"copy-of-{source.name}"
        return replace(build(target), before=lambda: put(source, target, copy))

    def dbt(self, path: Path, *, incremental: bool = False) -> Contender:
        """Dbt on a file, in an environment of its own."""
        python = trial.environment(self._folder / "dbt", *DBT)
        variables = json.dumps({"materialized": "incremental" if incremental else "table"})
        models = [table.partition(".")[2] for table in TABLES]
        return Contender(
            [
                python.with_name("dbt"), "run", "--select", *models,
                "--project-dir", PROJECT, "--profiles-dir", PROJECT,
                "--target-path", self._folder / "dbt-target", "--log-path", self._folder / "dbt-logs",
                "--vars", variables,
            ],
            {"BALIZA_FILE": str(path), "DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        )  # fmt: skip

    def kedro(self, path: Path) -> Contender:
        """The same functions as nodes of Kedro, in an environment of its own."""
        python = trial.environment(self._folder / "kedro", *KEDRO)
        return Contender(
            [python, HERE / "kedro_peer.py", path],
            {"PYTHONPATH": str(HERE.parent), "DO_NOT_TRACK": "1"},
            inner=lambda said: float(said.splitlines()[-1]),
        )


def put(source: Path, target: Path, how: Callable[[Path, Path], object]) -> None:
    """Put a file somewhere else, with what readers see of it beside it: else it would be published anew."""
    how(source, target)
    shutil.rmtree(snapshots.folder(target), ignore_errors=True)
    if snapshots.folder(source).exists():
        how(snapshots.folder(source), snapshots.folder(target))


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)


def by_hand(path: Path) -> Contender:
    """The bare script of hand-written SQL."""
    return Contender(
        [sys.executable, HERE / "by_hand.py", path], inner=lambda said: sum(json.loads(said).values())
    )


def baliza(path: Path, *options: str) -> Contender:
    """`baliza build` of the mart."""
    command = [BALIZA, "build", "--no-fetch", "--target", "mart_spending", "--database", path, *options]
    return Contender(
        command,
        {"BALIZA_LANG": "en"},
        inner=lambda _said: _seconds_of_last_run(path),
        done=(DONE, INCOMPLETE),
    )


def forgetful(path: Path) -> Contender:
    """The same where it finds nothing of what earlier builds have written, as on a new machine."""
    usual = baliza(path)
    return replace(usual, env={**usual.env, "XDG_CACHE_HOME": os.devnull})


def _seconds_of_last_run(path: Path) -> float:
    with duckdb.connect(str(path), read_only=True) as con:
        row = con.execute(
            "SELECT sum(seconds) FROM meta.run_nodes WHERE run_id = (SELECT max(run_id) FROM meta.runs)"
        ).fetchone()
    return row[0] if row else 0.0


def compare(ours: Path, theirs: Path, prefix: str) -> None:
    """Refuse to go on where two contenders made different tables.

    Raises:
        SystemExit: naming the table, and how many rows differ.
    """
    with tempfile.TemporaryDirectory() as temporary, duckdb.connect(f"{temporary}/spill.duckdb") as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(f"ATTACH '{ours}' AS ours (READ_ONLY); ATTACH '{theirs}' AS theirs (READ_ONLY)")
        for table in TABLES:
            one, other = f"ours.{table}", f"theirs.{prefix}{table}"
            differing = con.execute(
                f"SELECT count(*) FROM ((FROM {one} EXCEPT ALL FROM {other}) UNION ALL "
                f"(FROM {other} EXCEPT ALL FROM {one}))"
            ).fetchall()[0][0]
            if differing:
                raise SystemExit(f"{table} of {theirs.name} differs in {differing:,} rows")
            print(f"{table}: cell by cell as that of {theirs.name}", file=sys.stderr, flush=True)


def full(bench: Bench, rounds: int) -> None:
    """A build from nothing but raw."""
    ours = bench.built(OURS, baliza)
    trial.apart(compare, ours, bench.built("by-hand", by_hand), "hand_")
    trial.apart(compare, ours, bench.built("dbt-table", bench.dbt), "dbt_")
    raw = bench.raw()
    results = trial.compete(
        {
            "hand-written SQL": bench.copied(raw, by_hand),
            "baliza": bench.copied(raw, baliza),
            "baliza, with no SQL kept": bench.copied(raw, forgetful),
            "dbt": bench.copied(raw, bench.dbt),
        },
        rounds,
    )
    print(trial.table(results), "\n")
    hand, own, _, dbt = results.values()
    print(
        trial.goal("full build, materialisation only, against hand-written SQL", own.inner / hand.inner, 1.15)
    )
    _ratio("full build, whole process, against hand-written SQL", own, hand, 1.30)
    _ratio("full build, whole process, against dbt", own, dbt, 0.85)


def unchanged(bench: Bench, rounds: int) -> None:
    """A build of a file in which everything is up to date."""

    def dbt(path: Path) -> Contender:
        return bench.dbt(path, incremental=True)

    quick = {
        "a bare import": Contender([sys.executable, "-c", BARE]),
        "the imports of a driver": Contender([sys.executable, "-c", DRIVER]),
        "baliza": bench.copied(bench.built(OURS, baliza), baliza),
    }
    slow = {
        "dbt, which rebuilds": bench.copied(bench.built("dbt-table", bench.dbt), bench.dbt),
        "dbt, incremental": bench.copied(bench.built("dbt-incremental", dbt), dbt),
    }
    results = trial.compete(quick, rounds * QUICKER) | trial.compete(slow, rounds)
    print(trial.table(results), "\n")
    bare, _, own, rebuilding, incremental = results.values()
    _ratio("no change, whole process, against a bare import", own, bare, 2)
    _ratio("no change, against dbt, which rebuilds", own, rebuilding, 0.3)
    _ratio("no change, against dbt incremental", own, incremental, 0.8)


def day(bench: Bench, rounds: int) -> None:
    """One more day into a file that was built, and has taken in a day before."""

    def dbt(path: Path) -> Contender:
        return bench.dbt(path, incremental=True)

    ours = bench.with_a_day(bench.built(OURS, baliza), baliza)
    theirs = bench.with_a_day(bench.built("dbt-incremental", dbt), dbt)
    results = trial.compete(
        {
            "baliza": bench.copied(ours, baliza),
            "baliza, whole": bench.copied(ours, lambda path: baliza(path, "--full")),
            "dbt, incremental": bench.copied(theirs, dbt),
        },
        rounds,
    )
    print(trial.table(results), "\n")
    own, whole, incremental = results.values()
    print(trial.goal("one day, materialisation, against the whole", own.inner / whole.inner, 0.05))
    _ratio("one day, whole process, against dbt incremental", own, incremental, 0.5)


def memory(bench: Bench, rounds: int) -> None:
    """A whole build within a limit of 1 GB."""
    results = trial.compete(
        {"baliza": bench.copied(bench.raw(), lambda path: baliza(path, "--memory-limit", "1GB"))}, rounds
    )
    print(trial.table(results), "\n")
    print(
        trial.goal("peak memory within a limit of 1 GB, GB resident", results["baliza"].peak_mb / 1000, 1.3)
    )


def checks(bench: Bench, rounds: int) -> None:
    """Every rule of the contracts in one pass, beside one count(*) with a predicate for each."""
    from baliza.build import catalog
    from baliza.build.checks import count_failures

    path = bench.built(OURS, baliza)
    with duckdb.connect(str(path), read_only=True) as con:
        backend = ibis.duckdb.from_connection(con)
        for name in ("stage_contratos", "mart_spending"):
            node = catalog.tables()[name]
            query = backend.compile(
                count_failures(backend.table(node.table, database=node.layer), node.contract)
            )
            column = node.contract.key[0]
            one = f"SELECT count(*) FROM {node.location} WHERE {column} IS NULL OR length({column}) <> 14"
            seconds: dict[str, list[float]] = {query: [], one: []}
            for _ in range(rounds):
                for sql, taken in seconds.items():
                    started = time.process_time()
                    con.execute(sql).fetchall()
                    taken.append(time.process_time() - started)
            fused, single = (sorted(taken)[rounds // 2] for taken in seconds.values())
            count = len(node.contract.rules()) + 1
            print(f"{node.location}: {count} checks in {fused:.3f} s CPU, one count(*) {single:.3f} s")
            print(trial.goal(f"checks of {node.location}, each", fused / count / single, 1.0))


def kedro(bench: Bench, rounds: int) -> None:
    """The same functions as a pipeline of Kedro; published, and no goal."""
    trial.apart(compare, bench.built(OURS, baliza), bench.built("kedro", bench.kedro), "kedro_")
    raw = bench.raw()
    print(trial.table(trial.compete(
        {"baliza": bench.copied(raw, baliza), "Kedro and Ibis": bench.copied(raw, bench.kedro)}, rounds
    )))  # fmt: skip


def _ratio(name: str, one: Result, other: Result, at_most: float) -> None:
    print(trial.goal(f"{name}: CPU", one.cpu / other.cpu, at_most))
    print(trial.goal(f"{name}: wall", one.wall / other.wall, at_most))


ROWS = {
    "full": full,
    "unchanged": unchanged,
    "day": day,
    "memory": memory,
    "checks": checks,
    "kedro": kedro,
}


def main() -> None:
    """Measure one row of the table of goals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("row", choices=ROWS)
    parser.add_argument("--contracts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(".benchmarks"))
    options = parser.parse_args()
    size = f"{options.contracts:,} contracts"
    print(f"{options.row}: {size}, DuckDB {duckdb.__version__}, median of {options.rounds}\n")
    ROWS[options.row](Bench(options.folder.resolve(), options.contracts), options.rounds)


if __name__ == "__main__":
    main()
