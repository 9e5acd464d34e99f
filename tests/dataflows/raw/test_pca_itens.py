from decimal import Decimal

from dataflows.raw.pca_itens import RawPcaItens, raw_pca_itens


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_pca_itens,
        RawPcaItens,
        {"idPcaPncp": "a", "numeroItem": 1, "codigoItem": "", "observation_id": 1},
        {"idPcaPncp": "a", "numeroItem": 1, "codigoItem": None, "observation_id": 2},
        {"idPcaPncp": "a", "numeroItem": 1139, "valorTotal": Decimal("44094.0000")},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    items = [
        {name: value for name, value in plan.items() if name != "itens"} | item
        for plan in real_records("pca")
        for item in plan["itens"]
    ]
    assert_knows(RawPcaItens, items)


def test_no_name_means_one_thing_in_the_plan_and_another_in_its_item(real_records):
    for plan in real_records("pca"):
        assert not any(set(plan) & set(item) for item in plan["itens"])
