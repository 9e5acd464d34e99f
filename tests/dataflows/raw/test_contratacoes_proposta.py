from dataflows.raw.contratacoes import RawContratacoes
from dataflows.raw.contratacoes_proposta import RawContratacoesProposta, raw_contratacoes_proposta


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_contratacoes_proposta,
        RawContratacoesProposta,
        {"numeroControlePNCP": " a ", "processo": "", "observation_id": 1},
        {"numeroControlePNCP": " a ", "processo": None, "observation_id": 2},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawContratacoesProposta, real_records("contratacoes_proposta"))


def test_the_columns_are_those_of_contratacoes():
    assert RawContratacoesProposta.columns == RawContratacoes.columns
