"""The rules of the house, over the whole graph."""

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hamilton.driver import Driver

import dataflows
from baliza.build import catalog
from dataflows import domains, law, parameters
from dataflows.ledger import SCHEMAS

DATAFLOWS = Path(dataflows.__file__).parent
TESTS = Path(__file__).parent
LAYERS = {name: depth for depth, name in enumerate(catalog.LAYERS)}
TABLES = catalog.tables()
GRAPH = {variable.name: variable for variable in Driver({}, *catalog.modules()).list_available_variables()}
NODES = {name: variable for name, variable in GRAPH.items() if not variable.is_external_input}
HEADINGS = ("Grain", "Key", "Source")


def layer(node: str) -> str:
    """Of a table by its name, of any other node by its module."""
    if node in TABLES:
        return TABLES[node].layer
    (function,) = NODES[node].originating_functions
    return function.__module__.split(".")[1]


EDGES = [
    (parent, node)
    for node, variable in NODES.items()
    for parent in sorted(variable.required_dependencies)
    if parent in NODES
]


def test_there_is_a_graph():
    assert {"raw_contratos", "stage_contratos", "mart_spending"} <= set(TABLES) <= set(NODES)
    assert ("stage_contratos", "mart_spending") in EDGES


def test_external_inputs_are_exactly_those_declared():
    """A misspelled parameter of a function would be one more."""
    found = {name for name, variable in GRAPH.items() if variable.is_external_input}
    landed = {f"landed_{node.table}" for node in TABLES.values() if node.layer == "raw"}
    declared = {*domains.inputs(), *law.inputs(), *parameters.inputs(), parameters.REFERENCE_DAY, *SCHEMAS}
    assert found == landed | declared


@pytest.mark.parametrize(
    ("parent", "node"), [pytest.param(*edge, id=f"{edge[0]} to {edge[1]}") for edge in EDGES]
)
def test_an_edge_stays_inside_its_layer_or_goes_one_down(parent, node):
    assert LAYERS[layer(node)] - LAYERS[layer(parent)] in {0, 1}


@pytest.mark.parametrize(
    "node", sorted(name for name, variable in GRAPH.items() if name.startswith("landed_"))
)
def test_what_landed_is_read_by_raw_alone(node):
    readers = [name for name, variable in NODES.items() if node in variable.required_dependencies]
    assert {layer(reader) for reader in readers} == {"raw"}


@pytest.mark.parametrize("node", sorted(NODES))
def test_every_node_says_what_it_is(node):
    (function,) = NODES[node].originating_functions
    summary = (inspect.getdoc(function) or "").partition("\n")[0]
    assert summary.endswith(".")


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_a_table_is_where_its_name_says(node):
    assert node.layer in LAYERS
    assert node.function.__module__ == f"dataflows.{node.layer}.{node.table}"


@pytest.mark.parametrize(
    "name", sorted(name for name in NODES if name.startswith(tuple(f"{known}_" for known in LAYERS)))
)
def test_a_node_with_the_name_of_a_table_is_one(name):
    assert name in TABLES, "annotate what it returns: Annotated[ir.Table, Contract]"


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_a_table_says_grain_key_and_source_in_order(node):
    doc = inspect.getdoc(node.function) or ""
    places = [doc.find(f"\n{heading}: ") for heading in HEADINGS]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_the_docstring_names_the_contracts_key(node):
    doc = inspect.getdoc(node.function) or ""
    (key,) = re.findall(r"^Key: ([\w, ]+)", doc, re.MULTILINE)
    assert tuple(name.strip() for name in key.split(",")) == node.contract.key


@pytest.mark.parametrize(
    "node", [node for node in TABLES.values() if node.layer != "raw"], ids=lambda node: node.name
)
def test_the_docstring_names_the_parents(node):
    doc = inspect.getdoc(node.function) or ""
    (source,) = re.findall(r"^Source: ([\w,\s]+)\.$", doc, re.MULTILINE)
    ledger = [name for name in catalog.inputs(node.name) if name in SCHEMAS]
    assert sorted(name.strip() for name in source.split(",")) == sorted(catalog.parents(node.name) + ledger)


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_a_contract_says_what_a_row_means(node):
    assert node.contract.grain.startswith("one row per ")
    assert (inspect.getdoc(node.contract) or "").endswith(".")


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_a_table_has_its_tests(node):
    assert (TESTS / "dataflows" / node.layer / f"test_{node.table}.py").is_file()


COLUMNS = [
    pytest.param(name, column, id=f"{node.location}.{name}")
    for node in TABLES.values()
    if node.layer != "raw"
    for name, column in node.contract.columns.items()
]
ENGLISH = re.compile(r"\b(the|of|and|is|are|with|value|contract of)\b", re.IGNORECASE)


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_a_column_is_snake_case_with_meaning_and_source(name, column):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
    assert column.meaning.endswith(".")
    assert not ENGLISH.search(column.meaning), "meanings are in Portuguese"
    assert column.source


