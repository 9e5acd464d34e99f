"""Draw docs/dag/*.svg from the code: `python docs/dag.py`. A test fails when a committed picture is stale."""

from __future__ import annotations

from pathlib import Path

import duckdb

from baliza import __version__
from baliza.build import catalog
from baliza.build.driver import Driver, building
from baliza.build.landed import raw_tables
from baliza.warehouse import schema

FOLDER = Path(__file__).parent / "dag"


def empty_driver() -> Driver:
    """A driver over a file in memory, with nothing in it."""
    con, path = duckdb.connect(":memory:"), Path(":memory:")
    schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
    return building(con, path, params={})[0]


def main() -> None:
    """One picture per mart: its ancestry."""
    FOLDER.mkdir(exist_ok=True)
    with empty_driver() as driver:
        for node in catalog.tables().values():
            if node.layer == "mart":
                driver.display_upstream_of(node.name).save(FOLDER / f"{node.name}.svg")


if __name__ == "__main__":
    main()
