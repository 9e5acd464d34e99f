"""A panel is whole or not there, and replaces nothing but a panel."""

import json

import pytest

from baliza.errors import OutputExistsError, PanelError
from baliza.publish.panel.folder import MARKER, check_free, leftovers, staged


def write(output, text="new"):
    with staged(output, {"source": "sample"}) as site:
        (site / "index.html").write_text(text)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.fixture
def output(tmp_path):
    return tmp_path / "deep" / "site"


def test_a_folder_is_made_and_says_what_it_is(output):
    write(output)
    marker = json.loads((output / MARKER).read_text())

    assert names(output.parent) == ["site", "site/index.html", "site/painel.json"]
    assert (marker["kind"], marker["source"], marker["holds"]) == ("baliza panel", "sample", ["index.html"])


def test_an_empty_folder_is_taken(output):
    output.mkdir(parents=True)
    write(output)
    assert names(output) == ["index.html", "painel.json"]


def test_a_panel_is_replaced_whole(output):
    with staged(output, {}) as site:
        (site / "old.html").write_text("old")
    write(output)
    assert names(output.parent) == ["site", "site/index.html", "site/painel.json"]


@pytest.mark.parametrize(
    ("holds", "told"),
    [
        pytest.param({"thesis.txt": "mine"}, "not a panel", id="files of someone"),
        pytest.param({MARKER: "{}"}, "not a panel", id="a marker of something else"),
        pytest.param({MARKER: "[1"}, "not a panel", id="a broken marker"),
        pytest.param({MARKER: '{"kind": "baliza panel"}'}, "not a panel", id="a marker that names nothing"),
        pytest.param(
            {MARKER: '{"kind": "baliza panel", "holds": ["index.html"]}', "notes.txt": "mine"},
            r"holds notes\.txt",
            id="a panel with a file of someone beside it",
        ),
    ],
)
def test_what_is_not_only_a_panel_is_left_alone(output, holds, told):
    output.mkdir(parents=True)
    for name, text in holds.items():
        (output / name).write_text(text)

    with pytest.raises(OutputExistsError, match=told):
        write(output)
    assert {path.name: path.read_text() for path in output.iterdir()} == holds
    assert names(output.parent) == ["site", *sorted(f"site/{name}" for name in holds)]


def test_a_file_or_a_link_is_left_alone(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(OutputExistsError, match="a file, or a link"):
            check_free(tmp_path / name)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_ends_in_the_middle_leaves_the_panel_before_it(output, error):
    write(output, "old")

    def broken():
        with staged(output, {}) as site:
            (site / "index.html").write_text("half")
            raise error

    with pytest.raises(error):
        broken()
    assert (output / "index.html").read_text() == "old"
    assert names(output.parent) == ["site", "site/index.html", "site/painel.json"]
    assert leftovers(output) == []


def test_a_rename_that_fails_puts_the_panel_before_it_back(output, monkeypatch):
    write(output, "old")
    rename = type(output).rename

    def failing(path, target):
        if path.name == "site" and path.parent.name.startswith(".baliza-panel-"):
            raise OSError("disk gone")
        return rename(path, target)

    monkeypatch.setattr(type(output), "rename", failing)
    with pytest.raises(PanelError, match="disk gone"):
        write(output)
    assert (output / "index.html").read_text() == "old"


def test_what_a_killed_one_left_is_told(output):
    output.parent.mkdir()
    (output.parent / ".baliza-panel-abc").mkdir()
    assert [path.name for path in leftovers(output)] == [".baliza-panel-abc"]
