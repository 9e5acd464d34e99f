"""What is behind rows of a mart: the records, the days, the way; and what is said when it cannot be told."""

import shutil
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
import ibis
import pytest

from baliza.build import behind, catalog, collect, run, scope
from baliza.build.collect import HarvestRequest
from baliza.build.explaining import explain
from baliza.build.period import Period
from baliza.build.scope import Scope
from baliza.cli.progress import Quiet
from baliza.errors import (
    DatabaseMissingError,
    UnexplainableError,
    UnknownRecordError,
    UnknownTargetError,
    UsageError,
)
from baliza.pncp.job import Server
from baliza.pncp.progress import Silent
from baliza.simulator.server import Simulator

SINCE, UNTIL = date(2025, 3, 3), date(2025, 3, 14)
MARTS = (
    "mart_spending", "mart_suppliers", "mart_concentration", "mart_procurement", "mart_publication",
    "mart_sme_benefits", "mart_red_flags", "mart_coverage", "mart_open_tenders", "mart_quality", "mart_flag_computability",
    "mart_supply",
)  # fmt: skip
OF_MORE = {"mart_sme_benefits": {"percentual_itens", "percentual_valor_estimado"}}
"""Shares of an órgão's year: the benefits of other rows are in them."""
CUT = ("mart_red_flags", "mart_quality", "mart_flag_computability")
KEYED = [mart for mart in MARTS if mart not in {*CUT, "mart_open_tenders"}]


@pytest.fixture(scope="session")
def explained(tmp_path_factory, small_world):
    """Twelve days of contracts, purchases, items and results, built; to be read or copied, not written."""
    path = tmp_path_factory.mktemp("explained") / "explained.duckdb"
    endpoints = scope.endpoints(
        ["contratos_publicacao", "contratacoes_publicacao", "contratacoes_proposta", "itens", "resultados"]
    )
    with Simulator(small_world) as simulator:
        server = Server(simulator.url, max_rps=0)
        collect.collect(
            HarvestRequest(path, "pncp", server, tuple(endpoints), Scope(Period(SINCE, UNTIL))),
            Silent(),
            lambda _estimate: True,
        )
        run.build(run.BuildRequest(path, MARTS, "pncp", server, fetch=False), Quiet())
    return path


@pytest.fixture(scope="session")
def of_a_row(explained):
    """The explanation of one row of the file that is not written: told once, for the cases that share it."""
    return cache(lambda mart, *key: explain(explained, mart, key))


@pytest.fixture
def database(tmp_path, explained):
    return Path(shutil.copy(explained, tmp_path / "test.duckdb"))


def change(database, *statements):
    with duckdb.connect(str(database)) as con:
        for statement in statements:
            con.execute(statement)


def one_row(database, mart, where="true"):
    """The key of a row, as it is typed."""
    node = catalog.tables()[mart]
    query = f"SELECT {', '.join(node.contract.key)} FROM {node.location} WHERE {where} ORDER BY ALL LIMIT 1"
    with duckdb.connect(str(database), read_only=True) as con:
        (row,) = con.execute(query).fetchall()
    return [
        (name, "null" if value is None else str(value))
        for name, value in zip(node.contract.key, row, strict=True)
    ]


