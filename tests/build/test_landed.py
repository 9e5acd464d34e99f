"""From contracts to what landing knows."""

from __future__ import annotations

from baliza.build.landed import raw_table, raw_tables
from baliza.warehouse.raw_table import PROVENANCE
from dataflows.raw.contratos import RawContratos


def test_every_column_of_the_contract_is_a_field_or_provenance():
    table = raw_table("contratos")

    names = [field.name for field in table.fields] + [name for name, _ in PROVENANCE]
    assert names == list(RawContratos.columns)
    assert table.key == "numeroControlePNCP"


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


def test_every_endpoint_has_its_table():
    assert [table.name for table in raw_tables()] == ["contratos"]
