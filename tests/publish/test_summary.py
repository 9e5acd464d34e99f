"""What a build shows at its end agrees with the mart."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from baliza.publish import summary


def test_buckets_are_those_of_stage(built_sample):
    told = summary.spending(built_sample)

    with duckdb.connect(str(built_sample), read_only=True) as con:
        expected = con.execute(
            "SELECT bucket, count(*), coalesce(sum(valor_global), 0) FROM stage.contratos GROUP BY bucket"
        ).fetchall()
    assert {name: tuple(values) for name, values in told.buckets.items()} == {
        bucket: (count, Decimal(total)) for bucket, count, total in expected
    }


def test_buyers_are_the_largest_first(built_sample):
    buyers = summary.spending(built_sample, limit=5).buyers

    assert len(buyers) == 5
    assert [buyer.contracted for buyer in buyers] == sorted(
        (buyer.contracted for buyer in buyers), reverse=True
    )


def test_first_rows_have_the_columns_of_the_contract(built_sample):
    names, rows = summary.first_rows(built_sample, "mart.spending", limit=2)

    assert names[:2] == ["cnpj_orgao", "codigo_unidade"]
    assert len(rows) == 2
