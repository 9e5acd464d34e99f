import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.errors import DatabaseError
from baliza.warehouse.landing import PAGES_PER_STATEMENT, Landed, land
from baliza.warehouse.page import PageReader

KEY = "00000000000191-2-000001/2025"


def values(con: duckdb.DuckDBPyConnection, what: str = '"valorGlobal"') -> list[Any]:
    rows = con.execute(f"SELECT {what} FROM raw.contratos ORDER BY observation_id").fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_rows_evidence_ledger_and_landing_arrive_together(arrive: Any, record: Callable, page: Callable):
    assert arrive(page(record("a"), record("b"))) == Landed(2, 2, 0, 0)
    con = arrive.con
    assert values(con, '"numeroControlePNCP", request_id, source_endpoint, unknown_fields') == [
        ("a", 1, "contratos", None),
        ("b", 1, "contratos", None),
    ]
    assert con.execute("SELECT request_id, outcome, status FROM meta.requests").fetchall() == [
        (1, "records", 200)
    ]
    assert con.execute("SELECT status, expected, landed FROM meta.coverage").fetchall() == [
        ("complete", 2, 2)
    ]
    assert con.execute("SELECT table_name, received, stored FROM meta.landings").fetchall() == [
        ("contratos", 2, 2)
    ]


def test_nested_fields_land_as_they_came(arrive: Any, record: Callable, page: Callable):
    arrive(page(record(tipoContrato={"id": 7, "nome": "Empenho"}, receita=False, numeroParcelas=3.0)))
    assert values(
        arrive.con, '"tipoContrato".id, "orgaoEntidade"."razaoSocial", receita, "numeroParcelas"'
    ) == [(7, "Prefeitura", False, 3)]


def test_an_identical_repeat_stores_nothing(arrive: Any, record: Callable, page: Callable):
    arrive(page(record("a"), record("b")))
    assert arrive(page(record("b"), record("a"))) == Landed(2, 0, 2, 0)
    assert values(arrive.con, '"numeroControlePNCP"') == ["a", "b"]


def test_repeats_inside_one_window_store_once(arrive: Any, record: Callable, page: Callable):
    first, second = page(record("a"), record("b")), page(record("b"), record("c"), record("c"))
    assert arrive(first, second) == Landed(5, 3, 2, 0)
    assert sorted(values(arrive.con, '"numeroControlePNCP"')) == ["a", "b", "c"]


def test_a_changed_record_stores_a_row(arrive: Any, record: Callable, page: Callable):
    arrive(page(record("a", valorGlobal=1), record("b")))
    assert arrive(page(record("a", valorGlobal=2), record("b"))) == Landed(2, 1, 1, 0)
    assert values(arrive.con) == [Decimal(1), Decimal("100.5"), Decimal(2)]


@pytest.mark.parametrize("together", [True, False], ids=["in one window", "in three"])
def test_there_and_back_again_keeps_three_rows(arrive: Any, record: Callable, page: Callable, together: bool):
    bodies = [page(record(valorGlobal=value)) for value in (1, 2, 1, 1)]
    if together:
        arrive(*bodies)
    else:
        for body in bodies:
            arrive(body)
    assert values(arrive.con) == [1, 2, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param('"valorGlobal":9016', '"valorGlobal":9016.0', id="decimal point"),
        pytest.param('"valorGlobal":9016', '"valorGlobal":9.016e3', id="exponent"),
        pytest.param('"valorGlobal":9016.5', '"valorGlobal":"9016.50"', id="text"),
        pytest.param('"numeroParcelas":12', '"numeroParcelas":12.0', id="whole number"),
        pytest.param('"receita":true,"processo":"1"', '"processo":"1","receita":true', id="order of keys"),
        pytest.param(
            '"tipoContrato":{"id":1,"nome":"x"}',
            '"tipoContrato":{"nome":"x","id":1}',
            id="order of nested keys",
        ),
        pytest.param('"novo":{"a":1,"b":2}', '"novo":{"b":2.0,"a":1}', id="unknown field"),
        pytest.param('"processo":null', '"receita":null', id="null is absent"),
        pytest.param('"processo":"é"', '"processo":"\\u00e9"', id="escapes"),
    ],
)
def test_another_spelling_is_no_change(arrive: Any, page: Callable, one: str, other: str):
    def text(fields: str) -> str:
        return f'{{"numeroControlePNCP":"{KEY}",{fields},"dataPublicacaoPncp":"2025-03-10T01:00:00"}}'

    arrive(page(text(one)))
    assert arrive(page(text(other))) == Landed(1, 0, 1, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"novo": 1}, id="new at top level"),
        pytest.param({"novo": 1}, {"novo": 2}, id="changed"),
        pytest.param({"novo": 1}, {}, id="gone"),
        pytest.param(
            {"tipoContrato": {"id": 1}}, {"tipoContrato": {"id": 1, "novo": 1}}, id="new inside an object"
        ),
    ],
)
def test_unknown_fields_count_as_content(
    arrive: Any, record: Callable, page: Callable, before: dict[str, Any], after: dict[str, Any]
):
    arrive(page(record(**before)))
    assert arrive(page(record(**after))).stored == 1


