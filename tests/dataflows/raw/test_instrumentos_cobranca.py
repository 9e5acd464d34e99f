from dataflows.raw.contratos import RawContratos
from dataflows.raw.instrumentos_cobranca import RawInstrumentosCobranca, raw_instrumentos_cobranca

PROVENANCE = (
    "observation_id",
    "observed_at",
    "source_endpoint",
    "request_id",
    "content_hash",
    "unknown_fields",
)


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_instrumentos_cobranca,
        RawInstrumentosCobranca,
        {"cnpj": "1", "ano": 2025, "observacao": "", "observation_id": 1},
        {"cnpj": "1", "ano": 2025, "observacao": None, "observation_id": 2},
        {"cnpj": "2", "notaFiscalEletronica": {"itens": [{"quantidade": "6.000,00"}], "eventos": []}},
        {"cnpj": "3", "recuperarContratoDTO": {"tipoContrato": {"id": 7}}},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawInstrumentosCobranca, real_records("instrumentoscobranca"))


def test_the_nested_contrato_is_that_of_contratos_without_what_landing_adds():
    members = RawInstrumentosCobranca.columns["recuperarContratoDTO"].members or {}
    assert [*members, *PROVENANCE] == list(RawContratos.columns)
    assert all(RawContratos.columns[name] is member for name, member in members.items())
