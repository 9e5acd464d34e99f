import ibis
import pytest

from dataflows import domains
from dataflows.domains import Domain


@pytest.mark.parametrize(
    ("name", "code", "label"),
    [
        ("tipo_contrato", 7, "Empenho"),
        ("tipo_contrato", 10, "Acordo de Cooperação Técnica (ACT)"),
        ("categoria_processo", 11, "Alienação de bens móveis/imóveis"),
        ("esfera", "M", "Municipal"),
        ("poder", "N", "Não se aplica"),
        ("tipo_pessoa", "PE", "Pessoa estrangeira"),
    ],
)
def test_official_labels(name, code, label):
    assert ibis.memtable({"code": [code]}).select(
        label=domains.load(name).label(ibis._.code)
    ).to_pyarrow().to_pylist() == [{"label": label}]


@pytest.mark.parametrize("code", [None, 99], ids=["null code", "unknown code"])
def test_no_label(code):
    table = ibis.memtable({"code": [code]}, schema={"code": "int32"})
    label = domains.load("tipo_contrato").label(table.code)
    assert table.select(label=label).to_pyarrow().to_pylist() == [{"label": None}]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        pytest.param("Termo de Apostilamento", "3", id="official"),
        pytest.param("Termo de apostilamento", None, id="spelled otherwise"),
        pytest.param(None, None, id="null"),
    ],
)
def test_the_code_of_a_label(label, code):
    table = ibis.memtable({"label": [label]}, schema={"label": "string"})
    found = domains.load("tipo_termo_contrato").code(table.label)
    assert table.select(code=found).to_pyarrow().to_pylist() == [{"code": code}]


def test_the_code_of_a_label_that_two_have_is_the_first():
    table = ibis.memtable({"label": ["a"]})
    found = Domain("d", {"1": "a", "2": "a"}).code(table.label)
    assert table.select(code=found).to_pyarrow().to_pylist() == [{"code": "1"}]


def test_a_changed_label_changes_the_sql():
    code = ibis.table({"code": "string"}, name="t").code
    one, other = (ibis.to_sql(Domain("d", {"1": label}).label(code).name("x")) for label in ("a", "b"))
    assert one != other


def test_inputs_are_named_for_the_graph():
    found = domains.inputs()
    assert set(found) == {f"domain_{name}" for name in domains.NAMES} | {"domain_tables"}
    assert found["domain_poder"] is domains.load("poder")
    assert found["domain_tables"] == {name: domains.load(name) for name in domains.NAMES}