def every_row(database, mart):
    with duckdb.connect(str(database), read_only=True) as con:
        result = con.execute(f"SELECT * FROM {catalog.tables()[mart].location} ORDER BY ALL")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def spread(database, mart, number, of=2):
    """The key of one of so many rows, evenly apart."""
    rows = every_row(database, mart)
    row = rows[len(rows) * number // of]
    return [(name, str(row[name])) for name in catalog.tables()[mart].contract.key]


@pytest.mark.parametrize("mart", KEYED)
def test_a_row_made_again_of_its_records_alone_is_the_same(explained, of_a_row, mart):
    found = of_a_row(mart, *one_row(explained, mart))

    assert found.total == 1
    assert sum(one.total for one in found.records) > 0
    assert set(found.check.differing) == OF_MORE.get(mart, set())
    assert set(found.check.same) | set(found.check.differing) == set(found.node.contract.columns) - set(
        found.node.contract.key
    )


@pytest.mark.parametrize("mart", KEYED)
def test_all_rows_of_a_mart_together_rest_on_all_its_records(explained, mart):
    """Keys are compared with nulls as values: no record is behind no row."""
    node = catalog.tables()[mart]
    with duckdb.connect(str(explained), read_only=True) as con:
        backend = ibis.duckdb.from_connection(con)

        def made(name):
            layer, _, table = name.partition("_")
            return backend.table(table, database=layer)

        found = behind.records(node, made(mart), [], made)
        counts = {name: backend.execute(table.count()) for name, table in found.items()}
        wholes = {name: backend.execute(made(name).count()) for name in found}
    if mart in {
        "mart_concentration",
        "mart_procurement",
        "mart_supply",
    }:  # records of other buckets have no row of their own
        assert 0 < counts["stage_contratos"] <= wholes["stage_contratos"]
    else:
        assert counts == wholes
        assert all(wholes.values())


def test_the_buckets_add_up_to_the_figures_of_the_row(explained):
    found = explain(
        explained, "mart_spending", one_row(explained, "mart_spending", "quantidade_contratos > 1")
    )
    (row,), (records,) = found.rows, found.records

    groups = {group.name: group for group in records.groups}
    assert records.grouped_by == "bucket"
    assert groups["contract"].records == row["quantidade_contratos"]
    assert groups["contract"].sums == {"valor_global": row["valor_contratos"]}
    assert sum(group.records for group in records.groups) == records.total == len(records.records)
    assert all(record["link_pncp"].startswith("https://pncp.gov.br/app/") for record in records.records)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mart.spending SET valor_contratos = valor_contratos + 1",
        "UPDATE stage.contratos SET valor_global = valor_global + 1 WHERE bucket = 'contract'",
    ],
    ids=["the figure", "a record"],
)
def test_a_figure_that_its_records_do_not_make_is_told(database, statement):
    key = one_row(database, "mart_spending", "quantidade_contratos > 0")
    change(database, statement)

    found = explain(database, "mart_spending", key)

    assert found.check.differing["valor_contratos"] == 1


def test_a_row_that_lost_all_its_records_differs(database):
    key = one_row(database, "mart_spending", "quantidade_contratos > 0")
    change(database, "DELETE FROM stage.contratos")

    found = explain(database, "mart_spending", key)

    assert found.records[0].total == 0
    assert "quantidade_contratos" in found.check.differing


def test_what_rests_on_other_records_too_is_told(database):
    """Whether an empenho has its contract is looked for in the whole file, not in the month alone."""
    change(
        database,
        """UPDATE stage.contratos SET numero_controle_pncp_compra = 'x', ni_fornecedor = 'y', cnpj_orgao = 'z',
           codigo_unidade = '1', uf_sigla = 'AC', codigo_ibge = '1', categoria_processo_id = 1,
           bucket = CASE rn WHEN 1 THEN 'contract' ELSE 'empenho' END,
           data_publicacao_pncp = CASE rn WHEN 1 THEN TIMESTAMP '2025-02-01' ELSE TIMESTAMP '2025-03-01' END
           FROM (SELECT numero_controle_pncp AS n, row_number() OVER (ORDER BY numero_controle_pncp) AS rn FROM stage.contratos
                 ORDER BY numero_controle_pncp LIMIT 2) WHERE numero_controle_pncp = n""",
    )
    with duckdb.connect(str(database)) as con:
        con.execute("UPDATE meta.tables SET fingerprint = 'x' WHERE name = 'stage_contratos'")
        # The mart as its function makes it of the whole stage table.
        con.execute("DELETE FROM meta.tables WHERE name = 'mart_spending'")
        con.execute("DELETE FROM mart.spending")
        con.execute(
            """INSERT INTO mart.spending BY NAME
               SELECT 'z' AS cnpj_orgao, '1' AS codigo_unidade, 'AC' AS uf_sigla, '1' AS codigo_ibge,
                      DATE '2025-03-01' AS mes, 1 AS categoria_processo_id, 0 AS valor_empenhos_sem_contrato"""
        )

    found = explain(database, "mart_spending", [("cnpj_orgao", "z")])

    assert "valor_empenhos_sem_contrato" in found.check.differing


