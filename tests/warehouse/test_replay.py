"""Quarantined records tried again: they take their place in history, and the ledger says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.warehouse.landing import RECORDS_PER_REQUEST, Landed
from baliza.warehouse.page import PageReader
from baliza.warehouse.raw_table import RawTable
from baliza.warehouse.release import release
from baliza.warehouse.replay import Tried, batches, replay

NOW = datetime(2025, 5, 1)  # noqa: DTZ001  the file keeps UTC without saying so
BAD = {"dataAssinatura": "2025-02-30"}


class Mending:
    """Tries again what is in quarantine; `mend` makes its text what a mended baliza would make of it."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, table: RawTable, reader: PageReader, spool: Path
    ) -> None:
        self.con, self.table, self.reader, self.spool = con, table, reader, spool

    def mend(self, old: str = "2025-02-30", new: str = "2025-02-28") -> None:
        self.con.execute("UPDATE meta.quarantine SET raw_text = replace(raw_text, ?, ?)", [old, new])

    def __call__(self) -> list[Tried]:
        found = []
        for records in batches(self.con, "contratos", self.table.name):
            tried = replay(self.con, self.table, self.reader, records, self.spool)
            release(self.con, self.table, tried, NOW)
            found += tried
        return found

    def values(self, what: str = '"valorGlobal"') -> list[Any]:
        rows = self.con.execute(f"SELECT {what} FROM raw.contratos ORDER BY observation_id").fetchall()
        return [row[0] if len(row) == 1 else row for row in rows]

    def cell(self, what: str = "status, landed, quarantined") -> tuple[Any, ...]:
        (row,) = self.con.execute(f"SELECT {what} FROM meta.coverage").fetchall()
        return row

    def left(self) -> int:
        return self.con.execute("SELECT count(*) FROM meta.quarantine").fetchall()[0][0]


@pytest.fixture
def again(arrive: Any, table: RawTable, reader: PageReader, tmp_path: Path) -> Mending:
    return Mending(arrive.con, table, reader, tmp_path)


def test_what_lands_is_a_row_of_its_request(arrive: Any, again: Mending, record: Callable, page: Callable):
    arrive(page(record("x")))
    arrive(page(record("a"), record("b", **BAD), record("c")))
    requested_at = again.con.execute(
        "SELECT requested_at FROM meta.requests WHERE request_id = 2"
    ).fetchall()[0][0]
    again.mend()

    (tried,) = again()

    assert (tried.is_new, tried.reason, tried.key) == (True, None, "b")
    ((observation_id, *row),) = again.con.execute(
        """
        SELECT observation_id, request_id, source_endpoint, observed_at, "dataAssinatura", unknown_fields
        FROM raw.contratos WHERE "numeroControlePNCP" = 'b'
        """
    ).fetchall()
    assert observation_id // RECORDS_PER_REQUEST == 2
    assert row == [2, "contratos", requested_at, date(2025, 2, 28), None]
    assert len(set(again.values("observation_id"))) == 4
    assert again.left() == 0


