"""Tables brought up to date for their changed keys are the tables that a whole build makes."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from baliza.build import catalog, renewal
from baliza.build.driver import building
from baliza.build.how import CAREFUL, How
from baliza.simulator.server import Simulator
from baliza.warehouse.connection import connect

STAGE = ["stage_contratos"]
WEEK_ENDS = date(2025, 3, 7)
"""Half of the small world."""


@pytest.fixture
def file(records_file):
    """Forty contracts, built."""
    made = records_file()
    made.land(*(made.record(key, value=100 + key) for key in range(40)))
    made.build(STAGE)
    return made


def test_only_the_changed_keys_are_made_anew(file):
    file.land(file.record(3, value=7, day=1), file.record(90, value=5), file.record(90, value=6, day=1))
    assert file.build(STAGE)["stage_contratos"] == ("incremental", "new data: raw_contratos")
    found = dict(
        file.query("SELECT numero_controle_pncp[18:23]::INT, valor_global::INT FROM stage.contratos")
    )
    assert len(found) == 41
    assert (found[3], found[90], found[4]) == (7, 6, 104)


def test_a_late_version_changes_nothing(file):
    before = file.rows(STAGE)
    file.land(file.record(3, value=7, day=-1))
    assert file.build(STAGE)["stage_contratos"][0] == "incremental"
    assert file.rows(STAGE) == before


def test_many_changed_keys_are_a_whole_build(file):
    file.land(*(file.record(key, value=1, day=1) for key in range(9)))
    assert file.build(STAGE)["stage_contratos"] == ("rebuilt", "new data: raw_contratos")


def test_a_fifth_of_the_keys_is_not_many(file):
    file.land(*(file.record(key, value=1, day=1) for key in range(8)))
    assert file.build(STAGE)["stage_contratos"][0] == "incremental"


def test_full_builds_whole(file):
    file.land(file.record(3, value=7, day=1))
    assert {decision for decision, _ in file.build(STAGE, full=True).values()} == {"rebuilt"}


def test_new_data_and_a_new_parameter_are_a_whole_build(file):
    file.land(file.record(3, value=7, day=1))
    assert file.build(STAGE, review_value=9)["stage_contratos"] == (
        "rebuilt",
        "new data: raw_contratos; parameter: review_value",
    )


def test_raw_rows_that_were_moved_are_a_whole_build(file):
    """Where another program rewrote the table, the rows behind the old ones are not those that came."""
    file.query("CREATE TABLE copied AS FROM raw.contratos")
    file.query("DELETE FROM raw.contratos")
    file.query("INSERT INTO raw.contratos FROM copied")
    file.land(file.record(3, value=7, day=1))
    file.build(STAGE)
    assert file.rows(STAGE) == file.from_nothing(STAGE)


def test_what_came_from_one_endpoint_leaves_the_tables_of_another_alone(file):
    targets = ["stage_contratos", "stage_atas"]
    file.build(targets)
    file.land(file.record(3, value=7, day=1))
    assert file.build(targets) == {
        "stage_atas": ("skipped", "unchanged"),
        "stage_contratos": ("incremental", "new data: raw_contratos"),
    }


def test_a_stage_says_the_columns_of_its_key_in_raw():
    """And is made of raw tables alone, of which it takes the rows of each key for themselves."""
    by_key = [node for node in catalog.tables().values() if node.contract.by_key]
    assert len(by_key) >= 7
    for node in by_key:
        assert len(node.contract.by_key) == len(node.contract.key)
        for parent in catalog.parents(node.name):
            contract = catalog.tables()[parent].contract
            assert contract.key[: len(node.contract.by_key)] == node.contract.by_key


BY_KEY = [node.name for node in catalog.tables().values() if node.contract.by_key]
FEEDS = ("contratos_publicacao", "contratacoes_publicacao", "atas_atualizacao", "contratacoes_proposta")
DETAILS = ("compra", "itens", "resultados", "termos")


def test_every_table_of_records_takes_in_a_week_as_a_whole_build_would(
    small_world, gather, database, monkeypatch
):
    monkeypatch.setattr(renewal, "MOST_KEYS", 1000)
    with Simulator(small_world) as simulator:
        for days in ({"until": WEEK_ENDS}, {"since": WEEK_ENDS + timedelta(days=1)}):
            gather(simulator.url, *FEEDS, **days)
            gather(simulator.url, *DETAILS, **days)
            built = _build(database, BY_KEY)
    # The second week brought no amendment.
    assert built == dict.fromkeys(BY_KEY, "incremental") | {"stage_termos": "skipped"}
    rows = _read(database)
    assert all(rows.values())
    _build(database, BY_KEY, How(force=catalog.tables(), full=True))
    assert _read(database) == rows


def _build(database: Path, targets: list[str], how: How = CAREFUL) -> dict[str, str]:
    con = connect(database, write=True)
    driver, materializer = building(con, database, params={}, how=how)
    with driver:
        driver.execute(targets)
    return {built.name: built.decision for built in materializer.built}


def _read(database: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(database), read_only=True) as con:
        return {
            name: con.execute(f"SELECT * FROM {catalog.tables()[name].location} ORDER BY ALL").fetchall()
            for name in BY_KEY
        }
