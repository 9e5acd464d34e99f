"""The ledger as the dataflow knows it is the ledger as the machine lays it out."""

import duckdb
import ibis
import pytest

from dataflows.ledger import SCHEMAS


@pytest.mark.parametrize("name", SCHEMAS)
def test_names_and_types_are_those_of_the_file(prepared, name):
    with duckdb.connect(str(prepared), read_only=True) as con:
        stored = ibis.duckdb.from_connection(con).table(name.removeprefix("meta_"), database="meta").schema()
    found = {column: str(dtype(nullable=True)).replace("(6)", "") for column, dtype in stored.items()}
    assert found == {column: str(dtype) for column, dtype in SCHEMAS[name].items()}
