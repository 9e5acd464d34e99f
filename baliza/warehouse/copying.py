"""A copy of a file that is whole or not there: written under another name, flushed, and renamed.

Where the file system can (Btrfs, XFS, APFS), the copy shares its blocks with the original: it takes no time
and no room until one of them changes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from baliza.errors import DiskFullError

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

PARTIAL = ".partial"
_FICLONE = 0x40049409
_STEP = 1 << 30
_PIECE = 1 << 22
_SPARE = 16_000_000
"""Bytes left to the system when a disk is filled."""


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file to a name that holds nothing yet, in a folder that is made where there is none.

    Closing it lets go of every lock this process has on the source: POSIX counts locks by process. So the
    caller is done with the source when this returns.

    Raises:
        DiskFullError: the copy does not fit; nothing is left of it.
        OSError: the system refuses for another reason; nothing is left of it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _partial(target) as partial:
        if not _cloned(source, partial):
            _check_room(source, target)
            try:
                _copied(source, partial)
            except OSError as error:
                if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                    raise
                raise _too_small(source, target) from error
        flush(partial)
        partial.replace(target)
    _flush_names(target.parent)


def flush(path: Path) -> None:
    """Have a file on the disk, not only on its way there."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def same_folder_move(source: Path, target: Path, *, let_go: Callable[[], None]) -> None:
    """Put a file in the place of another that this process holds, which it lets go of afterwards.

    On Windows, where a file that is held cannot be replaced, before.
    """
    if sys.platform == "win32":
        let_go()
    source.replace(target)
    let_go()
    _flush_names(target.parent)


def drop_abandoned(folder: Path) -> None:
    """Delete what copies that were killed have left; those under way are held, and stay."""
    for path in abandoned(folder):
        with suppress(OSError):  # on Windows, of a copy under way
            path.unlink(missing_ok=True)


def abandoned(folder: Path) -> list[Path]:
    """Copies that never came to their name and that no process is making any more."""
    return [path for path in sorted(folder.glob(f"*{PARTIAL}")) if not _is_held(path)]


@contextmanager
def _partial(target: Path) -> Iterator[Path]:
    """A file beside the target, held while it is written, gone afterwards."""
    number, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=PARTIAL, dir=target.parent)
    path = Path(name)
    try:
        if fcntl is None:
            os.close(number)  # there an open file cannot be renamed
        else:
            fcntl.flock(number, fcntl.LOCK_EX)
            # As a new file is made, not readable by its owner alone as a temporary one is.
            path.chmod(0o666 & ~_umask())
        yield path
    finally:
        path.unlink(missing_ok=True)
        if fcntl is not None:
            os.close(number)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _is_held(path: Path) -> bool:
    """Whether a process is writing it, or it is gone."""
    if fcntl is None:
        return False
    try:
        with path.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _cloned(source: Path, partial: Path) -> bool:
    """Whether the file system made them share their blocks."""
    if fcntl is not None and sys.platform == "linux":
        with source.open("rb") as read, partial.open("rb+") as written:
            try:
                fcntl.ioctl(written.fileno(), _FICLONE, read.fileno())
            except OSError:
                return False
            return True
    if sys.platform == "darwin":
        clone = getattr(ctypes.CDLL(None, use_errno=True), "clonefile", None)
        if clone is None:
            return False
        beside = partial.with_suffix(f".clone{PARTIAL}")
        if clone(os.fsencode(source), os.fsencode(beside), 0) != 0:
            return False
        beside.replace(partial)
        return True
    return False


def _copied(source: Path, partial: Path) -> None:
    with source.open("rb") as read, partial.open("rb+") as written:
        if not _copied_by_kernel(read.fileno(), written.fileno()):
            read.seek(0)
            shutil.copyfileobj(read, written, _PIECE)


def _copied_by_kernel(read: int, written: int) -> bool:
    """Whether the kernel could copy between these files by itself."""
    if sys.platform != "linux":
        return False
    try:
        while os.copy_file_range(read, written, _STEP):
            pass
    except OSError as error:
        if error.errno not in {errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EXDEV, errno.EPERM}:
            raise
        return False
    return True


def _check_room(source: Path, target: Path) -> None:
    if shutil.disk_usage(target.parent).free < source.stat().st_size + _SPARE:
        raise _too_small(source, target)


def _too_small(source: Path, target: Path) -> DiskFullError:
    return DiskFullError(
        "{source} was to be copied to {folder}.",
        "The disk is too small: the copy takes {needed} MB, and {free} MB are free.",
        "Free some space.",
        source=source,
        folder=target.parent,
        needed=source.stat().st_size // 10**6 + 1,
        free=shutil.disk_usage(target.parent).free // 10**6,
    )


def _flush_names(folder: Path) -> None:
    """Make a rename outlast a loss of power."""
    if fcntl is not None:
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
