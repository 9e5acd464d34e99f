"""How a command ends: its errors told in three lines, and the exit code."""

from __future__ import annotations

import functools
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import typer

from baliza.cli import logs
from baliza.errors import INTERRUPTED, BalizaError, NodesFailedError, is_interruption
from baliza.events import RUN, tell
from baliza.language import _, marked
from baliza.publish.masking import mask
from baliza.settings import DEFAULT_LOG_LEVEL, variable

_logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


GOES_ON = marked("Interrupted. What had landed stands; run the same command to go on.")
"""What is said after Ctrl-C by a command that writes to the file step by step."""

NOTHING_WRITTEN = marked("Interrupted. Nothing was written: what the folder held before is as it was.")
"""And by one that writes a folder, whole or not at all."""

_INTERRUPTED = marked("Interrupted.")


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command: what goes wrong becomes one clear message and the right exit code.

    The command's own `debug` option lets the traceback through; `as_json` makes the message an object.
    """
    return _wrapped(command, _INTERRUPTED)


def told_with(*, interrupted: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The same, of a command of which more can be said when it is interrupted."""
    return lambda command: _wrapped(command, interrupted)


def _wrapped(command: Callable[P, R], interrupted: str) -> Callable[P, R]:
    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        _begin_logs(kwargs)
        try:
            return command(*args, **kwargs)
        except BalizaError as error:
            if kwargs.get("debug"):
                raise
            _tell(error, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except (KeyboardInterrupt, Exception) as error:
            if is_interruption(error):
                _tell_interrupted(_(interrupted))
                raise typer.Exit(INTERRUPTED) from None
            if kwargs.get("debug"):
                raise
            unexpected = BalizaError(
                "The command was running.",
                "It failed in a way baliza did not expect: {kind}: {error}",
                "Run it again with --debug and report what it prints.",
                kind=type(error).__name__,
                error=error,
            )
            _tell(unexpected, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(unexpected.exit_code) from None

    return wrapped


@contextmanager
def listened_to() -> Iterator[None]:
    """Around printing: a reader that leaves early (`| head`) changes nothing of how the command ends."""
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # Rich turns the first into the second
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(error: BalizaError, *, as_json: bool) -> None:
    facts = _facts(error)
    if as_json:
        sys.stdout.write(
            json.dumps({"error": facts, "exit_code": error.exit_code}, ensure_ascii=False) + "\n"
        )
    if logs.is_json():
        tell(_logger, logging.ERROR, "failed", **facts, exit_code=error.exit_code)
        return
    # Each by itself, and last what they have in common: that is what stays on the screen.
    for one in (*facts.get("errors", ()), facts):
        sys.stderr.write(f"{_('error')}: {one['asked']}\n  {one['found']}\n  {one['remedy']}\n")


def _facts(error: BalizaError) -> dict[str, Any]:
    asked, found, remedy = (mask(sentence) for sentence in error.sentences(_))
    facts: dict[str, Any] = {
        "type": type(error).__name__, "asked": asked, "found": found, "remedy": remedy,
    }  # fmt: skip
    if isinstance(error, NodesFailedError):
        facts["errors"] = [_facts(one) for one in error.errors]
    return facts


def _tell_interrupted(message: str) -> None:
    if logs.is_json():
        tell(_logger, logging.ERROR, "interrupted", message=message, exit_code=INTERRUPTED)
        return
    sys.stderr.write(f"\n{message}\n")


def _begin_logs(options: Mapping[str, object]) -> None:
    """Before the settings are known, and may be wrong: as the option says, or the variable."""
    RUN.set(None)
    form = options.get("log_format") or os.environ.get(variable("log_format"))
    logs.configure(logs.JSON if form == logs.JSON else logs.TEXT, DEFAULT_LOG_LEVEL)
