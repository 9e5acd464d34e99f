"""Draw docs/terminal.svg: a session on the sample, as a terminal of 96 columns shows it.

python docs/terminal.py data/sample.duckdb
"""

from __future__ import annotations

import io
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

SESSION = (
    "baliza show mart_spending --uf SC --ano 2025 --order-by -valor_contratos --limit 6",
    "baliza doctor --offline",
)
WIDTH = 96


def shown(command: str, database: Path) -> str:
    """What a command writes to a terminal, with its colours."""
    master, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(WIDTH), "TERM": "xterm-256color", "BALIZA_LANG": "en"}
    words = [sys.executable, "-m", *shlex.split(command), "--database", database.name]
    with subprocess.Popen(words, stdout=terminal, stderr=terminal, cwd=database.parent, env=environment):
        os.close(terminal)
        said = b""
        try:
            while part := os.read(master, 65536):
                said += part
        except OSError:  # the other end is closed
            pass
    os.close(master)
    return said.decode().replace("\r\n", "\n")


def main() -> None:
    """Draw it."""
    database = Path(sys.argv[1]).absolute()
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    for command in SESSION:
        console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
        console.print(Text.from_ansi(shown(command, database)))
    drawn = console.export_svg(title="baliza", unique_id="baliza")
    # Fonts of another host would be asked for by whoever looks at it.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    Path(__file__).with_name("terminal.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
