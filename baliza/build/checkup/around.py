"""The versions that run, the configuration, and the room on the disk."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from baliza.build.checkup.finding import Finding
from baliza.language import marked, number
from baliza.settings import Settings
from baliza.warehouse import snapshots

_TOLD = ("duckdb", "ibis-framework", "sf-hamilton")
_MEGABYTE = 1_000_000
_LEAST_ROOM = 200 * _MEGABYTE


def versions() -> Finding:
    """Python and the libraries: whether each is one that baliza works with."""
    wrong = [*_unsupported()]
    facts = {
        "python": platform.python_version(),
        "baliza": version("baliza"),
        "packages": ", ".join(f"{name} {_installed(name)}" for name in _TOLD),
        "wrong": "; ".join(wrong),
    }
    if wrong:
        return Finding(
            "versions",
            "fail",
            marked("Not supported: {wrong}. Python {python}, baliza {baliza}, {packages}"),
            marked("pip install --upgrade --force-reinstall baliza"),
            facts,
        )
    return Finding("versions", "ok", marked("Python {python}, baliza {baliza}, {packages}"), facts=facts)


def _unsupported() -> Iterator[str]:
    wanted = metadata("baliza")["Requires-Python"]
    if not SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        yield f"Python {platform.python_version()} ({wanted})"
    for text in requires("baliza") or ():
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        found = _installed(requirement.name)
        if found == "–" or not requirement.specifier.contains(found, prereleases=True):
            yield f"{requirement.name} {found} ({requirement.specifier})"


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


def configuration(settings: Settings) -> Finding:
    """Which settings are anybody's choice; that they could be read is known already."""
    chosen = [name for name, one in settings.each() if one.origin != "default"]
    facts = {
        "file": settings.configuration.path if settings.configuration else "",
        "names": ", ".join([*chosen, *settings.chosen_params]) or "–",
    }
    if settings.configuration:
        return Finding("settings", "ok", marked("{file} is read; not as by default: {names}"), facts=facts)
    return Finding("settings", "ok", marked("No baliza.toml here; not as by default: {names}"), facts=facts)


def disk(database: Path) -> Finding:
    """Whether there is room beside the file for another copy of it, as each publication makes one."""
    where = next(one for one in (database.parent, *database.absolute().parents) if one.exists())
    free = shutil.disk_usage(where).free
    size = database.stat().st_size if database.exists() else 0
    kept = sum(one.path.stat().st_size for one in snapshots.listing(database))
    facts = {
        "free": number(free / _MEGABYTE),
        "size": number(size / _MEGABYTE),
        "kept": number(kept / _MEGABYTE),
        "folder": where,
        "database": database,
    }
    told = marked("{free} MB free in {folder}; the file takes {size} MB, its snapshots {kept}")
    if free < max(size, _LEAST_ROOM):
        remedy = marked("Free some, or: baliza clean --compact --database {database}")
        return Finding("disk", "fail" if free < _LEAST_ROOM else "warn", told, remedy, facts)
    return Finding("disk", "ok", told, facts=facts)
