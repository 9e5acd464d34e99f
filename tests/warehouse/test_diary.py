import pytest

from baliza.warehouse.diary import reconcile

LANDING = "INSERT INTO meta.landings VALUES (1, 'atas', 'atas', '', '2025-01-01', '2025-01-01', {}, now(), 0)"


@pytest.mark.parametrize(
    ("landings", "expected"),
    [
        pytest.param([], [(0, 0), (0, 0), (0, 0)], id="nothing landed"),
        pytest.param(["3, 0, 2, 1"], [(0, 0), (3, 3), (0, 0)], id="repeats and quarantine account for all"),
        pytest.param(["3, 0, 2, 0", "1, 0, 1, 0"], [(0, 0), (4, 3), (0, 0)], id="one record is nowhere"),
        pytest.param(["3, 2, 1, 0"], [(2, 0), (3, 3), (0, 0)], id="what was stored is gone"),
        pytest.param(["0, 0, -1, 1"], [(0, 0), (0, 0), (0, 1)], id="less than nothing"),
    ],
)
def test_the_diary_beside_the_table(con, landings, expected):
    for landing in landings:
        con.execute(LANDING.format(landing))
    assert [tuple(numbers) for _, *numbers in reconcile(con, "atas")] == expected


def test_other_tables_are_not_counted(con):
    con.execute(LANDING.format("3, 2, 1, 0"))
    assert [numbers for _, *numbers in reconcile(con, "termos")] == [[0, 0]] * 3
