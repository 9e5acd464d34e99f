import dataclasses
import inspect
import json
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import ibis
import pytest

import baliza
from baliza import __version__
from baliza.build import catalog, code
from baliza.build.driver import building
from baliza.build.how import How
from baliza.build.raw_tables import raw_tables
from baliza.errors import (
    ContractBrokenError,
    DatabaseMissingError,
    LandingsBrokenError,
    NodeFailedError,
    NodesFailedError,
    OutOfMemoryError,
)
from baliza.warehouse import schema
from baliza.warehouse.connection import connect
from dataflows import domains
from dataflows.contract import Gate, Rule
from dataflows.mart.open_tenders import MartOpenTenders
from dataflows.mart.spending import MartSpending

NOW = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so
SKIPPED = {"stage_contratos": ("skipped", "unchanged"), "mart_spending": ("skipped", "unchanged")}


class File:
    """A database on disk, as the tests handle it: every step opens and closes it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def query(self, sql: str, **parameters: object) -> list[tuple]:
        con = connect(self.path, write=True)
        try:
            return con.execute(sql, parameters).fetchall()
        finally:
            con.close()

    def land(self, key: str, value: int, *, stored: int = 1) -> None:
        """One record and the landing that brought it; `stored` 0 is a landing that brought nothing new."""
        (number,) = self.query("SELECT coalesce(max(landing_id), 0) + 1 FROM meta.landings")[0]
        if stored:
            self.query(
                """INSERT INTO raw.contratos BY NAME SELECT $key AS "numeroControlePNCP", $value AS "valorGlobal",
                {'id': 8, 'nome': NULL} AS "categoriaProcesso", $number AS observation_id, $now AS observed_at,
                'contratos' AS source_endpoint, $number AS request_id, uuid() AS content_hash""",
                key=key, value=value, number=number, now=NOW,
            )  # fmt: skip
        self.query(
            """INSERT INTO meta.landings BY NAME SELECT $number AS landing_id, 'contratos' AS table_name,
            'contratos' AS endpoint, '' AS slice, $now::DATE AS since, $now::DATE AS until, 1 AS received,
            $stored AS stored, 1 - $stored AS repeats, 0 AS quarantined, $now AS landed_at""",
            number=number, now=NOW, stored=stored,
        )  # fmt: skip

    def build(
        self, target: str = "mart_spending", *, force: Sequence[str] = (), **params: int | date
    ) -> dict[str, tuple[str, str]]:
        """Build, and say of each table what was decided and why."""
        con = connect(self.path, write=True)
        driver, materializer = building(con, self.path, params=params, how=How(force=force))
        with driver:
            driver.execute([target])
        return {built.name: (built.decision, built.reason) for built in materializer.built}

    def cover(self, endpoint: str, landed: int) -> None:
        """One cell of the ledger, proven."""
        self.query(
            """INSERT INTO meta.coverage BY NAME SELECT $endpoint AS endpoint, 0 AS modalidade, '' AS slice,
            $now::DATE AS day, 'complete' AS status, $landed AS expected, $landed AS landed, 0 AS repeats,
            1 AS walks, 1 AS pages, 0 AS quarantined, $now AS updated_at""",
            endpoint=endpoint, landed=landed, now=NOW,
        )  # fmt: skip

    def mart(self) -> list[tuple]:
        return self.query(
            "SELECT quantidade_contratos, valor_contratos::BIGINT FROM mart.spending ORDER BY ALL"
        )

    def violations(self) -> list[tuple]:
        return self.query("SELECT table_name, rule, severity, failing, key FROM meta.violations ORDER BY ALL")


@pytest.fixture
def file(tmp_path) -> File:
    """A file with one contract, nothing built."""
    return _file_with_one_contract(tmp_path)


@pytest.fixture
def built(tmp_path, template) -> File:
    """A file with one contract, everything built."""
    return File(shutil.copy(template.path, tmp_path / "baliza.duckdb"))


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> File:
    made = _file_with_one_contract(tmp_path_factory.mktemp("template"))
    made.build()
    return made


def _file_with_one_contract(folder: Path) -> File:
    path = folder / "baliza.duckdb"
    con = connect(path, write=True)
    schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
    con.close()
    made = File(path)
    made.land("00394460005887-2-000001/2025", 10)
    return made


def test_a_first_build_makes_every_table_in_order(file):
    built = file.build()
    assert list(built.items()) == [
        ("stage_contratos", ("rebuilt", "missing")),
        ("mart_spending", ("rebuilt", "missing")),
    ]
    assert file.mart() == [(1, 10)]
    assert file.query("SELECT name, rows FROM meta.tables ORDER BY name") == [
        ("mart_spending", 1),
        ("stage_contratos", 1),
    ]


def test_only_the_targets_ancestors_are_built(file):
    assert list(file.build("stage_contratos")) == ["stage_contratos"]


def test_unchanged_is_skipped(built):
    before = built.query("SELECT * FROM meta.tables ORDER BY name")
    assert built.build() == SKIPPED
    assert built.query("SELECT * FROM meta.tables ORDER BY name") == before


def test_a_new_landing_rebuilds(built):
    built.land("00394460005887-2-000002/2025", 5)
    assert built.build() == {
        "stage_contratos": ("rebuilt", "new data: raw_contratos"),
        "mart_spending": ("rebuilt", "parent: stage_contratos"),
    }
    assert built.mart() == [(2, 15)]


def test_a_landing_that_stored_nothing_rebuilds_nothing(built):
    built.land("00394460005887-2-000001/2025", 10, stored=0)
    assert built.build() == SKIPPED


@pytest.mark.parametrize(
    ("change", "back"),
    [({"suspect_value": 7}, {}), ({"longest_term": 5}, {"longest_term": 35})],
    ids=["of values", "of dates"],
)
def test_a_changed_parameter_rebuilds_and_a_default_given_is_no_change(built, change, back):
    rebuilt = {
        "stage_contratos": ("rebuilt", f"parameter: {next(iter(change))}"),
        "mart_spending": ("rebuilt", "parent: stage_contratos"),
    }
    assert built.build(**change) == rebuilt
    assert built.build(**change) == SKIPPED
    assert built.build(**back) == rebuilt
    assert built.build() == SKIPPED


def test_a_changed_label_rebuilds(built, monkeypatch):
    categoria = domains.load("categoria_processo")
    monkeypatch.setitem(categoria.labels, "8", "Serviços em geral")
    assert built.build() == {
        "stage_contratos": ("rebuilt", "codes: domain_categoria_processo"),
        "mart_spending": ("rebuilt", "parent: stage_contratos"),
    }
    assert built.query("SELECT categoria_processo_nome FROM mart.spending") == [("Serviços em geral",)]


def test_a_changed_check_rebuilds_the_table_it_belongs_to(built, monkeypatch):
    monkeypatch.setattr(code, "digest", lambda: "edited")
    rule = Rule("few", lambda table: table.quantidade_contratos < 100)
    monkeypatch.setattr(MartSpending, "_row_rules", [*MartSpending._row_rules, rule])
    assert built.build() == {
        "stage_contratos": ("skipped", "unchanged"),
        "mart_spending": ("rebuilt", "contract: mart.spending"),
    }


@pytest.mark.parametrize(
    ("dropped", "expected"),
    [
        pytest.param(
            "mart.spending",
            {"stage_contratos": ("skipped", "unchanged"), "mart_spending": ("rebuilt", "missing")},
            id="mart",
        ),
        pytest.param(
            "stage.contratos",
            {"stage_contratos": ("rebuilt", "missing"), "mart_spending": ("skipped", "unchanged")},
            id="stage: the same rows again, so the mart stands",
        ),
    ],
)
def test_a_dropped_table_is_built_again(built, dropped, expected):
    built.query(f"DROP TABLE {dropped}")
    assert built.build() == expected
    assert built.mart() == [(1, 10)]


@pytest.mark.parametrize(
    ("force", "expected"),
    [
        pytest.param(["mart_spending"], {"mart_spending": ("rebuilt", "forced")}, id="the mart alone"),
        pytest.param(
            ["stage_contratos"],
            {"stage_contratos": ("rebuilt", "forced")},
            id="the stage: the same rows again, so the mart stands",
        ),
        pytest.param(
            ["stage_contratos", "mart_spending"],
            {"stage_contratos": ("rebuilt", "forced"), "mart_spending": ("rebuilt", "forced")},
            id="both",
        ),
    ],
)
def test_what_is_forced_is_rebuilt_and_nothing_else(built, force, expected):
    assert built.build(force=force) == SKIPPED | expected


BROKEN = Rule("there are two", lambda table: table.quantidade_contratos == 2)


def test_a_broken_contract_keeps_the_old_table_and_a_sample(built, monkeypatch):
    built.land("00394460005887-2-000002/2025", 5)
    built.land("00394460005887-2-000003/2025", 1)
    monkeypatch.setattr(MartSpending, "_row_rules", [BROKEN])
    with pytest.raises(ContractBrokenError) as caught:
        built.build()
    assert built.mart() == [(1, 10)]
    ((table, rule, severity, failing, key),) = built.violations()
    assert (table, rule, severity, failing) == ("mart_spending", "there are two", "error", 1)
    assert json.loads(key)["cnpj_orgao"] == "00394460005887"
    told = str(caught.value)
    assert "mart.spending" in told
    assert "there are two (1): " in told
    assert "spending.py" in told
    assert [violation.rule for violation in caught.value.violations] == ["there are two"]


def test_a_broken_contract_is_tried_again_and_forgotten_when_it_holds(built, monkeypatch):
    built.land("00394460005887-2-000002/2025", 5)
    with monkeypatch.context() as patch:
        patch.setattr(
            MartSpending, "_row_rules", [Rule("none", lambda table: table.quantidade_contratos == 0)]
        )
        with pytest.raises(ContractBrokenError):
            built.build()
    assert built.build()["mart_spending"] == ("rebuilt", "parent: stage_contratos")
    assert built.mart() == [(2, 15)]
    assert built.violations() == []


def test_a_broken_contract_of_a_first_build_leaves_no_table(file, monkeypatch):
    monkeypatch.setattr(MartSpending, "_row_rules", [BROKEN])
    with pytest.raises(ContractBrokenError):
        file.build()
    assert file.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'mart'") == []
    assert file.query("SELECT name FROM meta.tables") == [("stage_contratos",)]


def test_a_broken_warning_is_counted_and_the_table_stands(file, monkeypatch):
    monkeypatch.setattr(MartSpending, "_row_rules", [dataclasses.replace(BROKEN, severity="warning")])
    assert file.build()["mart_spending"] == ("rebuilt", "missing")
    assert file.mart() == [(1, 10)]
    assert [row[:4] for row in file.violations()] == [("mart_spending", "there are two", "warning", 1)]


def test_a_broken_gate_keeps_the_old_table_and_says_what_differs(built, monkeypatch):
    built.land("00394460005887-2-000002/2025", 5)

    def compare(mart_spending, stage_contratos):
        found = mart_spending.aggregate(found=mart_spending.count())
        expected = stage_contratos.aggregate(expected=stage_contratos.count() + 40)
        return expected.cross_join(found).select(
            measure=ibis.literal("rows"), expected="expected", found="found"
        )

    monkeypatch.setattr(MartSpending, "gates", [Gate("as many rows as contracts", compare)])
    with pytest.raises(ContractBrokenError, match="as many rows as contracts"):
        built.build()
    assert built.mart() == [(1, 10)]
    ((table, rule, severity, failing, key),) = built.violations()
    assert (table, rule, severity, failing) == ("mart_spending", "as many rows as contracts", "error", 1)
    assert json.loads(key) == {"measure": "rows", "expected": 42, "found": 1}


def test_every_gate_is_kept_with_what_it_compared(built):
    found = built.query(
        "SELECT table_name, gate, measure, expected::INT, found::INT FROM meta.reconciliations ORDER BY ALL"
    )
    assert ("stage_contratos", "one row per key of raw", "rows", 1, 1) in found
    assert (
        "raw_contratos",
        "what came is stored, a repeat, or in quarantine",
        "versions stored",
        1,
        1,
    ) in found
    assert {row[0] for row in found} == {"raw_contratos", "stage_contratos", "mart_spending"}
    built.build()
    again = "SELECT count(*) FROM meta.reconciliations"
    assert built.query(again) == [(len(found),)]


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        pytest.param(
            "DELETE FROM raw.contratos", "versions stored: 1 expected, 0 found", id="a record is gone"
        ),
        pytest.param(
            "INSERT INTO raw.contratos FROM raw.contratos",
            "versions stored: 1 expected, 2 found",
            id="a record is there twice",
        ),
        pytest.param(
            "UPDATE meta.landings SET received = 2",
            "records received: stored, repeats, quarantined: 2 expected, 1 found",
            id="a record that came is nowhere",
        ),
        pytest.param(
            "UPDATE meta.landings SET received = 0, repeats = -1",
            "less than nothing: 0 expected, 1 found",
            id="more stored than came",
        ),
    ],
)
def test_a_file_that_lost_records_is_not_built_from(built, tampering, told):
    con = connect(built.path, write=True)
    con.execute(tampering)
    con.close()
    with pytest.raises(LandingsBrokenError, match=told):
        built.build()
    assert built.mart() == [(1, 10)]


def test_the_ledger_alone_makes_a_table_and_a_new_row_of_it_rebuilds(file):
    assert file.build("mart_coverage") == {"mart_coverage": ("rebuilt", "missing")}
    assert file.query("SELECT count(*) FROM mart.coverage") == [(0,)]
    file.cover("contratos", 5)
    assert file.build("mart_coverage") == {"mart_coverage": ("rebuilt", "ledger: meta_coverage")}
    assert file.build("mart_coverage") == {"mart_coverage": ("skipped", "unchanged")}
    assert file.query("SELECT endpoint, registros_baixados FROM mart.coverage") == [("contratos", 5)]
    assert ("celulas", 1, 1) in file.query(
        "SELECT measure, expected, found FROM meta.reconciliations WHERE table_name = 'mart_coverage'"
    )


def test_a_gate_may_read_the_ledger_and_a_parameter(file, monkeypatch):
    file.cover("contratos", 5)
    read = []

    def compare(mart_open_tenders, meta_coverage, data_referencia):
        read.append(data_referencia)
        expected = meta_coverage.aggregate(expected=meta_coverage.count())
        found = mart_open_tenders.aggregate(found=mart_open_tenders.count())
        return expected.cross_join(found).select(
            measure=ibis.literal("x"), expected="expected", found="found"
        )

    monkeypatch.setattr(MartOpenTenders, "gates", [Gate("as many rows as cells", compare)])
    with pytest.raises(ContractBrokenError, match='"expected": 1, "found": 0'):
        file.build("mart_open_tenders", data_referencia=NOW.date())
    assert set(read) == {NOW.date()}


def test_another_day_of_reference_rebuilds(file):
    file.build("mart_open_tenders", data_referencia=NOW.date())
    again = file.build("mart_open_tenders", data_referencia=date(2025, 1, 2))
    assert again["mart_open_tenders"] == ("rebuilt", "parameter: data_referencia")


def test_a_node_whose_sql_fails_names_node_file_and_line_and_keeps_the_old_table(built):
    con = connect(built.path, write=True)
    driver, materializer = building(con, built.path, params={})
    with driver:
        stage = driver.execute(["stage_contratos"])["stage_contratos"]
        broken = stage.select(n=stage.numero_controle_pncp.cast("int64"))
        materializer.run_to_execute_node(
            node_name="mart_spending",
            node_callable=lambda stage_contratos: broken,
            node_kwargs={"stage_contratos": stage},
        )
    error = materializer.error()
    assert isinstance(error, NodeFailedError)
    function = catalog.tables()["mart_spending"].function
    assert f"{inspect.getsourcefile(function)}:{inspect.getsourcelines(function)[1]}" in str(error)
    assert "mart.spending" in str(error)
    assert "00394460005887-2-000001/2025" in str(error)
    assert built.mart() == [(1, 10)]


def test_a_node_that_needs_too_much_memory_is_told_as_such_and_keeps_the_old_table(built):
    con = connect(built.path, write=True)
    con.execute("SET memory_limit = '128MB'")
    driver, materializer = building(con, built.path, params={})
    many = ibis.range(60_000_000).unnest().name("n").as_table()
    with driver:
        stage = driver.execute(["stage_contratos"])["stage_contratos"]
        materializer.run_to_execute_node(
            node_name="mart_spending",
            node_callable=lambda stage_contratos: many.aggregate(all=many.n.collect()),
            node_kwargs={"stage_contratos": stage},
        )
    error = materializer.error()
    assert isinstance(error, OutOfMemoryError)
    asked, found, remedy = error.sentences()
    assert "mart.spending" in asked
    assert "ran out of memory" in found
    assert "--memory-limit" in remedy
    assert "SELECT" not in str(error)
    assert built.mart() == [(1, 10)]


def test_the_read_only_driver_returns_what_is_stored_and_computes_nothing(built):
    built.query("UPDATE mart.spending SET quantidade_contratos = 77")
    built.land("00394460005887-2-000002/2025", 5)
    with baliza.driver(built.path) as driver:
        found = driver.execute(["mart_spending", "stage_contratos", "raw_contratos"])
        assert found["mart_spending"].quantidade_contratos.to_pyarrow().to_pylist() == [77]
        assert found["stage_contratos"].count().execute() == 1
        assert found["raw_contratos"].count().execute() == 2


def test_the_read_only_driver_says_how_to_build_a_table_that_was_never_built(file):
    file.build("stage_contratos")
    with baliza.driver(file.path) as driver:
        with pytest.raises(DatabaseMissingError) as caught:
            driver.execute(["mart_spending"])
        assert driver.execute(["stage_contratos"])["stage_contratos"].count().execute() == 1
    assert "mart.spending" in str(caught.value)
    assert f"baliza build --target mart_spending --database {file.path}" in str(caught.value)


def test_a_node_that_fails_takes_with_it_what_is_made_from_it_and_nothing_else(file):
    con = connect(file.path, write=True)
    driver, materializer = building(con, file.path, params={})
    with (
        driver,
        pytest.raises(NodeFailedError, match=r"contratos_dates was to be made \(.*contratos\.py:\d+"),
    ):
        driver.execute(["mart_spending", "mart_coverage"], inputs={"earliest_year": 10**400})
    assert {built.name: (built.decision, built.reason) for built in materializer.built} == {
        "stage_contratos": ("failed", "failed: contratos_dates"),
        "mart_spending": ("failed", "failed: contratos_dates"),
        "mart_coverage": ("rebuilt", "missing"),
    }


def test_several_nodes_that_fail_are_told_together(file):
    con = connect(file.path, write=True)
    driver, _ = building(con, file.path, params={})
    with (
        driver,
        pytest.raises(NodesFailedError, match=r"(contratos_dates|contratos_values), contratos_"),
    ):
        driver.execute(["mart_spending"], inputs={"earliest_year": 10**400, "suspect_value": 10**400})
