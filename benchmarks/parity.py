"""The models of the old dbt project as dbt builds them, beside the same SQL as `baliza parity` runs it.

    python benchmarks/parity.py FILE.duckdb [--dbt DBT] [--folder .benchmarks]

FILE is only read. dbt's environment is made once in `--folder`, from the package index; `--dbt` names the
program of another. Tables are compared row by row; exit code 1 when one differs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import trial
from build import DBT

from baliza.build.dbt.models import MEANT, PROJECT, WAS
from baliza.build.parity.scratch import build_old
from baliza.settings import Resources

DOMAINS = Path(__file__).parents[1] / "dataflows" / "domains"


def run_dbt(dbt: Path, file: Path, logs: Path) -> None:
    """Build every model in the file."""
    environment = {"BALIZA_FILE": str(file), "BALIZA_DOMAINS": str(DOMAINS), "DO_NOT_TRACK": "1"}
    subprocess.run(
        [
            dbt, "run", "--quiet", "--project-dir", PROJECT, "--profiles-dir", PROJECT,
            "--target-path", logs / "target", "--log-path", logs / "logs",
        ],
        env=os.environ | environment,
        check=True,
    )  # fmt: skip


def compare(built_by_dbt: Path, old: Path) -> int:
    """Print each model with its rows, and how many only one of the two has; the sum of these."""
    con = build_old(built_by_dbt, old, None, Resources(), lambda _name: None)
    total = 0
    for model in (*WAS, *MEANT):
        plain, dbt = model.table, f"source.{model.location}"
        rows, differing = con.execute(
            f"""SELECT (SELECT count(*) FROM {plain}),
                (SELECT count(*) FROM (FROM {plain} EXCEPT ALL FROM {dbt}))
                + (SELECT count(*) FROM (FROM {dbt} EXCEPT ALL FROM {plain}))"""
        ).fetchall()[0]
        print(f"{model.table}: {rows:,} rows, {differing:,} differ")
        total += differing
    con.close()
    return total


def main() -> None:
    """Build with both, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--dbt", type=Path)
    parser.add_argument("--folder", type=Path, default=Path(".benchmarks"))
    options = parser.parse_args()
    dbt = options.dbt or trial.environment(options.folder.resolve() / "dbt", *DBT).with_name("dbt")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(options.file, Path(folder) / "dbt.duckdb"))
        run_dbt(dbt, copy, Path(folder))
        raise SystemExit(compare(copy, Path(folder) / "plain.duckdb") > 0)


if __name__ == "__main__":
    main()
