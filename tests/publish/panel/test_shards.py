import json
from bisect import bisect_right
from decimal import Decimal

import duckdb
import pytest

from baliza.publish.panel.script import amount, data, line
from baliza.publish.panel.shards import LARGE_ENOUGH, Following, Shards


def test_any_record_is_found_by_the_first_ids_alone(tmp_path):
    shards = Shards(tmp_path, "orgaos")
    ids = sorted(f"{n:04}" for n in range(300))
    for one in ids:
        shards.add(one, "x" * 1000)
    shards.close()

    assert shards.first[0] == "0000"
    assert len(shards.first) == 4
    for one in ids:
        file = tmp_path / "orgaos" / f"{bisect_right(shards.first, one) - 1}.js"
        assert f'["{one}",' in file.read_text()
        assert file.stat().st_size < LARGE_ENOUGH + 2000


def test_without_records_there_is_no_file(tmp_path):
    shards = Shards(tmp_path, "orgaos")
    shards.close()
    assert (shards.first, list((tmp_path / "orgaos").iterdir())) == ([], [])


def test_rows_follow_ids_that_have_none_and_pass_over_ids_nobody_asks_for():
    following = Following(
        duckdb.connect(),
        "SELECT * FROM (VALUES ('b', 1), ('b', 2), ('c', 3), ('e', 4)) t(id, n) ORDER BY ALL",
    )
    assert [following.of(one) for one in "abdef"] == [[], [(1,), (2,)], [], [(4,)], []]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(Decimal("1234.5000"), "1234.5", id="no more digits than it needs"),
        pytest.param(Decimal("1200.0000"), "1200", id="whole, without exponent"),
        pytest.param(
            Decimal("99999999999999.0001"), "99999999999999.0001", id="more digits than a float has"
        ),
        pytest.param(Decimal("-0.5"), "-0.5", id="negative"),
        pytest.param(None, "null", id="null is not zero"),
    ],
)
def test_amounts_are_written_exactly(value, written):
    assert data(amount(value)).decode() == written


@pytest.mark.parametrize("text", ["</script>", "<!--", "\u2028\u2029", '"\\', "\x00\x1f", "\ud7ff", "🙂"])
def test_no_text_ends_a_script(text):
    encoded = data([text]).decode()
    assert json.loads(encoded) == [text]
    assert not set(encoded) & {"<", "\u2028", "\u2029"}


def test_a_name_is_one_line_without_signs_that_nobody_sees():
    assert line("A\u202e\nB\t\u200b C") == "A B C"
    assert line(None) is None
