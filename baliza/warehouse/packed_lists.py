"""Lists as one text, for a parameter of a statement: of a list of Python DuckDB looks at every value.

500 keys take two thirds of the time so, 700 cells of the ledger less than half; and where pandas is not
imported, which DuckDB looks for at every value, the keys take a thirtieth.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

TEXTS = '["VARCHAR"]'
"""The form of a list of texts."""


def packed(values: Collection[str] | Collection[Mapping[str, Any]]) -> str:
    """A list of values as the text that `unpacked` reads; days as ISO writes them."""
    return json.dumps(list(values), default=date.isoformat)


def unpacked(parameter: str, form: str = TEXTS) -> str:
    """SQL of its values, a row for each.

    Args:
        parameter: its name.
        form: of the list, as `from_json_strict` is told it; a value of another form is an error.
    """
    return f"unnest(from_json_strict(${parameter}, '{form}'))"
