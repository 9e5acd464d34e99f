import pytest

from baliza.simulator.faults import PRESETS, RATED, FaultDeck, Faults


def draws(faults: Faults, count: int, seed: int = 0) -> list[str | None]:
    deck = FaultDeck(faults, seed)
    return [deck.draw() for _ in range(count)]


def test_presets():
    assert set(PRESETS) == {"calm", "unstable", "storm", "outage"}


@pytest.mark.parametrize("name", ["calm", "unstable"])
def test_no_request_fails(name: str):
    assert set(draws(PRESETS[name], 500)) == {None}


def test_storm_strikes_a_quarter_with_every_kind():
    drawn = draws(PRESETS["storm"], 4_000)
    assert 0.25 < sum(fault is not None for fault in drawn) / 4_000 < 0.31
    assert set(drawn) - {None} == {
        "html_429", "http_500", "html_504", "html_200", "cut_json", "short_body", "reset", "spurious_422",
    }  # fmt: skip


def test_outage_has_a_beginning_and_an_end():
    drawn = draws(PRESETS["outage"], 80)
    assert set(drawn[:20]) == {None}
    assert set(drawn[20:50]) == {"http_503", "reset"}
    assert set(drawn[50:]) == {None}


def test_outage_may_last_seconds(monkeypatch: pytest.MonkeyPatch):
    clock = [100.0]
    monkeypatch.setattr("baliza.simulator.faults.time.monotonic", lambda: clock[0])
    deck = FaultDeck(Faults(outage_after=2, outage_seconds=30))
    assert [deck.draw(), deck.draw()] == [None, None]
    assert deck.draw()
    clock[0] += 29
    assert deck.draw()
    clock[0] += 2
    assert deck.draw() is None


@pytest.mark.parametrize("name", RATED)
def test_a_rate_of_a_half_strikes_half(name: str):
    drawn = draws(Faults(**{name: 0.5}), 1_000)
    assert set(drawn) == {name, None}
    assert 420 < drawn.count(name) < 580


def test_draws_depend_on_both_seeds():
    storm = Faults(http_500=0.5)
    assert draws(storm, 50) == draws(storm, 50)
    assert draws(storm, 50) != draws(storm, 50, seed=1)
    assert draws(storm, 50) != draws(Faults(http_500=0.5, seed=1), 50)


def test_deck_counts_what_it_drew():
    deck = FaultDeck(Faults(reset=1.0))
    deck.draw()
    deck.draw()
    assert deck.drawn == {"reset": 2}


@pytest.mark.parametrize(
    "rates",
    [
        pytest.param({"reset": -0.1}, id="negative"),
        pytest.param({"reset": 0.6, "html_429": 0.5}, id="above-one"),
    ],
)
def test_impossible_rates_are_refused(rates: dict):
    with pytest.raises(ValueError, match="rates of faults"):
        Faults(**rates)