def test_unknown_fields_are_kept_as_json(arrive: Any, record: Callable, page: Callable):
    arrive(page(record(novo={"b": [1, None]}, tipoContrato={"id": 1, "x": "y"})))
    assert [json.loads(text) for text in values(arrive.con, "unknown_fields")] == [
        {"novo": {"b": [1, None]}, "tipoContrato": {"x": "y"}}
    ]


@pytest.mark.parametrize(
    "spelled",
    [
        "9999999999999.99", "43880000000000.13", "0.1", "0.0001", "1234.5678", "99999999999.9999", "100000000000.01",
        "-12.34", "0", "7", "9007199254740993", "1e13", "12345678901234567890",
    ],
)  # fmt: skip
def test_decimals_are_exact(arrive: Any, page: Callable, spelled: str):
    arrive(page(f'{{"numeroControlePNCP":"{KEY}","valorGlobal":{spelled}}}'))
    (value,) = values(arrive.con)
    # PNCP itself speaks in doubles: seventeen digits and more are not there to be kept.
    assert value == Decimal(spelled if len(spelled) < 16 else repr(float(spelled)))


BAD = {
    "30 February": {"dataAssinatura": "2025-02-30"},
    "text in a value": {"valorGlobal": "a combinar"},
    "value beyond all columns": {"valorGlobal": 1e25},
    "number too large": {"numeroParcelas": 99999999999},
    "object where text belongs": {"objetoContrato": {"a": 1}},
}


@pytest.mark.parametrize("fields", BAD.values(), ids=BAD.keys())
def test_a_bad_record_goes_to_quarantine_and_its_neighbours_land(
    arrive: Any, record: Callable, page: Callable, fields: dict[str, Any]
):
    landed = arrive(page(record("a"), record("b")), page(record("c"), record(KEY, **fields), record("d")))
    con = arrive.con
    assert landed == Landed(5, 4, 0, 1)
    assert values(con, '"numeroControlePNCP"') == ["a", "b", "c", "d"]
    ((key, text, page_number, request_id, reason),) = con.execute(
        "SELECT key, raw_text, page, request_id, reason FROM meta.quarantine"
    ).fetchall()
    assert (key, text, page_number, request_id) == (KEY, json.dumps(record(KEY, **fields)), 2, 2)
    assert reason
    assert "in line" not in reason
    assert con.execute("SELECT landed, quarantined FROM meta.coverage").fetchall() == [(5, 1)]
    assert con.execute(
        "SELECT received, stored, repeats, quarantined, received = stored + repeats + quarantined FROM meta.landings"
    ).fetchall() == [(5, 4, 0, 1, True)]


