import asyncio
import time
from itertools import pairwise

import pytest

from baliza.pncp.pace import Pace


@pytest.fixture
def pace() -> Pace:
    return Pace(max_rps=1.0, max_in_flight=4)


def test_starts_at_its_limits(pace: Pace):
    assert (pace.rate, pace.in_flight_limit) == (1.0, 4)


@pytest.mark.parametrize("sign", ["refused", "failed", "slow answer"])
def test_strain_halves_both_limits(pace: Pace, sign: str):
    {
        "refused": lambda: pace.refused(0),
        "failed": lambda: pace.failed(0),
        "slow answer": lambda: pace.answered(25.0),
    }[sign]()
    assert (pace.rate, pace.in_flight_limit) == (0.5, 2)


def test_good_answers_bring_it_back_little_by_little_and_no_further(pace: Pace):
    pace.failed(0)
    pace.answered(1.0)
    assert pace.rate == pytest.approx(0.55)
    for _ in range(100):
        pace.answered(1.0)
    assert (pace.rate, pace.in_flight_limit) == (1.0, 4)


@pytest.mark.parametrize("max_rps", [1.0, 0.01], ids=["one per second", "one in a hundred seconds"])
def test_never_stops_altogether_and_never_exceeds_its_limit(max_rps: float):
    pace = Pace(max_rps=max_rps, max_in_flight=4)
    for _ in range(50):
        pace.failed(0)
    assert 0 < pace.rate <= max_rps
    assert pace.in_flight_limit == 1


def test_pauses_grow_and_are_bounded(pace: Pace):
    refusals = [pace.refused(attempt) for attempt in range(8)]
    assert refusals == sorted(refusals)
    assert (refusals[0], refusals[-1]) == (20.0, 120.0)
    waits = [pace.failed(attempt) for attempt in range(8)]
    assert 1.0 <= waits[0] <= 2.0
    assert max(waits) <= 60.0


def test_without_a_limit_of_rate_no_pause_exceeds_a_second():
    pace = Pace(max_rps=0, max_in_flight=4)
    assert max(pace.refused(attempt) for attempt in range(10)) <= 1.0
    assert max(pace.failed(attempt) for attempt in range(10)) <= 1.0
    pace.answered(0.1)
    assert pace.rate == 0


def starts(pace: Pace, count: int, seconds: float = 0.0) -> tuple[list[float], int]:
    """Moments at which so many turns began, all asked for at once, and how many were held together at most."""
    began: list[float] = []
    held = most = 0

    async def one() -> None:
        nonlocal held, most
        async with pace.turn():
            began.append(time.monotonic())
            held += 1
            most = max(most, held)
            await asyncio.sleep(seconds)
            held -= 1

    async def everyone() -> None:
        await asyncio.gather(*(one() for _ in range(count)))

    asyncio.run(everyone())
    return began, most


def test_requests_start_one_interval_apart():
    began, _ = starts(Pace(max_rps=50, max_in_flight=10), 6)
    gaps = [later - earlier for earlier, later in pairwise(began)]
    assert min(gaps) > 0.015
    assert sum(gaps) >= 0.095


def test_no_more_are_under_way_than_allowed():
    assert starts(Pace(max_rps=0, max_in_flight=3), 9, seconds=0.01)[1] == 3


def test_after_a_failure_fewer_are_under_way():
    pace = Pace(max_rps=0, max_in_flight=4)
    pace.failed(0)
    assert starts(pace, 8, seconds=0.01)[1] == 2


def test_a_refusal_holds_everyone_back():
    pace = Pace(max_rps=0, max_in_flight=4)
    pause = pace.refused(0)
    before = time.monotonic()
    began, _ = starts(pace, 2)
    assert min(began) - before >= pause * 0.9


def test_a_turn_that_fails_or_is_cancelled_is_given_back():
    pace = Pace(max_rps=0, max_in_flight=1)

    async def failing() -> None:
        async with pace.turn():
            raise ValueError

    async def endless() -> None:
        async with pace.turn():
            await asyncio.sleep(60)

    async def scenario() -> None:
        with pytest.raises(ValueError):  # noqa: PT011  any would do
            await failing()
        cancelled = asyncio.create_task(endless())
        await asyncio.sleep(0.01)
        cancelled.cancel()
        async with asyncio.timeout(1), pace.turn():
            pass

    asyncio.run(scenario())


def failing(pace: Pace, times: int) -> list[float]:
    return [pace.failed(0) for _ in range(times)]


def test_a_dozen_failures_in_a_row_are_an_outage_and_one_answer_ends_it(pace: Pace):
    failing(pace, 11)
    assert not pace.is_outage
    failing(pace, 1)
    assert pace.is_outage
    pace.answered(1.0)
    assert not pace.is_outage
    failing(pace, 11)
    assert not pace.is_outage


def test_a_slow_answer_ends_an_outage_too(pace: Pace):
    failing(pace, 20)
    pace.answered(60.0)
    assert not pace.is_outage


def test_refusals_by_rate_alone_are_no_outage_and_in_the_end_hopeless(
    monkeypatch: pytest.MonkeyPatch, pace: Pace
):
    for _ in range(50):
        pace.refused(0)
    assert not pace.is_outage
    assert not pace.is_hopeless
    now = time.monotonic()
    monkeypatch.setattr("baliza.pncp.pace.time.monotonic", lambda: now + 1801)
    assert pace.is_hopeless


def test_pauses_of_an_outage_are_longer_each_time_and_bounded(pace: Pace):
    failing(pace, 11)
    pauses = failing(pace, 5)
    assert pauses == [30.0, 60.0, 120.0, 120.0, 120.0]


def test_in_an_outage_everyone_pauses():
    pace = Pace(max_rps=0, max_in_flight=4)
    *_, pause = failing(pace, 15)
    before = time.monotonic()
    began, most = starts(pace, 3)
    assert min(began) - before >= pause * 0.9
    assert most == 1, "one request tries, not all at once"


@pytest.mark.parametrize(
    ("max_rps", "patience"),
    [pytest.param(1.0, 1800, id="PNCP"), pytest.param(0, 10, id="a server of one's own")],
)
def test_an_outage_is_hopeless_only_after_a_long_silence(
    monkeypatch: pytest.MonkeyPatch, max_rps: float, patience: float
):
    now = 1000.0
    monkeypatch.setattr("baliza.pncp.pace.time.monotonic", lambda: now)
    pace = Pace(max_rps=max_rps, max_in_flight=2)
    failing(pace, 12)
    assert not pace.is_hopeless
    now += patience + 1
    assert pace.is_hopeless
    pace.answered(1.0)
    failing(pace, 12)
    assert not pace.is_hopeless, "it answered a moment ago"


def test_a_long_silence_without_an_outage_is_not_hopeless(monkeypatch: pytest.MonkeyPatch):
    now = 1000.0
    monkeypatch.setattr("baliza.pncp.pace.time.monotonic", lambda: now)
    pace = Pace(max_rps=1.0, max_in_flight=2)
    now += 100_000
    failing(pace, 3)
    assert not pace.is_hopeless
