import json
from decimal import Decimal

import ibis
import pytest

from baliza.build import checks
from baliza.build.checked import Measure
from baliza.build.checks import SAMPLE_ROWS, broken_gates, compare, reconcile, violations
from dataflows.contract import Contract, amount, count, integer, moment, text


class Baskets(Contract):
    """Baskets, for these tests."""

    grain = "one row per shop and fruit"
    key = ("shop", "fruit")

    shop = text("Loja.", nullable=False)
    fruit = text("Fruta.")
    quality = text("Qualidade.", isin=("good", "bad"), severity="warning")
    pieces = count("Quantas.", unit="pieces")
    price = amount("Preço.")
    seen = moment("Vista em.")


@Baskets.rule("bad fruit is cheap")
def _cheap(table):
    return (table.quality != "bad") | (table.price < 5)


@Baskets.gate("as many pieces as were delivered")
def _delivered(baskets, deliveries):
    found = baskets.aggregate(found=baskets.pieces.sum())
    return deliveries.select(measure="what", expected="pieces").cross_join(found)


GOOD = {"shop": "a", "fruit": "apple", "quality": "good", "pieces": 1, "price": 9}


@pytest.fixture
def backend():
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


@pytest.fixture
def baskets(backend, table):
    def make(*changes: dict):
        return backend.create_table(
            "baskets", table(Baskets.schema(), *(GOOD | change for change in changes))
        )

    return make


def key(shop: str | None, fruit: str | None) -> str:
    return json.dumps({"shop": shop, "fruit": fruit})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], [], id="no rows"),
        pytest.param([{}], [], id="a good row"),
        pytest.param(
            [{}, {"shop": None}],
            [("shop is not null", "error", 1, [key(None, "apple")])],
            id="null where none is allowed",
        ),
        pytest.param(
            [{}, {"fruit": "pear", "quality": "ugly"}],
            [("quality is one of its values", "warning", 1, [key("a", "pear")])],
            id="value outside the list, a warning",
        ),
        pytest.param([{"quality": None}], [], id="null is outside no list"),
        pytest.param(
            [{"pieces": -1}], [("pieces >= 0", "error", 1, [key("a", "apple")])], id="negative count"
        ),
        pytest.param(
            [{"pieces": None}],
            [("pieces is not null", "error", 1, [key("a", "apple")])],
            id="null count breaks one rule, not two",
        ),
        pytest.param(
            [{"quality": "bad", "price": 5}, {"fruit": "pear", "quality": "bad", "price": 4}],
            [("bad fruit is cheap", "error", 1, [key("a", "apple")])],
            id="rule of the contract",
        ),
        pytest.param([{"quality": "bad", "price": None}], [], id="a rule that says null is not broken"),
        pytest.param(
            [{}, {}, {"fruit": "pear"}],
            [("(shop, fruit) is unique", "error", 1, [key("a", "apple")])],
            id="repeated key",
        ),
        pytest.param([{"fruit": None}, {"fruit": "apple"}], [], id="null is a value of the key"),
        pytest.param(
            [{"fruit": None}, {"fruit": None}, {"fruit": None}],
            [("(shop, fruit) is unique", "error", 2, [key("a", None)])],
            id="null repeated in the key",
        ),
        pytest.param(
            [{"pieces": -1}, {"pieces": -1, "shop": None}],
            [
                ("shop is not null", "error", 1, [key(None, "apple")]),
                ("pieces >= 0", "error", 2, [key("a", "apple"), key(None, "apple")]),
            ],
            id="several at once",
        ),
    ],
)
def test_violations(backend, baskets, rows, expected):
    found = violations(backend, baskets(*rows), Baskets)
    assert [(broken.rule, broken.severity, broken.failing, sorted(broken.sample)) for broken in found] == [
        (rule, severity, failing, sorted(sample)) for rule, severity, failing, sample in expected
    ]


def test_two_keys_of_one_hash_are_no_repetition(backend, baskets, monkeypatch):
    table = baskets({}, {"fruit": "pear"})
    counted = checks.count_failures(table, Baskets).mutate(repeated=1)
    monkeypatch.setattr(checks, "count_failures", lambda _table, _contract: counted)

    assert violations(backend, table, Baskets) == []


def test_the_sample_is_bounded(backend, baskets):
    (found,) = violations(backend, baskets(*({"fruit": str(n), "pieces": -1} for n in range(20))), Baskets)
    assert found.failing == 20
    assert len(found.sample) == SAMPLE_ROWS


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param(
            lambda table: table.drop("price"),
            {"column": "price", "expected": "decimal(24, 4)", "found": "None"},
            id="a column less",
        ),
        pytest.param(
            lambda table: table.mutate(colour=ibis.literal("red")),
            {"column": "colour", "expected": "None", "found": "string"},
            id="a column more",
        ),
        pytest.param(
            lambda table: table.mutate(pieces=table.pieces.cast("float64")),
            {"column": "pieces", "expected": "int64", "found": "float64"},
            id="another type",
        ),
    ],
)
def test_a_difference_of_columns_is_the_only_violation(backend, baskets, change, difference):
    changed = backend.create_table("changed", change(baskets({"pieces": -1})))
    (found,) = violations(backend, changed, Baskets)
    assert (found.rule, found.severity, found.failing) == ("columns and types are the contract's", "error", 1)
    assert [json.loads(text) for text in found.sample] == [difference]


def test_another_order_of_columns_is_a_difference(backend, baskets):
    swapped = backend.create_table("swapped", baskets({}).relocate("fruit", before="shop"))
    (found,) = violations(backend, swapped, Baskets)
    assert found.rule == "columns and types are the contract's"


class Days(Contract):
    """A key of one column that may be null."""

    grain = "one row per day"
    key = ("day",)

    day = integer("Dia.")


@pytest.mark.parametrize(
    ("days", "failing"),
    [([1, 2], 0), ([1, None], 0), ([1, 1, 2], 1), ([None, None], 1)],
    ids=["unique", "one null", "repeated", "two nulls"],
)
def test_a_key_of_one_column_that_may_be_null(backend, table, days, failing):
    rows = backend.create_table("days", table(Days.schema(), *({"day": day} for day in days)))
    found = violations(backend, rows, Days)
    assert sum(broken.failing for broken in found) == failing


@pytest.mark.parametrize(
    ("expected", "sample"),
    [
        pytest.param(3, [], id="equal"),
        pytest.param(4, [{"measure": "pieces", "expected": 4, "found": 3}], id="different"),
        pytest.param(
            None, [{"measure": "pieces", "expected": None, "found": 3}], id="null is not equal to a number"
        ),
    ],
)
def test_gates(backend, baskets, table, expected, sample):
    deliveries = table({"what": "string", "pieces": "int64"}, {"what": "pieces", "pieces": expected})
    tables = {
        "baskets": baskets({}, {"fruit": "pear", "pieces": 2}),
        "deliveries": backend.create_table("deliveries", deliveries),
        "another": table({"x": "int64"}),
    }
    (gate,) = Baskets.gates
    assert set(compare(gate, tables).columns) == {"measure", "expected", "found"}
    found = broken_gates(reconcile(backend, gate, tables))
    assert [json.loads(text) for broken in found for text in broken.sample] == sample
    assert all((broken.rule, broken.severity) == (gate.name, "error") for broken in found)


def test_a_sum_of_eleven_digits_is_not_written_as_a_cpf_would_be():
    (broken,) = broken_gates([Measure("sums", "valor", Decimal("74666574518.2800"), Decimal(0))])
    assert broken.sample == ['{"measure": "valor", "expected": "74,666,574,518.2800", "found": "0"}']
