"""How a command ends: its errors told in three lines, and the exit code."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import typer

from baliza.errors import BalizaError
from baliza.language import _
from baliza.publish.masking import mask

P = ParamSpec("P")
R = TypeVar("R")

INTERRUPTED = 130


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command: what goes wrong becomes one clear message and the right exit code.

    The command's own `debug` option lets the traceback through; `as_json` makes the message an object.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BalizaError as error:
            if kwargs.get("debug"):
                raise
            _tell(error, as_json=bool(kwargs.get("as_json")))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            sys.stderr.write(
                "\n" + _("Interrupted. What had landed stands; run the same command to go on.") + "\n"
            )
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
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
    asked, found, remedy = (mask(sentence) for sentence in error.sentences(_))
    if as_json:
        told_error = {"type": type(error).__name__, "asked": asked, "found": found, "remedy": remedy}
        sys.stdout.write(
            json.dumps({"error": told_error, "exit_code": error.exit_code}, ensure_ascii=False) + "\n"
        )
    sys.stderr.write(f"{_('error')}: {asked}\n  {found}\n  {remedy}\n")
