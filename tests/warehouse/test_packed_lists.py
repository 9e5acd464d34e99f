"""Lists that go into a statement as one text."""

from datetime import date

import duckdb
import pytest

from baliza.warehouse.packed_lists import packed, unpacked


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([], id="none"),
        pytest.param(["00394460000141-1-000001/2025"], id="a key"),
        pytest.param(
            ['"', "\\", "'", "\n", "", "null", "é\u2028😀", "\x00"], id="what means something elsewhere"
        ),
        pytest.param(["b", "a", "b"], id="a repeated one"),
    ],
)
def test_texts_come_out_as_they_went_in(texts):
    found = duckdb.execute(f"SELECT {unpacked('texts')}", {"texts": packed(texts)}).fetchall()
    assert [text for (text,) in found] == texts


def test_values_have_the_types_of_the_form():
    rows = [{"day": date(2025, 2, 28), "n": None}, {"day": None, "n": 2**62}]
    unpacking = unpacked("rows", '[{"day": "DATE", "n": "BIGINT"}]')
    found = duckdb.execute(
        f"SELECT unnest(one) FROM (SELECT {unpacking} AS one)", {"rows": packed(rows)}
    ).fetchall()
    assert found == [(date(2025, 2, 28), None), (None, 2**62)]


@pytest.mark.parametrize(
    "value", [{"n": 2**40}, {"day": "2025-02-30"}, {"n": "many"}], ids=["too great", "no day", "no number"]
)
def test_what_does_not_fit_the_form_is_refused(value):
    unpacking = unpacked("rows", '[{"day": "DATE", "n": "INTEGER"}]')
    with pytest.raises(duckdb.Error):
        duckdb.execute(f"SELECT {unpacking}", {"rows": packed([value])}).fetchall()
