"""The server, as clients see it: tools that only read, resources, and what a model must know beforehand."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations

from baliza import __version__
from baliza.errors import BalizaError
from baliza.language import _
from baliza.publish.masking import mask
from baliza.publish.mcp import resources
from baliza.publish.mcp.limits import Limits
from baliza.publish.mcp.sandbox import Sandbox
from baliza.publish.mcp.tools import Tools

P = ParamSpec("P")
R = TypeVar("R")

_JSON = "application/json"


def serve(database: Path, limits: Limits) -> None:
    """Answer over standard input and output until the client leaves."""
    # Of an argument that is none a model needs the reason, and no address of a library's manual.
    os.environ.setdefault("PYDANTIC_ERRORS_INCLUDE_URL", "0")
    with Sandbox(database, limits) as sandbox:
        make(sandbox).run("stdio")


def make(sandbox: Sandbox) -> MCPServer:
    """The server of one file."""
    server = MCPServer(
        "baliza",
        title="baliza (PNCP)",
        version=__version__,
        instructions=_instructions(),
        log_level="WARNING",
    )
    tools = Tools(sandbox)
    for name, description in _described().items():
        server.tool(
            name=name,
            description=description,
            annotations=ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False),
        )(_answering(_told(getattr(tools, name), ToolError)))

    @server.resource(
        "baliza://dictionary",
        mime_type=_JSON,
        description=_("Every table: its row, its key, its traps, its columns by name."),
    )
    def dictionary() -> str:
        return _text(_told(lambda: resources.dictionary(sandbox.tables()), ResourceError)())

    @server.resource(
        "baliza://dictionary/{table}",
        mime_type=_JSON,
        description=_("One table: each column with type, unit and meaning in Portuguese."),
    )
    def table(table: str) -> str:
        return _text(_told(lambda: resources.table(table, sandbox.tables()), ResourceError)())

    @server.resource("baliza://coverage", mime_type=_JSON, description=_("What is proven, and what is not."))
    def coverage() -> str:
        return _text(_told(tools.coverage, ResourceError)())

    return server


def _text(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False)


def _answering(function: Callable[P, dict[str, Any]]) -> Callable[P, Any]:
    """The answer as an object, and as a text without the library's indents, half of what would be read."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> CallToolResult:
        told = function(*args, **kwargs)
        return CallToolResult(content=[TextContent(text=_text(told))], structured_content=told)

    return wrapped


def _told(function: Callable[P, R], kind: type[Exception]) -> Callable[P, R]:
    """What goes wrong is told in three sentences: what was asked, what was found, what to do."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BalizaError as error:
            raise kind(mask(" ".join(error.sentences(_)))) from error

    return wrapped


def _instructions() -> str:
    return _(
        "Brazil's public procurement (PNCP), from one file with proof of what is in it. Read the coverage of "
        "every answer before its numbers: where it is not complete, say so, call sums "
        "lower bounds, and never "
        "present nothing found as a fact. Amounts are contracted, not paid. A red flag "
        "is a reason to look, not "
        "proof: keep its neutral wording and name its evidence. Where the data are synthetic, say so. Prefer "
        "the typed tools; before a query of your own call describe_table."
    )


def _described() -> dict[str, str]:
    return {
        "list_tables": _("The tables that can be asked, what a row of each is, and whether the file has it."),
        "describe_table": _(
            "The contract of one table: grain, key, traps, and each column with type, unit and meaning."
        ),
        "query": _(
            "One SELECT (DuckDB) over the tables of stage and mart. Give since and until, and the órgão, "
            "município or UF it is about: they filter nothing, they say which coverage is told."
        ),
        "find_names": _("Órgãos, municípios and suppliers by words of their names, with their codes."),
        "spending_by_month": _(
            "Contracted value of an órgão, a município (the town itself) or a UF, month by month; empenhos, "
            "income and suspect values apart."
        ),
        "supplier_history": _(
            "What a supplier was contracted for: by year, by buyer, and its largest contracts."
        ),
        "open_tenders": _("What can still be bid for, by state, município and words of its object."),
        "red_flags": _(
            "What of an órgão deserves a look: observed value, limit, legal source, records "
            "behind it, and how "
            "far each flag can be computed. Not proof."
        ),
        "concentration": _("How few suppliers hold what an órgão contracts, by categoria and year."),
        "coverage": _(
            "What of a period is proven: days complete, short, failed, pending or never asked of PNCP."
        ),
        "explain_number": _("The records behind a number of a mart, each with its page in PNCP."),
    }