def test_what_is_open_is_explained_by_its_own_record(database):
    """As if the purchases of the snapshot still took proposals today."""
    change(
        database,
        "UPDATE stage.contratacoes_proposta "
        "SET data_encerramento_proposta = current_date + 100, situacao_compra_id = 1",
        "DELETE FROM meta.tables WHERE name = 'mart_open_tenders'",
    )
    request = run.BuildRequest(
        database, ("mart_open_tenders",), "pncp", Server("http://nobody.invalid"), fetch=False
    )
    run.build(request, Quiet())
    key = one_row(database, "mart_open_tenders")
    found = explain(database, "mart_open_tenders", key)

    assert found.check.differing == {}
    assert [(one.table, one.total) for one in found.records] == [("stage.contratacoes_proposta", 1)]
    assert found.records[0].records[0]["numero_controle_pncp"] == key[0][1]


def test_several_rows_are_explained_together_and_no_more_is_shown_than_asked_for(explained):
    found = explain(explained, "mart_spending", [("mes", "2025-03")], limit=2)

    assert found.total > len(found.rows) == 2
    (records,) = found.records
    assert records.total > len(records.records) == 2


def test_a_flag_is_explained_by_the_records_that_it_names(explained, of_a_row):
    found = of_a_row("mart_red_flags", *one_row(explained, "mart_red_flags"))
    (row,) = found.rows

    assert found.check.differing == {}
    assert found.evidence is not None
    assert found.evidence.named == found.evidence.found == len(row["evidencias"])
    assert found.evidence.counted == row["quantidade_evidencias"]
    shown = {record["numero_controle_pncp"] for one in found.records for record in one.records}
    assert shown == set(row["evidencias"])


def test_the_days_are_complete_where_the_ledger_proves_them(database):
    change(
        database,
        "INSERT INTO meta.coverage BY NAME SELECT * REPLACE (unnest(generate_series(DATE '2025-03-01', "
        "DATE '2025-03-31', INTERVAL 1 DAY))::DATE AS day) FROM (SELECT * FROM meta.coverage WHERE "
        "endpoint = 'contratos' LIMIT 1) ON CONFLICT DO NOTHING",
    )
    (footing,) = explain(database, "mart_spending", [("mes", "2025-03")]).footing

    assert (footing.endpoint, footing.since, footing.until) == (
        "contratos", date(2025, 3, 1), date(2025, 3, 31),
    )  # fmt: skip
    assert footing.is_complete
    assert sum(footing.cells.values()) == 31


def test_what_is_missing_of_the_days_is_counted(database):
    change(
        database,
        "UPDATE meta.coverage SET status = 'short', expected = landed + 312 "
        "WHERE endpoint = 'contratos' AND day = '2025-03-05'",
    )
    (footing,) = explain(database, "mart_spending", [("mes", "2025-03")]).footing

    assert not footing.is_complete
    assert footing.missing == 312
    assert footing.cells["short"] == 1
    assert footing.cells["not_asked"] == 31 - 12


def test_a_listing_of_the_organ_alone_proves_its_days_and_no_others(database):
    key = one_row(database, "mart_spending")
    cnpj = key[0][1]
    change(
        database,
        f"UPDATE meta.coverage SET slice = 'cnpj={cnpj}' WHERE endpoint = 'contratos'",
    )
    (own,) = explain(database, "mart_spending", [("cnpj_orgao", cnpj), ("mes", "2025-03")]).footing
    (all_,) = explain(database, "mart_spending", [("mes", "2025-03")]).footing

    assert set(own.cells) <= {"complete", "empty", "not_asked"}
    assert own.cells["not_asked"] == 19
    assert all_.cells == {"not_asked": 31}


def test_the_way_names_tables_functions_places_and_the_run(explained, of_a_row):
    way = of_a_row("mart_spending", *one_row(explained, "mart_spending")).way

    assert [step.table for step in way] == ["raw.contratos", "stage.contratos", "mart.spending"]
    mart = way[-1]
    assert mart.functions[0].name == "mart_spending"
    assert mart.functions[0].place.startswith("dataflows/mart/spending.py:")
    assert mart.run is not None
    assert (mart.run.command, mart.run.run_id) == ("build", 2)
    assert not any(step.is_behind for step in way)


def test_a_table_whose_parents_have_moved_on_is_told(database):
    change(database, "UPDATE meta.tables SET fingerprint = 'x' WHERE name = 'stage_contratos'")
    way = explain(database, "mart_spending", one_row(database, "mart_spending")).way

    assert [step.table for step in way if step.is_behind] == ["mart.spending"]


