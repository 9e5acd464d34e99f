import json
from typing import Any

import pytest

from baliza.warehouse.shapes import as_page

PARENT = "05816630000152-1-000001/2025"


def shaped(body: Any, shape: Any, parent: str | None = None) -> dict[str, Any]:
    """The envelope, read; a body may be given as a value."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return json.loads(as_page(text, shape, parent))


def test_a_page_stays_byte_for_byte_as_it_came():
    body = b' {"data" : [ {"a":1.10} ],"totalRegistros":7,"empty":false}'
    assert as_page(body, "page") is body


def test_an_array_is_its_own_total():
    assert shaped([{"a": 1}, {"a": 2}], "array") == {"data": [{"a": 1}, {"a": 2}], "totalRegistros": 2}
    assert shaped([], "array") == {"data": [], "totalRegistros": 0}


def test_an_object_is_one_record():
    assert shaped({"a": {"b": None}}, "object") == {"data": [{"a": {"b": None}}], "totalRegistros": 1}


def test_numbers_keep_their_spelling():
    assert (
        as_page(b'[{"v":9999999999999.990}]', "array")
        == b'{"data":[{"v":9999999999999.990}],"totalRegistros":1}'
    )


@pytest.mark.parametrize(
    ("record", "with_parent"),
    [
        pytest.param("{}", {"parent_key": PARENT}, id="without members"),
        pytest.param(" { } ", {"parent_key": PARENT}, id="blanks"),
        pytest.param('{"a":1}', {"parent_key": PARENT, "a": 1}, id="members"),
        pytest.param('\n{ "a":"}"}', {"parent_key": PARENT, "a": "}"}, id="braces in a text"),
    ],
)
def test_records_are_told_their_parent(record: str, with_parent: dict[str, Any]):
    assert shaped(f"[{record}]".encode(), "array", PARENT)["data"] == [with_parent]
    assert shaped(record.encode(), "object", PARENT)["data"] == [with_parent]


def test_a_parent_with_quotes_cannot_break_out_of_its_text():
    hostile = 'x","numeroItem":1,"y":"\\'
    assert shaped([{"a": 1}], "array", hostile)["data"] == [{"parent_key": hostile, "a": 1}]


@pytest.mark.parametrize("record", ["12", '"texto"', "null", "[1]"])
def test_what_is_no_record_is_left_for_the_page_reader_to_refuse(record: str):
    assert shaped(f"[{record}]".encode(), "array", PARENT)["data"] == [json.loads(record)]


PLAN = {"idPcaPncp": "p", "anoPca": 2025, "itens": [{"numeroItem": 1}, {"numeroItem": 2, "valor": 1.50}]}


def test_plans_give_their_items_each_with_the_plan_beside_it():
    found = shaped({"data": [PLAN, {**PLAN, "idPcaPncp": "q"}], "totalRegistros": 40}, "plans")
    assert found["totalRegistros"] == 40, "which counts items"
    assert found["data"] == [
        {"idPcaPncp": plan, "anoPca": 2025, **item} for plan in ("p", "q") for item in PLAN["itens"]
    ]


def test_an_item_says_more_of_itself_than_its_plan_does():
    plan = {"dataAtualizacao": "plan", "itens": [{"dataAtualizacao": "item"}, {}]}
    rows = shaped({"data": [plan], "totalRegistros": 2}, "plans")["data"]
    assert [row["dataAtualizacao"] for row in rows] == ["item", "plan"]


def test_numbers_and_texts_of_a_plan_keep_their_spelling():
    body = (
        b'{"data":[{"razao":"A \\u00e7 \\ud83d\\ude00","itens":[{"v":1234.50,"w":1e3}]}],"totalRegistros":1}'
    )
    assert as_page(body, "plans") == (
        b'{"data":[{"razao":"A \\u00e7 \\ud83d\\ude00","v":1234.50,"w":1e3}],"totalRegistros":1}'
    )


def test_names_with_quotes_are_written_as_they_came():
    plan = {'a"b\\': 1, "itens": [{"ç\n": 2}]}
    assert shaped({"data": [plan], "totalRegistros": 1}, "plans")["data"] == [{'a"b\\': 1, "ç\n": 2}]


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param({"idPcaPncp": "p", "itens": []}, id="without items"),
        pytest.param({"idPcaPncp": "p", "itens": None}, id="null items"),
        pytest.param({"idPcaPncp": "p"}, id="no items at all"),
    ],
)
def test_a_plan_without_items_gives_no_record(plan: dict[str, Any]):
    assert shaped({"data": [plan], "totalRegistros": 0}, "plans")["data"] == []


@pytest.mark.parametrize(
    "plan", [12, "texto", None, [1], {"itens": "x"}, {"itens": [1]}, {"itens": {"numeroItem": 1}}], ids=str
)
def test_what_is_no_plan_stays_to_be_refused_as_it_came(plan: Any):
    assert shaped({"data": [PLAN, plan], "totalRegistros": 3}, "plans")["data"][-1] == plan


@pytest.mark.parametrize("shape", ["plans", "array", "object"])
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"<html></html>", b'{"a":', b"[{", b"\xff\xfe", b'[{"a":1}]]'],
    ids=["nothing", "blank", "html", "cut object", "cut list", "not UTF-8", "something behind"],
)
def test_what_is_not_json_is_refused(shape: Any, body: bytes):
    with pytest.raises(ValueError):  # noqa: PT011  any would do
        as_page(body, shape, PARENT)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        pytest.param({"message": "Erro"}, "array", id="error object where a list belongs"),
        pytest.param("Erro", "array", id="text where a list belongs"),
        pytest.param([PLAN], "plans", id="bare list where an envelope belongs"),
        pytest.param({"data": [PLAN]}, "plans", id="no total"),
        pytest.param({"data": None, "totalRegistros": 0}, "plans", id="null data"),
        pytest.param({"data": [], "totalRegistros": None}, "plans", id="null total"),
    ],
)
def test_what_is_of_another_shape_is_refused(body: Any, shape: Any):
    with pytest.raises(ValueError):  # noqa: PT011  any would do
        shaped(body, shape)
