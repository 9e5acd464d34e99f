"""From options to what the commands work with: the settings, and the server to ask."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baliza.cli import logs
from baliza.errors import UsageError
from baliza.settings import DEFAULT_DATABASE, SAMPLE_DATABASE, Settings, resolve

if TYPE_CHECKING:
    from baliza.build.engines import ENGINE
    from baliza.pncp.job import Server


def is_sample(source: str) -> bool:
    """Whether `--source` names the sample.

    Raises:
        UsageError: it names neither source.
    """
    if source not in {"pncp", "sample"}:
        raise UsageError(
            "The source {source} was asked for.",
            "There are two sources.",
            "Choose --source pncp or --source sample.",
            source=source,
        )
    return source == "sample"


def engine(name: str) -> ENGINE:
    """Who makes the tables.

    Raises:
        UsageError: there is no such engine.
    """
    from baliza.build.engines import ENGINES

    for known in ENGINES:
        if name == known:
            return known
    raise UsageError(
        "The engine {name} was asked for.",
        "There are {known}.",
        "Leave --engine out: Hamilton makes the tables.",
        name=name,
        known=", ".join(ENGINES),
    )


def settings(
    *,
    database: Path | None = None,
    pncp_url: str | None = None,
    env: str | None = None,
    memory_limit: str | None = None,
    threads: str | None = None,
    temp_directory: Path | None = None,
    log_format: str | None = None,
    log_level: str | None = None,
    params: Sequence[str] | None = None,
    is_sample: bool = False,
) -> Settings:
    """The settings and parameters, from options, variables and baliza.toml.

    Options come as they were typed; the sample has a file of its own. From here on logs are written as they
    say.

    Raises:
        UsageError: before anything runs, of whatever is wrong with any of them.
    """
    from baliza.build.params import with_params

    options = {
        "database": database,
        "pncp_url": pncp_url,
        "env": env,
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": temp_directory,
        "log_format": log_format,
        "log_level": log_level,
    }
    default = SAMPLE_DATABASE if is_sample else DEFAULT_DATABASE
    found = resolve(os.environ, options, default_database=default)
    logs.configure(found.log_format.value, found.log_level.value)
    return with_params(found, params or ())


def server(settings: Settings, *, is_sample: bool = False) -> Server:
    """Whom to ask, and how fast."""
    from baliza.build.source import sample_server
    from baliza.pncp.job import Server

    if is_sample:
        return sample_server()
    return Server(
        url=settings.pncp_url.value,
        max_rps=settings.max_rps.value,
        max_in_flight=settings.max_in_flight.value,
    )