def test_it_is_what_landing_would_have_made_of_it(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    odd = {"novo": {"b": [1.0, None]}, "valorGlobal": 9999999999999.99, "objetoContrato": "coração"}
    arrive(page(record("a", **BAD, **odd)))
    again.mend()
    again()

    assert arrive(page(record("a", dataAssinatura="2025-02-28", **odd))) == Landed(1, 0, 1, 0)


def test_its_place_is_between_the_versions_observed_before_and_after(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    arrive(page(record(valorGlobal=1)))
    arrive(page(record(valorGlobal=2, **BAD)))
    arrive(page(record(valorGlobal=3)))
    again.mend()
    again()

    assert again.values('"valorGlobal", request_id') == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize(
    ("bodies", "kept"),
    [
        pytest.param(["good", "bad"], [1], id="as before"),
        pytest.param(["bad", "good"], [2], id="as after"),
        pytest.param(["good", "bad", "other", "good"], [1, 3, 4], id="as before, with others after"),
        pytest.param(["other", "bad", "other"], [1, 2], id="between what was thought one"),
        pytest.param(["bad", "bad too"], [1], id="twice in quarantine"),
        pytest.param(["bad", "bad too", "good"], [3], id="twice in quarantine, then landed"),
        pytest.param(["bad", "other", "bad too"], [1, 2, 3], id="twice in quarantine, with another between"),
    ],
)
def test_a_record_identical_to_its_neighbour_is_no_version(
    arrive: Any, again: Mending, record: Callable, page: Callable, bodies: list[str], kept: list[int]
):
    good = record(dataAssinatura="2025-02-28")
    kinds = {
        "good": good,
        "other": record(dataAssinatura="2025-02-27"),
        "bad": {**good, **BAD},
        "bad too": json.dumps({**good, **BAD}).replace("100.5", "100.50"),
    }
    for body in bodies:
        arrive(page(kinds[body]))
    again.mend()
    tried = again()

    assert again.values("request_id") == kept
    assert again.left() == 0
    assert all(one.text is not None for one in tried)


def test_positions_do_not_collide_however_often_it_is_tried(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    bad = [record(f"bad {number}", dataAssinatura=f"2025-02-{30 + number % 2}") for number in range(6)]
    arrive(page(*(record(f"{number}") for number in range(5)), *bad))
    again.mend()
    again()
    again.mend("2025-02-31", "2025-02-28")
    again()

    assert len(set(again.values("observation_id"))) == 11
    assert again.left() == 0


def test_what_is_still_refused_stays_with_todays_reason(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    arrive(page(record("a", **BAD), record("b", numeroParcelas=1.5)))
    again.mend("2025-02-30", "2025-02-31")
    again.con.execute("UPDATE meta.quarantine SET reason = 'of an older baliza'")

    assert [one.is_new for one in again()] == [False, False]
    reasons = again.con.execute("SELECT reason FROM meta.quarantine ORDER BY key").fetchall()
    assert "2025-02-31" in reasons[0][0]
    assert "1.5 is not a whole number" in reasons[1][0]
    assert again.cell() == ("complete", 2, 2)
    assert again.con.execute("SELECT count(*) FROM meta.landings").fetchall() == [(1,)]


def test_what_is_no_json_stays(arrive: Any, again: Mending, record: Callable, page: Callable):
    arrive(page(record("a", **BAD)))
    again.con.execute("UPDATE meta.quarantine SET raw_text = '{\"numeroControlePNCP\":'")
    (tried,) = again()

    assert tried.text is None
    assert "not a page of PNCP" in (tried.reason or "")
    assert again.con.execute("SELECT key FROM meta.quarantine").fetchall() == [("a",)]


def test_bytes_that_are_no_text_do_not_land_as_other_letters(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    body = json.dumps(record("a", objetoContrato="coração x"), ensure_ascii=False).encode()
    arrive(page(body.replace(b" x", b" \xe3")))
    assert again.left() == 1

    assert again()[0].text is None
    assert again()[0].text is None


def test_the_cell_counts_fewer_quarantined(arrive: Any, again: Mending, record: Callable, page: Callable):
    arrive(page(record("a", **BAD), record("b", **BAD), record("c", numeroParcelas=1.5), record("d")))
    assert again.cell() == ("complete", 4, 3)
    again.mend()
    again()

    assert again.cell() == ("complete", 4, 1)
    last = "SELECT received, stored, repeats, quarantined, landed_at FROM meta.landings ORDER BY landing_id DESC LIMIT 1"
    assert again.con.execute(last).fetchall() == [(3, 2, 0, 1, NOW)]


def test_a_key_of_two_texts_is_free_when_both_are(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    arrive(page(record("a", **BAD), record("a", dataAssinatura="2025-02-31")))
    assert again.cell() == ("complete", 1, 1)
    again.mend()
    again()
    assert again.cell() == ("complete", 1, 1)

    again.mend("2025-02-31", "2025-02-28")
    again()
    assert again.cell() == ("complete", 1, 0)


def test_a_cell_proven_anew_is_not_counted_down_for_an_old_text(
    arrive: Any, again: Mending, record: Callable, page: Callable
):
    arrive(page(record("a", **BAD)))
    arrive(page(record("a"), record("b", numeroParcelas=1.5)))
    assert again.cell() == ("complete", 2, 1)
    again.mend()
    again()

    assert again.cell() == ("complete", 2, 1)


@pytest.fixture
def keyless(arrive: Any, again: Mending, record: Callable, page: Callable) -> Mending:
    """A day of three records of which one had no key, which a mended baliza can read."""
    nameless = record("~").copy()
    nameless["numeroControlePNCP"] = None
    arrive(page(record("a"), record("b"), nameless))
    again.con.execute(
        "UPDATE meta.coverage SET status = 'short', expected = 3, reason = '1 in quarantine without a key'"
    )
    assert again.cell() == ("short", 2, 0)
    return again


def test_a_key_that_can_be_read_now_completes_its_day(keyless: Mending):
    keyless.mend('"numeroControlePNCP": null', '"numeroControlePNCP": "c"')
    keyless()

    assert keyless.cell("status, landed, quarantined, reason") == ("complete", 3, 0, None)
    assert sorted(keyless.values('"numeroControlePNCP"')) == ["a", "b", "c"]


def test_a_key_that_was_counted_already_completes_nothing(keyless: Mending):
    keyless.mend('"numeroControlePNCP": null', '"numeroControlePNCP": "a"')
    keyless()

    assert keyless.cell() == ("short", 2, 0)


def test_a_day_that_lacks_more_stays_short(keyless: Mending):
    keyless.con.execute("UPDATE meta.coverage SET expected = 4")
    keyless.mend('"numeroControlePNCP": null', '"numeroControlePNCP": "c"')
    keyless()

    assert keyless.cell() == ("short", 3, 0)


def test_a_key_that_can_be_read_of_a_record_still_refused_counts_as_landed(keyless: Mending):
    keyless.mend('"numeroControlePNCP": null', '"numeroControlePNCP": "c", "dataAssinatura": "2025-02-30"')
    keyless()

    assert keyless.cell() == ("complete", 3, 1)
    assert keyless.con.execute("SELECT key FROM meta.quarantine").fetchall() == [("c",)]


def test_more_than_one_batch(arrive: Any, again: Mending, record: Callable, page: Callable, monkeypatch: Any):
    monkeypatch.setattr("baliza.warehouse.replay.BATCH", 2)
    for number in range(3):
        arrive(
            page(
                *(record(f"{number} {one}", valorGlobal=number, **BAD) for one in range(3)),
                record("same", **BAD),
            )
        )
    again.mend()
    tried = again()

    assert [one.is_new for one in tried].count(True) == 10
    assert again.left() == 0
    assert len(set(again.values("observation_id"))) == 10
    assert again.cell("quarantined") == (0,)
