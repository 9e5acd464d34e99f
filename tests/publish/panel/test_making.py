"""What the site holds: the marts' own sums, no CPF, no text that could run."""

import json
import re
import shutil
from decimal import Decimal

import pytest

from baliza.errors import DatabaseMissingError
from baliza.publish.panel.making import make
from tests.publish.panel.conftest import (
    BRANCH,
    CPF,
    FIRM,
    HOSTILE,
    MASKED,
    NUMBER,
    SCHOOL,
    TOWN,
    fill,
    reading,
    settings,
)


def sums(database, sql):
    with reading(database) as con:
        return con.execute(sql).fetchall()


def total(rows, column):
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def test_months_of_orgaos_are_those_of_the_mart(database, records):
    found = {
        (id_, month, category): (n, value)
        for id_, one in records("orgaos").items()
        for month, category, n, value, *_ in one["meses"]
    }
    assert found == {
        (cnpj, month, category): (n, value)
        for cnpj, month, category, n, value in sums(
            database,
            "SELECT cnpj_orgao, strftime(mes, '%Y-%m'), categoria_processo_id, quantidade_contratos, valor_contratos "
            "FROM mart.spending",
        )
    }


@pytest.mark.parametrize(
    ("kind", "part", "one"),
    [("orgaos", "fornecedores", "cnpj_orgao"), ("fornecedores", "compradores", "ni_fornecedor")],
)
def test_partners_sum_to_the_mart(database, records, kind, part, one):
    expected = dict(
        sums(
            database,
            f"SELECT coalesce({one}, ''), sum(valor_contratos) FROM mart.supply WHERE {one} IS NOT NULL GROUP BY ALL",
        )
    )
    found = {id_: total(record[part]["linhas"], 4) for id_, record in records(kind).items()}
    hidden = {id_: value for id_, value in found.items() if id_ not in expected}
    assert {id_: found[id_] for id_ in expected if id_ != CPF} == {
        id_: value for id_, value in expected.items() if id_ != CPF
    }
    assert sum(hidden.values()) == expected.get(CPF, 0)


def test_a_municipality_sums_to_the_mart_by_month_and_by_orgao(database, records):
    ((id_, place),) = records("municipios").items()
    ((value,),) = sums(database, "SELECT sum(valor_contratos) FROM mart.spending")

    assert id_ == "4216602"
    assert total(place["meses"], 4) == total(place["linhas"], 4) == value
    assert [name for _, _, name, _ in place["quem"]] == ["MUNICÍPIO DE SÃO JOSÉ", place["quem"][1][2]]


def test_the_front_page_keeps_the_buckets_apart(database, held):
    front = held("capa")
    expected = sums(
        database,
        "SELECT sum(valor_contratos), sum(valor_empenhos), sum(valor_suspeito), sum(valor_receita) FROM mart.spending",
    )
    assert tuple(Decimal(value) for value in front["baldes"][1:8:2]) == expected[0]
    assert total(front["meses"], 3) == expected[0][0]


def test_the_lists_of_the_front_page_mark_whose_values_are_to_be_checked(held):
    assert [(id_, in_review) for id_, *_, in_review in held("capa")["orgaos"]] == [
        (TOWN, True),
        (SCHOOL, False),
    ]


def test_suppliers_have_their_years_as_the_mart_has_them(records):
    assert [row[:3] for row in records("fornecedores")[FIRM]["anos"]] == [
        [2024, 1, Decimal("1000.5")],
        [2025, 1, 5],
    ]


def test_no_cpf_is_anywhere_and_no_id_is_made_of_one(site, records):
    for path in site.rglob("*"):
        if path.is_file():
            assert CPF not in path.read_text(encoding="utf-8"), path
    suppliers = records("fornecedores")
    (person,) = set(suppliers) - {FIRM, BRANCH}
    assert re.fullmatch(r"p\d+", person)
    assert (suppliers[person]["doc"], suppliers[person]["nome"]) == (MASKED, f"JOÃO {MASKED}")


