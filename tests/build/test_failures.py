"""The errors of a build say where to look."""

from pathlib import Path

from baliza.build import failures
from dataflows.stage import tax_numbers


def _fails_deeper():
    return tax_numbers.cnpj_root(None, None)


def _fails():
    raise ValueError("no such column")


def _raised(function):
    try:
        function()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return failures.function_failed("mart_a", function, error).sentences()
    raise AssertionError("nothing was raised")


def test_a_function_that_raises_is_told_with_the_line_that_did():
    asked, found, _remedy = _raised(_fails)

    place = f"{__file__}:{_fails.__code__.co_firstlineno}"
    assert place in asked
    assert f"{__file__}:{_fails.__code__.co_firstlineno + 1}: ValueError: no such column" in found


def test_a_line_of_another_function_of_the_dataflow_is_told():
    _asked, found, _remedy = _raised(_fails_deeper)

    assert f"failed at {Path(tax_numbers.__file__)}:" in found
