"""What differs between two states of the dataflow's code."""

import pytest

from baliza.build import code


def test_the_fingerprint_is_of_the_code_as_it_was_imported():
    assert code.digest() == code.digest()
    assert len(code.digest()) == 64


def test_functions_classes_and_constants_have_a_fingerprint_each():
    found = code.definitions()
    assert {
        "stage.contratos.contratos_dates",
        "stage.contratos.StageContratos",
        "stage.verdicts.VALUE_VERDICTS",
        "parameters.PARAMETERS",
    } <= set(found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = 1", "x = 2", id="a constant"),
        pytest.param("def f():\n    return 1", "def f():\n    return 2", id="a function"),
        pytest.param("class A:\n    b = 1", "class A:\n    b = 2", id="a class"),
        pytest.param("x: int = 1", "x: int = 2", id="an annotated constant"),
    ],
)
def test_an_edit_is_seen(before, after):
    assert _fingerprints(before) != _fingerprints(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = 1", "# why\nx = 1  # because", id="a comment"),
        pytest.param("def f():\n    return 1", 'def f():\n    """One."""\n\n    return 1', id="a docstring"),
        pytest.param("class A:\n    b = 1", 'class A:\n    """A."""\n    b = 1', id="a class's docstring"),
        pytest.param("x = 1", "import os\nx = 1", id="an import"),
    ],
)
def test_what_changes_no_table_is_not_seen(before, after):
    assert _fingerprints(before) == _fingerprints(after)


def test_only_what_a_module_uses_is_named():
    before = code.definitions() | {
        "stage.verdicts.value_verdict": "other",
        "stage.atas.atas_dates": "other",
        "mart.spending.gone": "other",
    }
    assert code.changed(before, "mart.spending") == ["mart.spending.gone", "stage.verdicts.value_verdict"]
    assert code.changed(code.definitions(), "mart.spending") == []


def _fingerprints(text: str) -> dict[str, str]:
    return code.definitions_in("m", text)
