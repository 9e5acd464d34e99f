from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.stage.mentions import every_mention_has_its_row, mention, newest

EARLY, LATE = datetime(2024, 1, 1, 8), datetime(2024, 1, 1, 9)  # noqa: DTZ001 - PNCP names no zone
MENTIONS = {
    "key": "string",
    "name": "string",
    "place": "string",
    "visto_em": "timestamp",
    "record": "string",
}


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture(scope="module")
def known(table):
    """What `newest` makes of mentions given as tuples, by key."""

    def read(*mentions: tuple) -> dict[str, dict]:
        made = table(MENTIONS, *(dict(zip(MENTIONS, said, strict=True)) for said in mentions))
        found = rows(newest(made, key=("key",), name="name"))
        assert len(found) == len({row["key"] for row in found})
        return {row.pop("key"): row for row in found}

    return read


@pytest.mark.parametrize(
    ("mentions", "expected"),
    [
        pytest.param([("a", "A", "x", EARLY, "1")], ("A", "x", [], EARLY), id="one"),
        pytest.param(
            [("a", "A", "x", LATE, "1"), ("a", "B", "y", EARLY, "2")],
            ("A", "x", ["B"], LATE),
            id="the later update, the other name kept",
        ),
        pytest.param(
            [("a", "A", "x", LATE, "1"), ("a", "B", "y", LATE, "2")],
            ("B", "y", ["A"], LATE),
            id="the same moment: by control number",
        ),
        pytest.param(
            [("a", "A", "x", LATE, "2"), ("a", "B", "y", LATE, "1")],
            ("A", "x", ["B"], LATE),
            id="the same moment: by control number, not by name",
        ),
        pytest.param(
            [("a", "B", "x", LATE, "1"), ("a", "A", "y", LATE, "1")],
            ("B", "y", ["A"], LATE),
            id="the same record twice: by the fact itself",
        ),
        pytest.param(
            [("a", None, "x", LATE, "2"), ("a", "A", "y", EARLY, "1")],
            ("A", "x", [], LATE),
            id="a fact not stated is not the newest",
        ),
        pytest.param(
            [("a", "A", "x", None, "2"), ("a", "B", "y", EARLY, "1")],
            ("B", "y", ["A"], EARLY),
            id="no moment is the oldest",
        ),
        pytest.param([("a", "A", "x", None, "1")], ("A", "x", [], None), id="no moment at all"),
        pytest.param([("a", None, None, LATE, "1")], (None, None, [], LATE), id="nothing stated"),
        pytest.param(
            [
                ("a", "C", "x", EARLY, "1"),
                ("a", "B", "x", EARLY, "2"),
                ("a", "B", "x", EARLY, "3"),
                ("a", "D", "x", EARLY, "4"),
                ("a", "A", "x", LATE, "5"),
            ],
            ("A", "x", ["B", "C", "D"], LATE),
            id="other names once each, in order",
        ),
    ],
)
def test_newest(known, mentions, expected):
    assert known(*mentions) == {
        "a": dict(zip(("name", "place", "outros_nomes", "visto_em"), expected, strict=True))
    }


def test_each_key_is_its_own_and_null_is_none(known):
    found = known(
        ("a", "A", None, EARLY, "1"), ("b", "B", None, EARLY, "2"), (None, "nobody", None, LATE, "3")
    )
    assert {key: (row["name"], row["outros_nomes"]) for key, row in found.items()} == {
        "a": ("A", []),
        "b": ("B", []),
    }


def test_no_mentions(known):
    assert known() == {}


def test_a_key_of_two_facts_wants_both(table):
    made = table(
        MENTIONS,
        {"key": "a", "place": "x", "name": "A", "record": "1"},
        {"key": "a", "place": "y", "name": "B", "record": "1"},
        {"key": "a", "place": None, "name": "C", "record": "1"},
    )
    found = newest(made, key=("key", "place"), name="name")
    assert found.columns == ("key", "place", "name", "outros_nomes", "visto_em")
    assert sorted((row["key"], row["place"], row["name"], row["outros_nomes"]) for row in rows(found)) == [
        ("a", "x", "A", []),
        ("a", "y", "B", []),
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["A", "B", "C", None]),
            st.sampled_from(["x", "y", None]),
            st.sampled_from([EARLY, LATE, None]),
            st.sampled_from(["1", "2", "3"]),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
@settings(deadline=None, max_examples=40)
def test_the_order_of_rows_never_counts_and_no_name_is_lost(known, mentions, random):
    found = known(*mentions)
    shuffled = list(mentions)
    random.shuffle(shuffled)
    assert known(*shuffled) == found
    named = {(key, name) for key, name, *_ in mentions if key and name}
    assert {
        (key, name) for key, row in found.items() for name in [row["name"], *row["outros_nomes"]] if name
    } == named
    assert set(found) == {key for key, *_ in mentions if key}


RECORDS = {
    "numero": "string",
    "cnpj": "string",
    "nome": "string",
    "cnpj_subrogado": "string",
    "data_atualizacao_global": "timestamp",
    "data_publicacao_pncp": "timestamp",
}


def test_a_mention_takes_the_tables_columns_of_that_name(table):
    records = table(RECORDS, {"numero": "1", "cnpj": "a", "nome": "A", "data_atualizacao_global": LATE})
    assert rows(mention(records, "numero", ("cnpj", "nome", "poder"))) == [
        {"cnpj": "a", "nome": "A", "poder": None, "visto_em": LATE, "record": "1"}
    ]


def test_a_mention_under_other_columns_takes_no_others(table):
    records = table(RECORDS, {"numero": "1", "cnpj": "a", "nome": "A", "cnpj_subrogado": "b"})
    assert rows(mention(records, "numero", ("cnpj", "nome"), {"cnpj": "cnpj_subrogado"})) == [
        {"cnpj": "b", "nome": None, "visto_em": None, "record": "1"}
    ]


@pytest.mark.parametrize(
    ("updated", "published", "expected"),
    [
        pytest.param(EARLY, LATE, EARLY, id="the update"),
        pytest.param(None, LATE, LATE, id="no update: the publication"),
        pytest.param(None, None, None, id="neither"),
    ],
)
def test_the_moment_of_a_mention(table, updated, published, expected):
    records = table(RECORDS, {"data_atualizacao_global": updated, "data_publicacao_pncp": published})
    assert rows(mention(records, "numero", ("cnpj",)))[0]["visto_em"] == expected


def test_the_moment_of_a_mention_in_a_table_without_global_update(table):
    records = table(
        {"numero": "string", "data_atualizacao": "timestamp", "data_publicacao_pncp": "timestamp"},
        {"numero": "1", "data_atualizacao": EARLY, "data_publicacao_pncp": LATE},
    )
    assert rows(mention(records, "numero", ()))[0]["visto_em"] == EARLY


def test_the_gate_finds_the_record_without_a_row(table):
    dimension = table({"key": "string"}, {"key": "a"})
    one = table({"key": "string"}, {"key": "a"}, {"key": "a"}, {"key": "b"}, {"key": None})
    other = table({"key": "string"}, {"key": "a"})
    found = rows(every_mention_has_its_row(dimension, ("key",), contratos=one, atas=other))
    assert sorted(found, key=lambda row: row["measure"]) == [
        {"measure": "records of atas", "expected": 1, "found": 1},
        {"measure": "records of contratos", "expected": 3, "found": 2},
    ]
    assert rows(every_mention_has_its_row(dimension, ("key",), atas=other)) == [
        {"measure": "records of atas", "expected": 1, "found": 1}
    ]
