"""Commands that take any column of their tables as an option: `baliza show mart_spending --uf SC`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

from baliza.cli import completion
from baliza.errors import UsageError
from baliza.language import marked

PASSING_ON = {"ignore_unknown_options": True}
"""What a command must be told so that options that are columns come among its arguments."""


_EXAMPLE = marked("Name one: baliza {command} mart_spending --uf SC (baliza targets lists them)")

_COLUMNS = "[--COLUMN VALUE]..."


class TableCommand(TyperCommand):
    """A command whose options are its own, and the columns of the table it is given.

    Attributes:
        takes_one: whether it takes a single table.
    """

    takes_one = True

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """With the columns, which no parameter stands for."""
        options, table = super().collect_usage_pieces(ctx)
        return [options, table.rstrip(".") if self.takes_one else table, _COLUMNS]

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Its own options, and those columns."""
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("--"):
            found += completion.columns((ctx.params.get("words") or [""])[0], incomplete)
        return found


class TablesCommand(TableCommand):
    """The same of a command that is given tables."""

    takes_one = False


def split_one(words: Sequence[str], command: str) -> tuple[str, list[tuple[str, str]]]:
    """The table, and each column with its value, of `mart_spending --uf SC --mes=2025-06`.

    Raises:
        UsageError: no table or several, or a column without a value.
    """
    tables, values = split(words, command)
    if len(tables) > 1:
        raise UsageError(
            "One table was to be read.",
            "These were named: {tables}.",
            _EXAMPLE,
            tables=", ".join(tables),
            command=command,
        )
    return tables[0], values


def split(words: Sequence[str], command: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The tables, and each column with its value.

    Raises:
        UsageError: no table, or a column without a value.
    """
    tables: list[str] = []
    values: list[tuple[str, str]] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("-"):
            tables.append(word)
            continue
        name, is_whole, value = word.lstrip("-").partition("=")
        if not is_whole:
            if not left or not word.startswith("--") or not name:
                raise _without_value(word, command)
            value = left.pop(0)
        values.append((name, value))
    if not tables:
        raise UsageError("A table was to be read.", "None was named.", _EXAMPLE, command=command)
    return tables, values


def own(command: TyperCommand | Any) -> list[str]:
    """The long options of a command, without their dashes."""
    return [
        one.removeprefix("--") for parameter in command.params for one in parameter.opts if one[:2] == "--"
    ]


def _without_value(word: str, command: str) -> UsageError:
    return UsageError(
        "{word} was asked for.",
        "An option that is a column has two dashes and is followed by a value.",
        "Such as: baliza {command} mart_spending --uf SC; a value that is not there is null.",
        word=word,
        command=command,
    )
