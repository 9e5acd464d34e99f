import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb
import ibis
import pytest
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from dataflows import domains, parameters


@pytest.fixture(scope="session")
def mart(table) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a mart over rows of the tables it is made from: `mart("mart_spending", stage_contratos=[{}, {}])`.

    What is not given has no rows; a parameter is given by its name, too. Its SQL is written once for all cases, which
    takes longer than to run it. The rows come sorted by the mart's key.
    """
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **parameters.inputs()}
    written: dict[str, str] = {}

    def sql(name: str, params: Mapping[str, Any]) -> str:
        known = json.dumps([name, params], default=str, sort_keys=True)
        if known not in written:
            parents = {
                parent: ibis.table(catalog.tables()[parent].contract.schema(), name=parent)
                for parent in catalog.parents(name)
            }
            made = driver.execute([name], inputs=inputs | params, overrides=parents)[name]
            written[known] = ibis.to_sql(made, dialect="duckdb")
        return written[known]

    def rows(name: str, **given: Sequence[Mapping[str, Any]] | Any) -> list[dict[str, Any]]:
        parents = catalog.parents(name)
        params = {one: value for one, value in given.items() if one not in parents}
        assert set(params) <= set(inputs), (
            f"neither a parent of {name} nor an input: {set(params) - set(inputs)}"
        )
        with duckdb.connect() as con:
            for parent in parents:
                schema = catalog.tables()[parent].contract.schema()
                con.register(parent, table(schema, *given.get(parent, ())).to_pyarrow())
            key = ", ".join(catalog.tables()[name].contract.key)
            return (
                con.execute(f"SELECT * FROM ({sql(name, params)}) ORDER BY {key}")
                .to_arrow_table()
                .to_pylist()
            )

    return rows
