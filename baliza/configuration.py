"""baliza.toml: settings, parameters and named environments.

Only its shape and the names of settings are looked at here; of the values, who uses them decides.

    database = "data/baliza.duckdb"
    memory_limit = "2GB"

    [params]
    suspect_value = 5_000_000_000
    data_referencia = 2025-12-31

    [env.tests]
    database = "data/tests.duckdb"
    pncp_url = "http://127.0.0.1:8800"
    params = { review_growth = 5 }
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baliza.errors import ConfigurationError, UnknownEnvironmentError

DEFAULT_FILE = Path("baliza.toml")
VARIABLE = "BALIZA_CONFIG"
PARAMS, ENVIRONMENTS = "params", "env"


@dataclass(frozen=True)
class Section:
    """Settings and parameters that stand together, as TOML has them.

    Attributes:
        place: where they stand, to be told: the file, and the environment where it is of one.
    """

    place: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Configuration:
    """What a file says.

    Attributes:
        common: what holds in every environment that does not say otherwise.
        environments: by name.
    """

    path: Path
    common: Section
    environments: Mapping[str, Section] = field(default_factory=dict)

    @property
    def sections(self) -> list[Section]:
        """All of them."""
        return [self.common, *self.environments.values()]


def read(environment: Mapping[str, str], names: Iterable[str]) -> Configuration | None:
    """The file of the working directory, or the one BALIZA_CONFIG names; none where there is none.

    Args:
        environment: the variables.
        names: of the settings.

    Raises:
        ConfigurationError: it cannot be read, or says something under a name that means nothing.
    """
    named = environment.get(VARIABLE, "").strip()
    path = Path(named) if named else DEFAULT_FILE
    if not named and not path.exists():
        return None
    members = _members(path)
    environments = _table(members.pop(ENVIRONMENTS, {}), ENVIRONMENTS, f"{path}")
    names = [*names]
    return Configuration(
        path,
        _section(members, f"{path}", names, also=(ENVIRONMENTS,)),
        {
            name: _section(_table(table, name, place), place, names)
            for name, table in environments.items()
            for place in [f"{path} [{ENVIRONMENTS}.{name}]"]
        },
    )


def section_of(configuration: Configuration | None, name: str) -> Section:
    """An environment by its name.

    Raises:
        UnknownEnvironmentError: the file has none of that name, or there is no file.
    """
    asked = "The environment {name} was asked for."
    if configuration is None:
        raise UnknownEnvironmentError(
            asked,
            "There is no {file} here that could describe it.",
            "Write one with a table [env.{name}], or name another with {variable}.",
            name=name,
            file=DEFAULT_FILE,
            variable=VARIABLE,
        )
    if name in configuration.environments:
        return configuration.environments[name]
    if not configuration.environments:
        raise UnknownEnvironmentError(
            asked,
            "{file} describes no environment.",
            "Write a table [env.{name}] into it, or leave out --env.",
            name=name,
            file=configuration.path,
        )
    raise UnknownEnvironmentError(
        asked,
        "{file} describes no environment of that name.",
        "Did you mean {near}?",
        name=name,
        file=configuration.path,
        near=nearest(name, configuration.environments),
    )


def nearest(name: str, names: Iterable[str]) -> str:
    """The names most like it, or all of them when none is."""
    names = [*names]
    return ", ".join(difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names)


def _members(path: Path) -> dict[str, Any]:
    asked = "The configuration {path} was to be read."
    try:
        # Editors of Windows put a mark of its encoding before the text.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            asked, "It is not TOML: {error}.", "Correct it there.", path=path, error=error
        ) from error
    except OSError as error:
        raise ConfigurationError(
            asked,
            "It cannot be: {error}.",
            "Name another file with {variable}, or unset it to use {file} of the working directory.",
            path=path,
            error=error.strerror,
            variable=VARIABLE,
            file=DEFAULT_FILE,
        ) from error


def _section(members: Mapping[str, Any], place: str, names: list[str], also: Iterable[str] = ()) -> Section:
    settings = dict(members)
    params = _table(settings.pop(PARAMS, {}), PARAMS, place)
    for key in settings:
        if key not in names:
            raise ConfigurationError(
                "{key} stands in {place}.",
                "There is no setting of that name.",
                "Did you mean {near}? Parameters go under [params].",
                key=key,
                place=place,
                near=nearest(key, [*names, PARAMS, *also]),
            )
    return Section(place, settings, params)


def _table(value: object, key: str, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(
            "{key} = {value} stands in {place}.",
            "It must be a table, with names and values of its own.",
            "Write it as [params], [env.NAME] or [env.NAME.params], and its values below.",
            key=key,
            value=value,
            place=place,
        )
    return {**value}
