from dataflows.raw.compras import RawCompras, raw_compras
from dataflows.raw.contratacoes import RawContratacoes


def test_nothing_is_changed_and_nothing_dropped(assert_passes_through):
    assert_passes_through(
        raw_compras,
        RawCompras,
        {"numeroControlePNCP": " a ", "processo": "", "observation_id": 1},
        {"numeroControlePNCP": " a ", "processo": None, "observation_id": 2},
        {"numeroControlePNCP": "b", "orcamentoSigilosoCodigo": 3, "existeResultado": False},
    )


def test_every_field_of_the_real_answers_is_in_the_contract(real_records, assert_knows):
    assert_knows(RawCompras, real_records("compra_detalhe"))


def test_the_columns_are_those_of_contratacoes_and_four_more():
    added = set(RawCompras.columns) - set(RawContratacoes.columns)
    assert added == {
        "indicadorOrcamentoSigiloso",
        "orcamentoSigilosoCodigo",
        "orcamentoSigilosoDescricao",
        "existeResultado",
    }
    assert {name: RawCompras.columns[name] for name in RawContratacoes.columns} == RawContratacoes.columns
