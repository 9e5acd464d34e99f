"""Small results of a file."""

from datetime import date
from decimal import Decimal

import ibis
import pytest

from baliza.build.small_results import rows, tables_in


@pytest.fixture
def backend(tmp_path):
    backend = ibis.duckdb.connect(tmp_path / "file.duckdb")
    backend.con.execute(
        "CREATE SCHEMA stage; CREATE SCHEMA mart; CREATE TABLE stage.days (day DATE, paid DECIMAL(24, 4))"
    )
    yield backend
    backend.disconnect()


def test_rows_are_told_by_column_as_values_of_python(backend):
    days = backend.table("days", database="stage")
    assert rows(backend, days) == []
    backend.con.execute("INSERT INTO stage.days VALUES ('2025-02-28', 0.1), (NULL, NULL)")
    assert rows(backend, days.order_by("day")) == [
        {"day": date(2025, 2, 28), "paid": Decimal("0.1000")},
        {"day": None, "paid": None},
    ]


def test_tables_of_another_schema_or_another_file_are_not_among_them(backend, tmp_path):
    backend.con.execute(f"ATTACH '{tmp_path / 'other.duckdb'}' AS other; CREATE SCHEMA other.mart")
    backend.con.execute("CREATE TABLE other.mart.spending (n INTEGER)")
    assert tables_in(backend, "stage") == {"days"}
    assert tables_in(backend, "mart") == set()
