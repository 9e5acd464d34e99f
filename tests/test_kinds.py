"""Sizes as DuckDB reads them."""

import re

import duckdb
import pytest

from baliza.kinds import size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("128MB", 128_000_000),
        ("1gb", 10**9),
        ("1 GiB", 2**30),
        ("1.5GiB", 3 * 2**29),
        (".5GB", 5 * 10**8),
        ("2.GB", 2 * 10**9),
        ("200000KiB", 200_000 * 1024),
        ("1G", 10**9),
        ("1T", 10**12),
        ("2TiB", 2**41),
    ],
)
def test_a_size_is_what_duckdb_takes_it_for(text: str, expected: int):
    assert size(text) == expected
    with duckdb.connect() as con:
        told = []
        for one in (text, f"{expected}B"):
            con.execute("SET memory_limit = ?", [one])
            told.append(con.execute("SELECT current_setting('memory_limit')").fetchone())
    assert told[0] == told[1]


@pytest.mark.parametrize("text", ["", "1", "GB", "-1GB", "1GBs", "1,5GB", "1iB", "1e3MB", "80%", "١GB"])
def test_anything_else_is_none(text: str):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        size(text)
