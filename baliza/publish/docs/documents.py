"""Every document that is written from the code, and whether those in a folder are of the present code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from baliza.build import catalog
from baliza.build.picture import Picture
from baliza.errors import ExportError, StaleDocumentsError
from baliza.publish.docs import dictionary, reference
from baliza.publish.docs.markdown import MARK
from baliza.publish.graph import drawing

_PICTURES, _PAGES = Path("dag"), Path("dictionary")


def documents() -> dict[Path, str | Picture]:
    """What is to stand at each path below the folder: the pictures first."""
    marts = [node.name for node in catalog.tables().values() if node.layer == "mart"]
    return {
        _PICTURES / "baliza.svg": drawing.draw(),
        **{_PICTURES / f"{name}.svg": drawing.draw([name]) for name in marts},
        **{_PAGES / f"{layer}.md": dictionary.schema_page(layer) for layer in catalog.LAYERS},
        _PAGES / "meta.md": reference.meta_page(),
        _PAGES / "parameters.md": reference.parameters_page(),
        _PAGES / "codes.md": reference.codes_page(),
    }


def write(folder: Path) -> list[Path]:
    """Write what is stale, delete what nothing writes any more.

    Pictures of the same graph are left as they are: another machine has other fonts to measure it by.

    Returns:
        The paths below the folder that changed.

    Raises:
        MissingPackageError: a picture is stale, and what draws it is not installed.
        ExportError: the folder cannot be written.
    """
    wanted = documents()
    changed = _stale(folder, wanted)
    try:
        for path in changed:
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            match wanted.get(path):
                case None:
                    place.unlink()
                case Picture() as picture:
                    picture.save(place)
                case text:
                    place.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ExportError(
            "The documents were to be written to {folder}.",
            "That failed: {message}",
            "Name another folder with --output.",
            folder=folder,
            message=error,
        ) from error
    return changed


def check(folder: Path) -> int:
    """How many documents there are, all of the present code.

    Raises:
        StaleDocumentsError: some are not, or are missing, or nothing writes them any more; says which.
    """
    wanted = documents()
    if stale := _stale(folder, wanted):
        raise StaleDocumentsError(
            "The documents in {folder} were compared with the code.",
            "Stale, missing or no longer written: {paths}",
            "Write them anew: baliza docs --output {folder}",
            folder=folder,
            paths=", ".join(map(str, stale)),
        )
    return len(wanted)


def _stale(folder: Path, wanted: Mapping[Path, str | Picture]) -> list[Path]:
    stale = [path for path, document in wanted.items() if not _is_current(folder / path, document)]
    return stale + [path for path in _written(folder) if path not in wanted]


def _is_current(place: Path, document: str | Picture) -> bool:
    text = _text(place)
    return text.endswith(document.mark) if isinstance(document, Picture) else text == document


def _written(folder: Path) -> list[Path]:
    """The documents in a folder that were written so; what people put there beside them is theirs."""
    pictures = [path for path in sorted((folder / _PICTURES).glob("*.svg")) if "<!-- graph " in _text(path)]
    pages = [path for path in sorted((folder / _PAGES).glob("*.md")) if MARK in _text(path)]
    return [path.relative_to(folder) for path in pictures + pages]


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
