"""Where logs go and how they are written: the one place that configures logging."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from baliza.cli.values import plain
from baliza.events import RUN

TEXT, JSON = "text", "json"

_LOGGER = logging.getLogger("baliza")


def configure(form: str, level: str) -> None:
    """Write what is logged to stderr.

    Args:
        form: json is one object a line; text is for people, who are told of events by progress and reports,
            so only what is no event is written, unless they debug.
        level: the least that is written.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == JSON else logging.Formatter("%(message)s"))
    if form == TEXT and level != "debug":
        handler.addFilter(lambda record: not hasattr(record, "event"))
    _LOGGER.handlers = [handler]
    _LOGGER.propagate = False
    _LOGGER.setLevel(level.upper())
    logging.captureWarnings(form == JSON)
    # Python's own warnings would be the only lines that are no objects.
    logging.getLogger("py.warnings").handlers = [handler] if form == JSON else []


def is_json() -> bool:
    """Whether stderr takes nothing but objects."""
    return any(isinstance(handler.formatter, JsonLines) for handler in _LOGGER.handlers)


def is_quiet() -> bool:
    """Whether progress is less than what is to be written."""
    return bool(_LOGGER.handlers) and _LOGGER.level > logging.INFO


class JsonLines(logging.Formatter):
    """A record as one line of JSON; CPFs are masked."""

    def format(self, record: logging.LogRecord) -> str:
        """Timestamp, level, event and run first; then its facts, or the message of what is no event."""
        facts: Mapping[str, Any] = getattr(record, "facts", {"message": record.getMessage()})
        told = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "message"),
            **({} if RUN.get() is None else {"run": RUN.get()}),
            **{name: plain(value) for name, value in facts.items()},
        }
        if record.exc_info:
            told["traceback"] = plain(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False, default=str)
