"""What each setting may be: how it is read from text, its type in TOML, and what is told of anything else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from baliza.errors import InvalidSettingError

LEAST_MEMORY = 128_000_000
"""Bytes; with less, not even the sample can be built."""
MOST_MEMORY = 1 << 60
"""Bytes; DuckDB counts no further than a few times this."""
MOST_THREADS = 1024
MOST_SNAPSHOTS = 1000


def size(text: str) -> int:
    """Bytes of an amount of memory as DuckDB writes it, such as 1GB or 512 MiB.

    Raises:
        ValueError: it is none.
    """
    found = _SIZE.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(text)
    base = 1024 if found["binary"] else 1000
    return int(float(found["number"]) * base ** "kmgt".index(found["unit"]) * base)


_SIZE = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?P<unit>[kmgt])((?P<binary>i)?b)?", re.ASCII)


def _path(text: str) -> Path:
    if not text.strip() or "\0" in text:
        raise ValueError(text)
    return Path(text)


def _folder(text: str) -> Path:
    path = _path(text)
    if path.exists() and not path.is_dir():
        raise ValueError(text)
    return path


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def _url(text: str) -> str:
    parts = urlsplit(text)  # a ValueError is half an IPv6 address, or a port out of range
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(text)
    return text.rstrip("/")


def _rate(text: str) -> float:
    rate = float(text)
    if rate < 0 or not math.isfinite(rate):
        raise ValueError(text)
    return rate


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _threads(text: str) -> int:
    number = _positive(text)
    if number > MOST_THREADS:
        raise ValueError(text)
    return number


def _snapshots(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MOST_SNAPSHOTS:
        raise ValueError(text)
    return number


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        word = text.strip().lower()
        if word not in words:
            raise ValueError(text)
        return word

    return read


def _memory(text: str) -> str:
    if not LEAST_MEMORY <= size(text) <= MOST_MEMORY:
        raise ValueError(text)
    return text.strip()


class Kind(NamedTuple):
    """Of one setting.

    Attributes:
        read: from text; a ValueError or OSError means that it does not fit.
        types: in TOML.
        error: raised then, with what was found and what to do.
    """

    read: Callable[[str], Any]
    types: type | tuple[type, ...]
    error: type[InvalidSettingError]
    found: str
    remedy: str

    def takes(self, value: object) -> bool:
        """Whether a value of TOML has the type."""
        return isinstance(value, self.types) and not isinstance(value, bool)


KINDS = {
    name: Kind(*kind)
    for name, kind in {
        "database": (
            _path,
            str,
            InvalidSettingError,
            "That is not the path of a file.",
            "Give one such as data/baliza.duckdb.",
        ),
        "pncp_url": (
            _url,
            str,
            InvalidSettingError,
            "That is not the address of a web server.",
            "Give scheme and host, such as https://pncp.gov.br or http://127.0.0.1:8000.",
        ),
        "max_rps": (
            _rate,
            (int, float),
            InvalidSettingError,
            "That is not a number of requests per second, 0 (no limit) or more.",
            "Give one such as 0.5, or leave it out to use 1.",
        ),
        "max_in_flight": (
            _positive,
            int,
            InvalidSettingError,
            "That is not a whole number of requests, 1 or more.",
            "Give one such as 2, or leave it out to use 2.",
        ),
        "memory_limit": (
            _memory,
            str,
            InvalidSettingError,
            "That is not an amount of memory from 128MB up.",
            "Give a number and MB, GB, TB, MiB, GiB or TiB, such as 1GB; without it, 80 percent is taken.",
        ),
        "threads": (
            _threads,
            int,
            InvalidSettingError,
            "That is not a whole number from 1 to 1024.",
            "Give one such as 2, or leave it out to use every core.",
        ),
        "temp_directory": (
            _folder,
            str,
            InvalidSettingError,
            "That is not a folder.",
            "Name one on a disk with room; it is made where there is none.",
        ),
        "snapshots": (
            _snapshots,
            int,
            InvalidSettingError,
            "That is not a whole number from 0 (nothing is published) to 1000.",
            "Give one such as 2, the state that readers see and the one before it.",
        ),
        "log_format": (
            _one_of("text", "json"),
            str,
            InvalidSettingError,
            "Logs are written in one of two ways.",
            "Choose text, for people, or json, one object a line.",
        ),
        "log_level": (
            _one_of("debug", "info", "warning", "error"),
            str,
            InvalidSettingError,
            "That is not a level of logs.",
            "Choose debug, info, warning or error.",
        ),
        "env": (
            _name,
            str,
            InvalidSettingError,
            "That is not the name of an environment.",
            "Name one that baliza.toml describes in [env.NAME].",
        ),
    }.items()
}

IN_FILE = [name for name in KINDS if name != "env"]
