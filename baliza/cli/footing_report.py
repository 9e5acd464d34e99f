"""How far the days of an endpoint are proven, on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baliza.language import _, number

if TYPE_CHECKING:
    from rich.console import Console

    from baliza.build.footing import Footing


def show(console: Console, one: Footing, *, indent: str = "  ") -> None:
    """Print it on one line."""
    if one.since is None:
        told = _("{endpoint} was never asked of PNCP in this file: that nothing is found says nothing.")
        console.print(f"{indent}[yellow]{told.format(endpoint=one.endpoint)}[/]", soft_wrap=True)
        return
    days = f"{one.since}" if one.since == one.until else f"{one.since} – {one.until}"
    if one.is_complete:
        console.print(f"{indent}[green]{one.endpoint} {days}: {_('complete')}[/]")
        return
    names = {
        "short": _("short"),
        "failed": _("failed"),
        "pending": _("pending"),
        "not_asked": _("never asked for"),
    }
    parts = [f"{number(count)} {names[status]}" for status, count in one.cells.items() if status in names]
    total = sum(one.cells.values())
    span = (one.until - one.since).days + 1 if one.since and one.until else total
    template = (
        _("NOT complete: {missing} records known to be missing; of {n} days by modalidade, {parts}")
        if total > span
        else _("NOT complete: {missing} records known to be missing; of {n} days, {parts}")
    )
    told = template.format(missing=number(one.missing), n=number(total), parts=", ".join(parts) or "–")
    console.print(f"{indent}[yellow]{one.endpoint} {days}: {told}[/]", soft_wrap=True)
