"""Every sentence people read has a translation with the same placeholders, and the catalogue is compiled."""

from __future__ import annotations

import ast
import gettext
import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import baliza.errors
from baliza.language import LOCALE, PORTUGUESE
from dataflows.parameters import PARAMETERS

PACKAGE = Path(baliza.errors.__file__).parent
CATALOGUE = LOCALE / PORTUGUESE / "LC_MESSAGES" / "baliza.po"
ERRORS = {
    name for name, value in vars(baliza.errors).items() if isinstance(value, type) and name.endswith("Error")
}


def sentences() -> dict[str, str]:
    """Each sentence with the place it stands.

    Arguments of `_()` and `marked()`, the three sentences of every error, and the meanings of parameters.
    """
    found = {one.meaning: f"parameter {name}" for name, one in PARAMETERS.items()}
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            for expression in _spoken(node):
                for text in _texts(expression, names):
                    found.setdefault(text, f"{path.relative_to(PACKAGE)}:{expression.lineno}")
    return found


def _spoken(node: ast.AST) -> list[ast.expr]:
    """The expressions of a node that people will read."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in {"_", "marked"}:
            return node.args[:1]
        return node.args[:3] if node.func.id in ERRORS else []
    if isinstance(node, ast.Tuple):  # a row of a table of errors: ..., SomeError, "found", "remedy"
        kinds = [
            index for index, one in enumerate(node.elts) if isinstance(one, ast.Name) and one.id in ERRORS
        ]
        return node.elts[kinds[0] + 1 :] if kinds else []
    return []


def _texts(expression: ast.expr, names: dict[str, ast.expr]) -> list[str]:
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return [expression.value]
    if isinstance(expression, ast.IfExp):
        return _texts(expression.body, names) + _texts(expression.orelse, names)
    if isinstance(expression, ast.Name) and isinstance(names.get(expression.id), ast.Constant):
        return _texts(names[expression.id], {})
    if isinstance(expression, ast.JoinedStr):
        pytest.fail(f"an f-string cannot be translated: {ast.unparse(expression)}")
    return []


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


def test_every_sentence_is_translated(catalogue):
    missing = {text: place for text, place in sentences().items() if not catalogue.get(text)}

    assert missing == {}


def test_no_translation_is_left_over(catalogue):
    assert sorted(set(catalogue) - set(sentences())) == []


def test_placeholders_are_the_same(catalogue):
    def placeholders(text: str) -> list[str]:
        return sorted(set(re.findall(r"\{(\w+)\}", text)))

    assert {text for text, told in catalogue.items() if placeholders(text) != placeholders(told)} == set()


def test_the_compiled_catalogue_is_that_of_the_source(catalogue):
    with CATALOGUE.open("rb") as file:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    expected = gettext.GNUTranslations(compiled)
    committed = gettext.translation("baliza", LOCALE, languages=[PORTUGUESE])

    assert {text: committed.gettext(text) for text in catalogue} == {
        text: expected.gettext(text) for text in catalogue
    }
