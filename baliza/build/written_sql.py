"""SQL that earlier builds of a file have written: it takes Ibis longer than a day's records take DuckDB.

The next build, of the same tables with new records, finds it in the file by a fingerprint of the expression.
It goes with the code it was written by: after an edit all of it is written anew.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable

import duckdb
from ibis.backends import BaseBackend

from baliza.build import code

KEPT = 1_000
"""Expressions, some 20 kB each. Parameters and the day of reference are in them: old ones are of no use."""


class WrittenSql:
    """What is known of one file.

    Args:
        con: the file, laid out.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._known: dict[str, str] = dict(
            con.execute("SELECT expression, sql FROM meta.sql WHERE code = ?", [code.digest()]).fetchall()
        )
        self._new: dict[str, str] = {}

    def of(self, *asked: object, write: Callable[[], str]) -> str:
        """The SQL of what is asked, written only where it is not known."""
        key = fingerprint(*asked)
        if key not in self._known:
            self._known[key] = self._new[key] = write()
        return self._known[key]

    def keep(self) -> None:
        """Put what was written into the file. The caller holds the transaction."""
        if not self._new:
            return
        now = code.digest()
        held = self._con.execute("SELECT count(*) FROM meta.sql WHERE code = ?", [now]).fetchone()
        if held and held[0] + len(self._new) > KEPT:
            self._con.execute("DELETE FROM meta.sql")
        self._con.execute("DELETE FROM meta.sql WHERE code <> ?", [now])
        self._con.executemany(
            "INSERT INTO meta.sql VALUES (?, ?, ?)", [[now, key, sql] for key, sql in self._new.items()]
        )
        self._new = {}


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
