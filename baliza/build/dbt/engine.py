"""Running dbt on a file, in a process of its own, into schemas of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from baliza.build.dbt.models import MEANT, PROJECT, WAS, Model, domains
from baliza.errors import MissingPackageError, NodeFailedError
from baliza.settings import Resources
from baliza.warehouse.connection import config

_DBT = "from dbt.cli.main import cli; cli()"
_TOLD_OF_A_FAILURE = 5
"""Lines of what dbt said, where it ended before any model."""


@dataclass(frozen=True)
class Made:
    """A table that dbt made.

    Attributes:
        location: schema and name.
        seconds: that dbt took for it.
    """

    location: str
    seconds: float


def check_installed() -> None:
    """Refuse to begin without dbt.

    Raises:
        MissingPackageError: it is not installed.
    """
    if importlib.util.find_spec("dbt") is None or importlib.util.find_spec("dbt.adapters.duckdb") is None:
        raise MissingPackageError(
            "The tables were to be built by dbt.",
            "It is not installed.",
            "Install it: pip install 'baliza[dbt]'",
        )


def run(
    database: Path, models: Sequence[Model], resources: Resources, on_table: Callable[[str], None]
) -> list[Made]:
    """Make models, and before them those they are made from, whole.

    Args:
        database: the file, which no connection of this process may hold.
        models: that are asked for.
        resources: what DuckDB may take.
        on_table: told where each table is written before it is.

    Returns:
        What was made, in order.

    Raises:
        NodeFailedError: a model cannot be made, or dbt cannot run; tables made before it stand.
    """
    with tempfile.TemporaryDirectory(prefix="baliza-dbt-") as scratch:
        command = [
            # -P: a folder named dbt where the command is run is not the dbt that is meant.
            sys.executable, "-P", "-c", _DBT, "--log-format", "json", "--log-path", f"{scratch}/logs", "run",
            "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
            "--target-path", f"{scratch}/target", "--select", *(f"+{model.name}" for model in models),
        ]  # fmt: skip
        environment = {
            "BALIZA_FILE": str(database.resolve()),
            "BALIZA_DOMAINS": domains(),
            "BALIZA_RESOURCES": str(config(resources)),
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
        }
        with subprocess.Popen(
            command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            said = list(_listen(process, on_table))
        results = Path(scratch) / "target" / "run_results.json"
        made = json.loads(results.read_text(encoding="utf-8"))["results"] if results.exists() else []
        if process.returncode:
            raise _failure(made, said, database)
        located = {model.name: model.location for model in (*WAS, *MEANT)}
        return [
            Made(located[_name(one)], round(one["execution_time"], 3))
            for one in made
            if one["unique_id"].startswith("model.")
        ]


def _listen(process: subprocess.Popen[str], on_table: Callable[[str], None]) -> Iterator[str]:
    """What dbt says, an event a line; what is no event is passed on as it is."""
    for line in process.stdout or ():
        try:
            event = json.loads(line)
        except ValueError:
            yield line.strip()
            continue
        if event["info"]["name"] == "LogStartLine":
            relation = event["data"]["node_info"]["node_relation"]
            on_table(f"{relation['schema']}.{relation['alias']}")
        yield event["info"]["msg"].strip()


def _name(result: dict[str, str]) -> str:
    return result["unique_id"].rpartition(".")[2]


def _failure(made: Sequence[dict[str, str]], said: Sequence[str], database: Path) -> NodeFailedError:
    broken = next((one for one in made if one["status"] == "error"), None)
    lines = [broken["message"]] if broken else list(filter(None, said))[-_TOLD_OF_A_FAILURE:]
    return NodeFailedError(
        "dbt was to make {model} in {database}.",
        "It could not: {trouble}",
        "Tables it made before stand. The SQL of the model is in {project}.",
        model=_name(broken) if broken else "the tables",
        database=database,
        trouble=" ".join(" ".join(lines).split()),
        project=PROJECT,
    )
