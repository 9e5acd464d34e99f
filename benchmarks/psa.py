"""What leaving the PSA behind saves: room on disk, time and memory, beside a file of the old layout.

    python benchmarks/psa.py [--contracts 50000] [--rounds 3]     # a synthetic year, of varied texts
    python benchmarks/psa.py --pages FOLDER                        # PNCP's real answers

The old file holds each page's body and the rows parsed from it (second generation of the layout), and dbt's
tables; the new one what `baliza migrate` makes of it, and baliza's tables: `stage.contratos` and
`mart.spending` in both. Every file is compact.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import build
import bulk
import duckdb
import trial

from baliza.cli.progress import Quiet
from baliza.migration.migrating import migrate
from baliza.settings import resolve
from baliza.simulator.old_layout import OldPage, pages_of, write_second
from baliza.simulator.old_rows import write_parsed
from baliza.warehouse.compaction import compact
from baliza.warehouse.raw_table import PROVENANCE

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
PAGE = 500


def synthetic_pages(path: Path, contracts: int) -> Iterator[OldPage]:
    """A year of contracts as the old harvest asked for them: month by month.

    Without the few values that its parsed rows, of DECIMAL(15,4), could not hold.
    """
    if not path.exists():
        trial.apart(bulk.make, path, contracts, *YEAR)
    own = ", ".join(name for name, _ in PROVENANCE)
    query = f"""
        SELECT to_json(record) FROM (
            SELECT * EXCLUDE ({own}) FROM raw.contratos
            WHERE dataPublicacaoPncp::DATE BETWEEN ? AND ?
                AND coalesce(greatest(valorGlobal, valorInicial, valorAcumulado, valorParcela), 0) < 1e11
        ) AS record
    """
    with duckdb.connect(str(path), read_only=True) as con:
        for month in range(1, 13):
            first = date(YEAR[0].year, month, 1)
            last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            rows = con.execute(query, [first, last]).fetchall()
            window = {"dataInicial": f"{first:%Y%m%d}", "dataFinal": f"{last:%Y%m%d}"}
            records = [json.loads(row[0]) for row in rows]
            yield from pages_of(
                "contratos_publicacao",
                records,
                window,
                at=datetime(2026, 1, month),
                size=PAGE,
            )


def real_pages(folder: Path) -> Iterator[OldPage]:
    """PNCP's answers of contratos, as the pages that they are; bare lists as pages of their own."""
    window = {"dataInicial": "20210101", "dataFinal": "20261231"}
    for number, file in enumerate(sorted(folder.glob("contratos/*.json"))):
        body = file.read_bytes()
        told = json.loads(body)
        at = datetime(2026, 1, 1) + timedelta(minutes=number)
        if isinstance(told, list):
            yield from pages_of("contratos_publicacao", told, window, at=at, size=PAGE)
        else:
            yield OldPage("contratos_publicacao", {**window, "pagina": 1, "tamanhoPagina": PAGE}, body, at)


def old_file(path: Path, pages: list[OldPage]) -> Path:
    """Bodies and parsed rows, as the old program left them."""
    if not path.exists():
        making = path.with_stem(f"making-{path.stem}")
        write_second(making, pages)
        write_parsed(making, pages)
        compact_plain(making)
        making.rename(path)
    return path


def compact_plain(path: Path) -> None:
    """Write a file anew without the room that was given up, in the form that DuckDB gives by itself."""
    target = path.with_suffix(".compact")
    target.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute(
            f"ATTACH '{path}' AS old (READ_ONLY); ATTACH '{target}' AS new; COPY FROM DATABASE old TO new"
        )
    target.rename(path)


def new_file(path: Path, old: Path) -> Path:
    """The same records, landed."""
    if not path.exists():
        making = path.with_stem(f"making-{path.stem}")
        settings = resolve({"BALIZA_SNAPSHOTS": "0"}, {}, default_database=making)
        account = migrate(old, making, Quiet(), settings=settings)
        if not account.is_balanced:
            raise SystemExit(f"{old} did not come in whole")
        compact(making)
        making.rename(path)
    return path


def make_files(old: Path, new: Path, contracts: int, pages: Path | None) -> None:
    """The file of the old layout, and today's of the same pages."""
    made = list(real_pages(pages) if pages else synthetic_pages(old.with_name("made.duckdb"), contracts))
    bodies = sum(len(page.body or b"") for page in made) / 1e6
    print(f"{len(made):,} pages, {bodies:,.1f} MB of bodies\n", flush=True)
    new_file(new, old_file(old, made))


def main() -> None:
    """Make the files, build both ways, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contracts", type=int, default=50_000)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(".benchmarks"))
    options = parser.parse_args()
    folder = (options.folder / ("psa-real" if options.pages else f"psa-{options.contracts}")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    old, raw = folder / "old.duckdb", folder / "raw-0.duckdb"
    # Apart: a process is told to have used as much memory as the one that started it.
    trial.apart(make_files, old, raw, options.contracts, options.pages)
    bench = build.Bench(folder, 0)
    ours, dbt = bench.built(build.OURS, build.baliza), bench.built("dbt-table", bench.dbt)
    trial.apart(build.compare, ours, dbt, "dbt_")
    compact(ours)
    compact_plain(dbt)
    size = {path: path.stat().st_size / 1e6 for path in (old, raw, ours, dbt)}
    bare = folder / "bare.duckdb"
    bare.write_bytes(raw.read_bytes())
    compact_plain(bare)
    tables_of_dbt = size[dbt] - bare.stat().st_size / 1e6
    print("| MB of the files | PSA and dbt | baliza | |\n|---|---|---|---|")
    for name, was, now, at_most in (
        ("before the stage layer", size[old], size[raw], 0.50),
        ("whole file", size[old] + tables_of_dbt, size[ours], 0.65),
    ):
        print(f"| {name} | {was:,.1f} | {now:,.1f} | {now / was:.2f} (at most {at_most}) |")
    results = trial.compete(
        {"dbt": bench.copied(raw, bench.dbt), "baliza": bench.copied(raw, build.baliza)}, options.rounds
    )
    print(f"\n{trial.table(results)}")


if __name__ == "__main__":
    main()
