import subprocess
import sys
from collections import Counter

from baliza.simulator.chance import Urn, dice, happens


def test_dice_do_not_depend_on_the_process():
    program = "from baliza.simulator.chance import dice; print(dice('a', 1).random())"
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {f"{dice('a', 1).random()}\n"}


def test_dice_of_other_parts_are_others():
    assert dice("a", 1).random() != dice("a", 2).random()


def test_urn_draws_by_weight():
    rng = dice("urn")
    drawn = Counter(Urn([("often", 9.0), ("seldom", 1.0)]).draw(rng) for _ in range(5_000))
    assert 0.07 < drawn["seldom"] / 5_000 < 0.13


def test_happens_at_its_rate():
    rng = dice("happens")
    assert 0.17 < sum(happens(rng, 0.2) for _ in range(5_000)) / 5_000 < 0.23
