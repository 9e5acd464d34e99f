from datetime import datetime

from dataflows.raw.atas import RawAtas, raw_atas


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_atas,
        RawAtas,
        {"numeroControlePNCPAta": " a ", "usuario": "", "observation_id": 1},
        {"numeroControlePNCPAta": " a ", "usuario": None, "observation_id": 2},
        {"numeroControlePNCPAta": "b", "vigenciaFim": datetime(7203, 7, 27)},  # noqa: DTZ001 - without a zone
        {"numeroControlePNCPAta": "c", "unknown_fields": '{"numeroControlePncpCompra":"d"}'},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawAtas, real_records("atas"))
