"""Parameters as people set them, by `--param name=value` or in baliza.toml, checked against the dataflow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NoReturn

from baliza.configuration import nearest, section_of
from baliza.errors import UnknownParameterError
from baliza.settings import Origin, Setting, Settings
from dataflows.parameters import PARAMETERS, REFERENCE_DAY

Value = int | date
NAMES = (*PARAMETERS, REFERENCE_DAY)


def with_params(settings: Settings, texts: Sequence[str]) -> Settings:
    """The settings with every parameter: typed on the command line, of the environment, of the file, default.

    Raises:
        UnknownParameterError: a name that is none, or a value that it cannot have, wherever it stands.
    """
    params: dict[str, Setting[Any]] = {
        name: Setting(PARAMETERS[name].default if name in PARAMETERS else None, "default") for name in NAMES
    }
    configuration = settings.configuration
    # Of every environment, chosen or not: a mistake is told before the day it is needed.
    in_file = {
        section.place: typed(section.params, section.place)
        for section in (configuration.sections if configuration else ())
    }
    layers: list[tuple[Origin, Mapping[str, Value]]] = []
    if configuration:
        layers.append(("file", in_file[configuration.common.place]))
    if settings.env.value is not None:
        layers.append(("env", in_file[section_of(configuration, settings.env.value).place]))
    layers.append(("option", parse(texts)))
    for origin, values in layers:
        params |= {name: Setting(value, origin) for name, value in values.items()}
    return replace(settings, params=params)


def typed(values: Mapping[str, Any], place: str) -> dict[str, Value]:
    """Parameters as TOML has them.

    Raises:
        UnknownParameterError: a name that is none, or a value that it cannot have.
    """
    for name, value in values.items():
        if name not in NAMES:
            raise UnknownParameterError(
                "The parameter {name} stands in {place}.",
                "There is no parameter {name}.",
                "Did you mean {near}?",
                name=name,
                place=place,
                near=nearest(name, NAMES),
            )
        if not _fits(name, value):
            _refuse(name, f"{place}: {name} = {json.dumps(value, ensure_ascii=False, default=str)}")
    return dict(values)


def parse(texts: Sequence[str]) -> dict[str, Value]:
    """The overrides of the command line.

    Raises:
        UnknownParameterError: no such parameter, no value, or a value that it cannot have.
    """
    return dict(_parse(text) for text in texts)


def _fits(name: str, value: object) -> bool:
    if name == REFERENCE_DAY:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, int) and not isinstance(value, bool) and PARAMETERS[name].admits(value)


def _parse(text: str) -> tuple[str, Value]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise UnknownParameterError(
            "--param {text} was asked for.",
            "A parameter is written name=value.",
            "The parameters: {names}",
            text=text,
            names=", ".join(NAMES),
        )
    if name not in NAMES:
        raise UnknownParameterError(
            "--param {text} was asked for.",
            "There is no parameter {name}.",
            "Did you mean {near}?",
            text=text,
            name=name,
            near=nearest(name, NAMES),
        )
    try:
        meant = date.fromisoformat(value) if name == REFERENCE_DAY else int(value.replace("_", ""))
    except ValueError:
        _refuse(name, f"--param {text}")
    if not _fits(name, meant):
        _refuse(name, f"--param {text}")
    return name, meant


def _refuse(name: str, given: str) -> NoReturn:
    if name == REFERENCE_DAY:
        raise UnknownParameterError(
            "{given} was asked for.",
            "{name} is a day, written year-month-day and, in a file, without quotes: 2025-12-31.",
            "Without it, the last day that the file proves anything of is taken.",
            given=given,
            name=name,
        )
    raise UnknownParameterError(
        "{given} was asked for.",
        "{name} is a whole number from 0 to {most}: {meaning}.",
        "Its default is {default}.",
        given=given,
        name=name,
        meaning=PARAMETERS[name].meaning,
        most=f"{PARAMETERS[name].most:_}",
        default=f"{PARAMETERS[name].default:_}",
    )
