from collections.abc import Callable
from typing import Any

import pytest

from baliza.build import catalog
from dataflows.ledger import SCHEMAS


@pytest.fixture(scope="session")
def mart(made_of) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a mart over rows of what it is made from: `mart("mart_spending", stage_contratos=[{}, {}])`.

    A table or ledger input that is not given has no rows; parameters are given by name, too. The types are the
    contract's, as the engine has them; the rows come sorted by the mart's key.
    """

    def rows(name: str, **given: Any) -> list[dict[str, Any]]:
        node = catalog.tables()[name]
        tables = {one: catalog.tables()[one].contract.schema() for one in catalog.parents(name)} | SCHEMAS
        answer = made_of(name, tables, node.contract.key, **given)
        assert answer.schema.equals(node.contract.schema().to_pyarrow()), f"{name} is of other types"
        return answer.to_pylist()

    return rows


@pytest.fixture(scope="session")
def looked_at(made_of) -> Callable[..., list[dict[str, Any]]]:
    """What a node of the red flags finds over rows: `looked_at("checked_units", stage_contratacoes=[{}, {}])`.

    Sorted by flag and subject, their evidence in order; parameters are given by name, too.
    """
    tables = {
        name: catalog.tables()[name].contract.schema()
        for name in ("stage_contratacoes", "stage_contratos", "mart_concentration")
    }

    def rows(node: str, **given: Any) -> list[dict[str, Any]]:
        found = made_of(node, tables, ("flag", "subject"), **given).to_pylist()
        return [row | {"evidence": row["evidence"] and sorted(row["evidence"])} for row in found]

    return rows
