"""The folder of an export: whole or not there.

Everything is written into a hidden folder inside it and moved to its place at the end, `datapackage.json`
last. A folder with one therefore holds all that it names; an export that was killed leaves none.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from baliza.errors import ExportError, OutputExistsError
from baliza.publish.export.table import WrittenFile

PACKAGE = "datapackage.json"
_UNFINISHED = ".baliza-export-"
_CHUNK = 1 << 20


class Staging:
    """Where the files of an export are written before they are moved to their places.

    Attributes:
        spill: for what does not fit into memory; gone with the rest.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.spill = root / "spill"
        self._files = root / "files"
        self._files.mkdir()

    def place(self, path: Path) -> Path:
        """Where a file of this path below the output is to be written now; its folder is there."""
        placed = self._files / path
        placed.parent.mkdir(parents=True, exist_ok=True)
        return placed

    def written(self, path: Path, rows: int) -> WrittenFile:
        """What is known of a file that was written to its place."""
        digest = hashlib.sha256()
        with self.place(path).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        return WrittenFile(path, rows, self.place(path).stat().st_size, digest.hexdigest())


@contextmanager
def staged(output: Path) -> Iterator[Staging]:
    """A hidden folder in the output, gone after the block.

    Raises:
        ExportError: the output cannot be written.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=output))
    except OSError as error:
        raise unwritable(output, error) from error
    try:
        yield Staging(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def leftovers(output: Path) -> list[Path]:
    """What exports that were killed left in the output, or others under way are writing there."""
    return sorted(output.glob(f"{_UNFINISHED}*")) if output.is_dir() else []


def check_free(output: Path, paths: Iterable[Path] = (), *, force: bool) -> None:
    """Refuse an output that already holds an export, or other files under the names of this one.

    Raises:
        OutputExistsError: nothing was touched.
    """
    if output.exists() and not output.is_dir():
        raise OutputExistsError(
            "The tables were to be exported to {output}.",
            "That is a file.",
            "Name a folder with --output; it is made where there is none.",
            output=output,
        )
    found = [path for path in (Path(PACKAGE), *paths) if (output / path).exists()]
    if found and not force:
        raise OutputExistsError(
            "The tables were to be exported to {output}.",
            "It already holds {file}.",
            "Name another folder with --output, or replace what this one holds with --force.",
            output=output,
            file=found[0],
        )


def publish(
    staging: Staging, output: Path, files: Iterable[WrittenFile], package: str, *, force: bool
) -> None:
    """Move the files to their places; of the export that was there before nothing stays.

    Raises:
        OutputExistsError: something took one of the places, and must not be replaced.
        ExportError: the output cannot be written.
    """
    paths = [file.path for file in files]
    check_free(output, paths, force=force)
    staging.place(Path(PACKAGE)).write_text(package, encoding="utf-8")
    try:
        for path in _of_former(output):
            (output / path).unlink(missing_ok=True)
            _remove_empty(output, (output / path).parent)
        for path in (*paths, Path(PACKAGE)):
            (output / path).parent.mkdir(parents=True, exist_ok=True)
            staging.place(path).replace(output / path)
    except OSError as error:
        raise unwritable(output, error) from error


def _of_former(output: Path) -> list[Path]:
    """The files of the export that the output holds, what names them first."""
    try:
        package = json.loads((output / PACKAGE).read_text(encoding="utf-8"))
        named = [str(path) for one in package["resources"] for path in _paths(one["path"])]
    except (OSError, ValueError, KeyError, TypeError):
        named = []
    return [Path(PACKAGE), *(Path(path) for path in named if _is_below(path))]


def _paths(path: str | list[str]) -> list[str]:
    return path if isinstance(path, list) else [path]


def _is_below(path: str) -> bool:
    """Whether a path stays in its folder: a package may have been written by anyone."""
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts and "\\" not in path and ":" not in path


def _remove_empty(output: Path, folder: Path) -> None:
    """Folders of years that have nothing in them any more."""
    while folder != output and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def unwritable(output: Path, error: Exception) -> ExportError:
    """What to say when the output takes no files."""
    return ExportError(
        "The tables were to be exported to {output}.",
        "That failed: {message}",
        "Free some space there, or name another folder with --output.",
        output=output,
        message=error,
    )
