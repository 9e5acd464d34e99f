import inspect
import re

import pytest

from baliza import errors
from baliza.errors import BalizaError, DatabaseError, UsageError

CLASSES = [
    value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, BalizaError)
]
DRAWN = re.findall(r"(\w+Error)(?: +(\d))?", errors.__doc__ or "")


def test_the_tree_in_the_docstring_is_the_tree():
    assert sorted(name for name, _ in DRAWN) == sorted({cls.__name__ for cls in CLASSES})


def test_exit_codes_are_those_drawn():
    drawn = {name: int(code) for name, code in DRAWN if code}
    assert {name: getattr(errors, name).exit_code for name in drawn} == drawn
    assert {cls.exit_code for cls in CLASSES} == {1, 2}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_each_says_when_it_is_raised(cls: type[BalizaError]):
    assert cls is BalizaError or (cls.__doc__ or "").startswith("Raised when")


def test_three_sentences_filled_with_facts():
    error = DatabaseError(
        "The file {path} was to be read.", "It is {size} bytes.", "Wait.", path="x{y}", size=3
    )
    assert str(error) == "The file x{y} was to be read. It is 3 bytes. Wait."
    assert error.sentences(lambda text: text.replace("Wait", "Espere"))[2] == "Espere."


def test_braces_mean_nothing_without_facts():
    assert str(UsageError("What?", 'It says {"a": 1}.', "Go.")) == 'What? It says {"a": 1}. Go.'
