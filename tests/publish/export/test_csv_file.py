"""CSV: opened again by Python and DuckDB, each cell is the table's; nothing in it can be run."""

import csv
import json

import duckdb
import pytest

from baliza.publish.export.table import Dialect


def cells(output, encoding="utf-8-sig", separator=";"):
    with (output / "mart.things.csv").open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def test_duckdb_reads_back_what_the_table_holds(things, fill, exported):
    fill(
        {
            "uf_sigla": "SC",
            "valor": "-1234.5678",
            "nome_fornecedor": 'a "b"; c\nd',
            "ano": 2025,
            "receita": True,
        },
        {"valor": "0.1", "dia": "2025-03-04", "publicado_em": "2025-03-04 05:06:07", "nome_fornecedor": ""},
        {"uf_sigla": "AC", "nome_fornecedor": None},
    )
    output = exported("csv")
    columns = "numero, uf_sigla, ano, nome_fornecedor, valor, quantidade, dia, publicado_em, receita"
    table = things.execute(f"SELECT {columns} FROM mart.things ORDER BY numero").fetchall()

    read = duckdb.execute(
        f"""
        SELECT {columns} FROM read_csv('{output}/mart.things.csv', delim=';', decimal_separator=',',
            allow_quoted_nulls=false, types={{
            'numero': 'VARCHAR', 'uf_sigla': 'VARCHAR', 'nome_fornecedor': 'VARCHAR', 'ano': 'INTEGER',
            'valor': 'DECIMAL(24,4)', 'dia': 'DATE', 'publicado_em': 'TIMESTAMP', 'receita': 'BOOLEAN'
        }}) ORDER BY numero
        """
    ).fetchall()
    assert read == table


def test_excel_in_portuguese_knows_the_encoding_the_separator_and_the_comma(fill, exported):
    fill({"valor": "-1234.5", "uf_sigla": "SC"})
    raw = (exported("csv") / "mart.things.csv").read_bytes()

    assert raw.startswith(b"\xef\xbb\xbfnumero;uf_sigla;")
    assert b";-1234,5000;" in raw


@pytest.mark.parametrize(
    ("encoding", "separator", "decimal", "expected"),
    [
        ("utf-8", ",", ".", "000,,,é,-1.5000"),
        ("utf-8", ",", ",", '000,,,é,"-1,5000"'),
        ("windows-1252", "\t", ",", "000\t\t\té\t-1,5000"),
        ("utf-8", "|", ".", "000|||é|-1.5000"),
    ],
)
def test_other_dialects(fill, exported, encoding, separator, decimal, expected):
    fill({"nome_fornecedor": "é", "valor": "-1.5"})
    output = exported("csv", dialect=Dialect(encoding, separator, decimal))

    header, line = (output / "mart.things.csv").read_bytes().decode(encoding).splitlines()
    assert header.startswith(f"numero{separator}uf_sigla")
    assert line.startswith(expected)
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    assert resource["encoding"] == encoding
    assert resource["dialect"]["delimiter"] == separator


def test_what_windows_1252_lacks_is_said(fill, exported):
    fill({"nome_fornecedor": "ação → 漢"})
    output = exported("csv", dialect=Dialect(encoding="windows-1252"))

    assert cells(output, "windows-1252")[0]["nome_fornecedor"] == "ação ? ?"
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    assert resource["notes"] == ["2 caracteres que o windows-1252 não tem estão escritos como ?."]


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "  '=1"),
        ("\u200b=1", "\u200b'=1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ('a,"=1"', 'a,"\'=1"'),
        ("a\n-1", "a\n'-1"),
        ("a\t@x", "a\t'@x"),
        ('=HYPERLINK("http://x";"y")', '\'=HYPERLINK("http://x";"y")'),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("a\x00b\x07", "a\ufffdb\ufffd"),
    ],
)
def test_no_text_can_be_run(fill, exported, hostile, harmless):
    fill({"nome_fornecedor": hostile})

    assert cells(exported("csv"))[0]["nome_fornecedor"] == harmless


@pytest.mark.parametrize("harmless", ["a-b", "R$ = 1", "x@y.com", "a; b", "1/2025", "'aspas'", '"x"'])
def test_other_texts_stay(fill, exported, harmless):
    fill({"nome_fornecedor": harmless})

    assert cells(exported("csv"))[0]["nome_fornecedor"] == harmless


def test_lists_and_objects_are_json(fill, exported):
    fill({"nomes": ["a", "=b"], "fontes": [{"codigo": 1, "nome": "x"}], "resto": '{"a": 1}'})
    (row,) = cells(exported("csv"))

    assert json.loads(row["nomes"]) == ["a", "'=b"]
    assert json.loads(row["fontes"]) == [{"codigo": 1, "nome": "x"}]
    assert json.loads(row["resto"]) == {"a": 1}


def test_an_empty_table_is_a_header_and_a_note(exported):
    output = exported("csv")

    assert cells(output) == []
    assert (output / "mart.things.csv").read_text("utf-8-sig").startswith("numero;")
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    assert resource["notes"] == ["Nenhuma linha: o arquivo só tem as colunas."]