def test_a_flag_names_its_supplier_without_its_number(records):
    rows = records("orgaos")[TOWN]["sinais"]["linhas"]
    (row,) = [row for row in rows if row[0] == "repeated_direct_awards"]
    assert row[2] == f"{TOWN}/2024/{MASKED}"
    assert row[8][0] == "p"
    assert row[9] == f"JOÃO {MASKED}"


def test_a_flag_comes_with_evidence_limit_and_source(records, held):
    orgao = records("orgaos")[TOWN]["sinais"]
    (row,) = [row for row in orgao["linhas"] if row[0] == "no_estimate"]
    assert row[:5] == ["no_estimate", 2024, NUMBER, None, 0]
    assert row[6:8] == [[NUMBER], 1]
    assert held("painel")["sinais"]["no_estimate"][2:4] == [
        "Lei 14.133/2021, art. 23",
        "https://www.planalto.gov.br/lei",
    ]
    assert orgao["quantos"] == [["no_estimate", 2024, 1], ["repeated_direct_awards", 2024, 1]]


def test_hostile_texts_are_data_wherever_they_stand(site, records):
    for path in (site / "dados").rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "<" not in text, path
        assert "\u2028" not in text, path
    visible = HOSTILE.replace("\u2028", " ").replace("\u202e", " ")
    assert records("orgaos")[SCHOOL]["nome"] == visible


def test_contracts_without_supplier_are_nobodys_page_but_somebodys_value(records):
    told = records("orgaos")[SCHOOL]["fornecedores"]
    assert [None, None, None] in told["quem"]
    assert total(told["linhas"], 4) == Decimal("40.1")


def test_every_page_says_that_synthetic_data_are_synthetic(site):
    pages = sorted(site.glob("*.html"))
    assert [page.name for page in pages] == [
        "abertas.html", "fornecedor.html", "index.html", "municipio.html", "orgao.html", "sinais.html",
    ]  # fmt: skip
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "Dados sintéticos" in html
        assert '<html lang="pt-BR">' in html
        assert "$" not in re.sub(r"R\$", "", html), "a placeholder was left"


def test_the_front_page_tells_the_coverage_in_words(site):
    html = (site / "index.html").read_text(encoding="utf-8")
    assert "Contratos: 32 de 36 dias provados, de 01/01/2024 a 05/02/2024. Faltam 4" in html


def test_nothing_is_asked_of_the_network(site):
    for path in [*site.glob("*.html"), *(site / "assets" / "css").glob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r'(?:src|href)="(https?:[^"]*)"|url\(', text) == [], path


def test_the_vendored_library_comes_with_version_and_licence(site):
    folder = site / "assets" / "third_party"
    version = re.search(r"v(\d+\.\d+\.\d+)", (folder / "uplot" / "uPlot.iife.min.js").read_text()[:100])[1]
    assert f"| {version} | MIT |" in (folder / "README.md").read_text()
    assert "MIT License" in (folder / "uplot" / "LICENSE").read_text()


def test_the_same_file_makes_the_same_site(database, site, tmp_path):
    make(tmp_path / "again", settings(database), lambda _: None)
    for path in site.rglob("*"):
        if path.is_file():
            assert (tmp_path / "again" / path.relative_to(site)).read_bytes() == path.read_bytes(), path


def test_what_was_never_built_is_named_with_its_command(prepared, table, tmp_path):
    database = tmp_path / "part.duckdb"
    shutil.copy(prepared, database)
    fill(database, table, "mart_publication")
    report = make(tmp_path / "site", settings(database), lambda _: None)

    assert "mart.spending" in report.known.missing
    html = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "baliza build --no-fetch --target mart_spending" in html
    assert str(tmp_path) not in html
    assert json.loads((tmp_path / "site" / "painel.json").read_text())["synthetic"] is True


def test_a_file_without_marts_is_refused(prepared, tmp_path):
    with pytest.raises(DatabaseMissingError, match="mart_spending"):
        make(tmp_path / "site", settings(prepared), lambda _: None)
    assert not (tmp_path / "site").exists()
