"""Copies that are whole or not there."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from baliza.errors import DiskFullError
from baliza.warehouse import copying
from baliza.warehouse.copying import abandoned, copy_whole, drop_abandoned


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source"
    path.write_bytes(os.urandom(3_000_000))
    return path


def test_the_copy_is_the_same_in_a_folder_made_for_it(source, tmp_path):
    target = tmp_path / "a" / "b" / "copy"
    copy_whole(source, target)

    assert target.read_bytes() == source.read_bytes()
    assert [*target.parent.iterdir()] == [target]
    assert target.stat().st_mode & 0o777 == source.stat().st_mode & 0o777


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV])
def test_where_the_kernel_cannot_copy_python_does(source, tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, "no")

    monkeypatch.setattr(copying, "_cloned", lambda *_: False)
    monkeypatch.setattr(os, "copy_file_range", refuse)
    copy_whole(source, tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == source.read_bytes()


def test_a_disk_that_is_too_small_is_told_before_anything_is_copied(source, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_cloned", lambda *_: False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2_000_000))
    monkeypatch.setattr(copying, "_copied", lambda *_: pytest.fail("it was copied"))

    with pytest.raises(DiskFullError, match="takes 4 MB, and 2 MB are free"):
        copy_whole(source, tmp_path / "folder" / "copy")
    assert [*(tmp_path / "folder").iterdir()] == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(source, tmp_path, monkeypatch):
    def fill(_, partial):
        partial.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(copying, "_cloned", lambda *_: False)
    monkeypatch.setattr(copying, "_copied", fill)

    with pytest.raises(DiskFullError):
        copy_whole(source, tmp_path / "folder" / "copy")
    assert [*(tmp_path / "folder").iterdir()] == []


def test_what_a_killed_copy_leaves_is_dropped_and_what_is_under_way_stays(source, tmp_path):
    folder = tmp_path / "folder"
    code = """
import sys, time
from pathlib import Path
from baliza.warehouse import copying
copying._cloned = lambda *_: False
def copied(_, partial):
    partial.write_bytes(b"half")
    print("half", flush=True)
    time.sleep(60)
copying._copied = copied
copying.copy_whole(Path(sys.argv[1]), Path(sys.argv[2]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(source), str(folder / "copy")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "half\n"
        (half,) = folder.iterdir()
        assert abandoned(folder) == []
        drop_abandoned(folder)
        assert half.read_bytes() == b"half"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    assert abandoned(folder) == [half]
    drop_abandoned(folder)
    assert [*folder.iterdir()] == []


def test_where_it_can_the_file_system_shares_the_blocks_and_else_nothing_is_written(source, tmp_path):
    target = tmp_path / "copy"
    target.touch()
    shares = copying._cloned(source, target)

    assert target.read_bytes() == (source.read_bytes() if shares else b"")
