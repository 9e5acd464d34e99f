import shutil

import duckdb
import pytest

from baliza.errors import DatabaseMissingError
from baliza.publish.graph import state


@pytest.fixture
def database(built_sample, tmp_path):
    """The sample with mart_spending built; never published, so that what a test changes is what is read."""
    return shutil.copy(built_sample, tmp_path / "sample.duckdb")


def notes_after(database, *statements, targets=("mart_spending",)):
    with duckdb.connect(str(database)) as con:
        for statement in statements:
            con.execute(statement)
    return state.read(database, targets).notes


def test_a_built_table_tells_rows_seconds_freshness_and_contract(database):
    notes = notes_after(database)

    size, built, contract = notes["mart_spending"].lines
    assert size.startswith("2,856 rows, ")
    assert built.endswith(" UTC")
    assert contract.startswith("contract holds: ")
    assert notes["mart_spending"].colour == state.GOOD
    assert notes["raw_contratos"].lines[0] == "5,044 rows"
    assert notes["contratos"].lines == ["2025-01-01 – 2025-06-30", "181 of 181 proven"]


def test_what_was_never_asked_or_built_is_dashed(database):
    notes = notes_after(database, targets=("mart_procurement",))

    assert notes["contratos_atualizacao"].lines == ["never asked for"]
    assert notes["mart_procurement"].lines == ["never built"]
    assert notes["mart_procurement"].is_dashed
    assert notes["raw_compras"].lines == ["nothing landed"]


def test_a_table_made_of_older_records_is_stale(database):
    notes = notes_after(
        database, "UPDATE meta.landings SET landed_at = '2999-01-01' WHERE table_name = 'contratos'"
    )

    assert notes["stage_contratos"].lines[-1] == "stale: what it is made from has changed"
    assert notes["stage_contratos"].colour == state.DOUBTFUL
    assert notes["mart_spending"].colour == state.GOOD


def violation(severity, failing, key):
    values = f"('mart_spending', 'a rule', '{severity}', {failing}, '{key}', now()::TIMESTAMP)"
    return f"INSERT INTO meta.violations VALUES {values}"


def test_a_broken_contract_counts_a_rule_once_though_several_rows_of_it_are_kept(database):
    notes = notes_after(database, violation("error", 1234, "a"), violation("error", 1234, "b"))

    assert "contract broken by 1,234 rows: rolled back" in notes["mart_spending"].lines
    assert notes["mart_spending"].colour == state.BROKEN


def test_a_warning_is_told_and_the_contract_holds(database):
    notes = notes_after(database, violation("warning", 3, "a"))

    assert notes["mart_spending"].lines[-1] == "contract holds, 3 warnings"
    assert notes["mart_spending"].colour == state.DOUBTFUL


def test_days_that_are_not_proven_and_records_in_quarantine_are_doubtful(database):
    notes = notes_after(
        database,
        "UPDATE meta.coverage SET status = 'short' WHERE endpoint = 'contratos' AND day <= '2025-01-02'",
        "INSERT INTO meta.quarantine BY NAME SELECT 1 AS quarantine_id, 'contratos' AS table_name, '?' AS reason, "
        "'{}' AS raw_text, 'contratos' AS endpoint, '' AS slice, DATE '2025-01-01' AS since, "
        "DATE '2025-01-01' AS until, 1 AS page, 1 AS request_id, now()::TIMESTAMP AS quarantined_at",
    )

    assert notes["contratos"].lines[1] == "179 of 181 proven"
    assert notes["contratos"].colour == state.DOUBTFUL
    assert notes["raw_contratos"].lines[-1] == "1 in quarantine"


def test_the_caption_says_which_file_and_that_its_data_are_synthetic(database):
    caption = state.read(database, ["mart_spending"]).caption

    assert caption.startswith(f"{database}. SYNTHETIC DATA")


def test_the_published_state_is_read(built_sample):
    found = state.read(built_sample, ["mart_spending"])

    assert found.snapshot is not None
    assert f"as published after run {found.snapshot.run_id}" in found.caption


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DatabaseMissingError):
        state.read(tmp_path / "none.duckdb", [])
