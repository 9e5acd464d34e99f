from decimal import Decimal

import pytest

from dataflows.contract import MONEY_TOTAL
from dataflows.mart.sums import share, sum_counts, sum_where


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["0.0001", 2, None], "2.0001", id="exact, without nulls"),
        pytest.param([5, -1], "5", id="of these rows alone"),
        pytest.param([None], "0", id="of nulls zero"),
        pytest.param([], "0", id="of nothing zero"),
    ],
)
def test_sum_where(table, values, expected):
    rows = table(
        {"amount": MONEY_TOTAL}, *({"amount": None if one is None else Decimal(one)} for one in values)
    )
    (row,) = rows.aggregate(total=sum_where(rows.amount, rows.amount > 0)).to_pyarrow().to_pylist()
    assert row["total"] == Decimal(expected)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param([2, 3], 5, id="some"),
        pytest.param([], 0, id="none"),
        pytest.param([2**53 + 1], 2**53 + 1, id="many"),
    ],
)
def test_a_sum_of_counts_is_as_wide_as_they_are(table, counts, expected):
    rows = table({"n": "int64"}, *({"n": n} for n in counts))
    found = rows.aggregate(total=sum_counts(rows.n)).to_pyarrow()
    assert str(found.schema.field("total").type) == "int64"
    assert found.to_pylist() == [{"total": expected}]


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        pytest.param(1, 3, "33.333333333333", id="twelve decimals"),
        pytest.param(2, 3, "66.666666666667", id="rounded"),
        pytest.param(3, 3, "100", id="all"),
        pytest.param(0, 3, "0", id="nothing"),
        pytest.param("9" * 32 + ".9999", "9" * 32 + ".9999", "100", id="huge"),
        pytest.param(0, 0, None, id="of zero"),
        pytest.param(None, 3, None, id="unknown"),
        pytest.param(1, None, None, id="of the unknown"),
    ],
)
def test_share(table, part, whole, expected):
    row = {"part": part, "whole": whole}
    both = table(
        dict.fromkeys(row, MONEY_TOTAL),
        {name: None if value is None else Decimal(value) for name, value in row.items()},
    )
    found = both.select(share=share(both.part, both.whole)).to_pyarrow()
    assert str(found.schema.field("share").type) == "decimal128(15, 12)"
    assert found.to_pylist() == [{"share": None if expected is None else Decimal(expected)}]
