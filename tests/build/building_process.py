"""A build that may be ended: run by test_ended.py as `python building_process.py DATABASE`.

It says "checked" whenever it writes out a gate of mart.spending that takes minutes. The first time is before
anything is done; the second, when the table is written and not committed.
"""

import signal
import sys

import ibis
from ibis import _

from baliza.cli.app import main
from dataflows.contract import Gate
from dataflows.mart.spending import MartSpending


def _takes_minutes(mart_spending: ibis.Table) -> ibis.Table:
    sys.stdout.write("checked\n")
    sys.stdout.flush()
    numbers = ibis.range(100_000).unnest().name("n").as_table()
    pairs = numbers.cross_join(numbers.rename(other="n"))
    counted = pairs.aggregate(expected=_.count(where=(_.n * _.other) % 7 == 1))
    rows = mart_spending.aggregate(found=_.count())
    return counted.cross_join(rows).select(measure=ibis.literal("pairs"), expected="expected", found="found")


if __name__ == "__main__":
    # A shell tells what it starts in the background to ignore Ctrl-C: here it is heeded.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    MartSpending.gates.append(Gate("takes minutes", _takes_minutes))
    sys.argv[1:] = [
        "build", "--no-fetch", "--source", "sample", "--force",
        "--target", "mart_spending", "--database", sys.argv[1],
    ]  # fmt: skip
    main()
