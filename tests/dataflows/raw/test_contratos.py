from dataflows.raw.contratos import RawContratos, raw_contratos


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_contratos,
        RawContratos,
        {"numeroControlePNCP": " a ", "processo": "", "observation_id": 1},
        {"numeroControlePNCP": " a ", "processo": None, "observation_id": 2},
        {"numeroControlePNCP": "b", "orgaoEntidade": {"cnpj": " 1"}, "unknown_fields": '{"novo":1}'},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawContratos, real_records("contratos*"))
