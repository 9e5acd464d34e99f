"""What a build shows at its end agrees with the mart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from baliza.build import run
from baliza.cli.progress import Quiet
from baliza.publish import summary


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("summary") / "sample.duckdb"
    request = run.BuildRequest(
        database=path, targets=("mart_spending",), source="sample", server=run.sample_server()
    )
    run.build(request, Quiet())
    return path


def test_buckets_are_those_of_stage(sample):
    told = summary.spending(sample)

    with duckdb.connect(str(sample), read_only=True) as con:
        expected = con.execute(
            "SELECT bucket, count(*), coalesce(sum(valor_global), 0) FROM stage.contratos GROUP BY bucket"
        ).fetchall()
    assert {name: tuple(values) for name, values in told.buckets.items()} == {
        bucket: (count, Decimal(total)) for bucket, count, total in expected
    }


def test_buyers_are_the_largest_first(sample):
    buyers = summary.spending(sample, limit=5).buyers

    assert len(buyers) == 5
    assert [buyer.contracted for buyer in buyers] == sorted(
        (buyer.contracted for buyer in buyers), reverse=True
    )


def test_first_rows_have_the_columns_of_the_contract(sample):
    names, rows = summary.first_rows(sample, "mart.spending", limit=2)

    assert names[:2] == ["cnpj_orgao", "codigo_unidade"]
    assert len(rows) == 2
