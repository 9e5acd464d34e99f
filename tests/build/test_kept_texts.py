"""Texts that are made once, and found again by the processes after it."""

import os
import time

import pytest

from baliza.build.kept_texts import FOLDER, KeptTexts

DAY = 86_400


def refuse():
    pytest.fail("It was made anew.")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where they are kept, and nothing is yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches" / "baliza" / FOLDER


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("folder")
def test_of_other_code_nothing_is_taken():
    assert KeptTexts("of code").of("what", lambda: "one") == "one"
    assert KeptTexts("of code").of("what", refuse) == "one"
    assert KeptTexts("of other code").of("what", lambda: "two") == "two"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[:-1], id="cut off"),
        pytest.param(lambda _whole: b"", id="empty"),
        pytest.param(lambda whole: whole.replace(b"one", b"two"), id="changed"),
        pytest.param(lambda whole: whole + b"\xff", id="no text"),
    ],
)
def test_a_file_that_is_not_as_it_was_kept_is_made_anew(folder, damage):
    KeptTexts("of code").of("what", lambda: "one\r\né")
    (path,) = files(folder)
    path.write_bytes(damage(path.read_bytes()))

    assert KeptTexts("of code").of("what", lambda: "two") == "two"
    assert KeptTexts("of code").of("what", refuse) == "two"


def test_where_nothing_can_be_kept_it_is_made_each_time(folder):
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    assert KeptTexts("of code").of("what", lambda: "one") == "one"
    assert KeptTexts("of code").of("what", lambda: "two") == "two"
    assert folder.read_text() == "no folder"


def test_what_nobody_asked_for_in_a_month_is_forgotten(folder):
    for asked in ("long ago", "today"):
        KeptTexts("of code").of(asked, lambda: "one")
    (of_code,) = folder.iterdir()
    for path in (*files(folder), of_code):
        os.utime(path, (time.time() - 31 * DAY,) * 2)
    KeptTexts("of code").of("today", refuse)

    KeptTexts("of newer code").of("today", lambda: "one")

    assert len(files(of_code)) == 1
    assert len(files(folder)) == 2
