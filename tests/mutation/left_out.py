"""What of a module is no behaviour, so that no test would notice its change."""

import ast

WORDS = {"title", "wording", "source", "missing", "meaning", "unpublished"}
"""Arguments that hold words for readers."""


def declared(tree):
    """Columns of contracts, types, docstrings, names of rules, sentences of errors, words for readers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            body = (one for one in node.body if not isinstance(one, ast.FunctionDef))
            yield from map(_span, [*node.decorator_list, *body])
        if isinstance(node, ast.FunctionDef):
            yield from map(_span, [*node.decorator_list, *filter(None, [node.returns])])
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield _span(node.annotation)
        literal = isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if literal or docstring or isinstance(node, ast.Raise):
            yield _span(node)
    yield from map(_span, _words(tree))


def _words(tree):
    """What readers are told, where the module says by the name of an argument that it is that."""
    fields = {
        node.name: [one.target.id for one in node.body if isinstance(one, ast.AnnAssign)]
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    parameters = {
        node.name: [one.arg for one in node.args.args]
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            known = (fields | parameters).get(node.func.id, [])
            named = [(one.arg, one.value) for one in node.keywords]
            given = [*zip(known, node.args, strict=False), *named]
            yield from (value for name, value in given if name in WORDS and _is_text(value))


def _is_text(node):
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _span(node):
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
