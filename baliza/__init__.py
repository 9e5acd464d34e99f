"""Brazil's public procurement (PNCP) in one DuckDB file you own, with proof of what is in it and not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baliza.build.driver import driver as driver

__version__ = "0.1.0"
__all__ = ["__version__", "driver"]


def __getattr__(name: str) -> object:
    """`baliza.driver`, imported when first used: it brings Hamilton and Ibis, a second of imports."""
    if name == "driver":
        from baliza.build.driver import driver  # noqa: PLC0415

        return driver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