@pytest.mark.parametrize(
    ("spelled", "kept"),
    [
        pytest.param("corte \\ud83d", "corte \\ud83d", id="half a surrogate is spelled out"),
        pytest.param("\\udE00\\ud83d\\ude00", "\\udE00😀", id="the wrong half before a pair"),
        pytest.param("\\\\ud83d", "\\ud83d", id="an escaped backslash is no surrogate"),
        pytest.param("a\\u0000b", "a\0b", id="null character"),
    ],
)
def test_odd_characters_land(arrive: Any, record: Callable, page: Callable, spelled: str, kept: str):
    odd = f'{{"numeroControlePNCP":"{KEY}","objetoContrato":"{spelled}"}}'
    assert arrive(page(odd, record("a"))) == Landed(2, 2, 0, 0)
    assert values(arrive.con, '"objetoContrato"') == [kept, None]


def test_every_kind_of_bad_record_on_one_page(arrive: Any, record: Callable, page: Callable):
    bad = [record(f"bad {name}", **fields) for name, fields in BAD.items()]
    good = [record(f"good {number}") for number in range(40)]
    mixed = [one for pair in zip(good, [*bad, *good], strict=False) for one in pair]
    landed = arrive(page(*mixed, "12", record(" ")))
    assert landed.quarantined == len(BAD) + 2
    con = arrive.con
    kept = con.execute("SELECT key FROM meta.quarantine WHERE key IS NOT NULL ORDER BY key").fetchall()
    assert [key for (key,) in kept] == sorted(f"bad {name}" for name in BAD)
    assert set(values(con, '"numeroControlePNCP"')) == {one["numeroControlePNCP"] for one in good}
    assert landed.received == landed.stored + landed.repeats + landed.quarantined


def test_a_blank_where_no_text_belongs_is_null(arrive: Any, record: Callable, page: Callable):
    blanks = {"dataAssinatura": "", "valorGlobal": "", "numeroParcelas": "", "dataPublicacaoPncp": "  "}
    kept = {"objetoContrato": "", "valorInicial": 1234.56, "tipoContrato": {"id": "", "nome": ""}}
    assert arrive(page(record("a", **blanks, **kept), record("b"))) == Landed(2, 2, 0, 0)
    assert values(
        arrive.con,
        '"dataAssinatura", "valorGlobal", "numeroParcelas", "objetoContrato", "valorInicial", "tipoContrato".id',
    )[0] == (None, None, None, "", Decimal("1234.5600"), None)


def test_the_same_defect_again_is_kept_once(arrive: Any, record: Callable, page: Callable):
    bad = record(dataAssinatura="2025-02-30")
    for _ in range(2):
        assert arrive(page(bad)).quarantined == 1
    changed = record(dataAssinatura="2025-02-31")
    arrive(page(changed))
    assert arrive.con.execute("SELECT count(*) FROM meta.quarantine").fetchone() == (2,)


def test_a_window_longer_than_one_statement(arrive: Any, record: Callable, page: Callable):
    count = 2 * PAGES_PER_STATEMENT + 3
    bodies = [page(record(f"{number}"), record(f"{number + 1}")) for number in range(count)]
    assert arrive(*bodies) == Landed(2 * count, count + 1, count - 1, 0)
    assert arrive.con.execute(
        'SELECT count(*), count(DISTINCT "numeroControlePNCP"), count(DISTINCT observation_id) FROM raw.contratos'
    ).fetchone() == (count + 1, count + 1, count + 1)


def test_a_change_across_statements_of_one_window_is_seen(arrive: Any, record: Callable, page: Callable):
    bodies = [page(record("a", valorGlobal=1))]
    bodies += [page(record(f"{number}")) for number in range(PAGES_PER_STATEMENT)]
    bodies += [page(record("a", valorGlobal=2)), page(record("a", valorGlobal=1))]
    arrive(*bodies)
    rows = arrive.con.execute(
        'SELECT "valorGlobal" FROM raw.contratos WHERE "numeroControlePNCP" = \'a\' ORDER BY observation_id'
    ).fetchall()
    assert [value for (value,) in rows] == [1, 2, 1]


