"""The first partners of any choice are the first of all, and rows and rest sum to the whole."""

from collections import defaultdict
from itertools import product
from random import Random

import duckdb
import pytest

from baliza.publish.panel.partners import SHOWN, Partners

YEARS, CATEGORIES = (2023, 2024, None), (1, 2, None)


@pytest.fixture(scope="module")
def pairs():
    chance = Random(7)
    return [
        ("o1", f"p{n}", year, category, 1, chance.randrange(1, 10_000), None, None)
        for n, year, category in product(range(80), YEARS, CATEGORIES)
        if chance.random() < 0.6
    ] + [("o1", None, 2024, 1, 1, 50_000, None, None), ("o2", "p1", 2024, 1, 2, 5, None, None)]


@pytest.fixture(scope="module")
def told(pairs):
    con = duckdb.connect()
    con.execute("ATTACH ':memory:' AS panel")
    con.execute(
        "CREATE TABLE panel.pair (orgao VARCHAR, supplier VARCHAR, ano INT, categoria INT, n BIGINT, valor DECIMAL(24,4), maior DECIMAL(24,4), numero VARCHAR)"
    )
    con.executemany("INSERT INTO panel.pair VALUES (?, ?, ?, ?, ?, ?, ?, ?)", pairs)
    con.execute(
        "CREATE TABLE panel.supplier AS SELECT DISTINCT supplier AS id, supplier AS shown, 'n' AS name FROM panel.pair"
    )
    return Partners(con, "orgao", "supplier").of("o1")


def chosen(rows, year, category):
    return [row for row in rows if year in {"all", row[1]} and category in {"all", row[2]}]


@pytest.mark.parametrize("category", ["all", *CATEGORIES])
@pytest.mark.parametrize("year", ["all", *YEARS])
def test_the_first_of_any_choice_are_exact(pairs, told, year, category):
    everyone = defaultdict(int)
    for _, supplier, *row in pairs:
        everyone[supplier] += sum(one[4] for one in chosen([(supplier, *row)], year, category) if _ == "o1")
    kept = defaultdict(int)
    for row in chosen(told["linhas"], year, category):
        if row[0] is not None:
            kept[told["quem"][row[0]][0]] += row[4]

    first = sorted((value for value in everyone.values() if value), reverse=True)[:SHOWN]
    assert sorted((value for value in kept.values() if value), reverse=True)[: len(first)] == first
    assert sum(row[4] for row in chosen(told["linhas"], year, category)) == sum(everyone.values())


def test_not_everybody_is_kept(told):
    assert SHOWN < len(told["quem"]) < 80
    assert [row[0] for row in told["linhas"]].count(None) == 9
