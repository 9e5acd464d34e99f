"""Every command has an example in its help, and what the examples show can be typed."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.main import get_command

from baliza.cli import completion
from baliza.cli.app import made


def _commands(group, name="baliza"):
    """Every command and group of commands, by what is typed."""
    yield name, group
    for word, command in getattr(group, "commands", {}).items():
        yield from _commands(command, f"{name} {word}")


APP = made()
COMMANDS = dict(_commands(get_command(APP)))


def _examples(command):
    return re.findall(
        r"^\s{2,}(?:\w+=\S+ )?(?:claude mcp add baliza -- )?(baliza\b.*)$", command.epilog or "", re.MULTILINE
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_with_an_example(name, baliza):
    _program, *words = name.split()
    shown = baliza(*words, "--help")
    _rest, _heading, examples = shown.stdout.partition("Examples:\n")

    assert shown.exit_code == 0
    assert "    baliza" in examples
    assert all(example in examples for example in _examples(COMMANDS[name]))


@pytest.mark.parametrize(
    "example", sorted({one for command in COMMANDS.values() for one in _examples(command)})
)
def test_examples_parse(example):
    words = shlex.split(re.sub(r" [<>] \S+$", "", example))[1:]
    if words == ["COMMAND", "--help"]:
        return
    command = COMMANDS["baliza"]
    context = command.make_context("baliza", list(words), resilient_parsing=False)
    rest = [*context._protected_args, *context.args]
    while hasattr(command, "commands") and rest:
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, list(rest), parent=context)
        rest = [*getattr(context, "_protected_args", []), *context.args]

    assert not rest


def _completed(*words, shell="complete_zsh"):
    from typer.testing import CliRunner

    line = " ".join(("baliza", *words))
    environment = {"_BALIZA_COMPLETE": shell, "_TYPER_COMPLETE_ARGS": line}
    return CliRunner().invoke(APP, [], prog_name="baliza", env=environment).stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("sho",), "show"),
        (("show", "mart_sp"), "mart_spending"),
        (("show", "mart.sp"), "mart.spending"),
        (("show", "mart_spending", "--uf-"), "--uf-sigla"),
        (("show", "mart_spending", "--uf", "S"), "SC"),
        (("show", "mart_spending", "--form"), "--format"),
        (("show", "mart_spending", "--format", "c"), "csv"),
        (("build", "--target", "stage_con"), "stage_contratos"),
        (("export", "mart_su"), "mart_suppliers"),
        (("harvest", "--endpoint", "ite"), "itens"),
        (("build", "--source", "s"), "sample"),
    ],
)
def test_shells_offer(typed, offered):
    assert offered in _completed(*typed)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_can_be_had(shell):
    told = _completed(shell=f"source_{shell}")

    assert "_BALIZA_COMPLETE" in told


def test_environments_are_those_of_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BALIZA_CONFIG", raising=False)
    assert completion.environments("") == []
    (tmp_path / "baliza.toml").write_text("[env.tests]\n[env.other]\n")
    assert completion.environments("te") == ["tests"]
    (tmp_path / "baliza.toml").write_text("not toml")
    assert completion.environments("") == []
