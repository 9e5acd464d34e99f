from decimal import Decimal

import pytest

from dataflows.mart.buckets import bucket_adds_up
from dataflows.stage.contratos import StageContratos

COLUMNS = {"quantidade_empenhos": "int64", "valor_empenhos": "decimal(38, 4)"}


@pytest.mark.parametrize(
    ("rows", "count", "value"),
    [
        pytest.param([(1, 2), (1, 3)], 2, 5, id="all there"),
        pytest.param([(1, 2)], 1, 2, id="a row lost"),
        pytest.param([], 0, 0, id="all lost"),
    ],
)
def test_one_bucket_is_held_against_stage(table, rows, count, value):
    stage = table(
        StageContratos.schema(),
        {"bucket": "empenho", "valor_global": Decimal(2)},
        {"bucket": "empenho", "valor_global": Decimal(3)},
        {"bucket": "contract", "valor_global": Decimal(9)},
    )
    mart = table(COLUMNS, *(dict(zip(COLUMNS, (n, Decimal(v)), strict=True)) for n, v in rows))
    found = bucket_adds_up(mart, stage, "empenho").to_pyarrow().to_pylist()
    assert {row["measure"]: (row["expected"], row["found"]) for row in found} == {
        "quantidade_empenhos": (2, count),
        "valor_empenhos": (5, value),
    }
