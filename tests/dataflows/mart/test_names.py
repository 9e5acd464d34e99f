from datetime import datetime

import pytest

from dataflows.mart.names import with_newest_names

MART = {"code": "string", "valor": "int64"}
RECORDS = {
    "code": "string",
    "nome": "string",
    "data_atualizacao_global": "timestamp",
    "data_publicacao_pncp": "timestamp",
    "observation_id": "int64",
}
EARLY, LATE = datetime(2024, 1, 1), datetime(2024, 1, 2)  # noqa: DTZ001 - PNCP names no zone


@pytest.fixture
def named(table):
    """The names that the codes a and null have, of records as (code, name, updated, published), in that order."""

    def names(*records: tuple) -> dict[str | None, str | None]:
        seen = [
            dict(zip(RECORDS, (*record, place), strict=True)) for place, record in enumerate(records, start=1)
        ]
        mart = table(MART, {"code": "a", "valor": 1}, {"code": None, "valor": 2})
        found = with_newest_names(mart, table(RECORDS, *seen), {"nome": ("code",)})
        assert found.columns == ("code", "valor", "nome")
        rows = found.to_pyarrow().to_pylist()
        assert sorted(row["valor"] for row in rows) == [1, 2]
        return {row["code"]: row["nome"] for row in rows}

    return names


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([], None, id="no record"),
        pytest.param([("b", "B", LATE, None)], None, id="records of others"),
        pytest.param([("a", "new", LATE, None), ("a", "old", EARLY, None)], "new", id="the last updated"),
        pytest.param(
            [("a", "old", EARLY, None), ("a", "new", EARLY, None)], "new", id="then the last observed"
        ),
        pytest.param([("a", "old", EARLY, None), ("a", None, LATE, None)], "old", id="null is no name"),
        pytest.param(
            [("a", "new", None, LATE), ("a", "old", EARLY, None)], "new", id="published, where never updated"
        ),
        pytest.param(
            [("a", "new", LATE, EARLY), ("a", "old", EARLY, LATE)], "new", id="update goes before publication"
        ),
        pytest.param(
            [("a", "new", EARLY, None), ("a", "old", None, None)], "new", id="nobody knows when is earliest"
        ),
        pytest.param(
            [("a", "old", None, None), ("a", "new", None, None)], "new", id="nobody knows when, twice"
        ),
        pytest.param([(None, "nobody", LATE, None)], None, id="a null code has no name"),
    ],
)
def test_the_newest_name(named, records, expected):
    assert named(*records) == {"a": expected, None: None}


def test_each_name_has_its_own_codes(table):
    mart = table({"orgao": "string", "unidade": "string"}, {"orgao": "a", "unidade": "1"})
    columns = RECORDS | {
        "orgao": "string",
        "unidade": "string",
        "nome_orgao": "string",
        "nome_unidade": "string",
    }
    records = table(
        columns,
        {"orgao": "a", "unidade": "1", "nome_orgao": "A", "nome_unidade": "Um", "observation_id": 1},
        {"orgao": "a", "unidade": "2", "nome_orgao": "A mais", "nome_unidade": "Dois", "observation_id": 2},
    )
    found = with_newest_names(mart, records, {"nome_orgao": ("orgao",), "nome_unidade": ("orgao", "unidade")})
    assert found.to_pyarrow().to_pylist() == [
        {"orgao": "a", "unidade": "1", "nome_orgao": "A mais", "nome_unidade": "Um"}
    ]
