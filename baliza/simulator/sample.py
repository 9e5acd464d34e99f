"""Makes data/sample: answers of the simulator, kept as PNCP would have sent them.

Run as `python -m baliza.simulator.sample`; running it again writes the same bytes.
"""

from __future__ import annotations

import gzip
import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from baliza.simulator.answers import Archive
from baliza.simulator.corpus import contratos

SEED = 14133
SINCE, UNTIL = date(2025, 1, 1), date(2025, 6, 30)
PER_DAY = 28.0
ENDPOINT, PATH = "contratos", "/api/consulta/v1/contratos"
FOLDER = Path(__file__).parents[2] / "data" / "sample"
NOTE = (
    "Invented contracts made by baliza's simulator: no órgão, supplier, person or value in them is real; "
    "only the names of municipalities and states are."
)


def months() -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each month of the sample."""
    for month in range(SINCE.month, UNTIL.month + 1):
        yield date(SINCE.year, month, 1), date(SINCE.year, month, monthrange(SINCE.year, month)[1])


def files() -> dict[str, bytes]:
    """Make every file of the sample.

    Returns:
        Bytes by path inside the folder, the README excepted: one gzipped page per answer, and
        manifest.json, which says what was asked to get each.
    """
    archive = Archive({ENDPOINT: contratos(seed=SEED, since=SINCE, until=UNTIL, per_day=PER_DAY)})
    made: dict[str, bytes] = {}
    answers: list[dict[str, Any]] = []
    for first, last in months():
        params = {"dataInicial": f"{first:%Y%m%d}", "dataFinal": f"{last:%Y%m%d}"}
        pagina, pages = 0, 1
        while pagina < pages:
            pagina += 1
            asked = params | {"pagina": str(pagina), "tamanhoPagina": "500"}
            body = archive.answer(PATH, asked).body
            pages = json.loads(body)["totalPaginas"]
            name = f"{ENDPOINT}/{params['dataInicial']}-{params['dataFinal']}-p{pagina}.json.gz"
            made[name] = _gzipped(body)
            answers.append({"endpoint": ENDPOINT, "params": asked, "file": name})
    manifest = {
        "synthetic": True,
        "seed": SEED,
        "since": SINCE.isoformat(),
        "until": UNTIL.isoformat(),
        "note": NOTE,
        "answers": answers,
    }
    made["manifest.json"] = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    return made


def _gzipped(body: bytes) -> bytes:
    """Compress, leaving time and name of file and of system out of the header."""
    packed = BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as out:
        out.write(body)
    return packed.getvalue()


def main(folder: Path = FOLDER) -> None:
    """Write the sample into a folder, removing pages of an earlier one.

    Args:
        folder: where; data/sample of the source tree by default.
    """
    made = files()
    for old in (folder / ENDPOINT).glob("*.json.gz"):
        if old.relative_to(folder).as_posix() not in made:
            old.unlink()
    for name, content in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
