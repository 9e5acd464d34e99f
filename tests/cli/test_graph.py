import sys

import pytest


def test_a_picture_of_a_mart_and_of_everything(baliza, tmp_path):
    assert baliza("graph", "--target", "mart.spending", "--output", "one.svg").output == "one.svg\n"
    assert baliza("graph", "--output", "all.png").exit_code == 0

    assert "mart.spending" in (tmp_path / "one.svg").read_text()
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_the_state_of_a_file_is_written_into_the_boxes(baliza, built_sample, tmp_path):
    result = baliza(
        "graph", "--target", "mart_spending", "--state", "--database", str(built_sample), "--output", "s.svg"
    )

    assert result.exit_code == 0
    assert "As published after run" in result.stderr
    svg = (tmp_path / "s.svg").read_text()
    assert "2,856 rows" in svg
    assert "SYNTHETIC DATA" in svg


@pytest.mark.parametrize(
    "arguments, exit_code, told",
    [
        (["--target", "mart_spendin", "--output", "a.svg"], 2, "mart_spending"),
        (["--output", "a.jpg"], 2, ".svg, .png, .pdf"),
        (["--output", "nowhere/a.svg"], 1, "in a folder that is there"),
        (["--output", "a.svg", "--state", "--database", "none.duckdb"], 1, "baliza build"),
    ],
    ids=["unknown target", "no format", "no such folder", "no file to tell of"],
)
def test_what_cannot_be_drawn_is_told(baliza, arguments, exit_code, told, tmp_path):
    result = baliza("graph", *arguments)

    assert result.exit_code == exit_code
    assert told in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_command_to_install_it_is_told(baliza, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)

    result = baliza("graph", "--output", "a.svg")

    assert result.exit_code == 1
    assert 'pip install "baliza[graph]"' in result.stderr


def test_a_word_that_means_no_table_draws_nothing(baliza, built_sample, tmp_path):
    result = baliza("graph", "--target", "failed", "--database", str(built_sample), "--output", "a.svg")

    assert result.exit_code == 0
    assert "nothing to draw" in result.output
    assert not (tmp_path / "a.svg").exists()
