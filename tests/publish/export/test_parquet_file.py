"""Parquet: the table's own types and values, in order, stamped; a large one in folders of years."""

import json

import duckdb
import pytest

from baliza.publish.export import parquet_file


def rows(folder, columns="*", order="numero"):
    return duckdb.execute(
        f"SELECT {columns} FROM read_parquet('{folder}/**/*.parquet') ORDER BY {order}"
    ).fetchall()


FULL = {
    "uf_sigla": "SC",
    "ano": 2025,
    "nome_fornecedor": "=1+1; ação 'x'",
    "valor": "-1234.5678",
    "percentual": "12.5",
    "quantidade": 3,
    "dia": "2025-03-04",
    "publicado_em": "2025-03-04 05:06:07",
    "receita": False,
    "marca": "00000000-0000-0000-0000-000000000001",
    "resto": '{"a": [1, -2]}',
    "nomes": ["a", None],
    "fontes": [{"codigo": 1, "nome": "b"}],
    "link_pncp": "https://pncp.gov.br/app/contratos/1/2025/1",
}


def test_every_value_and_type_is_that_of_the_table(things, fill, exported):
    fill(FULL, {})
    output = exported("parquet")
    table = things.execute("SELECT * FROM mart.things ORDER BY numero")
    read = duckdb.execute(f"SELECT * FROM '{output}/mart.things.parquet' ORDER BY numero")

    assert [(one[0], str(one[1])) for one in read.description] == [
        (one[0], str(one[1])) for one in table.description
    ]
    assert read.fetchall() == table.fetchall()


def test_rows_stand_by_place_then_time_then_key(fill, exported):
    fill(
        {"numero": "1", "uf_sigla": "SC", "ano": 2024},
        {"numero": "2", "uf_sigla": "AC", "ano": 2025},
        {"numero": "4", "uf_sigla": "AC", "ano": 2024},
        {"numero": "3", "uf_sigla": "AC", "ano": 2024},
    )
    output = exported("parquet")

    read = duckdb.execute(f"SELECT numero FROM '{output}/mart.things.parquet'").fetchall()
    assert [number for (number,) in read] == ["3", "4", "2", "1"]


def test_each_file_says_what_it_is(fill, exported):
    fill({})
    output = exported("parquet", source="sample", condition="(ano IS NULL)")
    metadata = {
        key.decode(): value.decode()
        for key, value in duckdb.execute(
            f"SELECT key, value FROM parquet_kv_metadata('{output}/mart.things.parquet')"
        ).fetchall()
    }

    assert metadata["baliza.version"] == "baliza 1.2.3"
    assert "SINTÉTICOS" in metadata["baliza.source"]
    assert json.loads(metadata["baliza.period"]) == {"since": "2025-01-01", "until": "2025-06-30"}
    assert json.loads(metadata["baliza.complete"]) is False
    assert json.loads(metadata["baliza.coverage"])[0]["cells"] == {"complete": 180, "short": 1}
    assert metadata["baliza.where"] == "(ano IS NULL)"
    assert json.loads(metadata["baliza.columns"])["valor"] == {
        "meaning": "Valor.",
        "unit": "BRL",
        "source": "",
    }
    assert {
        one
        for (one,) in duckdb.execute(
            f"SELECT DISTINCT compression FROM parquet_metadata('{output}/mart.things.parquet')"
        ).fetchall()
    } == {"ZSTD"}


def test_a_large_table_has_a_folder_for_each_year(monkeypatch, fill, exported):
    monkeypatch.setattr(parquet_file, "LARGE", 4)
    fill({"ano": 2024}, {"ano": 2025}, {"ano": 2025}, {})
    output = exported("parquet")
    folder = output / "mart.things"

    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")) == [
        "ano_particao=2024/part-0.parquet",
        "ano_particao=2025/part-0.parquet",
        "ano_particao=__HIVE_DEFAULT_PARTITION__/part-0.parquet",
    ]
    assert rows(folder, "numero, ano, ano_particao") == [
        ("000", 2024, 2024),
        ("001", 2025, 2025),
        ("002", 2025, 2025),
        ("003", None, None),
    ]
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    assert resource["rows"] == 4
    assert [one["rows"] for one in resource["files"]] == [1, 2, 1]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("nome_fornecedor", "JOAO 12345678901", "JOAO ***.456.789-**"),
        ("nomes", ["a", "12345678901"], ["a", "***.456.789-**"]),
        ("fontes", [{"codigo": 1, "nome": "12345678901"}], [{"codigo": 1, "nome": "***.456.789-**"}]),
        ("resto", '{"cpf": "12345678901"}', '{"cpf": "***.456.789-**"}'),
        ("resto", '{"cpf": 12345678901}', '"{\\"cpf\\": ***.456.789-**}"'),
    ],
    ids=["text", "list", "object", "JSON", "number in JSON"],
)
def test_a_cpf_is_hidden_wherever_a_text_holds_it(fill, exported, column, value, shown):
    fill({column: value})
    hidden = exported("parquet")
    assert rows(hidden, column) == [(shown,)]

    as_published = exported("parquet", masks=False, force=True)
    assert rows(as_published, column) == [(value,)]


def test_the_order_does_not_tell_what_is_hidden(things, fill, exported):
    fill(
        {"numero": "99945678901", "valor": 1},
        {"numero": "11145678901", "valor": 2},
        {"numero": "11145678902", "valor": 3},
    )
    output = exported("parquet")

    assert rows(output, "DISTINCT numero", order="1") == [("***.456.789-**",)]
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    assert "primaryKey" not in resource["schema"]
    assert "uniqueKeys" not in resource["schema"]
