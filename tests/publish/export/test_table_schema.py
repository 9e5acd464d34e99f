"""The Table Schema says what the contract says."""

from baliza.publish.export.table import Choice, Dialect, Written
from baliza.publish.export.table_schema import table_schema
from tests.publish.export.conftest import THINGS


def schema(format_="csv", *, unique=True, **dialect):
    written = Written(THINGS, [], [], unique=unique)
    return table_schema(
        written, Choice(format=format_, version="1", source="pncp", dialect=Dialect(**dialect))
    )


def test_types_meanings_units_and_constraints():
    fields = {field.pop("name"): field for field in schema()["fields"]}

    assert fields["numero"] == {
        "type": "string",
        "description": "Número da coisa.",
        "constraints": {"required": True},
    }
    assert fields["uf_sigla"]["constraints"] == {"enum": ["AC", "SC"]}
    assert fields["quantidade"]["constraints"] == {"required": True, "minimum": 0}
    assert fields["valor"] == {"type": "number", "decimalChar": ",", "description": "Valor.", "unit": "BRL"}
    assert {name: field["type"] for name, field in fields.items()} == {
        "numero": "string",
        "uf_sigla": "string",
        "ano": "integer",
        "nome_fornecedor": "string",
        "valor": "number",
        "percentual": "number",
        "quantidade": "integer",
        "dia": "date",
        "publicado_em": "datetime",
        "receita": "boolean",
        "marca": "string",
        "resto": "any",
        "nomes": "array",
        "fontes": "array",
        "link_pncp": "string",
    }


def test_the_sign_of_decimals_is_that_of_the_file():
    assert "decimalChar" not in schema(decimal=".")["fields"][4]
    assert "decimalChar" not in schema("parquet")["fields"][4]


def test_a_key_is_told_while_it_is_one():
    assert schema()["primaryKey"] == ["numero"]
    assert "primaryKey" not in schema(unique=False)
