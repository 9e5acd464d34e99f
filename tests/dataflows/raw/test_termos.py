from dataflows.raw.termos import RawTermos, raw_termos


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_termos,
        RawTermos,
        {"parent_key": "a", "sequencialTermoContrato": 1, "processo": "", "observation_id": 1},
        {"parent_key": "a", "sequencialTermoContrato": 1, "processo": None, "observation_id": 2},
        {"parent_key": "b", "sequencialTermoContrato": 1, "fornecedor": {"nomeRazaoSocial": "D   "}},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawTermos, real_records("termos_contrato"))
