"""The ledger as the dataflow knows it is the ledger as the machine lays it out."""

import duckdb
import ibis
import pytest

from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.ledger import COVERED
from dataflows.ledger import CELLS, PROVEN, SCHEMAS


@pytest.mark.parametrize("name", SCHEMAS)
def test_names_and_types_are_those_of_the_file(prepared, name):
    with duckdb.connect(str(prepared), read_only=True) as con:
        stored = ibis.duckdb.from_connection(con).table(name.removeprefix("meta_"), database="meta").schema()
    found = {column: str(dtype(nullable=True)).replace("(6)", "") for column, dtype in stored.items()}
    assert found == {column: str(dtype) for column, dtype in SCHEMAS[name].items()}


def test_cells_are_those_of_the_endpoints():
    assert {endpoint.id: endpoint.cell for endpoint in ENDPOINTS.values()} == CELLS


def test_what_is_proven_is_what_is_not_asked_for_again():
    assert PROVEN == COVERED
