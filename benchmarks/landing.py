"""Landing beside DuckDB's bare `read_json`, in one run: CPU per record and memory of the harvesting process.

    python benchmarks/landing.py [--records 1000000] [--rounds 3] [--dlt PYTHON [--dlt-records 100000]]

Bodies are rendered beforehand (synthetic contracts of the simulator, 500 per page, keys made unique), served
by another process on loopback without a limit of rate, and landed through baliza's own client, day by day.
The bare read parses the same bodies, as files, into the same columns of a table: once with DuckDB as it
comes, once with the memory, threads and checkpoints of a harvest. Each measurement is its own process; rounds
alternate, and the median is told, as ratios: these machines are shared.

With `--dlt`, the interpreter of another environment that has `dlt[duckdb]`, its `rest_api` source lands fewer
such records beside baliza: told as it comes, and no gate, for the two do not promise the same.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 500
PAGES_PER_DAY = 17
FIRST_DAY = date(2023, 1, 1)
PAGES_PER_STATEMENT = 20
KEY = "numeroControlePNCP"

DLT_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "NORMALIZE__WORKERS": "2",
    "DATA_WRITER__FILE_MAX_ITEMS": "10000",
}
"""Both cores for normalizing, which needs files to share out.

Otherwise dlt as it comes, but for days in parallel and JSON lines to load: its INSERTs take twice the CPU.
"""


def render(folder: Path, records: int) -> None:
    """Write the bodies: `<day>-<page>.json`, from a few thousand distinct contracts with keys made unique."""
    from baliza.simulator.corpus import contratos

    templates = contratos(seed=1, since=date(2025, 1, 1), until=date(2025, 3, 31), per_day=300)
    number = 0
    for day, count in _days(records):
        pages = -(-count // PAGE)
        for page in range(1, pages + 1):
            rows = []
            for _ in range(min(PAGE, count - (page - 1) * PAGE)):
                number += 1
                key = f"{number:014d}-2-{number % 1_000_000:06d}/{day.year}"
                template = templates[number % len(templates)]
                rows.append({**template, KEY: key, "dataPublicacaoPncp": f"{day}T10:00:00"})
            envelope = {
                "data": rows,
                "totalRegistros": count,
                "totalPaginas": pages,
                "numeroPagina": page,
                "paginasRestantes": pages - page,
                "empty": False,
            }
            body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
            (folder / f"{day:%Y%m%d}-{page}.json").write_bytes(body)


def _days(records: int) -> Iterator[tuple[date, int]]:
    day = FIRST_DAY
    while records > 0:
        count = min(records, PAGE * PAGES_PER_DAY)
        yield day, count
        records -= count
        day += timedelta(days=1)


def serve(folder: Path, port: multiprocessing.Queue[int]) -> None:
    """Serve the bodies from files, as they are."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            params = parse_qs(urlsplit(self.path).query)
            body = (folder / f"{params['dataInicial'][0]}-{params['pagina'][0]}.json").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Baliza-Simulator", "synthetic")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        port.put(server.server_address[1])
        server.serve_forever()


def land(url: str, records: int, database: Path) -> None:
    """In a process of its own: harvest everything, as `baliza build` does."""
    from baliza import __version__
    from baliza.build.raw_tables import raw_table, raw_tables
    from baliza.pncp.endpoints import ENDPOINTS
    from baliza.pncp.harvest import harvest
    from baliza.pncp.job import Job, Server
    from baliza.pncp.progress import Silent
    from baliza.pncp.windows import windows
    from baliza.warehouse import schema
    from baliza.warehouse.connection import connect

    con = connect(database, write=True)
    schema.prepare(con, database, version=__version__, raw_tables=raw_tables())
    days = [day for day, _ in _days(records)]
    before = _cpu()
    started = time.monotonic()
    contratos = ENDPOINTS["contratos"]
    job = Job(contratos, raw_table(contratos.table), windows(contratos, "", days))
    harvest(con, database, Server(url, max_rps=0), [job], Silent())
    con.close()
    _tell(before, started, database, f'raw.contratos."{KEY}"')


def bare(folder: Path, database: Path, *, as_a_harvest: bool) -> None:
    """In a process of its own: DuckDB's read_json of the same bodies into the same columns."""
    import duckdb

    from baliza.build.raw_tables import raw_table
    from baliza.pncp.harvest import few_resources

    fields = ", ".join(f'"{field.name}" {field.type}' for field in raw_table("contratos").fields)
    files = sorted(str(path) for path in folder.glob("*.json"))
    largest = max(Path(file).stat().st_size for file in files) + 1
    con = duckdb.connect(str(database))
    con.execute("SET preserve_insertion_order = false")
    con.execute(f"CREATE TABLE contratos ({fields})")
    before = _cpu()
    started = time.monotonic()
    with few_resources(con) if as_a_harvest else nullcontext():
        for start in range(0, len(files), PAGES_PER_STATEMENT):
            con.execute(
                f"""
                INSERT INTO contratos SELECT unnest(data, max_depth := 2) FROM read_json(
                    {files[start : start + PAGES_PER_STATEMENT]!r}, format = 'unstructured',
                    columns = {{data: 'STRUCT({fields})[]'}}, maximum_object_size = {largest}
                )
                """
            )
    con.close()
    _tell(before, started, database, f'contratos."{KEY}"')


