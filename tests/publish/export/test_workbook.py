"""XLSX: opened again by openpyxl, each cell is the table's, of the type Excel takes it for."""

import json
from datetime import date, datetime

import openpyxl
import pytest

from baliza.publish.export import cells, workbook
from baliza.publish.export.cells import number_format
from dataflows.contract import day

FULL = {
    "uf_sigla": "SC",
    "ano": 2025,
    "nome_fornecedor": "ação",
    "valor": "-1234.5678",
    "percentual": "12.5",
    "quantidade": 3000,
    "dia": "2025-03-04",
    "publicado_em": "2025-03-04 05:06:07",
    "receita": False,
    "marca": "00000000-0000-0000-0000-000000000001",
    "resto": '{"a": 1}',
    "nomes": ["a"],
    "fontes": [{"codigo": 1, "nome": "b"}],
    "link_pncp": "https://pncp.gov.br/app/contratos/1/2025/1",
}


def opened(output, name="mart.things.xlsx"):
    return openpyxl.load_workbook(output / name)


def row(book, number=2):
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    return dict(zip(header, sheet[number], strict=True))


def notes(output):
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    return resource["notes"]


def test_every_value_has_its_type_and_looks(fill, exported):
    fill({**FULL, "numero": "00394460000141"})
    found = row(opened(exported("xlsx")))

    assert {name: (cell.value, cell.number_format) for name, cell in found.items()} == {
        "numero": ("00394460000141", "General"),
        "uf_sigla": ("SC", "General"),
        "ano": (2025, "General"),
        "nome_fornecedor": ("ação", "General"),
        "valor": (-1234.5678, '"R$" #,##0.00;[Red]-"R$" #,##0.00'),
        "percentual": (12.5, '#,##0.00"%"'),
        "quantidade": (3000, "#,##0"),
        "dia": (datetime(2025, 3, 4), "dd/mm/yyyy"),  # noqa: DTZ001
        "publicado_em": (datetime(2025, 3, 4, 5, 6, 7), "dd/mm/yyyy hh:mm:ss"),  # noqa: DTZ001
        "receita": (False, "General"),
        "marca": ("00000000-0000-0000-0000-000000000001", "General"),
        "resto": ('{"a":1}', "General"),
        "nomes": ('["a"]', "General"),
        "fontes": ('[{"codigo":1,"nome":"b"}]', "General"),
        "link_pncp": ("https://pncp.gov.br/app/contratos/1/2025/1", "General"),
    }
    assert found["link_pncp"].hyperlink.target == "https://pncp.gov.br/app/contratos/1/2025/1"


def test_what_is_missing_is_an_empty_cell(fill, exported):
    fill({})

    assert row(opened(exported("xlsx")))["valor"].value is None


def test_the_header_stays_and_filters(fill, exported):
    fill({}, {})
    sheet = opened(exported("xlsx")).worksheets[0]

    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("mart.things", "A2", "A1:O3")
    assert sheet["A1"].font.bold


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@x", "  =1", '=HYPERLINK("http://x")', "＝1"])
def test_a_text_like_a_formula_is_a_text_and_stays_one_when_edited(fill, exported, hostile):
    fill({"nome_fornecedor": hostile})
    cell = row(opened(exported("xlsx")))["nome_fornecedor"]

    assert (cell.value, cell.data_type) == (hostile, "s")
    assert cell.quotePrefix


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x00b\x1f", "a\ufffdb\ufffd"),
        ("a\ufffeb", "a\ufffdb"),
        ("<r>x</r>", "<r>x</r> "),
        ("<r><t>x</t></r>", "<r><t>x</t></r> "),
        ("<b>&amp;\"'", "<b>&amp;\"'"),
        ("http://x.com", "http://x.com"),
        ("internal:Sobre!A1", "internal:Sobre!A1"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("007", "007"),
        ("{=1}", "{=1}"),
    ],
)
def test_no_text_breaks_the_file(fill, exported, hostile, shown):
    fill({"nome_fornecedor": hostile})
    cell = row(opened(exported("xlsx")))["nome_fornecedor"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (shown, "s", None)


def test_control_characters_are_said(fill, exported):
    fill({"nome_fornecedor": "\x07"})

    assert notes(exported("xlsx")) == [
        "1 textos tinham caracteres de controle, que o XLSX proíbe; cada um virou \ufffd."
    ]


@pytest.mark.parametrize("letter", ["x", "😀"], ids=["one unit", "two units"])
def test_a_text_longer_than_a_cell_is_cut_and_said(fill, exported, letter):
    fill({"nome_fornecedor": letter * 40_000})
    output = exported("xlsx")
    text = row(opened(output))["nome_fornecedor"].value

    assert text.endswith(" […]")
    assert cells.MOST_CHARACTERS - 1 <= len(text.encode("utf-16-le")) // 2 <= cells.MOST_CHARACTERS
    assert notes(output) == ["1 textos estão cortados: uma célula do Excel tem até 32.767 caracteres."]


def test_more_links_than_a_sheet_holds_are_plain_and_said(monkeypatch, fill, exported):
    monkeypatch.setattr(cells, "MOST_LINKS", 1)
    fill(FULL, FULL)
    output = exported("xlsx")
    book = opened(output)

    assert row(book, 2)["link_pncp"].hyperlink
    assert (row(book, 3)["link_pncp"].value, row(book, 3)["link_pncp"].hyperlink) == (FULL["link_pncp"], None)
    assert notes(output) == ["1 links são só texto: uma planilha do Excel tem até 65.530."]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://pncp.gov.br.evil.com/", "file:///etc/passwd"]
)
def test_only_pages_of_pncp_are_links(fill, exported, link):
    fill({"link_pncp": link})

    assert row(opened(exported("xlsx")))["link_pncp"].hyperlink is None


