from decimal import Decimal

from dataflows.raw.itens import RawItens, raw_itens


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_itens,
        RawItens,
        {"parent_key": "a", "numeroItem": 1, "unidadeMedida": "", "observation_id": 1},
        {"parent_key": "a", "numeroItem": 1, "unidadeMedida": None, "observation_id": 2},
        {"parent_key": "a", "numeroItem": 2100054, "quantidade": Decimal("4638000.0545")},
        {"parent_key": "b", "numeroItem": 1, "catalogo": {"id": 1, "nome": " CNBS"}},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawItens, real_records("itens"))
