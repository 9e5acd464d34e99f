"""The peer of another framework: the same functions as nodes of a Kedro pipeline, its tables by Ibis.

    PYTHONPATH=. python benchmarks/kedro_peer.py FILE

Reads `raw.contratos` of a baliza file and writes `kedro_stage.contratos` and `kedro_mart.spending` beside it.
Runs in an environment of its own, with Kedro and its Ibis dataset; baliza itself is not in it.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis
from kedro.io import AbstractDataset, DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_datasets.ibis import TableDataset

from dataflows import domains, parameters

MODULES = ("dataflows.raw.contratos", "dataflows.stage.contratos", "dataflows.mart.spending")
TABLES = {"stage_contratos": "kedro_stage.contratos", "mart_spending": "kedro_mart.spending"}


def functions() -> Iterator[Callable[..., Any]]:
    """The nodes of the dataflow that both tables are made from."""
    for name in MODULES:
        module = importlib.import_module(name)
        for function_name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == name and not function_name.startswith("_"):
                yield function


def pipeline() -> Pipeline:
    """A node of each function: its name is what it makes, its parameters are what it is made from."""
    return Pipeline(
        [
            node(one, [*inspect.signature(one).parameters], one.__name__, name=one.__name__)
            for one in functions()
        ]
    )


def catalog(path: Path) -> DataCatalog:
    """The tables of the file, the codes, the parameters, and expressions as they are between two nodes."""
    connection = {"backend": "duckdb", "database": str(path)}
    asked = pipeline()
    datasets: dict[str, AbstractDataset] = {
        name: MemoryDataset(copy_mode="assign") for name in asked.datasets() if name not in TABLES
    }
    for name, location in TABLES.items():
        schema, table = location.split(".")
        datasets[name] = TableDataset(
            table_name=table, database=schema, connection=connection, save_args={"materialized": "table"}
        )
    datasets["landed_contratos"] = TableDataset(table_name="contratos", database="raw", connection=connection)
    for name, value in {**domains.inputs(), **parameters.inputs()}.items():
        if name in asked.datasets():
            datasets[name] = MemoryDataset(value, copy_mode="assign")
    return DataCatalog(datasets)


def main(path: Path) -> float:
    """Build both tables; seconds of that."""
    con = ibis.duckdb.connect(path)
    con.raw_sql("SET preserve_insertion_order = false")
    for location in TABLES.values():
        con.raw_sql(f"CREATE SCHEMA IF NOT EXISTS {location.split('.')[0]}")
    con.disconnect()
    started = time.monotonic()
    SequentialRunner().run(pipeline(), catalog(path))
    return time.monotonic() - started


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
