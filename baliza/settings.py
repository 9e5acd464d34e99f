"""Every setting in one typed object; each value knows where it came from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar
from urllib.parse import urlsplit

from baliza.errors import InvalidSettingError

T = TypeVar("T")
Origin = Literal["default", "environment", "option"]

DEFAULT_DATABASE = Path("data/baliza.duckdb")
SAMPLE_DATABASE = Path("data/sample.duckdb")
DEFAULT_PNCP_URL = "https://pncp.gov.br"
DEFAULT_MAX_RPS = 1.0
DEFAULT_MAX_IN_FLIGHT = 2


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value and where it came from."""

    value: T
    origin: Origin


@dataclass(frozen=True)
class Settings:
    """What the commands run with.

    Attributes:
        database: the DuckDB file. Option --database, BALIZA_DATABASE.
        pncp_url: scheme and host of PNCP. Option --pncp-url, BALIZA_PNCP_URL.
        max_rps: requests per second at most, 0 for no limit. BALIZA_MAX_RPS.
        max_in_flight: requests under way at once at most. BALIZA_MAX_IN_FLIGHT.
    """

    database: Setting[Path]
    pncp_url: Setting[str]
    max_rps: Setting[float]
    max_in_flight: Setting[int]


def resolve(
    environment: Mapping[str, str],
    *,
    database: Path | None = None,
    pncp_url: str | None = None,
    default_database: Path = DEFAULT_DATABASE,
) -> Settings:
    """Put the settings together: an option wins over the environment, which wins over the default.

    Raises:
        InvalidSettingError: when a value is of the wrong kind.
    """
    return Settings(
        database=_pick(database, "BALIZA_DATABASE", environment, Path, default_database),
        pncp_url=_pick(pncp_url, "BALIZA_PNCP_URL", environment, _url, DEFAULT_PNCP_URL),
        max_rps=_pick(None, "BALIZA_MAX_RPS", environment, _rate, DEFAULT_MAX_RPS),
        max_in_flight=_pick(None, "BALIZA_MAX_IN_FLIGHT", environment, _positive, DEFAULT_MAX_IN_FLIGHT),
    )


def _pick(
    option: T | None, variable: str, environment: Mapping[str, str], read: Callable[[str], T], default: T
) -> Setting[T]:
    if option is not None:
        return Setting(read(str(option)), "option")
    text = environment.get(variable, "").strip()
    if not text:
        return Setting(default, "default")
    try:
        return Setting(read(text), "environment")
    except ValueError as error:
        raise InvalidSettingError(
            "{variable}={text} was asked for.",
            "It does not fit: {error}.",
            "Set {variable} to another value, or unset it to use {default}.",
            variable=variable,
            text=text,
            error=error,
            default=default,
        ) from error


def _url(text: str) -> str:
    if not _is_web_address(text):
        raise InvalidSettingError(
            "PNCP at {text} was asked for.",
            "That is not the address of a web server.",
            "Give scheme and host, such as {example} or http://127.0.0.1:8000.",
            text=text,
            example=DEFAULT_PNCP_URL,
        )
    return text.rstrip("/")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port out of range, half an IPv6 address
        return False


def _rate(text: str) -> float:
    rate = float(text)
    if rate < 0 or not math.isfinite(rate):
        raise ValueError("requests per second must be 0 (no limit) or more")
    return rate


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("at least 1 request must be allowed in flight")
    return number