def test_numbers_and_dates_that_excel_has_not_are_said(fill, exported):
    fill({"valor": "12345678901234567890.1234", "dia": date(1899, 12, 31)})
    output = exported("xlsx")

    assert row(opened(output))["dia"].value == "1899-12-31"
    assert notes(output) == [
        "1 números têm mais de 15 dígitos: o Excel os arredonda.",
        "1 datas são texto: o Excel não as tem antes de 1900.",
    ]


def test_more_rows_than_a_sheet_holds_are_more_files(monkeypatch, things, fill, exported):
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    fill({}, {}, {}, {}, {})
    output = exported("xlsx")
    files = [opened(output, f"mart.things-{part}.xlsx") for part in (1, 2, 3)]

    read = [cell.value for book in files for cell in book.worksheets[0]["A"][1:]]
    assert sorted(read) == ["000", "001", "002", "003", "004"]
    assert [book.worksheets[0].max_row for book in files] == [3, 3, 2]
    assert "3/3" in files[2]["Sobre"]["B4"].value
    assert notes(output) == ["Uma planilha do Excel tem até 2 linhas: a tabela está em 3 arquivos."]
    assert not (output / "mart.things.xlsx").exists()


def test_a_month_is_shown_as_one():
    assert number_format("mes", day("Primeiro dia do mês.")) == "mm/yyyy"
    assert number_format("dia", day("Dia.")) == "dd/mm/yyyy"


def test_the_second_sheet_says_what_the_first_is(fill, exported):
    fill({"nome_fornecedor": "x" * 40_000})
    sheet = opened(exported("xlsx", source="simulator", condition="(ano IS NULL)"))["Sobre"]
    told = {name: value for name, value in sheet.iter_rows(max_col=2, values_only=True) if name}

    assert told["Tabela"] == "mart.things"
    assert told["O que é"] == "Coisas, uma por linha."
    assert told["Fonte"].startswith("DADOS SINTÉTICOS")
    assert told["Período pedido ao PNCP"] == "01/01/2025 a 30/06/2025"
    assert told["Completo"].startswith("não")
    assert told["Provado até (UTC)"] == "01/07/2025 11:00"
    assert told["Tabela feita em (UTC)"] == "01/07/2025 12:00"
    assert told["Cobertura: contratos"].endswith(
        "180 completos, 1 com falta; 9 de 10 registros que o PNCP diz ter"
    )
    assert told["Condição"] == "(ano IS NULL)"
    assert told["CPF"] == "mascarado"
    assert told["Versão"] == "baliza 1.2.3"
    assert told["Observação"].startswith("1 textos estão cortados")
    assert told["valor"] == "Valor."


def test_an_empty_table_is_a_header_and_a_note(exported):
    output = exported("xlsx")

    assert opened(output).worksheets[0].max_row == 1
    assert notes(output) == ["Nenhuma linha: o arquivo só tem as colunas."]
