"""The data dictionary as pages, from the contracts: one page per schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from baliza.build import catalog
from baliza.build.catalog import TableNode
from baliza.build.landed import duckdb_type
from baliza.publish.docs.markdown import REPOSITORY, anchor, cell, page, table
from baliza.publish.graph import drawing
from dataflows.contract import Column

_ABOUT = {
    "raw": "What PNCP sent: its own names, nesting and values, typed. One row per record and observed "
    "change; `stage` has the newest version of each. Fields no contract knows are kept in `unknown_fields`.",
    "stage": "The newest version of each record: flattened, cleaned, with official labels and verdicts on "
    "values and dates. Nothing is left out; what is doubtful is marked.",
    "mart": "One question, one table. [The marts](../marts.md) says in a paragraph each what they mean and "
    "what they do not.",
}
_HEADINGS = ("column", "type", "unit", "meaning", "made from")


def schema_page(layer: str) -> str:
    """Every table of a schema, with its columns."""
    nodes = [node for node in catalog.tables().values() if node.layer == layer]
    contents = table(("table", "grain"), ((_link(node), node.contract.grain) for node in nodes))
    return page(
        f"Dictionary: {layer}", f"dataflows/{layer}", [_ABOUT[layer], contents, *map(_section, nodes)]
    )


def _section(node: TableNode) -> str:
    contract = node.contract
    facts = [
        ("**Grain**", contract.grain),
        ("**Key**", ", ".join(f"`{name}`" for name in contract.key)),
        ("**Made from**", ", ".join(_parents(node))),
        ("**Reads too**", ", ".join(_reads_too(node))),
        ("**By**", f"[`{node.name}`]({REPOSITORY}/dataflows/{node.module.replace('.', '/')}.py)"),
    ]
    parts = [
        f"## {node.location}",
        f"*{' '.join((contract.__doc__ or '').split())}*",
        f"{node.summary}",
        "\n".join(f"- {name}: {fact}" for name, fact in facts if fact),
    ]
    if node.layer == "mart":
        parts.append(
            f"[![What {node.location} is made from](../dag/{node.name}.svg)](../dag/{node.name}.svg)"
        )
    if node.notes:
        parts.append(f"**Traps.** {cell(node.notes[0].upper() + node.notes[1:])}")
    parts.append(table(_HEADINGS, _rows(contract.columns, contract.key)))
    return "\n\n".join(parts)


def _parents(node: TableNode) -> Iterator[str]:
    if node.layer == "raw":
        yield from (f"`GET {endpoint.path}`" for endpoint in drawing.endpoints_of([node]))
    yield from (_link(catalog.tables()[name]) for name in catalog.parents(node.name))


def _reads_too(node: TableNode) -> Iterator[str]:
    pages = {
        drawing.CODES: "codes [`{name}`](codes.md#{name})",
        drawing.LAW: f"law [`{{name}}`]({REPOSITORY}/dataflows/law/{{name}}.csv)",
        drawing.LEDGER: "[`meta.{name}`](meta.md#meta{name})",
        drawing.PARAMETERS: "[`{name}`](parameters.md)",
    }
    for kind, names in drawing.also_read(node).items():
        every = kind == drawing.CODES and names == ["tables"]
        yield from ["all [codes](codes.md)"] if every else (pages[kind].format(name=name) for name in names)


def _link(node: TableNode) -> str:
    return f"[`{node.location}`]({node.layer}.md#{anchor(node.location)})"


def _rows(columns: Mapping[str, Column], key: tuple[str, ...], before: str = "") -> Iterator[tuple[str, ...]]:
    """A row per column; below a group its members, named with a point, those of a list also with []."""
    for name, column in columns.items():
        shown = f"`{before}{name}`"
        yield (
            f"**{shown}**" if name in key and not before else shown,
            _type(column),
            column.unit,
            _meaning(column),
            cell(column.source),
        )
        if column.members:
            yield from _rows(column.members, (), f"{before}{name}{'[]' if column.dtype.is_array() else ''}.")


def _type(column: Column) -> str:
    if column.members:
        return "STRUCT[]" if column.dtype.is_array() else "STRUCT"
    return duckdb_type(column.dtype)


def _meaning(column: Column) -> str:
    told = [cell(column.meaning)]
    if column.isin:
        told.append(f"Valores: {', '.join(f'`{value}`' for value in column.isin)}.")
    if column.domain:
        told.append(f"[Códigos](codes.md#{anchor(column.domain)}).")
    if not column.nullable:
        told.append("Nunca nulo.")
    return " ".join(told)
