"""Progress: a bar on a terminal, plain lines elsewhere, silence when asked."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys

import pytest

from baliza.cli.progress import Lines, Quiet, duration, shown


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.4, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
        (172_799, "48.0 h"),
        (900_000, "10 days"),
    ],
)
def test_duration(seconds, told):
    assert duration(seconds) == told


def test_lines_tell_windows_waits_and_tables():
    out = io.StringIO()
    lines = Lines(out)
    lines.planned(requests=6205, seconds=6205)
    lines.page(records=500, rate=1.0)
    lines.page(records=20, rate=1.0)
    lines.window("contratos 2025-03-03", "complete, 520 records, 520 new or changed")
    lines.waiting("429 Too Many Requests", 20)
    lines.waiting("500", 0.05)
    lines.table("mart_spending")

    assert out.getvalue().splitlines() == [
        "About 6,205 requests to PNCP, 1.7 h at this pace.",
        (
            "contratos 2025-03-03: complete, 520 records, 520 new or changed "
            "[2 answers, 520 records so far, pace 1.00 req/s]"
        ),
        "429 Too Many Requests: again in 20 s",
        "building mart_spending",
    ]


def test_a_short_harvest_is_not_announced():
    out = io.StringIO()
    Lines(out).planned(requests=1, seconds=2)

    assert out.getvalue() == ""


def test_quiet_says_nothing(capsys):
    with shown(quiet=True) as progress:
        assert isinstance(progress, Quiet)
        progress.window("contratos", "failed")
        progress.table("mart_spending")

    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_with_pages_records_and_pace():
    script = """
import time
from baliza.cli.progress import shown
with shown(quiet=False) as progress:
    progress.planned(requests=120, seconds=600)
    for _ in range(3):
        progress.page(records=500, rate=0.5)
    progress.left(requests=119)
    progress.window("contratos 2025-03-03", "short, 1 never came")
    time.sleep(0.3)
    progress.waiting("429", 20)
    progress.table("mart_spending")
"""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "140", "BALIZA_LANG": "en"}
    subprocess.run([sys.executable, "-c", script], stderr=slave, env=environment, check=True)
    os.close(slave)
    told = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        told += chunk
    os.close(master)

    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told.decode())
    assert "About 120 requests to PNCP, 10 min at this pace." in text
    assert "3 answers, 1,500 records" in text
    assert "pace 0.50 req/s" in text
    assert "contratos 2025-03-03: short, 1 never came" in text
