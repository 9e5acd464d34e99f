"""A baliza file of any size, of synthetic contracts, or one more day into one.

    python benchmarks/bulk.py FILE [--contracts 1000000] [--since 2021-01-01] [--until 2025-12-31] [--seed 1]
    python benchmarks/bulk.py FILE --one-more-day [--records 10000] [--seed 1]

baliza takes the file for its own: `baliza build --no-fetch --target mart_spending --database FILE`.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from baliza import __version__
from baliza.build.raw_tables import raw_table, raw_tables
from baliza.simulator import bulk
from baliza.warehouse import schema
from baliza.warehouse.connection import connect

SINCE, UNTIL = date(2021, 1, 1), date(2025, 12, 31)


def make(path: Path, contracts: int, since: date = SINCE, until: date = UNTIL, seed: int = 1) -> None:
    """A new file of so many distinct contracts."""
    if path.exists():
        raise SystemExit(f"{path} is there already: name another file, or delete it.")
    con = connect(path, write=True)
    schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
    schema.claim_source(con, path, "simulator")
    bulk.fill(con, raw_table("contratos"), contracts=contracts, seed=seed, since=since, until=until)
    con.execute("CHECKPOINT")
    con.close()


def one_more_day(path: Path, records: int = 10_000, seed: int = 1) -> date:
    """One more day into a file, and which one."""
    con = connect(path, write=True, create=False)
    day = bulk.add_day(con, raw_table("contratos"), records=records, seed=seed)
    con.execute("CHECKPOINT")
    con.close()
    return day


def main() -> None:
    """Make a file, or add a day to it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--contracts", type=int, default=1_000_000)
    parser.add_argument("--since", type=date.fromisoformat, default=SINCE)
    parser.add_argument("--until", type=date.fromisoformat, default=UNTIL)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one-more-day", action="store_true")
    parser.add_argument("--records", type=int, default=10_000, help="of the day: new and changed")
    options = parser.parse_args()
    if options.one_more_day:
        print(one_more_day(options.file, records=options.records, seed=options.seed))
    else:
        make(
            options.file,
            contracts=options.contracts,
            since=options.since,
            until=options.until,
            seed=options.seed,
        )


if __name__ == "__main__":
    main()
