from dataflows.raw.resultados import RawResultados, raw_resultados


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_resultados,
        RawResultados,
        {"parent_key": "a", "numeroItem": 1, "niFornecedor": "", "observation_id": 1},
        {"parent_key": "a", "numeroItem": 1, "niFornecedor": None, "observation_id": 2},
        {"parent_key": "a", "numeroItem": 1, "sequencialResultado": 2, "reservaRemanescente": {"codigo": 3}},
        {"parent_key": "b", "numeroItem": 1, "localidadeFornecedor": {"uf": "SP"}},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawResultados, real_records("resultados"))
