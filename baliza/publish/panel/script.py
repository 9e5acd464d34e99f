"""Data as scripts: a page opened from disk may run a script, but not fetch a file.

`painel("orgaos/3", [...]);` hands its data to whoever asked for them by that name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def data(value: Any) -> bytes:
    """A value as JSON that is also JavaScript, and ends no script wherever it stands.

    Decimals are written digit by digit, as the mart has them.
    """
    encoded = _ENCODER.encode(value)
    # Inside texts alone: JSON has none of them elsewhere.
    for sign, escaped in ((b"<", b"\\u003c"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029")):
        encoded = encoded.replace(sign, escaped)
    return encoded


def script(name: str, encoded: bytes) -> bytes:
    """Data that were encoded, under their name."""
    return b"painel(" + data(name) + b"," + encoded + b");\n"


def amount(value: Decimal | None) -> Decimal | int | None:
    """Money or a measure in as few digits as say it exactly."""
    if value is None:
        return None
    whole = int(value)
    return whole if whole == value else value.normalize()


def line(text: str | None) -> str | None:
    """A text on one line, without the signs that nobody sees."""
    if text is None:
        return None
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
