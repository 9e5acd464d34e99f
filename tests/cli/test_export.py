"""`baliza export`: from the command line to files that open."""

import json
import shutil

import duckdb
import pytest


@pytest.fixture
def database(tmp_path, built_sample):
    path = tmp_path / "data" / "baliza.duckdb"
    path.parent.mkdir()
    shutil.copy(built_sample, path)
    return path


@pytest.mark.parametrize(
    ("format_", "file"),
    [("parquet", "mart.spending.parquet"), ("csv", "mart.spending.csv"), ("xlsx", "mart.spending.xlsx")],
)
def test_a_table_is_exported_and_told(baliza, database, tmp_path, format_, file):
    shown = baliza(
        "export", "mart_spending", "--format", format_, "--output", "out", "--where", "uf_sigla = 'SC'"
    )
    with duckdb.connect(str(database), read_only=True) as con:
        (rows,) = con.execute("SELECT count(*) FROM mart.spending WHERE uf_sigla = 'SC'").fetchone()
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text())

    assert shown.exit_code == 0
    assert "SYNTHETIC" in shown.stdout
    assert f"out/{file}" in shown.stdout
    assert (tmp_path / "out" / file).exists()
    assert package["title"].startswith("DADOS SINTÉTICOS")
    assert rows > 0
    assert package["resources"][0]["rows"] == rows
    assert package["resources"][0]["complete"] is True
    assert package["resources"][0]["period"] == {"since": "2025-01-01", "until": "2025-06-30"}


def test_each_cell_of_a_whole_table_comes_back(baliza, database, tmp_path):
    baliza("export", "stage.contratos", "--output", "out", "--with-personal-data")

    with duckdb.connect(str(database), read_only=True) as con:
        con.execute(f"CREATE TEMP VIEW exported AS SELECT * FROM '{tmp_path}/out/stage.contratos.parquet'")
        for one, other in (("exported", "stage.contratos"), ("stage.contratos", "exported")):
            differing = con.execute(f"SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {other})").fetchone()
            assert differing == (0,)


def test_cpfs_are_hidden_unless_told_and_the_law_is_named(baliza, database, tmp_path):
    hidden = baliza("export", "stage.contratos", "--output", "hidden")
    shown = baliza("export", "stage.contratos", "--output", "shown", "--with-personal-data")

    def cpfs(folder):
        return duckdb.execute(
            f"SELECT count(*) FROM '{tmp_path}/{folder}/stage.contratos.parquet' "
            "WHERE regexp_full_match(ni_fornecedor, '[0-9]{11}')"
        ).fetchone()[0]

    assert cpfs("hidden") == 0
    assert cpfs("shown") > 0
    assert "13.709" not in hidden.stderr
    assert "13.709" in shown.stderr


def test_as_json(baliza, database):
    told = json.loads(baliza("export", "mart.*", "--format", "csv", "--output", "out", "--json").stdout)

    assert (told["command"], told["format"], told["exit_code"]) == ("export", "csv", 0)
    assert [one["table"] for one in told["tables"]] == ["mart.spending"]
    assert "mart.suppliers" in told["left_out"]
    assert told["tables"][0]["files"][0]["path"] == "mart.spending.csv"
    assert told["tables"][0]["cpf"] == "masked"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "told"),
    [
        (("mart_spendin",), 2, "Did you mean mart_spending"),
        (("mart.suppliers",), 1, "It was never built in this file."),
        (("mart.spending", "--format", "ods"), 2, "Choose parquet, csv or xlsx."),
        (("mart.spending", "--where", "uf = 'SC'"), 2, "mart.spending has no column uf"),
        (("mart.spending", "--where", "mes = 'x'"), 2, "does not fit its columns"),
        (("mart.spending", "--encodng", "utf-8"), 2, "Did you mean --encoding?"),
        (("mart.spending", "--uf"), 2, "is followed by a value"),
        (("--uf", "SC"), 2, "None was named."),
        (("mart.spending", "--separator", ";"), 2, "Leave it out, or choose --format csv."),
        (("mart.spending", "--format", "csv", "--separator", "x"), 2, "Choose one of these: ; , | tab"),
        (("mart.spending", "--format", "csv", "--encoding", "utf-16"), 2, "utf-8-sig utf-8 windows-1252"),
    ],
    ids=[
        "no table",
        "not built",
        "format",
        "column",
        "type",
        "option",
        "no value",
        "no name",
        "not of csv",
        "separator",
        "encoding",
    ],
)
def test_bad_input(baliza, database, tmp_path, arguments, exit_code, told):
    result = baliza("export", *arguments, "--output", "out")

    assert result.exit_code == exit_code
    assert told in result.stderr
    assert not (tmp_path / "out").exists()


