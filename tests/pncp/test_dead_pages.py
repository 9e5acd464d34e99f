"""What PNCP cannot show whatever the hour: all around it lands, and what is missing is counted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from baliza.pncp.endpoints import ENDPOINTS
from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator

pytestmark = pytest.mark.usefixtures("impatient")

DAY = date(2025, 3, 12)
TEXT = "20250312"


@pytest.fixture
def harvested(archive: Any, week: Any, by_day: Any) -> Callable[..., Any]:
    """Harvest days of the week from a server with these faults; returns the cell and what had been of that day."""

    def harvesting(
        *days: date, page_size: int = 20, **faults: Any
    ) -> tuple[list[Any] | None, list[dict[str, Any]]]:
        faults = {name: frozenset(value) for name, value in faults.items()}
        endpoint = replace(ENDPOINTS["contratos"], page_size=page_size)
        with Simulator({"contratos": week}, Faults(**faults)) as simulator:
            harvesting.done = archive.harvest(simulator.url, days or [DAY], endpoint=endpoint)
            harvesting.requests = simulator.requests
        records = by_day(week)[DAY.isoformat()]
        assert len(records) > 30
        return archive.cells().get(DAY), records

    return harvesting


def reason(archive: Any) -> str:
    return archive.cells("reason")[DAY]


def missing(archive: Any, records: list[dict[str, Any]]) -> list[int]:
    """Positions, in PNCP's order, of the records of the day that have not landed."""
    there = {key for key, *_ in archive.landed()}
    keys = sorted(records, key=lambda one: (one["dataPublicacaoPncp"], one["numeroControlePNCP"]))
    return [n for n, one in enumerate(keys) if one["numeroControlePNCP"] not in there]


@pytest.mark.parametrize(
    ("page_size", "position"),
    [(10, 25), (20, 0), (50, 25), (100, 25), (500, 0), (500, 25)],
)
def test_a_dead_row_takes_only_its_ten_with_it(archive: Any, harvested: Any, page_size: int, position: int):
    cell, records = harvested(page_size=page_size, dead_rows={(TEXT, TEXT, position)})
    first = position // 10 * 10
    assert missing(archive, records) == list(range(first, first + 10))
    assert cell == ["failed", len(records), len(records) - 10]
    assert reason(archive).startswith(f"page {first // 10 + 1} of 10 records: 500")


def test_a_first_page_that_cannot_be_made_smaller_says_nothing_of_its_day(harvested: Any, week_days: Any):
    cell, _ = harvested(*week_days, page_size=10, dead_rows={(TEXT, TEXT, 3)})
    assert cell == ["failed", None, 0]


def test_several_dead_rows(archive: Any, harvested: Any):
    cell, records = harvested(page_size=50, dead_rows={(TEXT, TEXT, 3), (TEXT, TEXT, 25)})
    assert missing(archive, records) == [*range(10), *range(20, 30)]
    assert cell == ["failed", len(records), len(records) - 20]


def test_a_first_page_dead_in_every_size(archive: Any, harvested: Any):
    cell, records = harvested(dead_pages={(TEXT, TEXT, 1)})
    assert missing(archive, records) == list(range(10))
    assert cell == ["failed", len(records), len(records) - 10]


def test_a_dead_page_that_is_whole_in_smaller_ones_is_no_gap(archive: Any, harvested: Any):
    """Pages 3 and 4 of ten hold what page 2 of twenty does not show: with page 2 of twenty alone dead nothing lacks."""
    cell, records = harvested(dead_pages={(TEXT, TEXT, 2)})
    assert cell == ["complete", len(records), len(records)]
    assert missing(archive, records) == []


def test_a_dead_day_is_failed_and_its_neighbours_are_not(archive: Any, harvested: Any, week_days: Any):
    cell, _ = harvested(*week_days, page_size=500, dead_days={TEXT})
    assert cell == ["failed", None, 0]
    assert {status for day, status in archive.cells("status").items() if day != DAY} <= {"complete", "empty"}


def test_a_dead_day_is_bounded_in_requests(
    archive: Any, harvested: Any, week_days: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("baliza.pncp.client.ATTEMPTS", 8)
    monkeypatch.setattr("baliza.pncp.lists._ATTEMPTS_IF_SPLITTABLE", 4)
    monkeypatch.setattr("baliza.pncp.pace.Pace.failed", lambda _pace, _attempt: 0.0)
    harvested(*week_days, page_size=500, dead_days={TEXT})
    asked = [query["tamanhoPagina"] for _, query, _ in harvested.requests if query["dataInicial"] == TEXT]
    assert len(asked) <= 2 * (3 * 4 + 2 * 8), "asked for twice, five pages each time"
    assert set(asked) >= {"500", "100", "20", "10"}


def test_dead_rows_day_after_day_do_not_stop_the_harvest(
    archive: Any, harvested: Any, week_days: Any, by_day: Any, week: Any
):
    busy = sorted(by_day(week))
    assert len(busy) == 7
    dead = {(day.replace("-", ""), day.replace("-", ""), 3) for day in busy[:6]}
    # A weekend without records would stand between the dead days, so it is fetched before.
    harvested(date(2025, 3, 8), date(2025, 3, 9))
    harvested(*week_days, page_size=20, dead_rows=dead)
    assert harvested.done.stopped is None
    cells = archive.cells()
    assert [cells[date.fromisoformat(day)][0] for day in busy] == ["failed"] * 6 + ["complete"]
    assert len(archive.landed()) == len(week) - 6 * 10


@pytest.mark.parametrize("page_size", [20, 50, 500])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_a_short_day_that_cannot_be_read_is_not_empty(archive: Any, week: Any, count: int, page_size: int):
    """The second smaller page is past the end of such a day, and says so: that is no emptiness."""
    records = [one for one in week if one["dataPublicacaoPncp"][:10] == DAY.isoformat()][:count]
    endpoint = replace(ENDPOINTS["contratos"], page_size=page_size)
    with Simulator({"contratos": records}) as healthy:
        archive.harvest(healthy.url, [DAY], endpoint=endpoint)
    archive.con.execute("UPDATE meta.coverage SET status = 'pending'")
    with Simulator({"contratos": records}, Faults(dead_rows=frozenset({(TEXT, TEXT, 0)}))) as broken:
        archive.harvest(broken.url, [DAY], endpoint=endpoint)
    assert archive.cells("status, landed")[DAY] == ["failed", count]
    assert archive.con.execute("SELECT count(*) FROM meta.vanished").fetchall() == [(0,)]
