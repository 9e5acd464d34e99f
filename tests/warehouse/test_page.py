import json
from collections.abc import Callable
from typing import Any

import pytest

from baliza.warehouse.page import PageReader, UnreadablePageError, split

KEY = "00000000000191-2-000001/2025"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body>Servico indisponivel</body></html>", id="html"),
        pytest.param(b'{"data":[{"numeroControlePNCP":"1"}],"totalReg', id="cut off in the envelope"),
        pytest.param(b'{"data":[{"numeroControlePNCP":"1","objetoContrato":"abc', id="cut off in a record"),
        pytest.param(b'{"message":"Erro","status":"500"}', id="error object"),
        pytest.param(b'"Erro na comunicacao com o banco de dados."', id="text"),
        pytest.param(b'{"data":[]}', id="no total"),
        pytest.param(b'{"data":[],"totalRegistros":null}', id="null total"),
        pytest.param(b'{"data":{},"totalRegistros":1}', id="data is no list"),
        pytest.param(b"[]", id="bare list"),
        pytest.param(b" ", id="blank"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_what_is_no_page_is_refused(reader: PageReader, body: bytes):
    with pytest.raises(UnreadablePageError):
        reader.read(body)


def test_a_page_says_its_total_keys_days_and_values(reader: PageReader, record: Callable, page: Callable):
    sub_rogated = record("b", orgaoSubRogado={"cnpj": "11111111000191"}, dataPublicacaoPncp=None)
    body = page(record("a"), sub_rogated, record("a"), total=7)
    read = reader.read(body)
    assert (read.total, read.received, read.defects) == (7, 3, [])
    assert read.days == {"a": "2025-03-10", "b": ""}
    assert dict(reader.values(read, ("orgaoEntidade.cnpj", "orgaoSubRogado.cnpj"))) == {
        "a": ("00000000000191", None),
        "b": ("00000000000191", "11111111000191"),
    }
    assert [json.loads(one) for one in split(read.body)] == json.loads(body)["data"]


@pytest.mark.parametrize(
    "day",
    [
        pytest.param("2025-02-30T10:00:00", id="30 February"),
        pytest.param("20250210", id="other spelling"),
        pytest.param("2025/02/10 10:00:00", id="a spelling that DuckDB reads"),
        pytest.param("hoje", id="text"),
    ],
)
def test_a_day_that_cannot_be_checked_is_a_defect(
    reader: PageReader, record: Callable, page: Callable, day: str
):
    read = reader.read(page(record("a", dataPublicacaoPncp=day), record("b")))
    assert list(read.days) == ["b"]
    (defect,) = read.defects
    assert (defect.key, defect.day) == ("a", None)
    assert "dataPublicacaoPncp is not written as a date" in defect.reason


@pytest.mark.parametrize("day", ["", " ", None], ids=["blank", "a space", "null"])
def test_a_record_without_a_day_lands(reader: PageReader, record: Callable, page: Callable, day: str | None):
    read = reader.read(page(record("a", dataPublicacaoPncp=day)))
    assert (read.days, read.defects) == ({"a": ""}, [])


def test_a_record_nested_without_end_is_a_defect(reader: PageReader, record: Callable, page: Callable):
    deep = json.dumps(record("a"))[:-1] + ',"novo":' + "[" * 600 + "]" * 600 + "}"
    read = reader.read(page(deep, record("b")))
    assert list(read.days) == ["b"]
    assert len(read.defects) == 1


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        pytest.param({"objetoContrato": {"texto": "x"}}, KEY, id="object where text belongs"),
        pytest.param({"objetoContrato": ["x"]}, KEY, id="list where text belongs"),
        pytest.param({"orgaoEntidade": "Prefeitura"}, KEY, id="text where an object belongs"),
        pytest.param({"receita": "sim"}, KEY, id="text where a boolean belongs"),
        pytest.param({"valorGlobal": True}, KEY, id="boolean where a number belongs"),
        pytest.param({"valorGlobal": [1]}, KEY, id="list where a number belongs"),
        pytest.param({"numeroParcelas": 1.5}, KEY, id="fraction where a whole number belongs"),
        pytest.param({"tipoContrato": {"id": 7.5, "nome": "x"}}, KEY, id="nested fraction"),
        pytest.param({"dataAssinatura": 20250101}, KEY, id="number where a date belongs"),
        pytest.param({"numeroControlePNCP": None}, None, id="null key"),
        pytest.param({"numeroControlePNCP": " \t"}, None, id="blank key"),
        pytest.param({"numeroControlePNCP": {"a": 1}}, None, id="key is an object"),
    ],
)
def test_a_bad_record_is_a_defect_and_its_neighbours_are_not(
    reader: PageReader, record: Callable, page: Callable, bad: dict[str, Any], key: str | None
):
    text = json.dumps(record(KEY) | bad, ensure_ascii=False)
    read = reader.read(page(record("a"), text, record("z")))
    (defect,) = read.defects
    assert list(read.days) == ["a", "z"]
    assert read.received == 3
    assert [json.loads(one)["numeroControlePNCP"] for one in split(read.body)] == ["a", "z"]
    assert (defect.key, defect.day, defect.raw_text) == (key, "2025-03-10", text)
    assert next(iter(bad)) in defect.reason or "$" in defect.reason


