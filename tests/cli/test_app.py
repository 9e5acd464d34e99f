"""Which commands a process makes: the one that is asked for, or all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from baliza.cli import app

SHOWN = """
import sys
from baliza.cli import app
made = app.made
app.made = lambda *names: (print(names, file=sys.stderr), made(*names))[1]
sys.argv[0] = "baliza"
app.main()
"""


def ran(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", SHOWN, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(app.__file__).parents[2]), "BALIZA_LANG": "en", **environment},
    )


def test_every_command_is_a_module_of_its_name():
    folder = Path(app.__file__).parent
    registered = {path.stem for path in folder.glob("*.py") if "\ndef register(" in path.read_text("utf-8")}
    assert set(app.COMMANDS) == registered
    assert set(get_command(app.made()).commands) == registered


@pytest.mark.parametrize("name", app.COMMANDS)
def test_a_command_made_alone_is_called_by_its_name(name):
    assert [*get_command(app.made(name)).commands] == [name]


@pytest.mark.parametrize(
    ("arguments", "environment", "made", "told", "exit_code"),
    [
        pytest.param(["version"], {}, "('version',)", "baliza ", 0, id="a command"),
        pytest.param(
            ["runs", "show", "--help"], {}, "('runs',)", "Usage: baliza runs show", 0, id="of a group"
        ),
        pytest.param(["--help"], {}, "()", "simulate", 0, id="help"),
        pytest.param([], {}, "()", "simulate", 2, id="nothing"),
        pytest.param(["versoin"], {}, "()", "Did you mean 'version'?", 2, id="a word that is none"),
        pytest.param(["--nix", "version"], {}, "()", "No such option: --nix", 2, id="an option first"),
        pytest.param(
            ["version"],
            {"_BALIZA_COMPLETE": "complete_bash", "COMP_WORDS": "baliza sim", "COMP_CWORD": "1"},
            "()",
            "simulate",
            0,
            id="completion",
        ),
    ],
)
def test_what_is_made(arguments, environment, made, told, exit_code):
    result = ran(*arguments, **environment)
    assert made in result.stderr
    assert told in result.stdout + result.stderr
    assert result.returncode == exit_code
