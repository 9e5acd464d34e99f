"""What was asked before the file was, and lands later: each version takes its place in time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from baliza.warehouse.landing import Landed, history_id, land
from baliza.warehouse.page import PageReader

NOW = datetime(2025, 4, 1, 12)  # noqa: DTZ001  the file keeps UTC without saying so


@pytest.fixture
def arrive_late(arrive: Any, page: Callable, reader: PageReader) -> Callable[..., Landed]:
    """Land records in one page of a request of this number, below zero."""

    def late(number: int, *records: dict[str, Any]) -> Landed:
        landing = arrive.landing(page(*records))
        (spooled,) = landing.pages
        request = replace(spooled.request, request_id=number)
        path = spooled.path.rename(spooled.path.with_name(f"{number:012d}.json"))
        pages = [replace(spooled, path=path, request=request)]
        old = replace(landing, pages=pages, requests=[request], is_history=True)
        return land(arrive.con, path.parent / "test.duckdb", arrive.table, reader, old, NOW)

    return late


@pytest.fixture
def values(arrive: Any) -> Callable[[], list[float]]:
    """The values of the contract's versions, in order of observation."""

    def read() -> list[float]:
        rows = arrive.con.execute("SELECT valorGlobal FROM raw.contratos ORDER BY observation_id").fetchall()
        return [float(value) for (value,) in rows]

    return read


def test_older_versions_come_before_the_newer(arrive, arrive_late, page, record, values):
    arrive(page(record(valorGlobal=3)))

    assert arrive_late(-3, record(valorGlobal=2)).stored == 1
    assert arrive_late(-5, record(valorGlobal=1)).stored == 1

    assert values() == [1, 2, 3]


def test_what_is_the_same_as_what_came_next_is_a_repeat(arrive, arrive_late, page, record, values):
    arrive(page(record(valorGlobal=3)))

    assert arrive_late(-5, record(valorGlobal=3)).repeats == 1
    assert values() == [3]


def test_of_versions_in_one_page_only_the_last_is_beside_what_came_next(
    arrive, arrive_late, page, record, values
):
    arrive(page(record(valorGlobal=1)))

    landed = arrive_late(-5, record(valorGlobal=1), record(valorGlobal=2))

    assert (landed.stored, landed.repeats) == (2, 0)
    assert values() == [1, 2, 1]


def test_it_does_not_bring_back_what_has_vanished_since(arrive, arrive_late, record):
    key = record()["numeroControlePNCP"]
    arrive.con.execute(
        "INSERT INTO meta.vanished VALUES ('contratos', ?, 'contratos', ?, ?)", [key, NOW, NOW]
    )

    arrive_late(-5, record())

    assert arrive.con.execute("SELECT count(*) FROM meta.vanished").fetchall() == [(1,)]


def test_numbers_are_in_order_of_time_and_below_those_of_the_file():
    assert history_id(0) < history_id(1_700_000_000_000) < 0