def test_columns_of_raw_have_a_meaning_too():
    for node in TABLES.values():
        for name, column in node.contract.columns.items():
            assert column.meaning.endswith("."), name
            for member, inner in (column.members or {}).items():
                assert inner.meaning.endswith("."), f"{name}.{member}"


def test_one_name_is_one_type_and_one_unit_everywhere():
    facts: dict[str, set[tuple[str, str]]] = {}
    for param in COLUMNS:
        name, column = param.values
        facts.setdefault(name, set()).add((str(column.dtype), column.unit))
    assert {name: found for name, found in facts.items() if len(found) > 1} == {}


def test_sources_of_a_stage_are_fields_of_its_raw_or_columns_of_its_own():
    for node in TABLES.values():
        if node.layer == "stage":
            raw = [TABLES[parent].contract for parent in catalog.parents(node.name)]
            fields = {name for contract in raw for name in contract.columns}
            for name, column in node.contract.columns.items():
                for source in column.source.split(", "):
                    known = source.partition(".")[0] in fields or source in node.contract.columns
                    assert known, f"{node.location}.{name} comes from {source}, which is neither"


@pytest.mark.parametrize(
    "node", [pytest.param(node, id=name) for name, node in TABLES.items() if node.contract.by_key]
)
def test_keys_by_which_rows_are_made_anew_are_never_null(node):
    """An increment finds the rows of a key by equality, which a null is not."""
    raw = [TABLES[parent].contract.columns for parent in catalog.parents(node.name)]
    assert len(node.contract.by_key) == len(node.contract.key)
    assert not [name for name in node.contract.key if node.contract.columns[name].nullable]
    assert not [name for columns in raw for name in node.contract.by_key if columns[name].nullable]


@pytest.mark.parametrize("node", TABLES.values(), ids=TABLES)
def test_a_gate_reads_its_own_table_what_it_is_made_from_and_its_own_inputs(node):
    """An input of another table is none of its fingerprint."""
    known = catalog.ancestors(node.name) & set(TABLES) | set(catalog.inputs(node.name))
    for gate in node.contract.gates:
        assert set(inspect.signature(gate.compare).parameters) <= known


FILES = sorted(DATAFLOWS.rglob("*.py"))


def imported(file: Path) -> set[str]:
    found = set()
    for statement in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            found |= {f"{statement.module}.{alias.name}" for alias in statement.names}
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DATAFLOWS)))
def test_dataflows_know_nothing_of_the_machine(file):
    outside = {"baliza", "duckdb", "httpx", "os", "pathlib", "hamilton", "datetime"}
    assert not {name.partition(".")[0] for name in imported(file)} & outside


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DATAFLOWS)))
def test_a_layer_imports_only_from_itself_and_the_one_above(file):
    own = file.relative_to(DATAFLOWS).parts[0]
    for name in imported(file):
        root, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if root == "dataflows" and other in LAYERS:
            assert own in LAYERS
            assert LAYERS[own] - LAYERS[other] in {0, 1}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DATAFLOWS)))
def test_no_raw_sql(file):
    assert not re.search(
        r"\.(sql|raw_sql|con)\(|ibis\.(duckdb|connect|set_backend)", file.read_text(encoding="utf-8")
    )


def test_the_same_code_compiles_to_the_same_sql_in_every_process():
    """Under two orders of sets; both at once, for it takes as long as all else here."""
    script = """
import gc
from datetime import date

import ibis
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from dataflows import domains, law, parameters
from dataflows.ledger import SCHEMAS

gc.disable()
nodes = catalog.tables()
tables = {name: ibis.table(node.contract.schema(), name=name) for name, node in nodes.items()}
landed = {f"landed_{node.table}": tables[name] for name, node in nodes.items() if node.layer == "raw"}
driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
ledger = {name: ibis.table(schema, name=name) for name, schema in SCHEMAS.items()}
inputs = {**domains.inputs(), **law.inputs(), **parameters.inputs(), "data_referencia": date(2026, 1, 1), **landed, **ledger}
made = [
    driver.execute([name], inputs=inputs, overrides={parent: tables[parent] for parent in catalog.parents(name)})[name]
    for name in nodes
]
gates = [
    gate.compare(**{name: (tables | inputs)[name] for name in gate.compare.__code__.co_varnames[: gate.compare.__code__.co_argcount]})
    for node in nodes.values()
    for gate in node.contract.gates
]
print([ibis.to_sql(expression, dialect="duckdb", pretty=False) for expression in (*made, *gates)])
"""

    compiling = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "3")
    ]
    one, other = (process.communicate()[0] for process in compiling)
    assert [process.returncode for process in compiling] == [0, 0]
    assert one == other
