"""Makes data/sample: the records of a small invented PNCP, kept in files.

Run as `python -m baliza.simulator.sample`; running it again writes the same bytes.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from baliza.simulator.storage import FILE_OF, SUFFIX, packed
from baliza.simulator.world import world

SEED = 14133
SINCE, UNTIL = date(2025, 1, 1), date(2025, 6, 30)
PER_DAY = 28.0
FOLDER = Path(__file__).parents[2] / "data" / "sample"
NOTE = (
    "Invented records made by baliza's simulator: no órgão, supplier, person or value in them is real; "
    "only the names of municipalities and states are."
)


def files() -> dict[str, bytes]:
    """Make every file of the sample.

    Returns:
        Bytes by name, the README excepted: gzipped JSON lines, one record or the records of one parent each,
        and manifest.json, which counts the records each endpoint shows.
    """
    records = world(seed=SEED, since=SINCE, until=UNTIL, per_day=PER_DAY)
    manifest = {
        "synthetic": True,
        "seed": SEED,
        "since": SINCE.isoformat(),
        "until": UNTIL.isoformat(),
        "note": NOTE,
        "counts": {
            endpoint: {"file": FILE_OF[endpoint] + SUFFIX, "lines": len(list(records[endpoint]))}
            for endpoint in FILE_OF
        },
    }
    made = packed(records)
    made["manifest.json"] = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    return made


def main(folder: Path = FOLDER) -> None:
    """Write the sample into a folder, removing files of an earlier one.

    Args:
        folder: where; data/sample of the source tree by default.
    """
    made = files()
    for old in folder.glob(f"*{SUFFIX}"):
        if old.name not in made:
            old.unlink()
    for name, content in made.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
