"""Tables brought up to date for their changed keys are the tables that a whole build makes."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baliza.build import catalog, increment
from baliza.build.driver import building
from baliza.build.materialize import CAREFUL, How
from baliza.simulator.server import Simulator
from baliza.warehouse.connection import connect

WEEK_ENDS = date(2025, 3, 7)
"""Half of the small world."""

TARGETS = ["mart_spending"]
BEGAN = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so


class File:
    """A file with forty contracts, whose records and builds a test decides."""

    def __init__(self, path: Path) -> None:
        self.con = connect(path, write=True)
        self.path = path
        self._landings = 0
        self.land([(key, 100 + key, 0) for key in range(40)])

    def land(self, records: list[tuple[int, int, int]]) -> None:
        """One landing of records: number of the contract, its value, days of its last update."""
        self._landings += 1
        self.con.execute(
            """
            INSERT INTO raw.contratos BY NAME
            SELECT '00394460005887-2-' || printf('%06d', key) || '/2025' AS "numeroControlePNCP",
                value AS "valorGlobal", $began + to_days(day) AS "dataAtualizacaoGlobal",
                $began + to_days(key % 90) AS "dataPublicacaoPncp",
                $landing * 1000000 + row_number() OVER () AS observation_id, $began AS observed_at,
                'contratos' AS source_endpoint, $landing AS request_id, uuid() AS content_hash
            FROM (SELECT unnest($keys) AS key, unnest($values) AS value, unnest($days) AS day)
            """,
            {
                "began": BEGAN, "landing": self._landings, "keys": [key for key, _, _ in records],
                "values": [value for _, value, _ in records], "days": [day for _, _, day in records],
            },
        )  # fmt: skip
        self.con.execute(
            """INSERT INTO meta.landings BY NAME SELECT $id AS landing_id, 'contratos' AS table_name,
            'contratos' AS endpoint, '' AS slice, $day AS since, $day AS until, $n AS received, $n AS stored,
            0 AS repeats, 0 AS quarantined, $began AS landed_at""",
            {"id": self._landings, "day": date(2025, 1, 1), "n": len(records), "began": BEGAN},
        )

    def build(self, *, full: bool = False, **params: int) -> dict[str, tuple[str, str]]:
        driver, materializer = building(
            self.con.cursor(),
            self.path,
            params=params,
            how=How(force=catalog.tables() if full else (), full=full),
        )
        driver.execute(TARGETS)
        return {built.name: (built.decision, built.reason) for built in materializer.built}

    def rows(self) -> dict[str, list[tuple]]:
        return {
            name: self.con.execute(f"SELECT * FROM {catalog.tables()[name].location} ORDER BY ALL").fetchall()
            for name in ("stage_contratos", "mart_spending")
        }


@pytest.fixture
def file(tmp_path, prepared) -> File:
    made = File(Path(shutil.copy(prepared, tmp_path / "test.duckdb")))
    made.build()
    return made


def test_only_the_changed_keys_are_made_anew(file):
    file.land([(3, 7, 1), (90, 5, 0), (90, 6, 1)])
    assert file.build()["stage_contratos"] == ("incremental", "new data: raw_contratos")
    found = dict(
        file.con.execute(
            "SELECT numero_controle_pncp[18:23]::INT, valor_global::INT FROM stage.contratos"
        ).fetchall()
    )
    assert len(found) == 41
    assert (found[3], found[90], found[4]) == (7, 6, 104)


def test_a_late_version_changes_nothing(file):
    before = file.rows()
    file.land([(3, 7, -1)])
    assert file.build()["stage_contratos"][0] == "incremental"
    without = [
        [row[:-2] for row in rows] for rows in (before["stage_contratos"], file.rows()["stage_contratos"])
    ]
    assert without[0] == without[1]


def test_many_changed_keys_are_a_whole_build(file):
    file.land([(key, 1, 1) for key in range(9)])
    assert file.build()["stage_contratos"] == ("rebuilt", "new data: raw_contratos")


def test_a_fifth_of_the_keys_is_not_many(file):
    file.land([(key, 1, 1) for key in range(8)])
    assert file.build()["stage_contratos"][0] == "incremental"


def test_full_builds_whole(file):
    file.land([(3, 7, 1)])
    assert file.build(full=True)["stage_contratos"][0] == "rebuilt"


def test_new_data_and_a_new_parameter_are_a_whole_build(file):
    file.land([(3, 7, 1)])
    assert file.build(review_value=9)["stage_contratos"] == (
        "rebuilt",
        "new data: raw_contratos; parameter: review_value",
    )


def test_raw_rows_that_were_moved_are_a_whole_build(file):
    """Where another program rewrote the table, the rows behind the old ones are not those that came."""
    file.con.execute("CREATE TABLE copied AS FROM raw.contratos")
    file.con.execute("DELETE FROM raw.contratos")
    file.con.execute("INSERT INTO raw.contratos FROM copied")
    file.land([(3, 7, 1)])
    file.build()
    assert file.rows()["stage_contratos"] == _whole(file)["stage_contratos"]


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
    monkeypatch.setattr(increment, "MOST_KEYS", 1000)
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


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("land"),
            st.lists(
                st.tuples(st.integers(0, 45), st.integers(0, 3), st.integers(-2, 4)), min_size=1, max_size=5
            ),
        ),
        st.tuples(st.just("drop"), st.sampled_from(["stage.contratos", "mart.spending"])),
        st.tuples(st.just("parameter"), st.sampled_from([2, 1_000_000_000])),
    ),
    min_size=1,
    max_size=4,
)


@given(steps=STEPS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_increments_is_a_whole_build(tmp_path_factory, prepared, steps):
    path = tmp_path_factory.mktemp("steps") / "test.duckdb"
    file = File(Path(shutil.copy(prepared, path)))
    params: dict[str, int] = {}
    file.build()
    for kind, what in steps:
        if kind == "land":
            file.land([(key, value * 50, day) for key, value, day in what])
        elif kind == "drop":
            file.con.execute(f"DROP TABLE {what}")
        else:
            params = {"review_value": what}
        file.build(**params)
        assert file.rows() == _whole(file, **params)


def _whole(file: File, **params: int) -> dict[str, list[tuple]]:
    """What a build from nothing makes of a copy of the file."""
    file.con.execute("CHECKPOINT")
    copy = File.__new__(File)
    copy.path = Path(shutil.copy(file.path, file.path.with_suffix(".copy")))
    copy.con = connect(copy.path, write=True)
    try:
        copy.build(full=True, **params)
        return copy.rows()
    finally:
        copy.con.close()
