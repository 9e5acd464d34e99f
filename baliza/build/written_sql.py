"""SQL that earlier builds have written: over few records it takes Ibis longer than they take DuckDB.

The next build of the same tables with new records finds it by a fingerprint of the expression.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable

import ibis
from ibis.backends import BaseBackend

from baliza.build import code
from baliza.build.kept_texts import KeptTexts


class WrittenSql:
    """What the code, as it is, was seen to write."""

    def __init__(self) -> None:
        self._kept = KeptTexts(code.digest())

    def of(self, *asked: object, write: Callable[[], str]) -> str:
        """The SQL of what is asked, written only where it is not known."""
        try:
            name = fingerprint(*asked, repr(ibis.options.sql))
        except (pickle.PicklingError, AttributeError, TypeError, RecursionError):
            # It is too deep, or holds what this process alone knows: a function without a name.
            return write()
        return self._kept.of(f"{name}.sql", write)


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
