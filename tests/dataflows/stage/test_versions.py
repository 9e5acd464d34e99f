from datetime import datetime

import pytest

from dataflows.stage.versions import latest, one_row_per_key

SCHEMA = {"key": "string", "dataAtualizacaoGlobal": "timestamp", "observation_id": "int64"}
EARLY, LATE = datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)  # noqa: DTZ001 - PNCP names no zone


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        pytest.param([("a", EARLY, 1)], {"a": 1}, id="only one"),
        pytest.param([("a", EARLY, 1), ("a", LATE, 2)], {"a": 2}, id="the later update"),
        pytest.param([("a", LATE, 1), ("a", EARLY, 2)], {"a": 1}, id="the later update, observed first"),
        pytest.param([("a", EARLY, 1), ("a", None, 2)], {"a": 1}, id="null is last"),
        pytest.param([("a", None, 1), ("a", None, 2)], {"a": 2}, id="all null: the later observation"),
        pytest.param([("a", EARLY, 1), ("a", EARLY, 3), ("a", EARLY, 2)], {"a": 3}, id="ties by observation"),
        pytest.param([("a", LATE, 1), ("b", EARLY, 2)], {"a": 1, "b": 2}, id="each key its own"),
        pytest.param([], {}, id="no rows"),
    ],
)
def test_latest(table, versions, expected):
    observed = table(SCHEMA, *(dict(zip(SCHEMA, version, strict=True)) for version in versions))
    found = latest(observed, key=("key",)).to_pyarrow().to_pylist()
    assert {row["key"]: row["observation_id"] for row in found} == expected
    assert len(found) == len(expected)


def test_latest_keeps_the_columns(table):
    assert latest(table(SCHEMA), key=("key",)).schema() == table(SCHEMA).schema()


def test_a_key_of_several_fields_and_another_version_field(table):
    schema = {"a": "string", "b": "int32", "dataAtualizacao": "timestamp", "observation_id": "int64"}
    rows = [
        {"a": "x", "b": 1, "dataAtualizacao": LATE, "observation_id": 1},
        {"a": "x", "b": 1, "dataAtualizacao": EARLY, "observation_id": 2},
        {"a": "x", "b": 2, "dataAtualizacao": None, "observation_id": 3},
    ]
    newest = latest(table(schema, *rows), key=("a", "b"), version="dataAtualizacao")
    assert sorted(row["observation_id"] for row in newest.to_pyarrow().to_pylist()) == [1, 3]


def test_rows_are_counted_beside_distinct_keys(table):
    schema = {"a": "string", "b": "int32"}
    raw = table(schema, {"a": "x", "b": 1}, {"a": "x", "b": 1}, {"a": "x", "b": 2}, {"a": "y", "b": 1})
    stage = table(schema, {"a": "x", "b": 1}, {"a": "x", "b": 2})
    compared = one_row_per_key(stage, raw, key=("a", "b"))
    assert compared.to_pyarrow().to_pylist() == [{"measure": "rows", "expected": 3, "found": 2}]
