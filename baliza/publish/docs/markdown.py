"""What the written pages have in common: their head, their tables, their links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

REPOSITORY = "https://github.com/franklinbaldo/baliza/blob/main"

MARK = "<!-- Written by `baliza docs`"
"""What every written page says below its title: one that nothing writes any more is told by it."""


def page(title: str, source: str, parts: Iterable[str]) -> str:
    """A whole page, that says what to change in its place."""
    head = f"# {title}\n\n{MARK} from {source}: change that, not this page. -->"
    return "\n\n".join([head, *parts]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def cell(text: str) -> str:
    """A text as it is, where Markdown would read signs of it."""
    return re.sub(r"([|*<])", r"\\\1", " ".join(text.split()))


def anchor(heading: str) -> str:
    """What a link to a heading ends in, on GitHub and on the site alike."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
