"""From contracts to what landing knows."""

from __future__ import annotations

import pytest

from baliza.build.catalog import tables
from baliza.build.raw_tables import raw_table, raw_tables
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.raw_table import PARENT_KEY, PROVENANCE, Field

RAW = [table.name for table in raw_tables()]


@pytest.mark.parametrize("name", RAW)
def test_every_column_of_the_contract_is_a_field_or_provenance(name):
    table = raw_table(name)
    contract = tables()[f"raw_{name}"].contract

    names = [field.name for field in table.fields]
    added = [column for column, _ in PROVENANCE]
    assert [column for column in contract.columns if column not in added] == names
    assert set(added) <= set(contract.columns)
    assert (*table.key, "observation_id") == contract.key
    assert set(table.key) <= set(names)


def test_types_are_duckdbs_and_money_is_exact():
    types = {field.name: field for field in raw_table("contratos").fields}

    assert types["valorGlobal"].type == "DECIMAL(24, 4)"
    assert types["dataPublicacaoPncp"].type == "TIMESTAMP"
    assert types["dataAssinatura"].type == "DATE"
    assert [member.name for member in types["orgaoEntidade"].members] == [
        "cnpj",
        "razaoSocial",
        "poderId",
        "esferaId",
    ]


def test_a_list_of_objects_says_that_it_is_one_and_keeps_its_members():
    fields = {field.name: field for field in raw_table("contratacoes").fields}

    sources = fields["fontesOrcamentarias"]
    assert sources.many
    assert sources.type.endswith("[]")
    assert {member.name: member.type for member in sources.members}["dataInclusao"] == "TIMESTAMP"
    assert not fields["orgaoEntidade"].many


def test_lists_inside_objects_are_lists():
    invoice = next(
        field for field in raw_table("instrumentos_cobranca").fields if field.name == "notaFiscalEletronica"
    )

    assert {member.name: member.many for member in invoice.members if member.members} == {
        "itens": True,
        "eventos": True,
    }


def test_money_is_exact_wherever_it_is_nested():
    def decimals(fields: tuple[Field, ...]) -> list[str]:
        """Paths whose values are read by way of a double."""
        found = []
        for field in fields:
            found += [f"{field.name}.{inner}" for inner in decimals(field.members)]
            found += [field.name] if field.type.startswith("DECIMAL") else []
        return found

    inside = [path for path in decimals(raw_table("instrumentos_cobranca").fields) if "." in path]
    assert "recuperarContratoDTO.valorGlobal" in inside
    assert all(field.typed != f'"{field.name}"' for field in raw_table("instrumentos_cobranca").fields
               if decimals((field,)))  # fmt: skip


def test_every_table_has_an_endpoint_and_every_endpoint_its_table():
    assert set(RAW) == {endpoint.table for endpoint in ENDPOINTS.values()}


def test_only_details_that_do_not_say_whose_they_are_take_a_parent():
    told = {table.name for table in raw_tables() if table.takes_parent}

    assert told == {"itens", "resultados", "termos"}
    assert all(raw_table(name).key[0] == PARENT_KEY for name in told)
