"""A panel of any size: time and memory to make it, its size, and how fast it is in a browser.

    python benchmarks/panel.py [--contracts 200000] [--folder .benchmarks]

Needs chromium. The file is made once, as `benchmarks/bulk.py` makes it, with every mart of contracts.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import bulk
from playwright.sync_api import Page, sync_playwright

MARTS = (
    "spending", "supply", "suppliers", "concentration", "publication", "red_flags", "flag_computability",
)  # fmt: skip
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
TYPED = "tribunal"


def baliza(*arguments: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "baliza", *arguments], stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


def made(folder: Path, contracts: int) -> Path:
    """The file, with its marts."""
    database = folder / f"panel-{contracts}.duckdb"
    if not database.exists():
        folder.mkdir(exist_ok=True)
        bulk.make(database, contracts)
        targets = [part for mart in MARTS for part in ("--target", f"mart_{mart}")]
        baliza("build", "--no-fetch", *targets, "--database", str(database))
    return database


def generate(database: Path, site: Path) -> dict[str, object]:
    """Make the panel, alone in a process."""
    shutil.rmtree(site, ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(baliza("panel", "--database", str(database), "--output", str(site), "--json"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        **told["counts"],
        "files": told["files"],
        "MB": round(told["bytes"] / 1e6, 1),
        "CPU s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "wall s": round(told["seconds"], 1),
    }


def peak(database: Path, site: Path) -> int:
    """Most memory of such a process, in MB, measured by one that had no other child."""
    code = (
        "import resource, subprocess, sys\n"
        "file, site = sys.argv[1:]\n"
        "panel = [sys.executable, '-m', 'baliza', 'panel', '--database', file, '--output', site]\n"
        "subprocess.run(panel, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    arguments = [sys.executable, "-c", code, str(database), str(site)]
    return int(subprocess.run(arguments, stdout=subprocess.PIPE, check=True, text=True).stdout)


def browse(site: Path) -> dict[str, object]:
    """The first view, a search and the page it leads to."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        page = browser.new_page()
        read: list[str] = []
        page.on("request", lambda request: read.append(request.url))
        found: dict[str, object] = {}

        def step(name: str, act: object, selector: str) -> None:
            read.clear()
            started = time.monotonic()
            act()  # type: ignore[operator]
            page.locator(selector).first.wait_for()
            found[f"{name}: ms"] = round(1000 * (time.monotonic() - started))
            found[f"{name}: kB"] = _size(read)

        step("first view", lambda: page.goto(f"{site.resolve().as_uri()}/index.html"), "#grafico canvas")
        step("search", lambda: _search(page), "#achados a")
        step("open an órgão", lambda: page.keyboard.press("Enter"), "#pagina .canvas canvas")
        browser.close()
    return found


def _search(page: Page) -> None:
    page.locator("#termo").fill(TYPED)
    page.locator("#achados-ditos", has_text="resultado").or_(
        page.locator("#achados-ditos", has_text="Os ")
    ).wait_for()


def _size(urls: list[str]) -> int:
    return round(sum(Path(unquote(urlsplit(url).path)).stat().st_size for url in urls) / 1000)


def main() -> None:
    """Measure, and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contracts", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=Path(".benchmarks"))
    options = parser.parse_args()
    database = made(options.folder, options.contracts)
    site = options.folder / "panel"
    found = {**generate(database, site), "peak MB": peak(database, site), **browse(site)}
    print(json.dumps(found, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
