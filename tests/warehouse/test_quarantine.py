import json
from collections.abc import Callable
from typing import Any

import pytest

from baliza.warehouse.landing import typed_records
from baliza.warehouse.page import split
from baliza.warehouse.quarantine import set_apart


@pytest.fixture
def refused(arrive: Any, reader: Any) -> Callable[..., tuple[Any, Any]]:
    """Set apart what DuckDB refuses of these pages: the pages, and (page number, key, reason) of each."""

    def refusing(*bodies: bytes) -> tuple[Any, Any]:
        pages = arrive.landing(*bodies).pages
        found = set_apart(arrive.con, reader, pages, lambda path: typed_records(arrive.table, [path]))
        return pages, [(page.number, defect.key, defect.reason) for page, defect in found]

    return refusing


def keys(page: Any) -> list[str]:
    return [json.loads(record)["numeroControlePNCP"] for record in split(page.path.read_bytes())]


def test_pages_without_fault_stay_as_they_are(refused: Any, reader: Any, record: Callable, page: Callable):
    body = page(record("a"), record("b"))
    pages, found = refused(body)
    assert found == []
    assert pages[0].path.read_bytes() == reader.read(body).body


@pytest.mark.parametrize("bad", [[0], [9], [4], [0, 9], [3, 4], list(range(10))], ids=str)
def test_every_bad_record_is_found_wherever_it_stands(
    refused: Any, record: Callable, page: Callable, bad: list[int]
):
    records = [record(f"{n}", **({"dataAssinatura": "2025-02-30"} if n in bad else {})) for n in range(10)]
    pages, found = refused(page(record("x")), page(*records))
    assert sorted(found) == [(2, f"{n}", 'date field value out of range: "2025-02-30"') for n in bad]
    assert keys(pages[0]) == ["x"]
    assert keys(pages[1]) == [f"{n}" for n in range(10) if n not in bad]


def test_the_text_is_kept_as_it_came(arrive: Any, record: Callable, page: Callable):
    bad = record(
        "a", dataAssinatura="2025-02-30", novo={"x": [1.0]}, orgaoEntidade={"novo": ',"unknown_fields":'}
    )
    arrive(page(bad, record("b", novo=1)))
    kept = arrive.con.execute("SELECT raw_text FROM meta.quarantine").fetchall()
    assert kept == [(json.dumps(bad),)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param(
            {"valorGlobal": "a combinar"}, 'Failed to cast value to numerical: "a combinar"', id="text"
        ),
        pytest.param(
            {"numeroParcelas": 99999999999}, "Failed to cast value to numerical: 99999999999", id="too large"
        ),
        pytest.param({"valorGlobal": 1e25}, "1e+25", id="too large for money"),
        pytest.param({"dataAtualizacao": "ontem"}, "ontem", id="moment"),
    ],
)
def test_the_reason_is_duckdbs_sentence(
    refused: Any, record: Callable, page: Callable, fields: dict[str, Any], reason: str
):
    ((_, _, said),) = refused(page(record("a", **fields)))[1]
    assert reason in said
    assert "\n" not in said
    assert ".json" not in said
