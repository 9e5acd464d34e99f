from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from baliza.warehouse import ledger
from baliza.warehouse.connection import transaction
from baliza.warehouse.ledger import Cell, Status

NOW = datetime(2025, 4, 1, 12)  # noqa: DTZ001  the file keeps UTC without saying so
MINE = "cnpj=00000000000191"
FIRST, LAST = date(2025, 3, 1), date(2025, 3, 5)


def day(number: int) -> date:
    return date(2025, 3, number)


@pytest.fixture
def know(con: duckdb.DuckDBPyConnection) -> Callable[..., None]:
    """Write cells given as day of March and status."""

    def knowing(cells: dict[int, Status], slice_: str = "", **fields: Any) -> None:
        with transaction(con):
            ledger.record(
                con, [Cell("contratos", day(n), status, slice_, **fields) for n, status in cells.items()], NOW
            )

    return knowing


@pytest.mark.parametrize(
    ("status", "is_open"),
    [("complete", False), ("empty", False), ("short", True), ("failed", True), ("pending", True)],
)
def test_only_what_is_proven_is_not_fetched_again(
    con: duckdb.DuckDBPyConnection,
    know: Callable[..., None],
    status: Status,
    is_open: bool,
):
    know({3: status})
    assert (day(3) in ledger.open_days(con, "contratos", "", FIRST, LAST)) == is_open


