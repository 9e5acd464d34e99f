"""What happens, told to logging: each event has a name and facts, which a handler writes as it likes.

Loggers are those of the modules, below `baliza`. Without a handler of the program's, warnings and errors are
printed as plain text, as logging does.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar

RUN: ContextVar[int | None] = ContextVar("RUN", default=None)
"""The run of meta.runs that is under way."""


def tell(logger: logging.Logger, level: int, event: str, **facts: object) -> None:
    """Log an event.

    Args:
        logger: the module's.
        level: of logging.
        event: its name; docs/logs.md lists them all.
        facts: what there is to say of it; one that is None is not there.
    """
    if logger.isEnabledFor(level):
        known = {name: value for name, value in facts.items() if value is not None}
        text = " ".join([event, *(f"{name}={value}" for name, value in known.items())])
        logger.log(level, "%s", text, extra={"event": event, "facts": known})
