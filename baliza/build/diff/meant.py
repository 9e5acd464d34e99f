"""Which file someone means by a path, or by the number of a run."""

from __future__ import annotations

from pathlib import Path

from baliza.warehouse import snapshots
from baliza.warehouse.published import reading_live


def meant(text: str | None, database: Path) -> tuple[str, Path]:
    """What was typed, and the file: its last published state, with a warning, while a command writes to it.

    Args:
        text: a path, or the number of a run where no file is called so; None is the file as it is.
        database: whose runs the numbers are.

    Raises:
        UnknownRecordError: no published state is of that run; says which there are.
        DatabaseError: the file is missing, not baliza's, or locked and never published.
    """
    path = database if text is None else Path(text)
    if text is not None and text.isascii() and text.isdecimal() and not path.exists():
        return text, snapshots.of_run(database, int(text)).path
    with reading_live(path) as opened:
        return str(path), opened.path
