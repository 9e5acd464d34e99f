"""Coded columns of stage: a contract names the official table that its function takes the labels from."""

from collections.abc import Mapping

import ibis
import pytest
import sqlglot
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from dataflows import code_tables, domains, parameters
from dataflows.contract import Column
from dataflows.domains import Domain

TABLES = catalog.tables()
STAGE = [node for node in TABLES.values() if node.layer == "stage"]
COLUMNS = [
    pytest.param(node, name, column, id=f"{node.location}.{name}")
    for node in STAGE
    for name, column in node.contract.columns.items()
]
CODED = [param for param in COLUMNS if param.values[2].domain]


def domains_of(node: catalog.TableNode) -> set[str]:
    """The official tables that a table is made from."""
    return {name.removeprefix("domain_") for name in catalog.inputs(node.name) if name.startswith("domain_")}


def labelled(node: catalog.TableNode) -> dict[str, set[str]]:
    """The columns whose SQL writes a label of an official table, by table: each has one, with its name."""
    marked = {f"domain_{name}": Domain(name, {"?": f"<{name}>"}) for name in domains.NAMES}
    parents = {
        name: ibis.table(TABLES[name].contract.schema(), name=name) for name in catalog.parents(node.name)
    }
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    made = driver.execute([node.name], inputs={**parameters.inputs(), **marked}, overrides=parents)[node.name]
    projected = sqlglot.parse_one(ibis.to_sql(made, dialect="duckdb"), dialect="duckdb").selects
    written = {column.alias_or_name: column.sql(dialect="duckdb") for column in projected}
    assert list(written) == list(node.contract.columns)
    return {
        name: {column for column, sql in written.items() if f"'<{name}>'" in sql} for name in domains.NAMES
    }


def field(columns: Mapping[str, Column], path: str) -> Column | None:
    """A column, or a member of one, by its path."""
    name, _, rest = path.partition(".")
    column = columns.get(name)
    return field(column.members or {}, rest) if column and rest else column


def sources(node: catalog.TableNode, column: Column) -> dict[str, Column]:
    """The columns that a column says it is made from: of its own table, or of those this is made from."""
    holders = [node.contract.columns, *(TABLES[name].contract.columns for name in catalog.parents(node.name))]
    found = {}
    for path in column.source.split(", "):
        known = (one for columns in holders if (one := field(columns, path)) and one is not column)
        if first := next(known, None):
            found[path] = first
    return found


@pytest.mark.parametrize("node", list(filter(domains_of, STAGE)), ids=lambda node: node.name)
def test_whatever_has_an_official_label_has_its_code_declared(node):
    """In its own column, or in the column it is made from."""
    found = labelled(node)
    for domain, columns in found.items():
        assert bool(columns) == (domain in domains_of(node)), domain
        for name in columns:
            column = node.contract.columns[name]
            beside = {one.domain for one in sources(node, column).values()}
            assert domain in {column.domain, *beside}, f"{name} is labelled by {domain}: declare it"


@pytest.mark.parametrize(("node", "name", "column"), COLUMNS)
def test_a_column_of_codes_is_of_the_official_table_of_its_source(node, name, column):
    """What is made from codes of raw, and is none itself, is made of a list of them."""
    own = node.contract.columns.values()
    for path, source in sources(node, column).items():
        if source.domain and not any(source is one for one in own) and column.domain != source.domain:
            raws = [TABLES[parent].contract.columns for parent in catalog.parents(node.name)]
            holder = next(one for columns in raws if (one := columns.get(path.partition(".")[0])))
            assert holder.dtype.is_array(), f"{name} is made from {path}: declare {source.domain}"


@pytest.mark.parametrize(("node", "name", "column"), CODED)
def test_the_official_table_of_a_code_is_an_input_of_its_table_and_of_its_type(node, name, column):
    assert column.domain in domains_of(node)
    dtype = column.dtype.value_type if column.dtype.is_array() else column.dtype
    assert dtype.is_string() or dtype.is_integer(), name
    if dtype.is_integer():
        assert all(code.isdecimal() for code in code_tables.labels(column.domain))


def test_there_are_codes():
    assert {param.values[2].domain for param in CODED} == set(domains.NAMES)
