from baliza.simulator.domains import domains


def test_every_table_has_the_same_columns():
    tables = domains()
    assert len(tables) == 12
    for rows in tables.values():
        assert all(
            set(row) == {"id", "nome", "descricao", "dataInclusao", "dataAtualizacao", "statusAtivo"}
            for row in rows
        )
        assert len({row["id"] for row in rows}) == len(rows)


def test_counts_and_inactive_rows():
    tables = domains()
    counts = {name: len(rows) for name, rows in tables.items() if name != "amparos-legais"}
    assert counts == {
        "modalidades": 19, "modos-disputas": 6, "criterios-julgamentos": 9,
        "tipos-instrumentos-convocatorios": 5, "tipos-contratos": 12, "tipos-documentos": 20,
        "tipos-instrumentos-cobranca": 1, "fontes-orcamentarias": 6, "categoriaItemPcas": 8, "catalogos": 2,
        "portes-empresa": 5,
    }  # fmt: skip
    assert {row["id"] for row in tables["tipos-contratos"] if not row["statusAtivo"]} == {6, 9, 10, 11}


def test_every_code_in_use_is_in_the_tables(purchases: list[dict]):
    tables = {name: {row["id"] for row in rows} for name, rows in domains().items()}
    for row in purchases:
        assert row["modalidadeId"] in tables["modalidades"]
        assert row["modoDisputaId"] in tables["modos-disputas"]
        assert row["amparoLegal"]["codigo"] in tables["amparos-legais"]
        assert row["tipoInstrumentoConvocatorioCodigo"] in tables["tipos-instrumentos-convocatorios"]
