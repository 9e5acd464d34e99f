from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

import ibis.expr.types as ir
import pytest
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from dataflows import domains, parameters
from dataflows.contract import Contract
from dataflows.raw.contratos import RawContratos

OBSERVED = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so


@pytest.fixture
def observed(table) -> Callable[..., ir.Table]:
    """Make a raw table of records in PNCP's shape, observed in the order given."""

    def make(contract: type[Contract], identity: Mapping[str, Any], *records: Mapping[str, Any]) -> ir.Table:
        ids = count(1)
        rows = [
            {"observation_id": next(ids), "observed_at": OBSERVED, **identity, **record} for record in records
        ]
        return table(contract.schema(), *rows)

    return make


@pytest.fixture
def raw(observed):
    """Make raw.contratos of records in PNCP's shape, observed in the order given."""
    return partial(observed, RawContratos, {"numeroControlePNCP": "00394460005887-2-002468/2025"})


@pytest.fixture(scope="session")
def node() -> Callable[..., Any]:
    """Any node of the graph, of the nodes and parameters given by name: `node("stage_itens", raw_itens=table)`."""
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **parameters.inputs()}

    def value(name: str, **known: Any) -> Any:
        changed = {one: what for one, what in known.items() if one in inputs}
        overrides = {one: what for one, what in known.items() if one not in inputs}
        return driver.execute([name], inputs=inputs | changed, overrides=overrides)[name]

    return value