def test_parameters_are_those_the_mart_was_built_with(tmp_path, explained):
    path = Path(shutil.copy(explained, tmp_path / "other.duckdb"))
    request = run.BuildRequest(
        path, ("mart_concentration",), "pncp", Server("http://nobody.invalid"), fetch=False,
        params={"least_contracts_for_shares": 1},
    )  # fmt: skip
    run.build(request, Quiet())
    found = explain(path, "mart_concentration", one_row(path, "mart_concentration", "hhi IS NOT NULL"))

    assert found.check.differing == {}


@pytest.mark.parametrize("mart", CUT)
@pytest.mark.parametrize("number", range(2))
def test_rows_that_rest_on_more_than_a_key_are_the_same_made_again_of_it(explained, of_a_row, mart, number):
    """Two rows of each, far apart."""
    found = of_a_row(mart, *spread(explained, mart, number))

    assert found.total == 1
    assert found.check.differing == {}
    assert sum(one.total for one in found.records) > 0


def test_all_columns_of_a_table_are_explained_at_once(explained):
    found = explain(explained, "mart_quality", [("tabela", "stage.contratos")], limit=3)

    assert found.check.differing == {}
    (records,) = found.records
    assert records.total == found.rows[0]["linhas"]
    assert {group.name.partition(": ")[0] for group in records.groups if group.name} <= set(
        catalog.tables()["stage_contratos"].contract.columns
    )


def test_what_quality_counts_in_a_column_are_the_rows_that_are_found(database):
    change(
        database,
        """UPDATE stage.contratos SET uf_sigla = CASE n WHEN 1 THEN NULL ELSE ' ' END FROM (
               SELECT numero_controle_pncp AS number, row_number() OVER (ORDER BY numero_controle_pncp) AS n
               FROM stage.contratos WHERE uf_sigla IS NOT NULL LIMIT 3) WHERE numero_controle_pncp = number""",
    )
    found = explain(
        database, "mart_quality", [("tabela", "stage.contratos"), ("coluna", "uf_sigla")], limit=4
    )
    (records,) = found.records
    counts = {group.name: group.records for group in records.groups}

    assert records.grouped_by == "finding"
    assert (counts["nulos"], counts["vazios"]) == (1, 2)
    assert counts[None] == records.total - 3
    assert [record["finding"] for record in records.records] == [["nulos"], ["vazios"], ["vazios"], []]
    assert [record["uf_sigla"] for record in records.records[:3]] == [None, " ", " "]
    # The mart was counted before: it is told that the rows no longer make it.
    assert set(found.check.differing) == {"nulos", "vazios"}
    assert [one.endpoint for one in found.footing] == ["contratos"]


def test_a_broken_rule_leads_to_the_rows_that_break_it(database):
    change(database, "UPDATE stage.contratos SET ni_fornecedor = 'x'")
    found = explain(database, "mart_quality", [("tabela", "stage.contratos"), ("coluna", "*")], limit=1)
    (records,) = found.records

    assert found.check.differing == {} or set(found.check.differing) == {"falhas", "regras_quebradas"}
    assert all(group.name is None or group.records > 0 for group in records.groups)


def test_what_a_flag_lacks_is_counted_by_the_subjects_that_lack_it(explained):
    rows = {row["flag"]: row for row in every_row(explained, "mart_flag_computability")}
    lacking = [row for row in rows.values() if row["leitura"] != "unsupported" and row["falta_principal"]]
    row = max(lacking, key=lambda row: row["quantidade_sinalizados"])
    found = explain(explained, "mart_flag_computability", [("flag", row["flag"])], limit=1)
    (records,) = found.records
    counts = {group.name: group.records for group in records.groups}

    assert records.table.startswith("checked_")
    assert counts[row["falta_principal"]] == row["quantidade_falta_principal"]
    assert counts["sinalizado"] == row["quantidade_sinalizados"]
    assert records.total == row["quantidade_sujeitos"]
    assert "subject" in records.records[0]


def test_what_pncp_does_not_publish_is_told_of_the_purchases(explained):
    row = next(
        row for row in every_row(explained, "mart_flag_computability") if row["leitura"] == "unsupported"
    )
    (records,) = explain(explained, "mart_flag_computability", [("flag", row["flag"])], limit=1).records

    assert records.table == "stage.contratacoes"
    assert {group.name: group.records for group in records.groups} == {
        "o PNCP não publica": row["quantidade_sujeitos"]
    }