def test_order_of_observation_follows_requests_and_positions(arrive: Any, record: Callable, page: Callable):
    arrive(page(record("a"), record("b")), page(record("c")))
    ids = values(arrive.con, "observation_id")
    assert ids == sorted(set(ids))
    assert values(arrive.con, '"numeroControlePNCP"') == ["a", "b", "c"]


def test_a_page_printed_over_many_lines(arrive: Any, record: Callable, page: Callable):
    texts = [json.dumps(record(key, objetoContrato="a\nb"), indent=2).replace("\n", "\r\n") for key in "ab"]
    bad = json.dumps(record("c", dataAssinatura="2025-02-30", novo={"x": 1}), indent=2)
    assert arrive(page(*texts, bad)) == Landed(3, 2, 0, 1)
    assert values(arrive.con, '"numeroControlePNCP", "objetoContrato"') == [("a", "a\nb"), ("b", "a\nb")]
    assert values(arrive.con, "observation_id % 1000000") == [1, 2]
    assert arrive(page(record("b", objetoContrato="a\nb"), record("a", objetoContrato="a\nb"))).repeats == 2


def test_a_page_without_a_landable_record(arrive: Any, record: Callable, page: Callable):
    assert arrive(page("12"), page(record("a"))) == Landed(2, 1, 0, 1)


def test_failing_late_leaves_nothing(
    arrive: Any, record: Callable, page: Callable, database: Path, reader: PageReader
):
    landing = arrive.landing(page(record("a")), page(record("b")))
    arrive.con.execute("DROP TABLE meta.landings")  # the last to be written
    with pytest.raises(DatabaseError, match="landings"):
        land(arrive.con, database, arrive.table, reader, landing, landing.requests[0].requested_at)
    for name in ("raw.contratos", "meta.coverage", "meta.requests", "meta.quarantine"):
        assert arrive.con.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,), name


def test_a_folder_whose_name_is_a_pattern(
    tmp_path: Path, arrive: Any, record: Callable, page: Callable, reader: PageReader
):
    folder = tmp_path / "dados [1]*'s"
    folder.mkdir()
    landing = arrive.landing(page(record("a")))
    (spooled,) = landing.pages
    moved = spooled.path.rename(folder / spooled.path.name)
    object.__setattr__(spooled, "path", moved)
    land(arrive.con, tmp_path, arrive.table, reader, landing, spooled.request.requested_at)
    assert values(arrive.con, '"numeroControlePNCP"') == ["a"]


def real_bodies(folder: Path) -> dict[str, bytes]:
    """The real answers, those whose envelope the collector dropped put into one again."""
    bodies = {}
    for file in sorted([*folder.glob("contratos/*.json"), *folder.glob("contratos_atualizacao/*.json")]):
        body = json.loads(file.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
        listed = body if isinstance(body, list) else body["data"]
        raw = file.read_bytes()
        if isinstance(body, list):
            raw = b'{"data":' + raw + b',"totalRegistros":%d}' % len(listed)
        bodies[f"{file.parent.name}/{file.name}"] = raw
    return bodies


def test_real_answers_land_whole_and_their_sums_are_exact(arrive: Any, real_pages: Path):
    bodies = real_bodies(real_pages)
    assert bodies
    latest: dict[str, Decimal | None] = {}
    received = 0
    for name, body in bodies.items():
        records = json.loads(body, parse_float=Decimal, parse_int=Decimal)["data"]
        landed = arrive(body)
        assert (landed.received, landed.quarantined) == (len(records), 0), name
        received += len(records)
        latest |= {one["numeroControlePNCP"]: one["valorGlobal"] for one in records}
    assert received > 1000
    count, total = arrive.con.execute(
        """
        SELECT count(*), sum(value) FROM (
            SELECT arg_max_null("valorGlobal", observation_id) AS value FROM raw.contratos GROUP BY "numeroControlePNCP"
        )
        """
    ).fetchone()
    assert (count, total) == (len(latest), sum(value for value in latest.values() if value is not None))
    assert set(values(arrive.con, "unknown_fields")) == {None}
