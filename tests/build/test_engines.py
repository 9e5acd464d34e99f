"""When the code of the dataflow is read, beside what else a build does."""

from __future__ import annotations

import pytest

from baliza.build import catalog, code, run
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.pncp import harvest
from dataflows import domains, law


@pytest.fixture
def request_of_the_sample(tmp_path):
    return run.BuildRequest(
        database=tmp_path / "sample.duckdb",
        targets=("stage_contratos",),
        source="sample",
        server=sample_server(),
    )


def test_all_that_tables_are_made_by_is_read_before_anything_is_fetched(monkeypatch, request_of_the_sample):
    readers = {
        "functions": catalog.modules,
        "definitions": code.definitions,
        "codes": domains.load,
        "law": law.load,
    }
    for read in readers.values():
        read.cache_clear()
    known, fetched = [], harvest.harvest

    def fetch(*arguments, **options):
        known.extend(name for name, read in readers.items() if read.cache_info().currsize)
        return fetched(*arguments, **options)

    monkeypatch.setattr(harvest, "harvest", fetch)
    run.build(request_of_the_sample, Quiet())
    assert known == list(readers)
