"""What holds of all stage tables that are made of records."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import ibis.expr.datatypes as dt
import pytest

from baliza.build import catalog

TABLES = [
    name
    for name, node in catalog.tables().items()
    if node.layer == "stage" and all(parent.startswith("raw_") for parent in catalog.parents(name))
]
NUMBERS = [f"00394460005887-1-00000{place}/2025" for place in range(3)]
OBSERVED = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so


def filled(dtype: dt.DataType, text: str | None) -> Any:
    """A value in which every text is this one."""
    if isinstance(dtype, dt.Struct):
        return {name: filled(inner, text) for name, inner in dtype.items()}
    if isinstance(dtype, dt.Array):
        return [filled(dtype.value_type, text)]
    return text if dtype.is_string() else None


def records(contract) -> Iterator[dict[str, Any]]:
    """One with padding around every text, one with such texts in its nested objects alone, one with blank texts."""
    for place, (flat, nested) in enumerate([(" a  b ", " a  b "), (None, " a  b "), (" ", " ")]):
        record = {
            name: filled(dtype, nested if dtype.is_nested() else flat)
            for name, dtype in contract.schema().items()
        }
        keys = {name: NUMBERS[place] if contract.schema()[name].is_string() else 1 for name in contract.key}
        yield record | keys | {"observation_id": place + 1, "observed_at": OBSERVED}


@pytest.mark.parametrize("name", TABLES)
def test_every_text_is_without_the_space_around_it(stage, name):
    raw = {parent: catalog.tables()[parent].contract for parent in catalog.parents(name)}
    rows = stage(name, **{parent: [*records(contract)] for parent, contract in raw.items()})
    assert len(rows) == len(NUMBERS)
    texts = [(column, value) for row in rows for column, value in row.items() if isinstance(value, str)]
    assert texts
    assert [(column, text) for column, text in texts if text != text.strip() or not text] == []
