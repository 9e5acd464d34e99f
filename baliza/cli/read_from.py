"""What a command tells of the state it read: on standard error, for it is no part of the answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from baliza.language import _

if TYPE_CHECKING:
    from baliza.warehouse.snapshots import Snapshot


def tell(snapshot: Snapshot | None, *, unpublished: bool = False) -> None:
    """Which snapshot was read; nothing where it was the file itself, unless that was asked for."""
    if unpublished:
        sys.stderr.write(
            _("As the file is, published or not: after a build that failed, old beside new.") + "\n"
        )
    if snapshot is None:
        return
    told = _("As published after run {run}, {time} UTC.")
    time = snapshot.published_at.strftime("%Y-%m-%d %H:%M:%S")
    sys.stderr.write(told.format(run=snapshot.run_id, time=time) + "\n")
