from decimal import Decimal

import pytest

from dataflows.contract import Contract, count, integer, text, total
from dataflows.mart.sides import either


class Market(Contract):
    """What a town buys and sells in a year, for these tests."""

    grain = "one row per town and year"
    key = ("town", "year")

    town = text("Cidade.", nullable=False)
    year = integer("Ano.")
    bought = count("Compras.", unit="compras")
    spent = total("Gasto.")
    last_buyer = text("Quem.")
    sold = count("Vendas.", unit="vendas")
    share = integer("Fatia.")


KEY = {"town": "string", "year": "int32"}
BUYING = KEY | {"bought": "int64", "spent": "decimal(38, 4)", "last_buyer": "string", "bought_note": "string"}
SELLING = KEY | {"sold": "int64", "share": "int32", "sold_note": "string"}
NOTHING_BOUGHT = {"bought": 0, "spent": 0, "last_buyer": None, "bought_note": None}
NOTHING_SOLD = {"sold": 0, "share": None, "sold_note": None}
BOUGHT = {"bought": 2, "spent": Decimal(5), "last_buyer": "ana", "bought_note": "b"}
SOLD = {"sold": 3, "share": 7, "sold_note": "s"}


def at(town: str | None, year: int | None) -> dict:
    return {"town": town, "year": year}


@pytest.fixture
def both(table):
    """The rows of both sides, by key."""

    def made(buying: list[dict], selling: list[dict]) -> dict[tuple, dict]:
        joined = either(table(BUYING, *buying), table(SELLING, *selling), Market)
        rows = joined.to_pyarrow().to_pylist()
        found = {(row.pop("town"), row.pop("year")): row for row in rows}
        assert len(found) == len(rows)
        return found

    return made


@pytest.mark.parametrize(
    ("buying", "selling", "expected"),
    [
        pytest.param([], [], {}, id="nothing"),
        pytest.param([at("a", 1) | BOUGHT], [at("a", 1) | SOLD], {("a", 1): BOUGHT | SOLD}, id="one key"),
        pytest.param([at("a", 1) | BOUGHT], [], {("a", 1): BOUGHT | NOTHING_SOLD}, id="only the one"),
        pytest.param([], [at("a", 1) | SOLD], {("a", 1): NOTHING_BOUGHT | SOLD}, id="only the other"),
        pytest.param(
            [at("a", 1) | BOUGHT],
            [at("a", 2) | SOLD],
            {("a", 1): BOUGHT | NOTHING_SOLD, ("a", 2): NOTHING_BOUGHT | SOLD},
            id="another year",
        ),
        pytest.param(
            [at("a", 1) | BOUGHT],
            [at("b", 1) | SOLD],
            {("a", 1): BOUGHT | NOTHING_SOLD, ("b", 1): NOTHING_BOUGHT | SOLD},
            id="another town",
        ),
        pytest.param(
            [at("a", None) | BOUGHT], [at("a", None) | SOLD], {("a", None): BOUGHT | SOLD}, id="null keys"
        ),
        pytest.param(
            [at("a", None) | BOUGHT],
            [at("a", 1) | SOLD],
            {("a", None): BOUGHT | NOTHING_SOLD, ("a", 1): NOTHING_BOUGHT | SOLD},
            id="null is another key",
        ),
    ],
)
def test_rows_of_either_side(both, buying, selling, expected):
    assert both(buying, selling) == expected


def test_columns_are_in_the_order_of_the_contract_then_those_that_are_not_in_it(table):
    schema = either(table(BUYING), table(SELLING), Market).schema()
    assert list(schema) == [*Market.columns, "bought_note", "sold_note"]
    assert {name: str(schema[name]) for name in ("bought", "spent", "sold", "share")} == {
        "bought": "int64",
        "spent": str(Market.columns["spent"].dtype),
        "sold": "int64",
        "share": "int32",
    }


def test_a_column_that_neither_has_is_not_made_up(table):
    joined = either(table(KEY | {"bought": "int64"}), table(KEY | {"sold": "int64"}), Market)
    assert list(joined.columns) == ["town", "year", "bought", "sold"]


def test_counts_and_sums_are_as_wide_as_the_contract_says(table):
    narrow = table(
        KEY | {"bought": "int32", "spent": "decimal(10, 2)"}, at("a", 1) | {"bought": 1, "spent": Decimal(2)}
    )
    made = either(narrow, table(KEY | {"sold": "int64"}), Market)
    for name in ("bought", "spent"):
        assert made.schema()[name] == Market.columns[name].dtype(nullable=True)
    assert made.to_pyarrow().to_pylist() == [at("a", 1) | {"bought": 1, "spent": Decimal(2), "sold": 0}]
