"""Which file someone means by a path, or by the number of a run."""

from __future__ import annotations

from pathlib import Path


def meant(text: str | None, database: Path) -> tuple[str, Path]:
    """What was typed, and the file.

    Args:
        text: a path or a number; None is the file as it is.
        database: whose runs the numbers are.
    """
    return (str(database), database) if text is None else (text, Path(text))
