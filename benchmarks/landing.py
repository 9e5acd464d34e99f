"""Landing beside DuckDB's bare `read_json`, in one run: CPU per record and memory of the harvesting process.

    python benchmarks/landing.py [--records 1000000] [--rounds 3]

Bodies are rendered beforehand (synthetic contracts of the simulator, 500 per page, keys made unique), served
by another process on loopback without a limit of rate, and landed through baliza's own client, day by day.
The bare read parses the same bodies, as files, into the same columns of a table. Each measurement is its own
process; rounds alternate, and the median is told, as ratios: these machines are shared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGE = 500
PAGES_PER_DAY = 17
FIRST_DAY = date(2023, 1, 1)
PAGES_PER_STATEMENT = 20


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
                rows.append({**template, "numeroControlePNCP": key, "dataPublicacaoPncp": f"{day}T10:00:00"})
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


def land(url: str, database: Path, records: int) -> None:
    """In a process of its own: harvest everything, as `baliza build` does."""
    from baliza import __version__
    from baliza.build.landed import raw_table, raw_tables
    from baliza.pncp.endpoints import CONTRATOS
    from baliza.pncp.harvest import Server, harvest
    from baliza.pncp.progress import Silent
    from baliza.pncp.windows import windows
    from baliza.warehouse import schema
    from baliza.warehouse.connection import connect

    con = connect(database, write=True)
    schema.prepare(con, database, version=__version__, raw_tables=raw_tables())
    days = [day for day, _ in _days(records)]
    before = _cpu()
    started = time.monotonic()
    harvested = harvest(
        con,
        database,
        Server(url, max_rps=0),
        CONTRATOS,
        raw_table("contratos"),
        windows(CONTRATOS, "", days),
        Silent(),
    )
    con.close()
    _tell(before, started, harvested.stored)


def bare(folder: Path, database: Path) -> None:
    """In a process of its own: DuckDB's read_json of the same bodies into the same columns."""
    import duckdb

    from baliza.build.landed import raw_table

    fields = ", ".join(f'"{field.name}" {field.type}' for field in raw_table("contratos").fields)
    files = sorted(str(path) for path in folder.glob("*.json"))
    largest = max(Path(file).stat().st_size for file in files) + 1
    con = duckdb.connect(str(database))
    con.execute("SET preserve_insertion_order = false")
    con.execute(f"CREATE TABLE contratos ({fields})")
    before = _cpu()
    started = time.monotonic()
    for start in range(0, len(files), PAGES_PER_STATEMENT):
        con.execute(
            f"""
            INSERT INTO contratos SELECT unnest(data, max_depth := 2) FROM read_json(
                {files[start : start + PAGES_PER_STATEMENT]!r}, format = 'unstructured',
                columns = {{data: 'STRUCT({fields})[]'}}, maximum_object_size = {largest}
            )
            """
        )
    stored = con.execute("SELECT count(*) FROM contratos").fetchall()[0][0]
    con.close()
    _tell(before, started, stored)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _tell(before: float, started: float, stored: int) -> None:
    print(
        json.dumps(
            {
                "cpu": _cpu() - before,
                "wall": time.monotonic() - started,
                "stored": stored,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def _measure(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Render, serve, measure in alternating rounds, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        bodies = Path(temporary) / "bodies"
        bodies.mkdir()
        render(bodies, options.records)
        print(f"{options.records:,} synthetic contracts, {len(list(bodies.iterdir())):,} pages\n", flush=True)
        port: multiprocessing.Queue[int] = multiprocessing.Queue()
        server = multiprocessing.Process(target=serve, args=(bodies, port), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{port.get()}"
        runs: dict[str, list[dict[str, float]]] = {"bare read_json": [], "baliza": []}
        for number in range(options.rounds):
            database = Path(temporary) / f"{number}.duckdb"
            runs["bare read_json"].append(_measure("--bare", str(bodies), str(database.with_suffix(".bare"))))
            runs["baliza"].append(_measure("--land", url, str(database), str(options.records)))
            for leftover in Path(temporary).glob(f"{number}.*"):
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        server.terminate()
    _print_table(runs, options.records)


def _print_table(runs: dict[str, list[dict[str, float]]], records: int) -> None:
    baseline = statistics.median(run["cpu"] for run in runs["bare read_json"])
    print("| | CPU µs per record | ratio to bare | records/s | peak MB |")
    print("|---|---|---|---|---|")
    for name, measured in runs.items():
        assert all(run["stored"] == records for run in measured), f"{name} did not store every record"
        cpu = statistics.median(run["cpu"] for run in measured)
        wall = statistics.median(run["wall"] for run in measured)
        peak = max(run["peak_mb"] for run in measured)
        print(
            f"| {name} | {cpu / records * 1e6:.1f} | {cpu / baseline:.2f} "
            f"| {records / wall:,.0f} | {peak:.0f} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--land"]:
        land(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["--bare"]:
        bare(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
