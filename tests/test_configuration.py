"""baliza.toml: its shape, and the names in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from baliza.configuration import Section, read
from baliza.errors import ConfigurationError

NAMES = ("database", "pncp_url", "max_rps")


@pytest.fixture
def of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], object]:
    """What is read of a baliza.toml with this text."""
    monkeypatch.chdir(tmp_path)

    def of(text: str | bytes) -> object:
        (tmp_path / "baliza.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read({}, NAMES)

    return of


def test_no_file_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert read({}, NAMES) is None


def test_sections(of: Callable[..., object]):
    found = of("max_rps = 2\n[params]\na = 1\n[env.x]\ndatabase = 'd'\n[env.x.params]\na = 2\n[env.\"y z\"]")
    assert found.common == Section("baliza.toml", {"max_rps": 2}, {"a": 1})
    assert found.environments == {
        "x": Section("baliza.toml [env.x]", {"database": "d"}, {"a": 2}),
        "y z": Section("baliza.toml [env.y z]"),
    }
    assert len(found.sections) == 3


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"\xef\xbb\xbfmax_rps = 2\r\n"])
def test_nothing_comments_and_the_mark_of_windows(of: Callable[..., object], text: bytes):
    assert of(text).environments == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("max_rps: 2", "not TOML: .*line 1"),
        ("max_rps = 1\nmax_rps = 2", "not TOML"),
        (b"max_rps = 2 # \xff", "not TOML"),
        ("maxrps = 2", r"maxrps stands in baliza.toml. .* Did you mean max_rps\?"),
        ("[param]\na = 1", r"Did you mean .*params"),
        ("[environment.x]", r"Did you mean env"),
        ("[env.x]\nurl = 'http://h'", r"url stands in baliza.toml \[env.x\]. .* Did you mean pncp_url"),
        ("[env.x.env.y]", r"env stands in baliza.toml \[env.x\]"),
        ("params = 3", "params = 3 stands in baliza.toml. It must be a table"),
        ("[[params]]\na = 1", "must be a table"),
        ("[env]\nx = 3", r"x = 3 stands in baliza.toml \[env.x\]"),
        ("env = []", "must be a table"),
    ],
)
def test_refused(of: Callable[..., object], text: str | bytes, told: str):
    with pytest.raises(ConfigurationError, match=told) as raised:
        of(text)
    assert raised.value.exit_code == 2
    assert "baliza.toml" in str(raised.value)


@pytest.mark.parametrize("name", ["missing.toml", "."], ids=["none", "a folder"])
def test_a_file_that_is_named_must_be_there(tmp_path: Path, name: str):
    with pytest.raises(ConfigurationError, match="Name another file with BALIZA_CONFIG"):
        read({"BALIZA_CONFIG": str(tmp_path / name)}, NAMES)
