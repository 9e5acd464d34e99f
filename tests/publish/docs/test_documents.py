import re

import duckdb
import pytest

from baliza.build import catalog
from baliza.errors import ExportError, StaleDocumentsError
from baliza.publish.docs import dictionary, documents, markdown, reference
from baliza.warehouse import schema
from dataflows.contract import group, groups, text

PAGES = {path: page for path, page in documents.documents().items() if isinstance(page, str)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All documents, freshly written; a test that changes one puts it back."""
    folder = tmp_path_factory.mktemp("docs")
    documents.write(folder)
    return folder


def test_what_was_just_written_is_current_and_not_written_again(folder):
    assert documents.check(folder) == len(documents.documents())
    assert documents.write(folder) == []


@pytest.mark.parametrize("name", ["dictionary/mart.md", "dag/mart_spending.svg"])
@pytest.mark.parametrize("change", ["edited", "missing"])
def test_a_stale_document_is_named_with_the_command(folder, name, change):
    place = folder / name
    before = place.read_text()
    if change == "edited":
        place.write_text(before.replace("mart", "marts") + "\n")
    else:
        place.unlink()

    with pytest.raises(StaleDocumentsError) as told:
        documents.check(folder)

    assert name in told.value.facts["paths"]
    assert f"baliza docs --output {folder}" in str(told.value)
    assert [str(path) for path in documents.write(folder)] == [name]
    assert documents.check(folder)


def test_what_nothing_writes_any_more_is_stale_and_deleted_but_not_what_people_wrote(folder):
    gone = folder / "dag" / "mart_gone.svg"
    gone.write_text((folder / "dag" / "mart_spending.svg").read_text())
    own = folder / "dictionary" / "notes.md"
    own.write_text("# My notes")

    with pytest.raises(StaleDocumentsError, match="mart_gone"):
        documents.check(folder)
    documents.write(folder)

    assert not gone.exists()
    assert own.exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ExportError):
        documents.write(tmp_path / "file")


@pytest.mark.parametrize("node", catalog.tables().values(), ids=lambda node: node.name)
def test_every_column_stands_in_the_dictionary_with_type_unit_and_meaning(node):
    _, _, section = PAGES[documents._PAGES / f"{node.layer}.md"].partition(f"\n## {node.location}\n")
    rows = re.findall(r"^\| (?:\*\*)?`([^`]+)`.*$", section.partition("\n## ")[0], flags=re.MULTILINE)

    columns = [name for name in rows if "." not in name]
    assert columns == list(node.contract.columns)
    assert node.contract.grain in section
    assert node.notes[:40].lower() in section.lower().replace("\\", "")


def test_members_of_groups_have_rows_of_their_own():
    inner = text("Código.")
    rows = dictionary._rows(
        {"orgao": group("Órgão.", {"cnpj": inner}), "itens": groups("Itens.", {"n": inner})}, ()
    )

    assert [row[:2] for row in rows] == [
        ("`orgao`", "STRUCT"), ("`orgao.cnpj`", "VARCHAR"), ("`itens`", "STRUCT[]"), ("`itens[].n`", "VARCHAR"),
    ]  # fmt: skip


def test_signs_of_tables_and_emphasis_are_shown_as_they_are():
    assert markdown.cell("a | b\n *c* <d>") == r"a \| b \*c\* \<d>"


@pytest.mark.parametrize("page", PAGES.values(), ids=map(str, PAGES))
def test_links_within_the_dictionary_lead_to_headings(page):
    for name, anchor in re.findall(r"\]\((\w+\.md)#([^)]+)\)", page):
        headings = re.findall(r"^## (.*)$", PAGES[documents._PAGES / name], flags=re.MULTILINE)
        assert anchor in {markdown.anchor(heading) for heading in headings}


def test_every_table_of_meta_is_told_with_the_remarks_of_its_columns():
    page = reference.meta_page()
    with duckdb.connect() as con:
        con.execute(schema.META)
        names = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]

    assert sorted(re.findall(r"^## meta\.(\w+)$", page, flags=re.MULTILINE)) == sorted(names)
    assert "| `landed` | BIGINT | distinct keys |" in page
    assert re.findall(r"^## .*\n\n\n", page, flags=re.MULTILINE) == []
