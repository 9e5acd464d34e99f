"""What one look found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from baliza.errors import BalizaError

State = Literal["ok", "warn", "fail"]
"""As it should be; works, but wants something done; does not work."""


@dataclass(frozen=True)
class Finding:
    """One line of a checkup.

    Attributes:
        name: of what was looked at.
        state: how it is.
        found: in a sentence; a template, so that whoever shows it can translate it first.
        remedy: the command, or the sentence, that mends it; empty where there is nothing to mend.
        facts: values of the placeholders.
        asked: what was to be done, where it is more than to look; a template, told before what was found.
    """

    name: str
    state: State
    found: str
    remedy: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    asked: str = ""

    def sentences(self, translate: Callable[[str], str]) -> tuple[str, str]:
        """What was found and what mends it."""
        asked, found, remedy = (
            translate(one).format(**self.facts) for one in (self.asked, self.found, self.remedy)
        )
        return f"{asked} {found}".strip(), remedy


def of_error(name: str, error: BalizaError, state: State = "fail") -> Finding:
    """What an error of baliza's says."""
    return Finding(name, state, error.found, error.remedy, error.facts, error.asked)
