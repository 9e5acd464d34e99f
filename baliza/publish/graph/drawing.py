"""The dataflow drawn table by table, from PNCP's endpoints at the left to the marts at the right.

A table's box gathers the functions that are its own: drawn one by one, as `dr.display_upstream_of` does in a
notebook, the whole graph would not fit on a page.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.picture import LAYER_COLOURS, Picture
from baliza.language import marked
from baliza.pncp.endpoints import ENDPOINTS, Endpoint

API = "api"
MOST_DETAILED = 6
"""Tables that are drawn with all they read, by name; of more only the kinds are told."""

_LINE_LENGTH = 42
"""Characters of a line of details: what keeps four layers within the width of a page."""

_GREY = "#5a5a5a"
_HEADINGS = {API: marked("PNCP's API"), **{layer: layer for layer in catalog.LAYERS}}
_COLOURS = {API: "#ececec", **LAYER_COLOURS}
_BANDS = {API: "#f8f8f8", "raw": "#f3f8fc", "stage": "#fef9ec", "mart": "#f2faf1"}
"""Behind the boxes of each layer: their colour, paler."""

CODES, LAW, LEDGER = marked("codes"), marked("law"), marked("ledger")
PARAMETERS, FUNCTIONS = marked("parameters"), marked("functions")

_KINDS = {"domain_": CODES, "law_": LAW, "meta_": LEDGER, "landed_": ""}
"""Kinds of external inputs by how their names begin; any other is a parameter."""

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Note:
    """What else a box says.

    Attributes:
        lines: under its name.
        colour: of its border and of these lines.
        is_dashed: whether the border is, for what is not there.
    """

    lines: Sequence[str]
    colour: str
    is_dashed: bool = False


def draw(
    targets: Iterable[str] = (),
    notes: Mapping[str, Note] | None = None,
    caption: str = "",
    translate: Translate = str,
) -> Picture:
    """These tables and all they are made from; every table without any.

    Args:
        targets: by node name.
        notes: by node name or id of the endpoint, what is said in addition.
        caption: under the picture.
        translate: of the few words of the picture.
    """
    drawn = {node.name for node in catalog.in_order(targets)} or set(catalog.tables())
    return Picture(_Drawing(drawn, notes or {}, translate).dot(caption))


def endpoints_of(tables: Iterable[TableNode]) -> list[Endpoint]:
    """The endpoints of PNCP that land in these tables."""
    landed = {node.table for node in tables if node.layer == "raw"}
    return [endpoint for endpoint in ENDPOINTS.values() if endpoint.table in landed]


class _Drawing:
    """Some tables, as DOT."""

    def __init__(self, names: set[str], notes: Mapping[str, Note], translate: Translate) -> None:
        self._names = names
        self._nodes = [node for node in catalog.tables().values() if node.name in names]
        self._endpoints = endpoints_of(self._nodes)
        self._notes = notes
        self._translate = translate

    def dot(self, caption: str) -> str:
        told = html.escape(caption, quote=False)
        boxes = {API: [self._endpoint_box(one) for one in self._endpoints]}
        for node in self._nodes:
            boxes.setdefault(node.layer, []).append(self._table_box(node))
        return "\n".join(
            [
                "digraph baliza {",
                "graph [rankdir=LR, nodesep=0.12, ranksep=0.35, pad=0.1];",
                "graph [labeljust=l, fontname=Helvetica, fontsize=13];",
                f"graph [labelloc=b, label=<{told}>];" if told else "",
                'node [shape=box, fontname=Helvetica, fontsize=12, margin="0.08,0.05"];',
                'edge [color="#8a8a8a", arrowsize=0.6];',
                *(line for layer, members in boxes.items() for line in self._band(layer, members)),
                *self._edges(),
                "}",
                "",
            ]
        )

    def _band(self, layer: str, boxes: Sequence[str]) -> list[str]:
        """A layer: its boxes on ground of their own, under its name."""
        if not boxes:
            return []
        heading = self._translate(_HEADINGS[layer])
        style = f'style=filled, color="{_BANDS[layer]}", fontcolor="{_GREY}", label="{heading}", labelloc=t'
        return [f"subgraph cluster_{layer} {{", f"graph [{style}];", *boxes, "}"]

    def _edges(self) -> list[str]:
        landed = [(endpoint.id, f"raw_{endpoint.table}") for endpoint in self._endpoints]
        made = [(parent, node.name) for node in self._nodes for parent in catalog.parents(node.name)]
        return [f'"{parent}" -> "{child}";' for parent, child in landed + made]

    def _endpoint_box(self, endpoint: Endpoint) -> str:
        path = endpoint.path.partition("/v1")[2]
        for parameters in ("/orgaos/{cnpj}", "/{ano}/{sequencial}"):
            path = path.replace(parameters, "/…")
        return self._box(endpoint.id, path, API, [], size=11)

    def _table_box(self, node: TableNode) -> str:
        details = self._details(node) if len(self._names) <= MOST_DETAILED else self._kinds(node)
        return self._box(node.name, f"<b>{node.location}</b>", node.layer, details, size=13)

    def _box(self, name: str, title: str, layer: str, details: Sequence[str], *, size: int) -> str:
        note = self._notes.get(name, Note((), "#666666"))
        rows = [f'<tr><td align="left"><font point-size="{size}">{title}</font></td></tr>']
        rows += [_row(line, note.colour) for line in note.lines]
        rows += [_row(line, _GREY) for line in details]
        label = f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{"".join(rows)}</table>'
        style = '"filled,dashed"' if note.is_dashed else "filled"
        width = 1.6 if note.lines else 1
        return (
            f'"{name}" [label=<{label}>, fillcolor="{_COLOURS[layer]}", style={style}, '
            f'color="{note.colour}", penwidth={width}];'
        )

    def _kinds(self, node: TableNode) -> list[str]:
        """What else a table reads, by kind."""
        kinds = also_read(node)
        return [f"+ {', '.join(map(self._translate, kinds))}"] if kinds else []

    def _details(self, node: TableNode) -> list[str]:
        """The functions of a table and what else it reads, by name."""
        functions = [name.removeprefix(f"{node.table}_") for name in catalog.functions_of(node.name)[1:]]
        named = {FUNCTIONS: functions} if functions else {}
        return [
            line
            for kind, names in (named | also_read(node)).items()
            for line in _wrapped(f"{self._translate(kind)}:", names)
        ]


def also_read(node: TableNode) -> dict[str, list[str]]:
    """What a table reads beside tables: names by kind, where the kind is told as it is written here."""
    found: dict[str, list[str]] = {}
    for name in catalog.inputs(node.name):
        start = next((start for start in _KINDS if name.startswith(start)), "")
        if kind := _KINDS.get(start, PARAMETERS):
            found.setdefault(kind, []).append(name.removeprefix(start))
    return found


def _row(text: str, colour: str) -> str:
    told = html.escape(text, quote=False)
    return f'<tr><td align="left"><font point-size="10" color="{colour}">{told}</font></td></tr>'


def _wrapped(heading: str, names: Sequence[str]) -> list[str]:
    """A heading and names, in lines that are not too long."""
    lines = [heading]
    for number, name in enumerate(names, start=1):
        told = name if number == len(names) else f"{name},"
        if len(lines[-1]) + len(told) < _LINE_LENGTH:
            lines[-1] += f" {told}"
        else:
            lines.append(f"   {told}")
    return lines
