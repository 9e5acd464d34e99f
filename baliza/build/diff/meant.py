"""Which file someone means by a path, or by the number of a run."""

from __future__ import annotations

from pathlib import Path

from baliza.warehouse import snapshots


def meant(text: str | None, database: Path) -> tuple[str, Path]:
    """What was typed, and the file.

    Args:
        text: a path, or the number of a run where no file is called so; None is the file as it is.
        database: whose runs the numbers are.

    Raises:
        UnknownRecordError: no published state is of that run; says which there are.
    """
    if text is None:
        return str(database), database
    path = Path(text)
    if text.isascii() and text.isdecimal() and not path.exists():
        return text, snapshots.of_run(database, int(text)).path
    return text, path
