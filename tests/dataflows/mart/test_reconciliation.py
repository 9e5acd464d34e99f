from decimal import Decimal

from dataflows.mart.reconciliation import compare_totals


def test_each_column_is_a_measure(table):
    schema = {"rows": "int64", "value": "decimal(24, 4)"}
    expected = table(schema, {"rows": 2, "value": Decimal("1.5")})
    found = table(schema | {"more": "int64"}, {"rows": 3, "value": Decimal("1.5"), "more": 9})
    compared = compare_totals(expected, found)
    assert [str(dtype) for dtype in compared.schema().types[1:]] == ["decimal(38, 4)", "decimal(38, 4)"]
    assert sorted(compared.to_pyarrow().to_pylist(), key=lambda row: row["measure"]) == [
        {"measure": "rows", "expected": 2, "found": 3},
        {"measure": "value", "expected": Decimal("1.5"), "found": Decimal("1.5")},
    ]
