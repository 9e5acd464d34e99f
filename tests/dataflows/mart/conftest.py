import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import duckdb
import ibis
import pytest
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from dataflows import domains, law, parameters
from dataflows.ledger import SCHEMAS

DAY = date(2026, 1, 1)
"""data_referencia, where a test does not say another."""


@pytest.fixture(scope="session")
def mart(table) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a mart over rows of what it is made from: `mart("mart_spending", stage_contratos=[{}, {}])`.

    A table or ledger input that is not given has no rows; parameters are given by name, too. The SQL is written
    once for all cases, which takes longer than to run it. The types are the contract's, as the engine has them; the
    rows come sorted by the mart's key.
    """
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **law.inputs(), **parameters.inputs(), parameters.REFERENCE_DAY: DAY}
    written: dict[str, str] = {}

    def sql(name: str, params: Mapping[str, Any], schemas: Mapping[str, ibis.Schema]) -> str:
        known = json.dumps([name, params], default=str, sort_keys=True)
        if known not in written:
            tables = {one: ibis.table(schema, name=one) for one, schema in schemas.items()}
            ledger = {one: tables[one] for one in SCHEMAS}
            made = driver.execute([name], inputs={**inputs, **ledger, **params}, overrides=tables)[name]
            written[known] = ibis.to_sql(made, dialect="duckdb")
        return written[known]

    def rows(name: str, **given: Any) -> list[dict[str, Any]]:
        node = catalog.tables()[name]
        schemas = {one: catalog.tables()[one].contract.schema() for one in catalog.parents(name)} | SCHEMAS
        params = {one: value for one, value in given.items() if one not in schemas}
        assert set(params) <= set(inputs), f"not what {name} is made from: {set(params) - set(inputs)}"
        query = sql(name, params, schemas)
        with duckdb.connect() as con:
            for one, schema in schemas.items():
                con.register(one, table(schema, *given.get(one, ())).to_pyarrow())
            found = con.execute(f"SELECT * FROM ({query}) ORDER BY {', '.join(node.contract.key)}")
            answer = found.to_arrow_table()
        assert answer.schema.equals(node.contract.schema().to_pyarrow()), f"{name} is of other types"
        return answer.to_pylist()

    return rows


@pytest.fixture(scope="session")
def looked_at(table) -> Callable[..., list[dict[str, Any]]]:
    """What a node of the red flags finds over rows: `looked_at("checked_units", stage_contratacoes=[{}, {}])`.

    Sorted by flag and subject, their evidence in order; parameters are given by name, too. As in `mart`, the SQL is
    written once for all cases.
    """
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **law.inputs(), **parameters.inputs()}
    contracts = {
        name: catalog.tables()[name].contract.schema()
        for name in ("stage_contratacoes", "stage_contratos", "mart_concentration")
    }
    written: dict[str, str] = {}

    def rows(node: str, **given: Any) -> list[dict[str, Any]]:
        params = {name: value for name, value in given.items() if name not in contracts}
        assert set(params) <= set(inputs)
        known = json.dumps([node, params], sort_keys=True)
        if known not in written:
            tables = {name: ibis.table(schema, name=name) for name, schema in contracts.items()}
            made = driver.execute([node], inputs={**inputs, **params}, overrides=tables)[node]
            written[known] = ibis.to_sql(made.mutate(evidence=made.evidence.sort()), dialect="duckdb")
        with duckdb.connect() as con:
            for name, schema in contracts.items():
                con.register(name, table(schema, *given.get(name, ())).to_pyarrow())
            return (
                con.execute(f"SELECT * FROM ({written[known]}) ORDER BY flag, subject")
                .to_arrow_table()
                .to_pylist()
            )

    return rows
