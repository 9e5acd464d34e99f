from types import ModuleType

import pytest

from baliza.build import catalog, code, discovery
from baliza.errors import EditedError, UnknownTargetError
from dataflows.mart.spending import MartSpending, mart_spending


def test_tables_are_found_raw_first():
    layers = [node.layer for node in catalog.tables().values()]
    assert layers == sorted(layers, key=catalog.LAYERS.index)
    assert layers[0] == "raw"
    assert {"raw_contratos", "stage_contratos", "mart_spending"} <= set(catalog.tables())


def test_a_node_knows_its_place_and_its_words():
    node = catalog.tables()["mart_spending"]
    assert node.function is mart_spending
    assert node.contract is MartSpending
    assert (node.layer, node.table, node.location) == ("mart", "spending", "mart.spending")
    assert node.summary == "Contracted value by órgão, unidade, place, month of publication and categoria."


def test_modules_that_make_no_table_are_not_part_of_the_graph():
    names = {module.__name__ for module in catalog.modules()}
    assert {"dataflows.raw.contratos", "dataflows.stage.contratos", "dataflows.mart.spending"} <= names
    assert not names & {
        "dataflows.raw.groups",
        "dataflows.raw.provenance",
        "dataflows.stage.texts",
        "dataflows.stage.verdicts",
        "dataflows.stage.versions",
    }
    assert all(isinstance(module, ModuleType) for module in catalog.modules())


def test_ancestors_are_nodes_and_inputs_direct_or_not():
    found = catalog.ancestors("mart_spending")
    assert {"mart_spending", "stage_contratos", "contratos_values", "raw_contratos"} <= found
    assert {"landed_contratos", "domain_poder", "suspect_value"} <= found
    assert catalog.ancestors("raw_contratos") == {"raw_contratos", "landed_contratos"}


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        pytest.param("mart_spending", ["stage_contratos"], id="direct"),
        pytest.param("stage_contratos", ["raw_contratos"], id="through column-sets"),
        pytest.param("raw_contratos", [], id="none"),
    ],
)
def test_parents_are_the_tables_with_no_table_between(name, parents):
    assert catalog.parents(name) == parents


@pytest.mark.parametrize("target", ["mart_spending", "mart.spending", " mart.spending "])
def test_find(target):
    assert catalog.find(target).name == "mart_spending"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        pytest.param("mart.spendings", "mart_spending", id="a letter too many"),
        pytest.param("spending", "mart_spending", id="without its layer"),
        pytest.param("stage.contrato", "stage_contratos", id="singular"),
        pytest.param("xyz", "baliza targets", id="nothing like it"),
    ],
)
def test_find_says_the_nearest(target, told):
    with pytest.raises(UnknownTargetError) as caught:
        catalog.find(target)
    assert target in str(caught.value)
    assert told in str(caught.value)
    assert ("Did you mean" in str(caught.value)) == (target != "xyz")


def test_code_that_was_edited_meanwhile_builds_nothing(monkeypatch):
    monkeypatch.setattr(code, "_read_digest", lambda: "other code")
    with pytest.raises(EditedError, match="edited since this process began"):
        catalog.modules.__wrapped__()


def test_the_graph_that_is_known_is_not_looked_for_again(monkeypatch, tmp_path):
    monkeypatch.setattr(code, "_WAS_IMPORTED", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = catalog._outline.__wrapped__()
    monkeypatch.setattr(discovery, "discover", lambda: pytest.fail("it was looked for again"))
    assert catalog._outline.__wrapped__() == found
