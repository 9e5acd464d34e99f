"""A process that harvests and may be killed: run by test_killed.py as `python harvesting_process.py JOB`."""

import pickle
import sys
from pathlib import Path

# With its first parameter DuckDB imports these if it can, which would take a second of each of these processes.
sys.modules |= dict.fromkeys(("numpy", "pandas", "pyarrow"))

from baliza.pncp.harvest import harvest  # noqa: E402
from baliza.pncp.job import Job, Server  # noqa: E402
from baliza.pncp.progress import Silent  # noqa: E402
from baliza.pncp.windows import windows  # noqa: E402
from baliza.warehouse import ledger, parents, schema  # noqa: E402
from baliza.warehouse.connection import connect  # noqa: E402
from baliza.warehouse.landing import Window  # noqa: E402
from baliza.warehouse.parents import Wanted  # noqa: E402


def main(task: Path) -> None:
    """Fetch what is still open of several endpoints at once, then the items of the purchases that have landed.

    The task is pickled because making the tables' layout imports half of the world.
    """
    path, url, tables, lists, details, first, last = pickle.loads(task.read_bytes())
    con = connect(path, write=True)
    schema.prepare(con, path, version="test", raw_tables=list(tables.values()))

    def fetch(jobs: list[Job]) -> None:
        harvest(con, path, Server(url, max_rps=0), jobs, Silent())

    jobs = []
    for endpoint, modalidades in lists:
        asked = []
        for modalidade in modalidades:
            days = ledger.open_days(con, endpoint.id, "", first, last, modalidade)
            asked += windows(endpoint, "", days, modalidade=modalidade)
        jobs.append(Job(endpoint, tables[endpoint.table], sorted(asked, key=lambda window: window.since)))
    wanted = Wanted(first, last)

    def of_parents() -> list[Window]:
        return [
            Window(details.id, parent.cell.slice, parent.cell.day, parent.cell.day)
            for parent in parents.find(con, details.parents, details.id, wanted, by_item=False)
            if parent.cell.status not in ledger.COVERED
        ]

    # Those of earlier runs together with the lists; those of purchases that come now, after them.
    jobs.append(Job(details, tables[details.table], of_parents()))
    print("harvesting", flush=True)  # noqa: T201  the test takes time from here
    fetch(jobs)
    fetch([Job(details, tables[details.table], of_parents())])
    con.close()


main(Path(sys.argv[1]))
