from decimal import Decimal

import pytest

from dataflows.mart.buckets import bucket_adds_up, bucket_counts, bucket_sums, buckets_add_up
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


EVERY = {
    "quantidade_contratos": 2,
    "quantidade_empenhos": 1,
    "quantidade_suspeitos": 1,
    "quantidade_receitas": 2,
    "valor_contratos": 3,
    "valor_empenhos": 10,
    "valor_suspeito": 100,
    "valor_receita": 1000,
}


@pytest.fixture
def of_every_bucket(table):
    values = [
        *(("contract", 1), ("contract", 2), ("empenho", 10), ("suspect", 100), ("income", 1000)),
        ("income", None),
    ]
    return table(
        StageContratos.schema(),
        *(
            {"bucket": bucket, "valor_global": None if value is None else Decimal(value)}
            for bucket, value in values
        ),
    )


def test_every_bucket_is_counted_and_summed_apart(of_every_bucket):
    rows = of_every_bucket.aggregate(**bucket_counts(), **bucket_sums()).to_pyarrow().to_pylist()
    assert rows == [EVERY]


@pytest.mark.parametrize(
    ("rows", "lost"),
    [
        pytest.param([EVERY], {}, id="all there"),
        pytest.param([EVERY, dict.fromkeys(EVERY, 0)], {}, id="in two rows"),
        pytest.param(
            [EVERY | {"quantidade_receitas": 1}],
            {"quantidade_receitas": (2, 1), "quantidade": (6, 5)},
            id="one counted less",
        ),
        pytest.param(
            [EVERY | {"valor_suspeito": 1}],
            {"valor_suspeito": (100, 1), "valor": (1113, 1014)},
            id="one summed less",
        ),
        pytest.param(
            [],
            {name: (value, 0) for name, value in EVERY.items()} | {"quantidade": (6, 0), "valor": (1113, 0)},
            id="all lost",
        ),
    ],
)
def test_every_bucket_is_held_against_stage(table, of_every_bucket, rows, lost):
    schema = {name: "int64" if name.startswith("quantidade") else "decimal(38, 4)" for name in EVERY}
    mart = table(
        schema,
        *(
            {name: value if schema[name] == "int64" else Decimal(value) for name, value in row.items()}
            for row in rows
        ),
    )
    found = buckets_add_up(mart, of_every_bucket).to_pyarrow().to_pylist()
    assert {row["measure"] for row in found} == {*EVERY, "quantidade", "valor"}
    told = {row["measure"]: (row["expected"], row["found"]) for row in found}
    assert {name: pair for name, pair in told.items() if pair[0] != pair[1]} == lost
