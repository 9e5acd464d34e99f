from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.contract import MONEY
from dataflows.stage.secrecy import MISSING, WHOLLY_SECRET, is_secret, missing, with_secrecy

SCHEMA = {"n": "int64", "value": MONEY, "secret": "boolean", "has_result": "boolean"}


@pytest.mark.parametrize(
    ("value", "secret", "has_result", "expected"),
    [
        pytest.param("0", True, False, True, id="secret"),
        pytest.param("0.0001", True, False, False, id="published all the same"),
        pytest.param("0", True, True, False, id="a result ends it"),
        pytest.param("0", False, False, False, id="not secret"),
        pytest.param("0", None, False, False, id="nobody says"),
        pytest.param("0", True, None, False, id="nobody says whether there is a result"),
        pytest.param(None, True, False, False, id="null"),
    ],
)
def test_is_secret(table, value, secret, has_result, expected):
    rows = table(SCHEMA, {"value": value and Decimal(value), "secret": secret, "has_result": has_result})
    hidden = is_secret(rows.value, rows.secret, rows.has_result)
    assert rows.select(hidden=hidden).to_pyarrow().to_pylist() == [{"hidden": expected}]


FLAGS = st.sampled_from([True, False, None])
VALUES = st.none() | st.just(Decimal(0)) | st.decimals(-5, 10**6, places=4)


@settings(max_examples=20, deadline=None)
@given(cases=st.lists(st.tuples(VALUES, FLAGS, FLAGS), min_size=10, max_size=30))
def test_an_estimate_is_null_exactly_where_a_reason_says_why(table, cases):
    names = ("value", "secret", "has_result")
    rows = table(SCHEMA, *({"n": n, **dict(zip(names, case, strict=True))} for n, case in enumerate(cases)))
    hidden = is_secret(rows.value, rows.secret, rows.has_result)
    shown = rows.select("n", value=hidden.ifelse(None, rows.value), why=missing(rows.value, hidden))
    for row in shown.to_pyarrow().to_pylist():
        value, *_ = cases[row["n"]]
        assert (row["value"] is None) == (row["why"] in MISSING)
        assert row["value"] in {value, None}
        if row["why"] == "secret":
            assert cases[row["n"]] == (0, True, False)


def test_a_purchase_keeps_its_columns_and_is_never_repeated(table):
    purchases = table({"numeroControlePNCP": "string", "processo": "string"}, {"numeroControlePNCP": "a"})
    schema = {
        "numeroControlePNCP": "string",
        "orcamentoSigilosoCodigo": "int32",
        "orcamentoSigilosoDescricao": "string",
        "existeResultado": "boolean",
        "dataAtualizacaoGlobal": "timestamp",
        "observation_id": "int64",
    }
    details = table(
        schema,
        {"numeroControlePNCP": "a", "orcamentoSigilosoCodigo": 1, "observation_id": 1},
        {"numeroControlePNCP": "a", "orcamentoSigilosoCodigo": 3, "observation_id": 2},
        {"numeroControlePNCP": "b", "orcamentoSigilosoCodigo": 2, "observation_id": 3},
    )
    assert with_secrecy(purchases, details).to_pyarrow().to_pylist() == [
        {
            "numeroControlePNCP": "a",
            "processo": None,
            "orcamentoSigilosoCodigo": 3,
            "orcamentoSigilosoDescricao": None,
            "existeResultado": None,
        }
    ]


def test_three_is_how_pncp_says_that_every_estimate_is_secret():
    assert WHOLLY_SECRET == 3
