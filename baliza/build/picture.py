"""Pictures of the DAG, without a system package: PyGraphviz's wheel brings Graphviz with it."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baliza.errors import ExportError, MissingPackageError, UsageError

_INSTALL = 'pip install "baliza[graph]"'
FORMATS = ("svg", "png", "pdf")

LAYER_COLOURS = {"raw": "#cfe3f5", "stage": "#fbe7b8", "mart": "#cdebc9"}
"""Fill of each layer's nodes; the tables themselves stand out by their border."""

_INPUT_ROWS = re.compile(r"<tr>.*?</tr>")


@dataclass(frozen=True)
class Picture:
    """A graph; a notebook shows it as SVG.

    Attributes:
        source: in the DOT language, the same for the same graph.
    """

    source: str

    @property
    def fingerprint(self) -> str:
        """Changes when the graph changes; a saved SVG carries it."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]

    def render(self, format: str) -> bytes:  # noqa: A002 - Graphviz's own word
        """The picture as svg, png or pdf.

        Raises:
            MissingPackageError: PyGraphviz is not installed.
        """
        try:
            import pygraphviz  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingPackageError(
                "A picture was to be drawn.",
                "The package that draws it is not installed.",
                "Install it: {command}",
                command=_INSTALL,
            ) from None

        with warnings.catch_warnings():
            # Graphviz remarks on fonts it measures by estimate.
            warnings.simplefilter("ignore", RuntimeWarning)
            return bytes(pygraphviz.AGraph(string=self.source).draw(format=format, prog="dot") or b"")

    def save(self, path: str | Path) -> Path:
        """Write the picture; the format is the file's suffix.

        Raises:
            MissingPackageError: PyGraphviz is not installed.
            UsageError: a suffix that is none of the formats.
            ExportError: the file cannot be written.
        """
        path = Path(path)
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in FORMATS:
            raise UsageError(
                "A picture was to be written to {path}.",
                "The end of its name says the format, and that is none of them.",
                "Let it end in one of these: {formats}",
                path=path,
                formats=", ".join(f".{one}" for one in FORMATS),
            )
        content = self.render(suffix)
        if suffix == "svg":
            content += self.mark.encode()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise ExportError(
                "A picture was to be written to {path}.",
                "That failed: {message}",
                "Name another file, in a folder that is there.",
                path=path,
                message=error.strerror or error,
            ) from error
        return path

    @property
    def mark(self) -> str:
        """The last line of a saved SVG: of which graph it is a picture."""
        return f"<!-- graph {self.fingerprint} -->\n"

    def _repr_svg_(self) -> str | None:
        try:
            return self.render("svg").decode()
        except MissingPackageError:
            return None

    def _repr_markdown_(self) -> str:
        return f"To see the picture: {_INSTALL}\n\n```dot\n{self.source}\n```"


def canonical(dot: str) -> str:
    """Hamilton's DOT text with its statements in one order: it writes them as its sets happen to be."""
    head, _, rest = dot.partition("{\n")
    statements = [line for line in rest.rpartition("}")[0].splitlines() if line.strip()]
    settings = [line for line in statements if line.strip().startswith(("graph [", "node ["))]
    others = sorted(_sorted_rows(line) for line in statements if line not in settings)
    return "\n".join([f"{head}{{", *settings, *others, "}", ""])


def _sorted_rows(statement: str) -> str:
    rows = iter(sorted(_INPUT_ROWS.findall(statement)))
    return _INPUT_ROWS.sub(lambda _: next(rows), statement)


def layer_style(*, node: Any, node_class: str) -> tuple[dict[str, str], str, str | None]:
    """Hamilton's hook: the colour of a node's layer, which is the folder of its module."""
    layer = str(node.tags.get("module", "")).split(".")[1:2]
    style = {"fillcolor": LAYER_COLOURS[layer[0]]} if layer and layer[0] in LAYER_COLOURS else {}
    if layer and node.name.startswith(f"{layer[0]}_"):
        style["penwidth"] = "2"
    return style, node_class, None
