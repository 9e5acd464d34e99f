from datetime import datetime

from dataflows.raw.contratos import RawContratos, raw_contratos

BEFORE, AFTER = datetime(2024, 1, 1), datetime(2024, 1, 2)  # noqa: DTZ001 - UTC, without saying so


def test_nothing_is_changed_and_nothing_dropped(table):
    landed = table(
        RawContratos.schema(),
        {"numeroControlePNCP": " a ", "processo": "", "observation_id": 1, "observed_at": BEFORE},
        {"numeroControlePNCP": " a ", "processo": None, "observation_id": 2, "observed_at": AFTER},
        {"numeroControlePNCP": "b", "orgaoEntidade": {"cnpj": " 1"}, "unknown_fields": '{"novo":1}'},
    )
    assert raw_contratos(landed).to_pyarrow().to_pylist() == landed.to_pyarrow().to_pylist()


def test_columns_come_in_the_contracts_order(table):
    schema = RawContratos.schema()
    landed = table({"column_of_tomorrow": "string"} | {name: schema[name] for name in reversed(schema.names)})
    assert list(raw_contratos(landed).columns) == list(schema)


def test_every_field_of_the_real_answers_is_in_the_contract(real_contratos):
    fields = {field for record in real_contratos for field in record}
    assert fields - set(RawContratos.columns) == set()


def test_every_member_of_the_real_objects_is_in_the_contract(real_contratos):
    for record in real_contratos:
        for field, value in record.items():
            members = RawContratos.columns[field].members
            assert isinstance(value, dict) == (members is not None) or value is None
            if value is not None and members is not None:
                assert set(value) <= set(members)
