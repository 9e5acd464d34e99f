"""`baliza status`: drift, vanished records, quarantine, coverage by modalidade."""

import json
import shutil

import duckdb
import pytest


@pytest.fixture
def database(tmp_path, prepared):
    path = tmp_path / "data" / "baliza.duckdb"
    path.parent.mkdir()
    shutil.copy(prepared, path)
    return path


def execute(database, *statements):
    with duckdb.connect(str(database)) as con:
        for statement in statements:
            con.execute(statement)


def test_unknown_fields_come_with_a_line_for_the_contract(baliza, database):
    execute(
        database,
        """
        INSERT INTO raw.contratacoes (observation_id, unknown_fields)
        VALUES (1, '{"valorNovo": 1.5, "fontesOrcamentarias": [{"sigla": "a"}]}')
        """,
    )
    shown = baliza("status").stdout

    assert "does not know yet: valorNovo (1 records)" in " ".join(shown.split())
    assert '    valorNovo = amount("...")\n' in shown
    assert "fontesOrcamentarias[].sigla" in shown
    assert '    "sigla": text("..."),\n' in shown


def test_codes_that_no_table_has_are_named_with_their_label(baliza, database):
    execute(
        database,
        "INSERT INTO raw.contratacoes (observation_id, modalidadeId, modalidadeNome) VALUES (1, 99, 'Nova')",
    )
    shown = " ".join(baliza("status").stdout.split())

    assert "raw.contratacoes.modalidadeId has a code that modalidade has not: 99 (Nova, 1 records)" in shown
    assert "baliza domains check" in shown


def test_records_set_aside_come_with_the_command_that_shows_them(baliza, database):
    key = "00394460000141-2-000012/2025"
    execute(
        database,
        f"INSERT INTO meta.vanished VALUES ('contratos', '{key}', 'contratos', '2025-03-01', '2025-03-02')",
        f"INSERT INTO raw.contratos (observation_id, observed_at, source_endpoint, numeroControlePNCP) "
        f"VALUES (1, '2025-03-01', 'contratos', '{key}')",
        """
        INSERT INTO meta.quarantine (quarantine_id, table_name, reason, raw_text, endpoint, slice, since, until,
                                     page, request_id, quarantined_at)
        VALUES (1, 'contratos', 'no key', '{}', 'contratos', '', '2025-03-03', '2025-03-03', 1, 1, now())
        """,
    )
    shown = " ".join(baliza("status").stdout.split())
    elsewhere = " ".join(baliza("status", "--database", str(database)).stdout.split())

    assert f"raw.contratos: 1 records have vanished from PNCP; see the last: baliza changes {key}" in shown
    assert "--database" not in shown
    assert "--database" in elsewhere
    assert "could not be typed; see them: baliza quarantine list --table raw.contratos" in shown
    assert "seen until 2025-03-01" in " ".join(baliza("changes", key).stdout.split())


def test_coverage_has_one_line_per_slice_and_one_for_all_parents(baliza, database):
    cells = [("contratacoes_publicacao", 6, ""), ("contratacoes_publicacao", 8, "")]
    cells += [("itens", 0, f"parent {n}") for n in range(30)]
    execute(
        database,
        *(
            f"INSERT INTO meta.coverage VALUES ('{endpoint}', {modalidade}, '{slice_}', '2025-03-03', 'complete', "
            "10, 10, 0, 1, 1, 0, NULL, now())"
            for endpoint, modalidade, slice_ in cells
        ),
    )
    shown = baliza("status").stdout
    told = json.loads(baliza("status", "--json").stdout)["coverage"]

    assert "30 parents" in " ".join(shown.split())
    assert "parent 3" not in shown
    assert [(one["endpoint"], one["slice"], one["slices"], one["modalidades"]) for one in told] == [
        ("contratacoes_publicacao", "", 1, 2),
        ("itens", None, 30, 0),
    ]