def test_the_key_may_be_missing_altogether(reader: PageReader, record: Callable, page: Callable):
    keyless = record()
    del keyless["numeroControlePNCP"]
    (defect,) = reader.read(page(keyless)).defects
    assert defect.key is None
    assert "numeroControlePNCP" in defect.reason


@pytest.mark.parametrize("text", ["null", "12", '"texto"', "[]", "true"])
def test_a_record_that_is_no_object_is_a_defect(
    reader: PageReader, record: Callable, page: Callable, text: str
):
    read = reader.read(page(record("a"), text))
    assert [(defect.key, defect.raw_text) for defect in read.defects] == [(None, text)]
    assert list(read.days) == ["a"]


def test_bytes_that_are_not_utf8_spoil_only_their_record(
    reader: PageReader, record: Callable, page: Callable
):
    spoiled = json.dumps(record(KEY, objetoContrato="X")).encode().replace(b'"X"', b'"\xff"')
    read = reader.read(page(record("a"), spoiled))
    assert list(read.days) == ["a"]
    assert [(defect.key, defect.raw_text.encode("latin-1")) for defect in read.defects] == [(KEY, spoiled)]


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        pytest.param({"novo": 1}, {"novo": 1}, id="top level"),
        pytest.param({"novo": None}, {"novo": None}, id="null"),
        pytest.param({"tipoContrato": {"id": 1, "x": [2]}}, {"tipoContrato": {"x": [2]}}, id="nested"),
        pytest.param(
            {"tipoContrato": None, "novo": {"b": 2.0, "a": 1}}, {"novo": {"a": 1, "b": 2}}, id="object"
        ),
    ],
)
def test_unknown_fields_are_kept_apart(
    reader: PageReader, record: Callable, page: Callable, fields: dict[str, Any], unknown: dict[str, Any]
):
    read = reader.read(page(record("a", **fields), record("b")))
    with_unknown, without = (json.loads(one) for one in split(read.body))
    assert with_unknown["unknown_fields"] == unknown
    assert with_unknown["valorGlobal"] == 100.5
    assert "unknown_fields" not in without
    assert read.defects == []


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"numeroContratoEmpenho": 12}, id="number where text belongs"),
        pytest.param({"valorGlobal": "100.50"}, id="number as text"),
        pytest.param({"valorGlobal": 100}, id="whole amount"),
        pytest.param({"numeroParcelas": 3.0}, id="whole number spelled as a fraction"),
        pytest.param({"numeroParcelas": None, "tipoContrato": None}, id="nulls"),
    ],
)
def test_another_spelling_is_no_defect(
    reader: PageReader, record: Callable, page: Callable, fields: dict[str, Any]
):
    read = reader.read(page(record("a", **fields)))
    assert (list(read.days), read.defects) == (["a"], [])


def test_a_padded_key_is_a_defect_and_not_another_record(
    reader: PageReader, record: Callable, page: Callable
):
    read = reader.read(page(record("a"), record(" a ")))

    assert list(read.days) == ["a"]
    assert [(defect.key, defect.reason) for defect in read.defects] == [
        ("a", "numeroControlePNCP is missing, blank or padded")
    ]


def test_a_byte_order_mark_is_no_obstacle(reader: PageReader, record: Callable, page: Callable):
    read = reader.read(b"\xef\xbb\xbf" + page(record("a")))

    assert list(read.days) == ["a"]
    assert read.body.startswith(b"{")


def test_a_negative_total_is_no_page(reader: PageReader):
    with pytest.raises(UnreadablePageError):
        reader.read(b'{"data":[],"totalRegistros":-1}')
