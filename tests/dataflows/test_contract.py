from datetime import datetime

import ibis.expr.datatypes as dt
import pandera.errors
import pytest

from dataflows.contract import (
    MONEY,
    MONEY_TOTAL,
    QUANTITY,
    Contract,
    amount,
    count,
    day,
    flag,
    group,
    groups,
    identifier,
    integer,
    json,
    moment,
    order,
    quantity,
    text,
    texts,
    total,
)


class Fruits(Contract):
    """Fruits, for these tests."""

    grain = "one row per fruit"
    key = ("name",)

    name = text("Nome.", nullable=False)
    colour = text("Cor.", isin=("green", "red"))
    weight = amount("Peso.", ge=1, severity="warning")


@Fruits.rule("red fruits are heavy", severity="warning")
def _heavy(table):
    return (table.colour != "red") | (table.weight > 5)


@Fruits.gate("as many as there are")
def _all_there(fruits, baskets):
    return fruits.cross_join(baskets)


@pytest.fixture
def fruits(table):
    def make(*rows: tuple):
        return table(Fruits.schema(), *(dict(zip(Fruits.columns, row, strict=True)) for row in rows))

    return make


@pytest.mark.parametrize(
    ("column", "dtype", "nullable", "unit"),
    [
        pytest.param(text("t"), dt.string, True, "", id="text"),
        pytest.param(texts("t"), dt.Array(dt.string), True, "", id="texts"),
        pytest.param(integer("i"), dt.int32, True, "", id="integer"),
        pytest.param(order("o"), dt.int64, True, "", id="order"),
        pytest.param(count("c", unit="contratos"), dt.int64, False, "contratos", id="count is never null"),
        pytest.param(amount("a"), MONEY, True, "BRL", id="amount is decimal"),
        pytest.param(total("t"), MONEY_TOTAL, False, "BRL", id="total is decimal and never null"),
        pytest.param(quantity("q", unit="%"), QUANTITY, True, "%", id="quantity is decimal"),
        pytest.param(day("d"), dt.date, True, "", id="day"),
        pytest.param(moment("m"), dt.timestamp, True, "", id="moment has no zone"),
        pytest.param(flag("f"), dt.boolean, True, "", id="flag"),
        pytest.param(identifier("u"), dt.UUID(), True, "", id="identifier"),
        pytest.param(json("j"), dt.JSON(), True, "", id="json"),
        pytest.param(
            group("g", {"id": integer("i"), "nome": text("n")}),
            dt.Struct({"id": dt.int32, "nome": dt.string}),
            True,
            "",
            id="group",
        ),
        pytest.param(
            groups("g", {"id": integer("i"), "nome": text("n")}),
            dt.Array(dt.Struct({"id": dt.int32, "nome": dt.string})),
            True,
            "",
            id="groups",
        ),
    ],
)
def test_kinds_of_column(column, dtype, nullable, unit):
    assert (column.dtype, column.nullable, column.unit) == (dtype, nullable, unit)


def test_money_is_exact_to_four_decimals():
    assert dt.Decimal(24, 4) == MONEY == QUANTITY
    assert dt.Decimal(38, 4) == MONEY_TOTAL


def test_a_count_is_never_negative():
    assert count("c", unit="contratos").ge == 0


def test_a_group_keeps_its_members_in_order():
    column = group("g", {"z": text("z"), "a": text("a")})
    assert list(column.members or {}) == ["z", "a"] == list(column.dtype.names)


def test_groups_keep_their_members_in_order():
    column = groups("g", {"z": text("z"), "a": text("a")})
    assert list(column.members or {}) == ["z", "a"] == list(column.dtype.value_type.names)


def test_a_column_may_be_another_but_for_some_facts():
    name = text("Nome.", source="nome", nullable=False)
    other = name.but(source="nomeOrgao")
    assert (other.source, other.meaning, other.nullable, other.dtype) == (
        "nomeOrgao",
        "Nome.",
        False,
        dt.string,
    )
    assert name.source == "nome"


def test_a_column_says_whose_codes_it_has():
    assert (text("t", domain="poder").domain, text("t").domain) == ("poder", "")


def test_schema_is_in_the_order_of_the_class():
    assert list(Fruits.schema().items()) == [("name", dt.string), ("colour", dt.string), ("weight", MONEY)]


def test_a_contract_made_from_another_begins_with_its_columns():
    class Berries(Fruits):
        grain = "one row per berry"
        key = ("name",)

        sour = flag("Azeda.")
        colour = text("Cor da fruta madura.")

    assert list(Berries.columns) == ["name", "weight", "sour", "colour"]
    assert Berries.columns["colour"].isin == ()
    assert Berries.columns["weight"] is Fruits.columns["weight"]
    assert Berries.gates == []
    assert [rule.name for rule in Berries.rules()] == ["name is not null", "weight >= 1"]
    assert list(Fruits.columns) == ["name", "colour", "weight"]


