from dataflows.raw.contratacoes import RawContratacoes, raw_contratacoes


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_contratacoes,
        RawContratacoes,
        {"numeroControlePNCP": " a ", "processo": "", "observation_id": 1},
        {"numeroControlePNCP": " a ", "processo": None, "observation_id": 2},
        {"numeroControlePNCP": "b", "fontesOrcamentarias": [{"codigo": 1}, {"codigo": 2}]},
        {"numeroControlePNCP": "c", "fontesOrcamentarias": [], "unknown_fields": '{"novo":1}'},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawContratacoes, real_records("contratacoes_[pa][ut]*"))
