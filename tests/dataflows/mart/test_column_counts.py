from decimal import Decimal

import pytest

from dataflows.contract import Contract, amount, integer, integers, text, texts
from dataflows.domains import Domain
from dataflows.mart.column_counts import ASKED, WHOLE_ROW, column_counts


class Fruits(Contract):
    """Fruits, for these tests."""

    grain = "one row per fruit"
    key = ("name",)

    name = text("Nome.", nullable=False)
    kind = text("Código.", domain="kind")
    size = integer("Código.", domain="size")
    verdict = text("Veredito.", isin=("ok", "review", "suspect"))
    date_verdict = text("Veredito.", isin=("ok", "implausible", "reversed"))
    bucket = text("Cesto.", isin=("contract", "suspect"))
    weight = amount("Peso.", ge=1, nullable=False)
    others = texts("Outros nomes.")
    sizes = integers("Códigos de tamanho.", domain="size")


@Fruits.rule("a name is no kind")
def _no_kind(table):
    return table.name != table.kind


@Fruits.rule("heavy fruits have a name", severity="warning")
def _named(table):
    return (table.weight < 100) | table.name.notnull()


class Bare(Contract):
    """Of no rule at all."""

    grain = "one row per name"
    key = ("name",)

    name = text("Nome.")


OFFICIAL = {
    "kind": Domain("kind", {"a": "Apple", "p": "Pear"}),
    "size": Domain("size", {"1": "Small", "10": "Large"}),
}
NONE = dict.fromkeys(ASKED)


@pytest.fixture
def counted(table):
    """What is counted in these fruits, by column."""

    def make(*fruits: dict, contract=Fruits) -> dict[str, dict]:
        made = column_counts("stage.fruits", table(contract.schema(), *fruits), contract, OFFICIAL)
        rows = made.to_pyarrow().to_pylist()
        assert {row.pop("tabela") for row in rows} <= {"stage.fruits"}
        return {row.pop("coluna"): row for row in rows}

    return make


def test_the_rows_come_first_then_every_column_in_order_each_with_its_facts(counted):
    found = counted({"name": "apple", "weight": Decimal(2)})
    assert list(found) == ["*", *Fruits.columns]
    facts = ["linhas", "regras", "falhas", "regras_quebradas", *ASKED]
    assert [list(row) for row in found.values()] == [facts] * len(found)
    assert {name: row["regras"] for name, row in found.items()} == {
        "*": 2,
        "name": 1,
        "kind": 0,
        "size": 0,
        "verdict": 1,
        "date_verdict": 1,
        "bucket": 1,
        "weight": 2,
        "others": 0,
        "sizes": 0,
    }
    assert [row["linhas"] for row in found.values()] == [1] * len(found)


def test_a_table_without_rows_has_none_here(counted):
    assert counted() == {}


def test_every_row_is_counted_a_null_one_too(counted):
    assert {row["linhas"] for row in counted({}, {}, {"name": "a"}).values()} == {3}


@pytest.mark.parametrize("fruit", [{}, {"verdict": "ok", "kind": "a"}], ids=["all null", "some not"])
def test_what_does_not_apply_to_a_column_is_null_and_not_zero(counted, fruit):
    found = counted(fruit)
    assert {column: {name for name in ASKED if row[name] is not None} for column, row in found.items()} == {
        "*": set(),
        "name": {"nulos", "vazios"},
        "kind": {"nulos", "vazios", "sem_rotulo"},
        "size": {"nulos", "sem_rotulo"},
        "verdict": {"nulos", "vazios", "em_revisao", "suspeitos"},
        "date_verdict": {"nulos", "vazios", "suspeitos"},
        "bucket": {"nulos", "vazios"},
        "weight": {"nulos"},
        "others": {"nulos"},
        "sizes": {"nulos", "sem_rotulo"},
    }


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        pytest.param("name", ["x", None, None], {"nulos": 2, "vazios": 0}, id="nulls"),
        pytest.param("weight", [None, Decimal(0), Decimal(1)], {"nulos": 1}, id="zero is not null"),
        pytest.param("others", [None, [], ["a"]], {"nulos": 1}, id="an empty list is not null"),
        pytest.param(
            "name", ["", " ", "\t\n", None, "x", " x "], {"nulos": 1, "vazios": 3}, id="blank texts"
        ),
        pytest.param(
            "kind",
            ["a", "p", "x", "x", "A", None, ""],
            {"nulos": 1, "vazios": 1, "sem_rotulo": 4},
            id="codes",
        ),
        pytest.param(
            "size", [1, 10, 2, 100, None], {"nulos": 1, "sem_rotulo": 2}, id="codes that are numbers"
        ),
        pytest.param(
            "sizes",
            [[1, 10], [1, 2], [2, 100], [None], [], None],
            {"nulos": 1, "sem_rotulo": 2},
            id="lists of codes",
        ),
        pytest.param(
            "verdict",
            ["ok", "review", "review", "suspect", "suspect", "suspect", None],
            {"nulos": 1, "vazios": 0, "em_revisao": 2, "suspeitos": 3},
            id="verdicts of values",
        ),
        pytest.param(
            "date_verdict",
            ["ok", "implausible", "implausible", "reversed", None],
            {"nulos": 1, "vazios": 0, "suspeitos": 3},
            id="verdicts of dates",
        ),
        pytest.param("bucket", ["suspect", "contract"], {"nulos": 0, "vazios": 0}, id="no verdict"),
    ],
)
def test_what_is_asked_of_a_column(counted, column, values, expected):
    found = counted(*({column: value} for value in values))[column]
    assert {name: found[name] for name in ASKED} == NONE | expected


@pytest.mark.parametrize(
    ("fruits", "column", "expected"),
    [
        pytest.param([{"weight": 1}], "weight", (0, None), id="none broken"),
        pytest.param(
            [{"weight": 0}, {"weight": -1}, {"weight": 1}], "weight", (2, "weight >= 1: 2"), id="one"
        ),
        pytest.param(
            [{"weight": 0}, {}, {}],
            "weight",
            (3, "weight is not null: 2; weight >= 1: 1"),
            id="two, of which each row breaks one",
        ),
        pytest.param([{}], "kind", (0, None), id="no rule"),
        pytest.param([{"name": "a"}, {}], "name", (1, "name is not null: 1"), id="null in a key"),
        pytest.param(
            [{"verdict": "?"}, {"verdict": None}, {"verdict": "ok"}],
            "verdict",
            (1, "verdict is one of its values: 1"),
            id="null is not held against a value",
        ),
        pytest.param([{"name": "a", "kind": "p"}, {"kind": "p"}], "*", (0, None), id="rows are good"),
        pytest.param(
            [{"name": "a", "kind": "a"}, {"name": "p", "kind": "p"}, {"weight": 100}],
            "*",
            (3, "a name is no kind: 2; heavy fruits have a name: 1"),
            id="rules of whole rows, of either severity",
        ),
    ],
)
def test_failures_of_rules(counted, fruits, column, expected):
    typed = [fruit | {"weight": Decimal(fruit["weight"])} if "weight" in fruit else fruit for fruit in fruits]
    found = counted(*typed)[column]
    assert (found["falhas"], found["regras_quebradas"]) == expected


def test_a_contract_without_rules(counted):
    assert counted({"name": "a"}, contract=Bare) == {
        WHOLE_ROW: {"linhas": 1, "regras": 0, "falhas": 0, "regras_quebradas": None} | NONE,
        "name": {"linhas": 1, "regras": 0, "falhas": 0, "regras_quebradas": None}
        | NONE
        | {"nulos": 0, "vazios": 0},
    }