def test_a_key_without_its_column_is_refused():
    with pytest.raises(TypeError, match=r"Keyless.*\['cnpj'\]"):

        class Keyless(Contract):
            grain = "none"
            key = ("cnpj",)


def test_rules_of_columns_come_before_those_registered():
    assert [(rule.name, rule.severity, rule.column) for rule in Fruits.rules()] == [
        ("name is not null", "error", "name"),
        ("colour is one of its values", "error", "colour"),
        ("weight >= 1", "warning", "weight"),
        ("red fruits are heavy", "warning", ""),
    ]


def test_rules_and_gates_belong_to_one_contract_only():
    class Vegetables(Contract):
        grain = "one row per vegetable"
        key = ()

    assert Vegetables.rules() == []
    assert Vegetables.gates == []
    assert [gate.name for gate in Fruits.gates] == ["as many as there are"]


def test_a_rule_is_an_error_where_it_does_not_say_otherwise():
    class Vegetables(Contract):
        grain = "one row per vegetable"
        key = ()

    Vegetables.rule("there are some")(lambda table: table.count() > 0)
    assert [rule.severity for rule in Vegetables.rules()] == ["error"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(("apple", "red", 6), [True, True, True, True], id="good"),
        pytest.param((None, "green", 6), [False, True, True, True], id="null name"),
        pytest.param(("plum", "blue", 6), [True, False, True, True], id="value outside the list"),
        pytest.param(("pear", "green", 0), [True, True, False, True], id="too small"),
        pytest.param(("cherry", "red", 1), [True, True, True, False], id="registered rule"),
        pytest.param(("kiwi", None, None), [True, None, None, None], id="null is not held against it"),
    ],
)
def test_what_each_rule_says_of_a_row(fruits, row, expected):
    table = fruits(row)
    said = table.select(**{str(n): rule.holds(table) for n, rule in enumerate(Fruits.rules())})
    assert [
        None if value is None else bool(value) for value in said.to_pyarrow().to_pylist()[0].values()
    ] == expected


def test_validate_accepts_a_good_table(fruits):
    table = fruits(("apple", "red", 6), ("pear", None, None))
    assert Fruits.validate(table).count().execute() == 2


def test_validate_looks_at_the_nulls_of_lists_and_not_at_their_type(table):
    class Baskets(Contract):
        """Baskets."""

        grain = "one row per basket"
        key = ("name",)

        name = text("Nome.", nullable=False)
        fruits = texts("Frutas.", nullable=False)

    Baskets.validate(table(Baskets.schema(), {"name": "a", "fruits": []}, {"name": "b", "fruits": ["x"]}))
    with pytest.raises(pandera.errors.SchemaError):
        Baskets.validate(table(Baskets.schema(), {"name": "a", "fruits": None}))


@pytest.mark.parametrize("dtype", [dt.timestamp, dt.Timestamp(scale=6)], ids=["ours", "as DuckDB stored it"])
def test_validate_accepts_moments(table, dtype):
    class Harvests(Contract):
        """Harvests."""

        grain = "one row per harvest"
        key = ("at",)

        at = moment("Quando.", nullable=False)

    harvests = table({"at": dtype}, {"at": datetime(2025, 1, 1)})  # noqa: DTZ001 - PNCP names no zone
    assert Harvests.validate(harvests).count().execute() == 1


def test_validate_refuses_moments_less_exact(table):
    class Harvests(Contract):
        """Harvests."""

        grain = "one row per harvest"
        key = ("at",)

        at = moment("Quando.")

    with pytest.raises(pandera.errors.SchemaError):
        Harvests.validate(table({"at": dt.Timestamp(scale=3)}))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(None, "red", 6)], id="null"),
        pytest.param([("plum", "blue", 6)], id="value outside the list"),
        pytest.param([("pear", "green", 0)], id="too small"),
        pytest.param([("pear", "green", 1), ("pear", "red", 9)], id="repeated key"),
    ],
)
def test_validate_refuses_rows(fruits, rows):
    with pytest.raises(pandera.errors.SchemaError):
        Fruits.validate(fruits(*rows))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda table: table.mutate(extra=1), id="a column more"),
        pytest.param(lambda table: table.drop("colour"), id="a column less"),
        pytest.param(lambda table: table.cast({"weight": "float64"}), id="another type"),
        pytest.param(lambda table: table.select("colour", "name", "weight"), id="another order"),
    ],
)
def test_validate_refuses_columns(fruits, change):
    with pytest.raises((pandera.errors.SchemaError, pandera.errors.SchemaErrors)):
        Fruits.validate(change(fruits(("pear", "green", 1))))
