import re

import pytest

from baliza.build import catalog
from baliza.pncp.endpoints import ENDPOINTS
from baliza.publish.graph import drawing
from baliza.publish.graph.drawing import MOST_DETAILED, Note, draw

MARTS = [name for name, node in catalog.tables().items() if node.layer == "mart"]


def boxes(dot):
    return set(re.findall(r'^"(\w+)" \[', dot, flags=re.MULTILINE))


def edges(dot):
    return set(re.findall(r'^"(\w+)" -> "(\w+)";', dot, flags=re.MULTILINE))


def band(dot, layer):
    return boxes(re.search(rf"subgraph cluster_{layer} \{{(.*?)\n\}}", dot, flags=re.DOTALL)[1])


def test_the_whole_graph_has_every_table_and_endpoint_and_every_edge():
    dot = draw().source

    assert boxes(dot) == set(catalog.tables()) | set(ENDPOINTS)
    made = {(parent, name) for name in catalog.tables() for parent in catalog.parents(name)}
    assert edges(dot) == made | {(one.id, f"raw_{one.table}") for one in ENDPOINTS.values()}


def test_each_layer_stands_on_its_ground_in_its_colour():
    dot = draw(["mart_spending"]).source

    assert band(dot, "api") == {"contratos", "contratos_atualizacao"}
    assert band(dot, "stage") == {"stage_contratos"}
    assert re.search(r'"mart_spending" \[.*fillcolor="#cdebc9"', dot)


def test_the_ancestry_of_a_mart_names_functions_and_inputs_but_no_values():
    dot = draw(["mart_spending"]).source

    assert boxes(dot) == {
        "contratos", "contratos_atualizacao", "raw_contratos", "stage_contratos", "mart_spending",
    }  # fmt: skip
    assert "functions: latest, identification, buyer," in dot
    assert "suspect_value" in dot
    assert "10000000000" not in dot


@pytest.mark.parametrize("mart", MARTS)
def test_large_graphs_tell_only_kinds(mart):
    dot = draw([mart]).source

    assert ("functions:" in dot) == (1 < len(boxes(dot) - set(ENDPOINTS)) <= MOST_DETAILED)


def test_notes_and_caption_are_shown_as_text():
    dot = draw(
        ["mart_coverage"], {"mart_coverage": Note(["1 < 2 & 3"], "#123456", is_dashed=True)}, "a<b"
    ).source

    assert "1 &lt; 2 &amp; 3" in dot
    assert 'style="filled,dashed", color="#123456"' in dot
    assert "label=<a&lt;b>" in dot


def test_words_are_translated():
    dot = draw(["mart_spending"], translate=lambda word: {"functions": "funções"}.get(word, word)).source

    assert "funções: latest" in dot


def test_every_picture_can_be_drawn():
    for name in ("", *MARTS):
        svg = draw([name] if name else []).render("svg").decode()
        assert "</svg>" in svg
        assert drawing._GREY in svg
