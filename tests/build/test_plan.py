"""What a build would do: told as it then does it, and nothing done meanwhile."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from baliza.build import code, run
from baliza.build.period import Period
from baliza.build.plan import plan
from baliza.build.scope import Scope
from baliza.build.source import sample_server
from baliza.cli.progress import Quiet
from baliza.errors import (
    DatabaseMissingError,
    MixedSourcesError,
    NothingToBuildError,
    UnknownTargetError,
    UsageError,
)
from baliza.pncp.job import Server
from dataflows.contract import Rule
from dataflows.mart import spending
from dataflows.mart.spending import MartSpending

DAY = date(2025, 6, 24)


@pytest.fixture
def built(built_sample, tmp_path):
    """The sample with stage.contratos and mart.spending, to be changed."""
    return Path(shutil.copy(built_sample, tmp_path / "sample.duckdb"))


def asked(database, *targets, **options):
    request = run.BuildRequest(
        database=database, targets=targets or ("mart_spending",), source="sample", server=sample_server()
    )
    return dataclasses.replace(request, **options)


def asked_of_pncp(database, *targets, **options):
    """Of a PNCP that nobody must ask: there is no such address."""
    options = {"scope": Scope(Period(DAY, DAY))} | options
    return asked(database, *targets, source="pncp", server=Server("http://127.0.0.1:1"), **options)


def decisions(planned):
    return {table.name: (table.decision, [str(why.cause) for why in table.why]) for table in planned.tables}


def land_again(database, share=0.01):
    """Newer versions of some contracts, as a harvest would have brought them."""
    with duckdb.connect(database) as con:
        (count,) = con.execute(f"""
            INSERT INTO raw.contratos
            SELECT * REPLACE (observation_id + 1000000 AS observation_id, uuid() AS content_hash,
                observed_at + INTERVAL 1 DAY AS observed_at, "valorGlobal" + 1 AS "valorGlobal")
            FROM raw.contratos ORDER BY observation_id LIMIT (SELECT (count(*) * {share})::INT FROM raw.contratos)
        """).fetchone()  # fmt: skip
        con.execute(
            """INSERT INTO meta.landings BY NAME SELECT max(landing_id) + 1 AS landing_id,
            'contratos' AS table_name, 'contratos' AS endpoint, '' AS slice, today() AS since, today() AS until,
            $n AS received, $n AS stored, 0 AS repeats, 0 AS quarantined, now()::TIMESTAMP AS landed_at
            FROM meta.landings""",
            {"n": count},
        )
    return count


def fingerprint(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_nothing_to_do_is_said_of_an_unchanged_file(built):
    planned = plan(asked(built))
    assert decisions(planned) == {"stage_contratos": ("skipped", []), "mart_spending": ("skipped", [])}
    assert planned.to_fetch is not None
    assert not any(planned.to_fetch.windows.values())
    assert (planned.seconds, planned.exit_code, planned.source) == (0, 0, "sample")
    assert [table.predicted.rows for table in planned.tables] == [table.rows for table in planned.tables]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="nothing to do"),
        pytest.param({"force": True}, id="forced"),
        pytest.param({"params": {"review_value": 5}}, id="a parameter"),
        pytest.param({"targets": ("mart.*",)}, id="tables never built"),
        pytest.param({"targets": ("changed",)}, id="a word about the file"),
    ],
)
def test_nothing_is_written(built, options):
    before = fingerprint(built)
    plan(asked(built, **options), with_sql=True)
    assert fingerprint(built) == before
    assert [path.name for path in built.parent.iterdir()] == [built.name]


def test_another_reader_is_not_in_the_way(built):
    with duckdb.connect(built, read_only=True):
        planned = plan(asked(built, force=True, targets=("+mart_spending",)))
    assert {table.decision for table in planned.tables} == {"rebuilt"}


def test_new_data_is_planned_by_keys_and_the_build_does_what_was_planned(built):
    count = land_again(built)
    planned = plan(asked(built))
    report = run.build(asked(built), Quiet())

    assert decisions(planned) == {
        "stage_contratos": ("incremental", ["new data: raw_contratos"]),
        "mart_spending": ("incremental", ["parent: stage_contratos"]),
    }
    assert [(one.name, one.decision) for one in report.tables] == [
        (table.name, table.decision) for table in planned.tables
    ]
    (stage, mart), (built_stage, built_mart) = planned.tables, report.tables
    assert stage.keys == built_stage.keys == count
    # What bears a newer name is known only when the names are chosen.
    assert 0 < (mart.keys or 0) <= (built_mart.keys or 0)
    assert planned.tables[0].predicted.seconds < 1
    for table, one in zip(planned.tables, report.tables, strict=True):
        assert table.predicted.rows == pytest.approx(one.rows, rel=0.05)


def test_full_plans_no_increment(built):
    land_again(built)
    planned = plan(asked(built, full=True))
    assert {table.decision for table in planned.tables} == {"rebuilt"}
    assert planned.tables[0].keys is None


def test_a_parameter_is_told_with_its_values_and_its_lines_of_sql(built):
    planned = plan(asked(built, params={"review_value": 5}), with_sql=True)
    stage = planned.tables[0]
    assert decisions(planned) == {
        "stage_contratos": ("rebuilt", ["parameter: review_value"]),
        "mart_spending": ("rebuilt", ["parent: stage_contratos"]),
    }
    assert (stage.why[0].before, stage.why[0].now) == ("1000000000", "5")
    assert any(line.startswith("+") and ">= 5" in line for line in stage.sql.lines)
    assert any(line.startswith("-") and ">= 1000000000" in line for line in stage.sql.lines)
    assert planned.tables[1].sql.lines == ()


def test_sql_is_compared_only_where_it_is_wanted(built):
    assert plan(asked(built, params={"review_value": 5})).tables[0].sql.lines == ()


def test_a_changed_contract_is_the_cause_of_its_own_table_alone(built, monkeypatch):
    monkeypatch.setattr(code, "digest", lambda: "edited")
    rule = Rule("few", lambda table: table.quantidade_contratos < 100)
    monkeypatch.setattr(MartSpending, "_row_rules", [*MartSpending._row_rules, rule])
    assert decisions(plan(asked(built))) == {
        "stage_contratos": ("skipped", []),
        "mart_spending": ("rebuilt", ["contract: mart.spending"]),
    }


def test_an_edited_function_is_named_with_the_lines_it_changes(built, monkeypatch):
    monkeypatch.setattr(code, "digest", lambda: "edited")
    edited = code.definitions() | {"mart.names.with_newest_names": "edited"}
    monkeypatch.setattr(code, "definitions", lambda: edited)
    names = spending.with_newest_names
    monkeypatch.setattr(spending, "with_newest_names", lambda *given: names(*given).limit(77))
    stage, mart = plan(asked(built), with_sql=True).tables
    assert (stage.decision, stage.sql.lines) == ("skipped", ())
    assert [str(why.cause) for why in mart.why] == ["code: mart.names.with_newest_names"]
    assert any(line.startswith("+") and "77" in line for line in mart.sql.lines)


def test_forced_are_the_selected_and_not_what_they_are_made_from(built):
    alone = plan(asked(built, "mart_spending", force=True))
    both = plan(asked(built, "+mart_spending", force=True))
    assert decisions(alone)["stage_contratos"] == ("skipped", [])
    assert decisions(alone)["mart_spending"] == ("rebuilt", ["forced"])
    assert {name: causes for name, (_, causes) in decisions(both).items()} == {
        "stage_contratos": ["forced"],
        "mart_spending": ["forced"],
    }


def test_a_dropped_table_is_missing_and_its_rows_are_known_from_before(built):
    with duckdb.connect(built) as con:
        (rows,) = con.execute("SELECT count(*) FROM mart.spending").fetchone()
        con.execute("DROP TABLE mart.spending")
    (_, mart) = plan(asked(built)).tables
    assert [str(why.cause) for why in mart.why] == ["missing"]
    assert (mart.rows, mart.predicted.rows) == (None, rows)
    assert mart.predicted.seconds is not None


def test_a_new_file_is_planned_without_making_it(tmp_path):
    path = tmp_path / "folder" / "new.duckdb"
    planned = plan(asked_of_pncp(path, "mart.*"))
    assert not path.parent.exists()
    assert planned.to_fetch is not None
    assert planned.to_fetch.windows["contratos"] == 1
    assert planned.to_fetch.requests["contratos"] == 17
    assert planned.to_fetch.seconds > 17
    assert {causes[0] for _, causes in decisions(planned).values()} == {"missing"}
    assert {table.predicted.rows for table in planned.tables} == {None}


def test_what_is_to_be_fetched_awaits_in_all_that_is_made_from_it(built):
    with duckdb.connect(built) as con:
        con.execute("UPDATE meta.database SET value = 'pncp' WHERE key = 'source'")
    planned = plan(
        asked_of_pncp(
            built, "mart_spending", "mart_coverage", scope=Scope(Period(date(2025, 7, 1), date(2025, 7, 2)))
        )
    )
    awaited = {table.name: list(table.awaited) for table in planned.tables}
    assert awaited["stage_contratos"] == awaited["mart_spending"] == ["raw_contratos"]
    assert "meta_coverage" in awaited["mart_coverage"]
    assert decisions(planned)["mart_spending"] == ("skipped", [])


def test_a_day_after_the_last_proven_one_moves_the_reference_day(built):
    with duckdb.connect(built) as con:
        con.execute("UPDATE meta.database SET value = 'pncp' WHERE key = 'source'")
    later = Scope(Period(date(2025, 7, 1), date(2025, 7, 2)))
    earlier = Scope(Period(date(2024, 7, 1), date(2024, 7, 2)))

    def awaits(**options):
        return (
            "data_referencia" in plan(asked_of_pncp(built, "mart_publication", **options)).tables[-1].awaited
        )

    assert awaits(scope=later)
    assert not awaits(scope=earlier)
    assert not awaits(scope=later, params={"data_referencia": DAY})


def test_without_a_fetch_nothing_is_awaited(built):
    planned = plan(asked(built, fetch=False, scope=Scope()))
    assert planned.to_fetch is None
    assert all(table.awaited == [] for table in planned.tables)


def test_an_older_file_is_planned_as_if_new(built):
    with duckdb.connect(built) as con:
        con.execute("ALTER TABLE meta.tables DROP COLUMN definition")
        con.execute("DROP TABLE meta.code")
        con.execute("DROP TABLE raw.pca_itens")
        con.execute('ALTER TABLE raw.contratos DROP COLUMN "processo"')
    planned = plan(asked(built))
    assert {causes[0] for _, causes in decisions(planned).values()} == {"missing"}
    assert any("An older baliza laid out this file." in note for note in planned.notes)


def test_a_function_that_fails_is_told_and_the_others_are_planned(built, monkeypatch):
    def fails(*_args):
        raise ValueError("no such month")

    monkeypatch.setattr(spending, "with_newest_names", fails)
    monkeypatch.setattr(code, "digest", lambda: "edited")
    planned = plan(asked(built, "mart_spending", "mart_suppliers"))
    found = decisions(planned)
    assert found["mart_spending"] == ("failed", ["failed: NodeFailedError"])
    assert found["mart_suppliers"] == ("rebuilt", ["missing"])
    assert "no such month" in str(planned.trouble)
    assert planned.exit_code == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        pytest.param({"targets": ("mart_spendng",)}, UnknownTargetError, id="an unknown table"),
        pytest.param(
            {"scope": Scope(Period(DAY, DAY), filters=(("uf", "SP"),))}, UsageError, id="a filter it has not"
        ),
        pytest.param({"fetch": False}, DatabaseMissingError, id="no file and no fetch"),
        pytest.param({"targets": ("stage.itens",)}, DatabaseMissingError, id="no file and nothing to fetch"),
        pytest.param({"targets": ("failed",)}, DatabaseMissingError, id="no file to say what failed"),
    ],
)
def test_what_the_build_would_refuse_the_plan_refuses(tmp_path, options, error):
    request = asked_of_pncp(tmp_path / "none.duckdb", **options)
    with pytest.raises(error):
        plan(request)
    with pytest.raises(error):
        run.build(request, Quiet())
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_source_is_refused(built, prepared):
    with pytest.raises(MixedSourcesError):
        plan(asked_of_pncp(built))
    assert plan(asked(prepared)).source == "sample"


def test_a_file_with_nothing_to_build_from_is_refused(prepared):
    with pytest.raises(NothingToBuildError):
        plan(asked_of_pncp(prepared, "stage.itens"))
