"""SQL that earlier builds have written: over few records it takes Ibis longer than they take DuckDB.

The next build of the same tables with new records finds it by a fingerprint of the expression. It goes with
the code it was written by: after an edit all is written anew. As Python keeps bytecode, it is kept beside the
program and not in the database: what is run must not come out of a file that somebody else may have made.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import ibis
import platformdirs
from ibis.backends import BaseBackend

from baliza.build import code

FOLDER = "sql"
"""In the user's folder of caches, with a folder in it for each state of the code."""

_DAYS_KEPT = 30
"""Since it was last asked for: parameters and the day of reference stand in it, and change."""

_SECONDS_OF_A_DAY = 86_400


class WrittenSql:
    """What the code, as it is, was seen to write."""

    def __init__(self) -> None:
        self._folder = platformdirs.user_cache_path("baliza") / FOLDER / code.digest()[:16]

    def of(self, *asked: object, write: Callable[[], str]) -> str:
        """The SQL of what is asked, written only where it is not known."""
        try:
            path = self._folder / f"{fingerprint(*asked, repr(ibis.options.sql))}.sql"
        except (pickle.PicklingError, AttributeError, TypeError, RecursionError):
            return (
                write()
            )  # it is too deep, or holds what this process alone knows: a function without a name
        known = _read(path)
        if known is not None:
            return known
        sql = write()
        # What cannot be kept will be written again.
        with suppress(OSError):
            _keep(path, sql)
        return sql


def _read(path: Path) -> str | None:
    """What a file that is whole holds."""
    try:
        seal, _, sql = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    with suppress(OSError):  # it may be another's, to be read only
        os.utime(path)
    return sql.decode() if seal == _seal(sql) else None


def _keep(path: Path, sql: str) -> None:
    """Write a file, whole or not at all; the first of a new state of the code clears away what grew old."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        _forget(path.parent.parent)
    written = path.with_suffix(f".{os.getpid()}")
    written.write_bytes(_seal(sql.encode()) + b"\n" + sql.encode())
    written.replace(path)


def _forget(folder: Path) -> None:
    oldest = time.time() - _DAYS_KEPT * _SECONDS_OF_A_DAY
    for path in folder.glob("*/*"):
        if path.stat().st_mtime < oldest:
            path.unlink()
    for of_code in folder.iterdir():
        with suppress(OSError):  # it is not empty
            if of_code.stat().st_mtime < oldest:
                of_code.rmdir()


def _seal(sql: bytes) -> bytes:
    """The first line of a file, by which one that was cut off is known."""
    return f"-- {hashlib.sha256(sql).hexdigest()}".encode()


class _Pickler(pickle.Pickler):
    """Of expressions, whatever connection their tables are of."""

    def persistent_id(self, thing: object) -> str | None:
        """What stands in the place of a connection."""
        return "a connection" if isinstance(thing, BaseBackend) else None


def fingerprint(*asked: object) -> str:
    """Alike for two expressions only if they are the same: values that Python takes for equal are not."""
    text = io.BytesIO()
    _Pickler(text, protocol=pickle.HIGHEST_PROTOCOL).dump(asked)
    return hashlib.sha256(text.getbuffer()).hexdigest()
