"""How the dataflow is changed: what Cosmic Ray changes in any Python, and what it does not know of Ibis."""

import parso
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider

OPERATORS = {
    "ReplaceComparisonOperator": "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot",
    "ReplaceBinaryOperator": "BitAnd_BitOr BitOr_BitAnd Add_Sub Sub_Add Mul_Div Div_Mul Mod_Mul",
    "ReplaceUnaryOperator": "Delete_Invert Delete_Not Delete_USub",
}
OTHERS = (
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("NumberReplacer", "RemoveDecorator", "ZeroIterationForLoop"),
)
# One change of each kind: twelve other operators in the place of one `&` fail alike.
CHOSEN = [*OTHERS, *(f"{kind}_{change}" for kind, changes in OPERATORS.items() for change in changes.split())]
CORE = {name: OperatorProvider()[name] for name in CHOSEN}


class Text(Operator):
    """Another text; not the names of columns, which the contract checks, nor sentences, which are for readers."""

    def mutation_positions(self, node):
        if node.type != "string" or _names_a_column(node) or node.value.endswith('."'):
            return []
        return [(node.start_pos, node.end_pos)]

    def mutate(self, node, index):
        quote = next(place for place, sign in enumerate(node.value) if sign in "\"'")
        node.value = f"{node.value[: quote + 1]}XX{node.value[quote + 1 :]}"
        return node

    @classmethod
    def examples(cls):
        return (Example('a == "b"', 'a == "XXb"'),)


class Step(Operator):
    """A chain of calls without one of them: `amount.sum().coalesce(0)` without `.coalesce(0)`."""

    def mutation_positions(self, node):
        # A list, not a generator: it is read on after the node has changed.
        return [(node.children[first].start_pos, node.children[first + 1].end_pos) for first in _calls(node)]

    def mutate(self, node, index):
        first = _calls(node)[index]
        del node.children[first : first + 2]
        return node

    @classmethod
    def examples(cls):
        return (Example("a.sum().coalesce(0)", "a.sum()", occurrence=1),)


class Function(Operator):
    """A function's argument without the function: `clean(row.processo)` as `row.processo`."""

    def mutation_positions(self, node):
        return [(node.start_pos, node.children[1].end_pos)] if _wraps(node) else []

    def mutate(self, node, index):
        wrapped = node.children[1].children[1]
        wrapped.get_first_leaf().prefix = node.children[0].prefix
        node.children[:2] = [wrapped]
        return node

    @classmethod
    def examples(cls):
        return (Example("a = f(b)", "a = b"),)


class Argument(Operator):
    """A call without one of the arguments that narrow it, a CASE without one of its branches."""

    def mutation_positions(self, node):
        return [(argument.start_pos, argument.end_pos) for argument in _removable(node)]

    def mutate(self, node, index):
        place = node.children.index(_removable(node)[index])
        following = node.children[place + 1 : place + 2]
        with_comma = following and following[0].type == "operator" and following[0].value == ","
        del node.children[place : place + (2 if with_comma else 1)]
        return node

    @classmethod
    def examples(cls):
        return (Example("a.max(where=b)", "a.max()"),)


IBIS = {"Text": Text, "Step": Step, "Function": Function, "Argument": Argument}

_NARROWING = {"where", "else_", "order_by", "group_by", "nulls_first"}
_BRANCHING = {"cases", "coalesce"}


def _names_a_column(node):
    following = node.get_next_leaf()
    return following is not None and following.value == ":" and parso.tree.search_ancestor(node, "funcdef")


def _calls(node):
    """Where in a chain a method and its arguments stand; `ibis.cases(...)` alone is no step."""
    if node.type != "atom_expr":
        return []
    places = range(1, len(node.children) - 1)
    found = [at for at in places if _opens(node.children[at], ".") and _opens(node.children[at + 1], "(")]
    return [at for at in found if at > 1 or node.children[0].get_code().strip() not in {"ibis", "functools"}]


def _wraps(node):
    """Whether it is a call, by a plain name, with one thing."""
    if node.type != "atom_expr" or node.children[0].type != "name" or not _opens(node.children[1], "("):
        return False
    inside = node.children[1].children[1:-1]
    return len(inside) == 1 and inside[0].type in {"name", "atom_expr", "string"}


def _opens(node, sign):
    return node.type == "trailer" and node.children[0].value == sign


def _removable(node):
    if node.type not in {"arglist", "trailer"}:
        return []
    if node.type == "trailer" and not (_opens(node, "(") and node.children[1].type == "argument"):
        return []
    arguments = [one for one in node.children if one.type != "operator"]
    call = node if node.type == "trailer" else node.parent
    called = call.get_previous_leaf().value
    named = [
        one
        for one in arguments
        if one.type == "argument" and one.children[0].get_code().strip() in _NARROWING
    ]
    plain = [one for one in arguments if one.type != "argument" or one.children[0].get_code().strip() == "*"]
    return named + (plain if called in _BRANCHING and len(plain) > 1 else [])
