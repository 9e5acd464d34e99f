"""Raw tables that are kept with the code, so that most commands read no contract."""

from __future__ import annotations

import pytest

from baliza.build import catalog, code, landed, raw_tables
from dataflows.raw.contratos import RawContratos


def test_what_was_kept_is_what_the_contracts_say(monkeypatch, tmp_path):
    monkeypatch.setattr(code, "_WAS_IMPORTED", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = raw_tables._by_name.__wrapped__()
    monkeypatch.setattr(landed, "landed", lambda _node: pytest.fail("the contracts were read again"))
    kept = raw_tables._by_name.__wrapped__()
    monkeypatch.undo()

    assert made == kept
    assert kept == {
        node.table: landed.landed(node) for node in catalog.tables().values() if node.layer == "raw"
    }


def test_long_texts_are_known_for_long_after_they_were_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(code, "_WAS_IMPORTED", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for _ in range(2):
        fields = raw_tables._by_name.__wrapped__()["contratos"].fields
        # Two fields are equal though one is long: it is no part of their type.
        assert {field.name for field in fields if field.long} == set(RawContratos.long_texts())
