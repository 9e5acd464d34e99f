"""Pictures of the DAG, without a system package: PyGraphviz's wheel brings Graphviz with it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

_MISSING = 'To see the picture: pip install "baliza[notebooks]"'


@dataclass(frozen=True)
class Picture:
    """A graph; a notebook shows it as SVG.

    Attributes:
        source: in the DOT language.
    """

    source: str

    def render(self, format: str) -> bytes:  # noqa: A002 - Graphviz's own word
        """The picture as svg, png or pdf.

        Raises:
            ImportError: PyGraphviz is not installed.
        """
        import pygraphviz  # noqa: PLC0415 - an extra

        with warnings.catch_warnings():
            # Graphviz remarks on fonts it measures by estimate.
            warnings.simplefilter("ignore", RuntimeWarning)
            graph = pygraphviz.AGraph(string=self.source)
            return graph.draw(format=format, prog="dot")

    def save(self, path: str | Path) -> Path:
        """Write the picture; the format is the file's suffix."""
        path = Path(path)
        path.write_bytes(self.render(path.suffix.removeprefix(".")))
        return path

    def _repr_svg_(self) -> str | None:
        try:
            return self.render("svg").decode()
        except ImportError:
            return None

    def _repr_markdown_(self) -> str:
        return f"{_MISSING}\n\n```dot\n{self.source}\n```"