def test_columns_are_options_and_each_table_has_its_own(baliza, database, tmp_path):
    baliza(
        "export", "mart.spending", "stage.contratos", "--cnpj", "33.546.447/0001-10", "--output", "out",
        "--cnpj=49804717000185", "--where", "municipio_nome IS NOT NULL",
    )  # fmt: skip

    resources = json.loads((tmp_path / "out" / "datapackage.json").read_text())["resources"]
    with duckdb.connect(str(database), read_only=True) as con:
        for resource, table in zip(resources, ("mart.spending", "stage.contratos"), strict=True):
            (rows,) = con.execute(
                f"SELECT count(*) FROM {table} WHERE cnpj_orgao IN ('33546447000110', '49804717000185')"
            ).fetchone()
            assert (resource["rows"], rows > 0) == (rows, True)
            assert "33546447000110" in resource["where"]


def test_years_are_those_of_the_months_of_a_table(baliza, database, tmp_path):
    baliza("export", "mart.spending", "--ano", "2025", "--output", "all")
    baliza("export", "mart.spending", "--mes", "2025-02", "--output", "february")

    def months(folder):
        return duckdb.execute(
            f"SELECT count(DISTINCT mes) FROM '{tmp_path}/{folder}/mart.spending.parquet'"
        ).fetchone()[0]

    assert (months("all"), months("february")) == (6, 1)


def test_a_value_that_no_row_has_makes_an_empty_file_and_names_the_nearest(baliza, database):
    shown = baliza("export", "mart.spending", "--municipio-nome", "Florianopolis", "--output", "out")

    assert shown.exit_code == 0
    assert "No row has municipio_nome = Florianopolis." in shown.stdout
    assert "Florianópolis" in shown.stdout


def test_ctrl_c_leaves_nothing_and_says_so(baliza, database, tmp_path, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("baliza.publish.export.writing._in_format", interrupted)
    shown = baliza("export", "mart.spending", "--output", "out")

    assert shown.exit_code == 130
    assert "Interrupted. Nothing was written: what the folder held before is as it was." in shown.stderr
    assert not list((tmp_path / "out").iterdir())


def test_without_a_file(baliza):
    result = baliza("export", "mart_spending", "--output", "out")

    assert result.exit_code == 1
    assert "There is no such file" in result.stderr


def test_a_table_of_another_baliza_is_refused(baliza, database):
    with duckdb.connect(str(database)) as con:
        con.execute("ALTER TABLE mart.spending DROP COLUMN valor_receita")

    result = baliza("export", "mart_spending", "--output", "out")
    assert result.exit_code == 1
    assert "it has no column valor_receita" in result.stderr


def test_many_slices_are_added_up(baliza, database, tmp_path):
    with duckdb.connect(str(database)) as con:
        con.execute(
            "INSERT INTO meta.coverage SELECT 'contratos', 0, 'uf=' || i, DATE '2025-07-01', 'short', 2, 1, 0, 1, 1, 0, "
            "NULL, now() FROM range(60) AS r(i)"
        )
    baliza("export", "mart_spending", "--output", "out")
    (resource,) = json.loads((tmp_path / "out" / "datapackage.json").read_text())["resources"]
    (covered,) = resource["coverage"]

    assert (covered["slice"], covered["slices"], covered["cells"]["short"]) == (None, 61, 60)
    assert covered["until"] == "2025-07-01"
    assert resource["complete"] is False
