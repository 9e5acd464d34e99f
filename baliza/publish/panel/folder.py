"""The folder of a panel: the whole of it or the one before, and never anything that baliza did not write.

The site is written into a hidden folder beside the output and takes its name at the end. `painel.json` says
what baliza wrote: a folder is replaced only where it holds that, and nothing else.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from baliza.errors import OutputExistsError, PanelError
from baliza.language import marked

MARKER = "painel.json"
_KIND = "baliza panel"
_UNFINISHED = ".baliza-panel-"


def check_free(output: Path) -> None:
    """Refuse an output that holds anything but a panel.

    Raises:
        OutputExistsError: nothing was touched.
    """
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise _refused(output, marked("That is a file, or a link."))
    if not output.exists() or not any(output.iterdir()):
        return
    known = _written(output)
    if known is None:
        raise _refused(output, marked("The folder holds something that is not a panel of baliza."))
    if strangers := sorted({one.name for one in output.iterdir()} - known):
        found = marked("Beside a panel the folder holds {stranger}, which would be lost.")
        raise _refused(output, found, stranger=strangers[0])


def _refused(output: Path, found: str, **facts: object) -> OutputExistsError:
    return OutputExistsError(
        "The panel was to be written to {output}.",
        found,
        "Name another folder with --output; it is made where there is none.",
        output=output,
        **facts,
    )


def _written(output: Path) -> set[str] | None:
    """The names in a folder that baliza wrote; None where it holds no panel."""
    try:
        told = json.loads((output / MARKER).read_text(encoding="utf-8"))
        if told["kind"] != _KIND:
            return None
        return {MARKER, *map(str, told["holds"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def staged(output: Path, facts: Mapping[str, Any]) -> Iterator[Path]:
    """A hidden folder beside the output, which takes its place after the block; gone where that fails.

    Args:
        output: where the site will stand.
        facts: told in `painel.json`, for programs.

    Raises:
        OutputExistsError: the output holds anything but a panel.
        PanelError: the folder cannot be written.
    """
    check_free(output)
    place = output.resolve()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place.parent))
    except OSError as error:
        raise _unwritable(output, error) from error
    try:
        site = root / "site"
        site.mkdir()
        try:
            yield site
            holds = sorted(one.name for one in site.iterdir())
            marker = {"kind": _KIND, **facts, "holds": holds}
            (site / MARKER).write_text(
                json.dumps(marker, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
            )
            check_free(output)
            _replace(site, place, root / "former")
        except OSError as error:
            raise _unwritable(output, error) from error
    finally:
        shutil.rmtree(root, ignore_errors=True)


def spill(site: Path) -> Path:
    """Beside a site that is being written, for what does not fit into memory; gone with the rest."""
    return site.with_name("spill")


def _replace(site: Path, place: Path, former: Path) -> None:
    """Between two renames there is no panel; a failure of the second puts the former one back."""
    if not place.exists():
        site.rename(place)
        return
    place.rename(former)
    try:
        site.rename(place)
    except BaseException:
        former.rename(place)
        raise


def _unwritable(output: Path, error: OSError) -> PanelError:
    return PanelError(
        "The panel was to be written to {output}.",
        "That failed: {message}",
        "Free some space there, or name another folder with --output.",
        output=output,
        message=error,
    )


def leftovers(output: Path) -> list[Path]:
    """What panels that were killed left beside the output, or others under way are writing there."""
    parent = output.resolve().parent
    return sorted(parent.glob(f"{_UNFINISHED}*")) if parent.is_dir() else []
