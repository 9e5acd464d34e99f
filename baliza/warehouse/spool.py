"""Where pages wait to be landed: a folder beside the database, whose files are named for their requests."""

from __future__ import annotations

import glob
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def spooling(database: Path) -> Iterator[Path]:
    """A folder for pages on their way in; nothing in it outlives the block, nor what killed ones have left.

    The caller has the database open to write, so nobody else is spooling.
    """
    for abandoned in database.parent.glob(f"{glob.escape(database.name)}.*.spool"):
        shutil.rmtree(abandoned, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{database.name}.", suffix=".spool", dir=database.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
