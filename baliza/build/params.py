"""Parameters as people type them: `--param name=value`, checked against dataflows.parameters."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date

from baliza.errors import UnknownParameterError
from dataflows.parameters import PARAMETERS, REFERENCE_DAY


def parse(texts: Sequence[str]) -> dict[str, int | date]:
    """The overrides, typed.

    Raises:
        UnknownParameterError: no such parameter, no value, or a value of the wrong type.
    """
    return dict(_parse(text) for text in texts)


def _parse(text: str) -> tuple[str, int | date]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise UnknownParameterError(
            "--param {text} was asked for.",
            "A parameter is written name=value.",
            "The parameters: {names}",
            text=text,
            names=", ".join([*PARAMETERS, REFERENCE_DAY]),
        )
    if name == REFERENCE_DAY:
        return name, _day(text, value)
    if name not in PARAMETERS:
        near = difflib.get_close_matches(name, [*PARAMETERS, REFERENCE_DAY], n=3, cutoff=0.4) or list(
            PARAMETERS
        )
        raise UnknownParameterError(
            "--param {text} was asked for.",
            "There is no parameter {name}.",
            "Did you mean {near}?",
            text=text,
            name=name,
            near=", ".join(near),
        )
    try:
        return name, int(value.replace("_", ""))
    except ValueError as error:
        raise UnknownParameterError(
            "--param {text} was asked for.",
            "{name} is a whole number: {meaning}.",
            "Its default is {default}.",
            text=text,
            name=name,
            meaning=PARAMETERS[name].meaning,
            default=f"{PARAMETERS[name].default:_}",
        ) from error


def _day(text: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UnknownParameterError(
            "--param {text} was asked for.",
            "{name} is a day, written year-month-day.",
            "Without it, the last day that the file proves anything of is taken.",
            text=text,
            name=REFERENCE_DAY,
        ) from error