def test_a_flag_whose_sum_the_records_of_its_organ_do_not_make_is_told(database):
    key = one_row(database, "mart_red_flags")
    change(database, "UPDATE mart.red_flags SET valor_observado = valor_observado + 1")

    assert explain(database, "mart_red_flags", key).check.differing == {"valor_observado": 1}


def test_a_flag_that_nothing_raises_any_more_differs_in_what_it_says(database):
    key = one_row(database, "mart_red_flags", "tipo_sujeito = 'contratacao'")
    change(database, f"DELETE FROM stage.contratacoes WHERE numero_controle_pncp = '{key[1][1]}'")
    found = explain(database, "mart_red_flags", key)

    assert found.evidence is not None
    assert (found.evidence.named, found.evidence.found) == (1, 0)
    assert "evidencias" in found.check.differing


def test_every_mart_can_be_explained():
    marts = {name for name, node in catalog.tables().items() if node.layer == "mart"}

    assert marts == set(behind.explainable())


@pytest.mark.parametrize("table", ["raw_contratos", "stage_contratos"])
def test_what_cannot_be_explained_names_what_can(explained, table):
    with pytest.raises(UnexplainableError, match="mart_spending"):
        explain(explained, table, [])


def test_no_key_is_answered_with_one_that_is_in_the_file(explained):
    with pytest.raises(UsageError, match=r"--key cnpj_orgao=\w{14} --key codigo_unidade="):
        explain(explained, "mart_spending", [])


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ([("mes", "2031-01")], "No row has mes = 2031-01-01. The nearest there are: 2025-03-01"),
        ([("cnpj_orgao", "999")], "No row has cnpj_orgao = 999. The nearest there are: "),
        ([("mes", "null")], "No row has mes = null"),
        ([("mes", "2025-03"), ("valor_contratos", "-7")], "No row has valor_contratos = -7"),
    ],
)
def test_rows_that_are_not_there_are_answered_with_the_nearest(explained, keys, told):
    with pytest.raises(UnknownRecordError) as error:
        explain(explained, "mart_spending", keys)
    assert told in str(error.value)


def test_values_that_no_row_has_together_are_told(explained):
    with duckdb.connect(str(explained), read_only=True) as con:
        here, there = con.execute(
            "SELECT min(cnpj_orgao), max(codigo_unidade) FROM mart.spending"
        ).fetchall()[0]
    with pytest.raises(UnknownRecordError, match="none has all"):
        explain(
            explained, "mart_spending", [("cnpj_orgao", here), ("codigo_unidade", there), ("esfera_id", "F")]
        )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ([("cnpj_orgoa", "00394460000141")], "Did you mean cnpj_orgao"),
        ([("mes", "March")], "no value of the column"),
        ([("quantidade_contratos", "many")], "no value of the column"),
        ([("valor_contratos", "R$ 3")], "no value of the column"),
    ],
)
def test_columns_and_values_that_are_none(explained, keys, told):
    with pytest.raises(UsageError, match=told):
        explain(explained, "mart_spending", keys)


def test_a_cnpj_may_be_typed_with_its_points(explained):
    cnpj = one_row(explained, "mart_spending")[0][1]
    typed = f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"

    assert explain(explained, "mart_spending", [("cnpj_orgao", typed)], limit=1).total > 0


def test_a_decimal_selects_exactly(explained, of_a_row):
    (row,) = of_a_row("mart_spending", *one_row(explained, "mart_spending")).rows
    value = row["valor_contratos"]

    found = explain(explained, "mart_spending", [("valor_contratos", str(value))])
    assert {one["valor_contratos"] for one in found.rows} == {Decimal(value)}


def test_a_mart_that_was_never_built(tmp_path, prepared):
    path = Path(shutil.copy(prepared, tmp_path / "empty.duckdb"))
    with pytest.raises(DatabaseMissingError, match="baliza build --target mart_spending"):
        explain(path, "mart_spending", [("mes", "2025-03")])


def test_no_such_table_and_no_such_file(tmp_path, explained):
    with pytest.raises(UnknownTargetError, match="mart_spending"):
        explain(explained, "mart_spendin", [("mes", "2025-03")])
    with pytest.raises(DatabaseMissingError):
        explain(tmp_path / "none.duckdb", "mart_spending", [("mes", "2025-03")])


def test_nothing_is_written(explained):
    before = explained.stat().st_mtime_ns
    explain(explained, "mart_spending", one_row(explained, "mart_spending"))
    assert explained.stat().st_mtime_ns == before
