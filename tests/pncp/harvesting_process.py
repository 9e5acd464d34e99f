"""A process that harvests and may be killed: run by test_killed.py as `python harvesting_process.py JOB`."""

import pickle
import sys
from pathlib import Path

# With its first parameter DuckDB imports these if it can, which would take a second of each of these processes.
sys.modules |= dict.fromkeys(("numpy", "pandas", "pyarrow"))

from baliza.pncp.harvest import Server, harvest  # noqa: E402
from baliza.pncp.progress import Silent  # noqa: E402
from baliza.pncp.windows import windows  # noqa: E402
from baliza.warehouse import ledger, schema  # noqa: E402
from baliza.warehouse.connection import connect  # noqa: E402


def main(job: Path) -> None:
    """Fetch what is still open. The job is pickled because making the table's layout imports half of the world."""
    path, url, table, endpoint, first, last = pickle.loads(job.read_bytes())
    con = connect(path, write=True)
    schema.prepare(con, path, version="test", raw_tables=[table])
    days = ledger.open_days(con, endpoint.id, "", first, last)
    print("harvesting", flush=True)  # noqa: T201  the test takes time from here
    harvest(
        con=con,
        database=path,
        server=Server(url, max_rps=0),
        endpoint=endpoint,
        table=table,
        windows=windows(endpoint, "", days),
        progress=Silent(),
    )
    con.close()


main(Path(sys.argv[1]))
