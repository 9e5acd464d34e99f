"""Pages beside the dictionary of the three layers: parameters, official codes, the tables of `meta`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

from baliza.publish.docs.markdown import cell, page, table
from baliza.warehouse import schema
from dataflows import code_tables
from dataflows.parameters import PARAMETERS, REFERENCE_DAY

_TABLE = re.compile(r"((?:--.*\n)*)CREATE TABLE IF NOT EXISTS meta\.(\w+) \(([\s\S]*?)\);\n")
_REMARK = re.compile(r"^ +(\w+) .*-- (.+)$", re.MULTILINE)


def parameters_page() -> str:
    """Every threshold and choice, with its default."""
    rows = [(f"`{name}`", f"{one.default:,}", cell(one.meaning)) for name, one in PARAMETERS.items()]
    rows.append(
        (f"`{REFERENCE_DAY}`", "the last proven day", "what *open now* and *days silent* are told of")
    )
    about = (
        "`--param NAME=VALUE`, or `[params]` of `baliza.toml` ([settings](../settings.md)), changes one; "
        "exactly the tables whose SQL it goes into are rebuilt."
    )
    headings = ("parameter", "default", "meaning")
    return page("Parameters", "dataflows/parameters.py", [about, table(headings, rows)])


def codes_page() -> str:
    """PNCP's official code tables, as they are committed."""
    about = (
        "PNCP's own tables, codes no longer in use included, because old records bear them. `baliza domains "
        "check` compares them with PNCP's of today. A record whose code is not here keeps it, without a "
        "label, and `baliza status` says so."
    )
    sections = [f"## {name}\n\n{table(('code', 'label'), _labels(name))}" for name in code_tables.committed()]
    return page("Official codes", "dataflows/domains/*.csv", [about, *sections])


def _labels(name: str) -> Iterator[tuple[str, str]]:
    for code, label in code_tables.labels(name).items():
        yield f"`{code}`", cell(label)


def meta_page() -> str:
    """The ledger, the evidence and the diary, from the statements that lay them out."""
    about = (
        "The proof and the diary: what was asked of PNCP, what came, what of it is proven, what each run "
        "did. Times are UTC. [Coverage](../coverage.md) says how a day is proven."
    )
    with duckdb.connect() as con:
        con.execute(schema.META)
        sections = [_meta_section(con, *found) for found in _TABLE.findall(schema.META)]
    return page("Dictionary: meta", "baliza/warehouse/schema.py", [about, *sections])


def _meta_section(con: duckdb.DuckDBPyConnection, comment: str, name: str, body: str) -> str:
    remarks = dict(_REMARK.findall(body))
    columns = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name = 'meta' AND table_name = ? ORDER BY column_index",
        [name],
    ).fetchall()
    about = " ".join(line.removeprefix("-- ") for line in comment.splitlines())
    rows = [(f"`{column}`", dtype, cell(remarks.get(column, ""))) for column, dtype in columns]
    return "\n\n".join([f"## meta.{name}", cell(about), table(("column", "type", "meaning"), rows)])
