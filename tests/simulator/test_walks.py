import pytest

from baliza.simulator.chance import dice
from baliza.simulator.faults import PRESETS, Faults
from baliza.simulator.walks import Walks, shuffled_order


def walk(walks: Walks, total: int, size: int, query: str = "q") -> list[list[int]]:
    pages, pagina = [], 1
    while True:
        announced, rows = walks.positions(query, pagina, size, total)
        if not rows:
            return pages
        pages.append(list(rows))
        assert announced == total
        pagina += 1


@pytest.mark.parametrize(("total", "size"), [(2_000, 500), (1_030, 50), (95, 10)])
def test_an_unstable_walk_loses_its_share_and_keeps_its_count(total: int, size: int):
    walks = Walks(PRESETS["unstable"], 0)
    for _ in range(5):
        pages = walk(walks, total, size)
        rows = [row for page in pages for row in page]
        assert len(rows) == total
        assert all(len(page) == size for page in pages[:-1])
        assert all(len(set(page)) == len(page) for page in pages)
        assert 0.18 < 1 - len(set(rows)) / total < 0.34


def test_repeats_stand_about_one_page_away():
    order = shuffled_order(1_000, 50, 0.25, dice("x"))
    places: dict[int, list[int]] = {}
    for place, row in enumerate(order):
        places.setdefault(row, []).append(place)
    gaps = sorted(abs(twice[1] - twice[0]) for twice in places.values() if len(twice) == 2)
    assert len(gaps) == 250
    assert gaps[0] > 1
    assert 40 <= gaps[len(gaps) // 2] <= 60
    assert gaps[-1] < 100


def test_walks_lose_different_rows_and_together_none():
    walks = Walks(PRESETS["unstable"], 0)
    seen = [{row for page in walk(walks, 400, 50) for row in page} for _ in range(12)]
    assert len({frozenset(rows) for rows in seen}) == 12
    assert set().union(*seen) == set(range(400))


@pytest.mark.parametrize("name", ["calm", "unstable"])
def test_a_single_page_is_clean(name: str):
    assert walk(Walks(PRESETS[name], 0), 50, 50) == [list(range(50))]


def test_a_calm_walk_is_complete_and_in_order():
    assert [row for page in walk(Walks(PRESETS["calm"], 0), 123, 50) for row in page] == list(range(123))


def test_a_last_page_of_one_row_loses_what_it_can():
    pages = walk(Walks(PRESETS["unstable"], 0), 11, 10)
    assert [len(page) for page in pages] == [10, 1]
    assert len({row for page in pages for row in page}) >= 10


def test_pages_of_one_walk_agree_until_page_one_is_asked_again():
    walks = Walks(PRESETS["unstable"], 0)
    first = walks.positions("q", 1, 50, 400)
    second = walks.positions("q", 2, 50, 400)
    assert walks.positions("q", 2, 50, 400) == second
    assert walks.positions("q", 1, 50, 400) != first


def test_other_queries_do_not_disturb_a_walk():
    walks, alone = Walks(PRESETS["unstable"], 0), Walks(PRESETS["unstable"], 0)
    walks.positions("q", 1, 50, 400)
    alone.positions("q", 1, 50, 400)
    for number in range(70):
        walks.positions(f"other {number}", 1, 10, 40)
    walks.positions("q", 1, 50, 400)
    alone.positions("q", 1, 50, 400)
    assert walks.positions("q", 3, 50, 400) == alone.positions("q", 3, 50, 400)


def test_drift_shrinks_the_total_and_skips_rows():
    walks = Walks(Faults(drift=0.5), 0)
    totals, seen = set(), set()
    for pagina in range(1, 9):
        total, rows = walks.positions("q", pagina, 50, 400)
        totals.add(total)
        seen.update(rows)
    assert len(totals) > 2
    assert max(totals) == 400
    assert len(seen) < 400
    assert walks.positions("q", 1, 50, 400)[0] == 400
