"""Every setting in one typed object; each value knows where it came from.

An option wins over an environment variable, which wins over the environment of baliza.toml that was chosen
(`--env`, BALIZA_ENV), which wins over what the file says for all of them, which wins over the default.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from baliza import configuration as toml
from baliza.configuration import Configuration
from baliza.errors import InvalidSettingError
from baliza.kinds import IN_FILE, KINDS

T = TypeVar("T")
Origin = Literal["default", "file", "env", "variable", "option"]

DEFAULT_DATABASE = Path("data/baliza.duckdb")
SAMPLE_DATABASE = Path("data/sample.duckdb")
DEFAULT_PNCP_URL = "https://pncp.gov.br"
DEFAULT_MAX_RPS = 1.0
DEFAULT_MAX_IN_FLIGHT = 2
DEFAULT_SNAPSHOTS = 2
"""The state that readers see, and the one before it."""
DEFAULT_LOG_FORMAT = "text"
DEFAULT_LOG_LEVEL = "info"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value and where it came from."""

    value: T
    origin: Origin


@dataclass(frozen=True)
class Resources:
    """What DuckDB may take of the machine; None leaves it to DuckDB (80 % of memory, every core)."""

    memory_limit: str | None = None
    threads: int | None = None
    temp_directory: Path | None = None


@dataclass(frozen=True)
class Settings:
    """What the commands run with.

    Each may be set by a variable (BALIZA_DATABASE) and, but for `env`, in baliza.toml; most by an option too.

    Attributes:
        database: the DuckDB file.
        pncp_url: scheme and host of PNCP.
        max_rps: requests per second at most, 0 for no limit.
        max_in_flight: requests under way at once at most.
        memory_limit: of DuckDB, as it writes sizes.
        threads: of DuckDB.
        temp_directory: where DuckDB puts what does not fit into memory.
        snapshots: how many published states are kept; 0 publishes none.
        log_format: of what is written to stderr while a command runs: text or json.
        log_level: the least that is: debug, info, warning or error.
        env: environment of baliza.toml.
        configuration: the file, where there is one.
        params: every parameter of the dataflow, filled in by whoever knows them.
    """

    database: Setting[Path]
    pncp_url: Setting[str]
    max_rps: Setting[float]
    max_in_flight: Setting[int]
    memory_limit: Setting[str | None]
    threads: Setting[int | None]
    temp_directory: Setting[Path | None]
    snapshots: Setting[int]
    log_format: Setting[str]
    log_level: Setting[str]
    env: Setting[str | None]
    configuration: Configuration | None = None
    params: Mapping[str, Setting[Any]] = field(default_factory=dict)

    @property
    def resources(self) -> Resources:
        """Those for DuckDB."""
        return Resources(self.memory_limit.value, self.threads.value, self.temp_directory.value)

    @property
    def chosen_params(self) -> dict[str, Any]:
        """Values of the parameters that were set by anything but their default."""
        return {name: one.value for name, one in self.params.items() if one.origin != "default"}

    def each(self) -> Iterator[tuple[str, Setting[Any]]]:
        """The settings by name, without the parameters."""
        for one in fields(self):
            if isinstance(setting := getattr(self, one.name), Setting):
                yield one.name, setting

    def as_json(self) -> dict[str, dict[str, object]]:
        """Value and origin by name, without the parameters."""
        return {name: told(setting) for name, setting in self.each()}


def told(setting: Setting[Any]) -> dict[str, object]:
    """A value and its origin in JSON's own types."""
    value = setting.value
    plain = value if value is None or isinstance(value, int | float) else str(value)
    return {"value": plain, "origin": setting.origin}


def resolve(
    environment: Mapping[str, str],
    given: Mapping[str, object] | None = None,
    *,
    default_database: Path = DEFAULT_DATABASE,
) -> Settings:
    """Put the settings together.

    Args:
        environment: the variables.
        given: options by the name of their setting; None is one that was not given.
        default_database: where nothing names another.

    Raises:
        InvalidSettingError: a value is of the wrong kind.
        ConfigurationError: baliza.toml cannot be read, or has a name that means nothing.
        UnknownEnvironmentError: it describes no such environment.
    """
    configuration = toml.read(environment, IN_FILE)
    for section in configuration.sections if configuration else ():
        # Of every environment, chosen or not: a mistake is told before the day it is needed.
        source = _of_file(section, "file", configuration)
        for name, value in section.settings.items():
            source.read(name, value)
    sources = [_Source("option", given or {}), _Source("variable", _variables(environment))]
    env = _pick("env", None, sources)
    if env.value is not None:
        sources.append(_of_file(toml.section_of(configuration, env.value), "env", configuration))
    if configuration:
        sources.append(_of_file(configuration.common, "file", configuration))
    return Settings(
        database=_pick("database", default_database, sources),
        pncp_url=_pick("pncp_url", DEFAULT_PNCP_URL, sources),
        max_rps=_pick("max_rps", DEFAULT_MAX_RPS, sources),
        max_in_flight=_pick("max_in_flight", DEFAULT_MAX_IN_FLIGHT, sources),
        memory_limit=_pick("memory_limit", None, sources),
        threads=_pick("threads", None, sources),
        temp_directory=_pick("temp_directory", None, sources),
        snapshots=_pick("snapshots", DEFAULT_SNAPSHOTS, sources),
        log_format=_pick("log_format", DEFAULT_LOG_FORMAT, sources),
        log_level=_pick("log_level", DEFAULT_LOG_LEVEL, sources),
        env=env,
        configuration=configuration,
    )


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"BALIZA_{name.upper()}"


def option(name: str) -> str:
    """The option of a setting."""
    return "--" + name.replace("_", "-")


@dataclass(frozen=True)
class _Source:
    """Where values are looked for.

    Attributes:
        values: by name of the setting; None is nothing.
        place: to be told, where it is a file.
        folder: what paths start from.
    """

    origin: Origin
    values: Mapping[str, Any]
    place: str = ""
    folder: Path = Path()

    def read(self, name: str, given: object) -> Any:
        kind = KINDS[name]
        try:
            value = kind.read(str(given) if kind.takes(given) or not self.place else "")
        except (ValueError, OverflowError, OSError) as error:
            raise InvalidSettingError(
                "{place} sets {name} = {given}."
                if self.place
                else "{variable}={given} was asked for."
                if self.origin == "variable"
                else "{option} {given} was asked for.",
                kind.found,
                kind.remedy,
                place=self.place,
                name=name,
                given=json.dumps(given, ensure_ascii=False, default=str) if self.place else given,
                variable=variable(name),
                option=option(name),
            ) from error
        return self.folder / value.expanduser() if self.place and isinstance(value, Path) else value


def _of_file(section: toml.Section, origin: Origin, configuration: Configuration | None) -> _Source:
    folder = configuration.path.parent if configuration else Path()
    return _Source(origin, section.settings, section.place, folder)


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """What the variables say; an empty one says nothing."""
    return {name: text for name in KINDS if (text := environment.get(variable(name), "").strip())}


def _pick(name: str, default: object, sources: list[_Source]) -> Setting[Any]:
    """The value of the first that has one; what is set behind it is not even read."""
    for source in sources:
        if (given := source.values.get(name)) is not None:
            return Setting(source.read(name, given), source.origin)
    return Setting(default, "default")