def land_with_dlt(url: str, records: int, disposition: str, database: Path) -> None:
    """In a process of dlt's own interpreter: its rest_api source, a resource for each day, into DuckDB."""
    import dlt
    from dlt.sources.rest_api import rest_api_source
    from dlt.sources.rest_api.typing import RESTAPIConfig

    config: RESTAPIConfig = {
        "client": {
            "base_url": url,
            "paginator": {
                "type": "page_number",
                "base_page": 1,
                "page_param": "pagina",
                "total_path": "totalPaginas",
            },
        },
        "resources": [
            {
                "name": f"day_{day:%Y%m%d}",
                "table_name": "contratos",
                "primary_key": KEY,
                "write_disposition": disposition,
                "parallelized": True,
                "endpoint": {
                    "path": "/api/consulta/v1/contratos",
                    "data_selector": "data",
                    "params": {
                        "dataInicial": f"{day:%Y%m%d}",
                        "dataFinal": f"{day:%Y%m%d}",
                        "tamanhoPagina": PAGE,
                    },
                },
            }
            for day, _ in _days(records)
        ],
    }
    before = _cpu()
    started = time.monotonic()
    pipeline = dlt.pipeline(
        "contratos",
        pipelines_dir=str(database.with_suffix(".pipeline")),
        destination=dlt.destinations.duckdb(str(database)),
        dataset_name="raw",
    )
    pipeline.run(rest_api_source(config), loader_file_format="jsonl")
    _tell(before, started, database, "raw.contratos.numero_controle_pncp", f"dlt {dlt.__version__}")


def _cpu() -> float:
    """Seconds of this process and of the children it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _tell(before: float, started: float, database: Path, key: str, program: str = "") -> None:
    import duckdb

    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    used = {"cpu": _cpu() - before, "wall": time.monotonic() - started, "peak_mb": max(peaks) // 1024}
    table, _, column = key.rpartition(".")
    with duckdb.connect(str(database), read_only=True) as con:
        rows, keys = con.execute(f"SELECT count(*), count(DISTINCT {column}) FROM {table}").fetchall()[0]
    made_with = f"{program} with DuckDB {duckdb.__version__}".strip()
    print(json.dumps({**used, "rows": rows, "keys": keys, "made_with": made_with}))


def _measure(python: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, __file__, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, **DLT_SETTINGS},
    )
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def _served(folder: Path, records: int) -> Iterator[str]:
    """Render so many records into the folder, and serve them meanwhile; the server's address."""
    folder.mkdir()
    render(folder, records)
    print(f"\n{records:,} synthetic contracts, {len(list(folder.iterdir())):,} pages\n", flush=True)
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(folder, port), daemon=True)
    server.start()
    yield f"http://127.0.0.1:{port.get()}"
    server.terminate()


def main() -> None:
    """Render, serve, measure in alternating rounds, print a Markdown table for each comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dlt", metavar="PYTHON", help="interpreter of an environment that has dlt[duckdb]")
    parser.add_argument("--dlt-records", type=int, default=100_000)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        bodies = Path(temporary) / "bodies"
        with _served(bodies, options.records) as url:
            _compare(
                {
                    "bare read_json": (sys.executable, "--bare", str(bodies)),
                    "the same, set as a harvest": (sys.executable, "--bare-as-a-harvest", str(bodies)),
                    "baliza": (sys.executable, "--land", url, str(options.records)),
                },
                options.records,
                options.rounds,
            )
        if options.dlt is None:
            print("\ndlt: not measured, no --dlt PYTHON given")
            return
        with _served(Path(temporary) / "fewer", options.dlt_records) as url:
            fewer = (url, str(options.dlt_records))
            _compare(
                {
                    "baliza": (sys.executable, "--land", *fewer),
                    "dlt, append": (options.dlt, "--land-with-dlt", *fewer, "append"),
                    "dlt, merge on the key": (options.dlt, "--land-with-dlt", *fewer, "merge"),
                },
                options.dlt_records,
                options.rounds,
            )


def _compare(contenders: dict[str, tuple[str, ...]], records: int, rounds: int) -> None:
    """Measure in alternating rounds, each in a folder of its own; print the table."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (python, *arguments) in contenders.items():
            with tempfile.TemporaryDirectory() as folder:
                runs[name].append(_measure(python, *arguments, str(Path(folder) / "landed.duckdb")))
    first = next(iter(runs))
    baseline = statistics.median(run["cpu"] for run in runs[first])
    print(f"| | CPU µs per record | ratio to {first} | records/s | peak MB | rows | distinct keys | with |")
    print("|---|---|---|---|---|---|---|---|")
    for name, measured in runs.items():
        last = measured[-1]
        cpu = statistics.median(run["cpu"] for run in measured)
        wall = statistics.median(run["wall"] for run in measured)
        peak = max(run["peak_mb"] for run in measured)
        print(
            f"| {name} | {cpu / records * 1e6:.1f} | {cpu / baseline:.2f} | {records / wall:,.0f} | {peak} "
            f"| {last['rows']:,} | {last['keys']:,} | {last['made_with']} |"
        )
    assert all(run["rows"] == run["keys"] == records for run in runs["baliza"]), "baliza lost some"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--land"]:
        land(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    elif sys.argv[1:2] in (["--bare"], ["--bare-as-a-harvest"]):
        bare(Path(sys.argv[2]), Path(sys.argv[3]), as_a_harvest=sys.argv[1] != "--bare")
    elif sys.argv[1:2] == ["--land-with-dlt"]:
        land_with_dlt(sys.argv[2], int(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
    else:
        main()
