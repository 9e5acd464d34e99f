"""Examples, where help ends: what stays on the screen."""

from __future__ import annotations

from baliza.language import _


def examples(*lines: str) -> str:
    """The epilog of a command.

    Args:
        lines: each a command as it is typed; tests type them.
    """
    return "\n".join(("\b", _("Examples:"), *(f"  {line}" for line in lines)))