def test_days_never_asked_for_are_open_in_order(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    know({2: "complete", 4: "empty"})
    assert ledger.open_days(con, "contratos", "", FIRST, LAST) == [day(1), day(3), day(5)]
    assert ledger.open_days(con, "contratos", "", day(2), day(2)) == []
    assert ledger.open_days(con, "atas", "", day(2), day(2)) == [day(2)]


def test_the_whole_country_proves_its_slices_and_not_the_reverse(
    con: duckdb.DuckDBPyConnection, know: Callable[..., None]
):
    know({1: "complete", 2: "short"})
    know({3: "complete"}, MINE)
    assert ledger.open_days(con, "contratos", MINE, FIRST, LAST) == [day(2), day(4), day(5)]
    assert ledger.open_days(con, "contratos", "", FIRST, LAST) == [day(2), day(3), day(4), day(5)]
    assert ledger.open_days(con, "contratos", "cnpj=99", FIRST, LAST) == [day(2), day(3), day(4), day(5)]


def test_a_cell_is_replaced_whole(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    know({1: "failed"}, reason="500", walks=1)
    know({1: "complete"}, expected=5, landed=5, walks=2, pages=1)
    assert con.execute(
        "SELECT modalidade, slice, status, expected, landed, walks, pages, reason, updated_at FROM meta.coverage"
    ).fetchall() == [(0, "", "complete", 5, 5, 2, 1, None, NOW)]


def test_no_cells_are_no_error(con: duckdb.DuckDBPyConnection):
    """What a window that was split leaves in the ledger."""
    ledger.record(con, [], NOW)
    assert con.execute("SELECT count(*) FROM meta.coverage").fetchone() == (0,)


def test_pending_takes_nothing_away(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    know({1: "short"}, expected=9, landed=8, reason="1 never came")
    ledger.mark_pending(con, [Cell("contratos", day(n), "pending") for n in (1, 2)], NOW)
    ledger.mark_pending(con, [], NOW)
    assert con.execute("SELECT day, status, landed FROM meta.coverage ORDER BY day").fetchall() == [
        (day(1), "short", 8),
        (day(2), "pending", 0),
    ]


def test_coverage_counts_cells_and_names_what_is_missing(
    con: duckdb.DuckDBPyConnection, know: Callable[..., None]
):
    know({1: "complete"}, expected=5, landed=5)
    know({2: "empty"}, expected=0)
    know({3: "short"}, expected=9, landed=8, reason="1 never came")
    know({4: "failed"}, reason="500")
    found = ledger.coverage(con, "contratos", [""], FIRST, LAST)
    assert found.cells == {"complete": 1, "empty": 1, "short": 1, "failed": 1, "pending": 1}
    assert (found.expected, found.landed) == (14, 13)
    assert [(cell.day, cell.status, cell.reason) for cell in found.missing] == [
        (day(3), "short", "1 never came"),
        (day(4), "failed", "500"),
        (day(5), "pending", None),
    ]
    assert not found.is_complete
    assert ledger.coverage(con, "contratos", [""], day(1), day(2)).is_complete


def test_coverage_of_a_slice_takes_the_best_proof(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    know({1: "complete", 2: "failed", 3: "complete", 4: "short"})
    know({1: "failed", 2: "complete", 3: "empty", 4: "failed"}, MINE, landed=2)
    found = ledger.coverage(con, "contratos", [MINE], FIRST, LAST)
    assert found.cells == {"complete": 2, "empty": 1, "failed": 1, "pending": 1}
    assert [(cell.day, cell.slice, cell.status) for cell in found.missing] == [
        (day(4), MINE, "failed"),
        (day(5), MINE, "pending"),
    ]


def test_coverage_of_several_slices_adds_up(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    know({1: "complete"}, MINE, expected=2, landed=2)
    know({1: "complete"}, "cnpj=99", expected=3, landed=3)
    found = ledger.coverage(con, "contratos", [MINE, "cnpj=99"], day(1), day(1))
    assert (found.cells, found.expected, found.landed) == ({"complete": 2}, 5, 5)


def test_what_the_ledger_speaks_of(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    assert ledger.known_period(con, "contratos") is None
    know({2: "complete", 4: "pending"})
    know({5: "failed"}, MINE)
    assert ledger.known_period(con, "contratos") == (day(2), day(5))
    assert ledger.known_period(con, "atas") is None


def test_a_status_that_does_not_exist_is_refused(con: duckdb.DuckDBPyConnection, know: Callable[..., None]):
    with pytest.raises(duckdb.ConstraintException):
        know({1: "done"})  # type: ignore[dict-item]
    assert ledger.open_days(con, "contratos", "", FIRST, FIRST + timedelta(0)) == [FIRST]


def test_a_failure_takes_nothing_away_from_what_had_landed(con: duckdb.DuckDBPyConnection):
    third = day(3)
    ledger.record(con, [Cell("contratos", third, "short", expected=10, landed=9, quarantined=1)], NOW)
    ledger.record(con, [Cell("contratos", third, "failed", reason="500")], NOW)
    failed = ledger.coverage(con, "contratos", [ledger.WHOLE], third, third).missing
    ledger.record(con, [Cell("contratos", third, "complete", expected=8, landed=8)], NOW)

    assert [(cell.status, cell.expected, cell.landed, cell.quarantined, cell.reason) for cell in failed] == [
        ("failed", 10, 9, 1, "500")
    ]
    assert ledger.coverage(con, "contratos", [ledger.WHOLE], third, third).landed == 8


@pytest.mark.parametrize(
    ("known", "told", "later", "stands"),
    [
        ("complete", "short", True, "complete"),
        ("short", "complete", False, "complete"),
        ("complete", "empty", True, "empty"),
        ("complete", "empty", False, "complete"),
        ("short", "failed", True, "failed"),
        ("short", "failed", False, "short"),
        (None, "short", False, "short"),
    ],
)
def test_of_two_words_on_a_day_proof_stands_and_else_the_newer(
    con: duckdb.DuckDBPyConnection,
    know: Callable,
    known: Status | None,
    told: Status,
    later: bool,
    stands: Status,
):
    if known:
        know({1: known})
    as_of = NOW + timedelta(days=1 if later else -1)

    with transaction(con):
        ledger.record(con, ledger.telling_more(con, [Cell("contratos", day(1), told)], as_of), as_of)

    assert con.execute("SELECT status FROM meta.coverage").fetchall() == [(stands,)]


def test_every_fact_of_a_cell_is_written():
    assert set(ledger._CELL) == {field.name for field in fields(Cell)}
