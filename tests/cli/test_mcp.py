"""`baliza mcp`: what is said before a client ever talks to it."""

import importlib.util


def test_without_its_packages_it_says_what_to_install(baliza, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = baliza("mcp")

    assert result.exit_code == 1
    assert "pip install 'baliza[mcp]'" in result.stderr


def test_without_a_file_it_says_how_to_build_one(baliza):
    result = baliza("mcp", "--database", "none.duckdb")

    assert result.exit_code == 1
    assert "baliza build --target mart_spending --database none.duckdb" in result.stderr
    assert result.stdout == ""
