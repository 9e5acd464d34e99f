"""Over tables without rows, every function yields its contract's columns and types: the whole graph, without data."""

from datetime import date
from functools import cache

import ibis
import pytest
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from baliza.build.checks import compare, count_failures
from dataflows import domains, law, parameters
from dataflows.contract import Contract
from dataflows.ledger import SCHEMAS

TABLES = catalog.tables()
DRIVER = Driver({}, *catalog.modules(), adapter=base.DictResult())
NOT_RAW = [node for node in TABLES.values() if node.layer != "raw"]


def unbound(name: str, contract: type[Contract]) -> ibis.Table:
    return ibis.table(contract.schema(), name=name)


LANDED = {
    f"landed_{node.table}": unbound(f"landed_{node.table}", node.contract)
    for node in TABLES.values()
    if node.layer == "raw"
}


LEDGER = {name: ibis.table(schema, name=name) for name, schema in SCHEMAS.items()}
INPUTS = {
    **domains.inputs(),
    **law.inputs(),
    **parameters.inputs(),
    parameters.REFERENCE_DAY: date(2026, 1, 1),
    **LANDED,
    **LEDGER,
}


@cache
def expression(node: catalog.TableNode) -> ibis.Table:
    """What the node's function makes of its parents' contracts."""
    parents = {name: unbound(name, TABLES[name].contract) for name in catalog.parents(node.name)}
    return DRIVER.execute([node.name], inputs=INPUTS, overrides=parents)[node.name]


def plain(schema: ibis.Schema) -> list[tuple[str, str]]:
    """Names and types in order, whether or not a value may be null."""
    return [(name, str(dtype(nullable=True))) for name, dtype in schema.items()]


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_columns_and_types_are_the_contracts(node):
    assert plain(expression(node).schema()) == plain(node.contract.schema())


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_no_rows_in_no_rows_out(node):
    table = expression(node)
    con = ibis.duckdb.connect()
    read = {name: TABLES[name].contract.schema() for name in catalog.parents(node.name)}
    read |= {name: INPUTS[name].schema() for name in catalog.inputs(node.name) if name in LANDED | LEDGER}
    for name, schema in read.items():
        con.create_table(name, schema=schema)
    found = con.to_pyarrow(table)
    assert found.num_rows == 0
    assert found.column_names == list(node.contract.columns)
    con.disconnect()


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_it_is_sql_on_other_engines_too(node):
    assert str(ibis.to_sql(expression(node), dialect="pyspark", pretty=False)).startswith(("SELECT", "WITH"))


@pytest.mark.parametrize("node", NOT_RAW, ids=lambda node: node.name)
def test_rules_and_gates_are_sql_on_other_engines_too(node):
    table = unbound(node.name, node.contract)
    tables = {name: unbound(name, other.contract) for name, other in TABLES.items()}
    assert ibis.to_sql(count_failures(table, node.contract), dialect="pyspark")
    for gate in node.contract.gates:
        compared = compare(gate, {**tables, **INPUTS})
        assert list(compared.columns) == ["measure", "expected", "found"]
        assert ibis.to_sql(compared, dialect="pyspark")
