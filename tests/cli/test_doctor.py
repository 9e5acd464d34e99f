"""`baliza doctor`: each thing that may be wrong, and the command that mends it."""

from __future__ import annotations

import json
import shutil
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from baliza.build.checkup import around
from baliza.simulator.server import Simulator
from baliza.warehouse import snapshots


@pytest.fixture
def sample(tmp_path, built_sample):
    path = tmp_path / "sample.duckdb"
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return Path(shutil.copy(built_sample, path))


@pytest.fixture
def checks(baliza):
    """The checks by name, and the exit code."""

    def look(*arguments):
        result = baliza("doctor", "--json", *map(str, arguments))
        told = json.loads(result.stdout)
        assert told["exit_code"] == result.exit_code
        return {one["name"]: one for one in told["checks"]}, result.exit_code

    return look


@contextmanager
def answering(status=200, body=b'{"data": []}', headers=()):
    """A server on loopback that says the same whatever it is asked; yields its address and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response_only(status)
            for name, value in (("Content-Length", str(len(body))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_where_nothing_is_wrong_it_says_so_and_asks_pncp_once(baliza, sample):
    with Simulator({"contratos": []}) as simulator:
        result = baliza("doctor", "--database", str(sample), "--pncp-url", simulator.url)

    assert result.exit_code == 0
    assert result.stdout.endswith("Nothing is wrong.\n")
    assert "a simulator, whose data are invented" in result.stdout
    assert "Within 0 s of PNCP's" in result.stdout or "Within 1 s of PNCP's" in result.stdout
    assert not any(line.startswith(("warn", "fail")) for line in result.stdout.splitlines())


def test_offline_asks_nobody(checks, sample):
    with answering() as (url, asked):
        found, code = checks("--offline", "--database", sample, "--pncp-url", url)

    assert asked == []
    assert code == 0
    assert [*found] == ["versions", "settings", "disk", "file", "lock", "last build", "leftovers", "coverage"]


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        ({"status": 204, "body": b""}, "ok", "answered in"),
        ({"body": b"<html>Bem-vindo ao hotel</html>"}, "fail", "not as PNCP does"),
        ({"body": b"[]"}, "fail", "not as PNCP does"),
        ({"status": 404}, "fail", "not as PNCP does"),
        ({"status": 429, "body": b"<html>Limite</html>"}, "warn", "too many requests"),
        ({"status": 403}, "fail", "refuses this network (403 Forbidden)"),
        ({"status": 503}, "warn", "an error of its own (503"),
    ],
)
def test_what_pncp_answers_is_told_apart(checks, sample, answer, state, told):
    with answering(**answer) as (url, asked):
        found, code = checks("--database", sample, "--pncp-url", url)

    assert len(asked) == 1
    assert "tamanhoPagina=10" in asked[0]
    assert found["PNCP"]["state"] == state
    assert told in found["PNCP"]["found"]
    assert code == (0 if state == "ok" else 1)
    assert bool(found["PNCP"]["remedy"]) == (state != "ok")


def test_no_name_no_listener_and_no_trust_are_told_apart(checks, sample):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nobody, _code = checks("--database", sample, "--pncp-url", f"http://127.0.0.1:{port}")
    no_name, _code = checks("--database", sample, "--pncp-url", "http://pncp.invalid")
    with answering() as (url, _asked):
        no_trust, _code = checks("--database", sample, "--pncp-url", url.replace("http:", "https:"))

    assert "No connection to" in nobody["PNCP"]["found"]
    assert "(DNS)" in no_name["PNCP"]["found"]
    assert "(TLS)" in no_trust["PNCP"]["found"]


@pytest.mark.parametrize(
    ("ahead", "state", "told"),
    [(timedelta(0), "ok", "Within"), (timedelta(minutes=10), "warn", "behind"), (-timedelta(days=1), "fail", "ahead")],
)  # fmt: skip
def test_the_clock_is_held_against_that_of_the_answer(checks, sample, ahead, state, told):
    date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
    with answering(headers=[("Date", date)]) as (url, _asked):
        found, _code = checks("--database", sample, "--pncp-url", url)

    assert found["clock"]["state"] == state
    assert told in found["clock"]["found"]


def test_of_no_file_it_says_how_to_make_one(checks, tmp_path):
    found, code = checks("--offline", "--database", tmp_path / "none.duckdb")

    assert (found["file"]["state"], code) == ("warn", 1)
    assert "baliza build" in found["file"]["remedy"]
    assert not (tmp_path / "none.duckdb").exists()


def test_a_file_that_is_gone_and_was_published(checks, sample):
    sample.unlink()

    found, _code = checks("--offline", "--database", sample)

    assert found["file"]["state"] == "fail"
    assert "last published state is still there" in found["file"]["found"]


def test_a_file_that_is_no_database(checks, tmp_path):
    (tmp_path / "notes.txt").write_text("not a database" * 1000)

    found, _code = checks("--offline", "--database", tmp_path / "notes.txt")

    assert found["file"]["state"] == "fail"
    assert "not a DuckDB file" in found["file"]["found"]


def test_who_writes_to_it_is_named(checks, sample, held):
    with held(sample):
        found, code = checks("--offline", "--database", sample)

    assert (found["lock"]["state"], code) == ("warn", 1)
    assert "writes to the file" in found["lock"]["found"]
    assert "kill " in found["lock"]["remedy"]
    assert found["coverage"]["state"] == "ok", "told of the last published state"


def test_looking_changes_no_byte(checks, sample):
    before = sample.read_bytes(), sample.stat().st_mtime_ns

    checks("--offline", "--database", sample)

    assert (sample.read_bytes(), sample.stat().st_mtime_ns) == before


def test_a_build_that_failed_leftovers_and_open_days(checks, sample):
    with duckdb.connect(str(sample)) as con:
        con.execute("UPDATE meta.runs SET exit_code = 1 WHERE command = 'build'")
        con.execute("UPDATE meta.coverage SET status = 'failed' WHERE day = DATE '2025-03-05'")
    (sample.parent / f"{sample.name}.abcdefgh.spool").mkdir()

    found, code = checks("--offline", "--database", sample)

    assert code == 1
    assert (found["last build"]["state"], found["leftovers"]["state"]) == ("fail", "warn")
    assert "baliza clean" in found["leftovers"]["remedy"]
    assert "1 days failed, 0 short, 0 pending" in found["coverage"]["found"]
    assert found["coverage"]["remedy"] == f"baliza gaps --fill --database {sample}"


def test_a_configuration_that_cannot_be_read_hides_nothing_else(checks, sample):
    Path("baliza.toml").write_text("snapshot = 3\n")

    found, code = checks("--offline", "--database", sample)

    assert (found["settings"]["state"], code) == ("fail", 1)
    assert "There is no setting of that name" in found["settings"]["found"]
    assert "snapshots" in found["settings"]["remedy"]
    assert found["file"]["state"] == "ok"


def test_a_library_that_is_not_supported_is_named(monkeypatch):
    monkeypatch.setattr(around, "version", lambda name: "2.0.0" if name == "duckdb" else "1.0")
    monkeypatch.setattr(around, "requires", lambda _name: ["duckdb>=1.5.5,<2", "altair; extra == 'x'"])

    found = around.versions()

    assert found.state == "fail"
    assert "duckdb 2.0.0 (<2,>=1.5.5)" in found.sentences(str)[0]


def test_a_disk_that_is_nearly_full(monkeypatch, sample):
    usage = shutil.disk_usage(sample.parent)._replace(free=10**6)
    monkeypatch.setattr(around.shutil, "disk_usage", lambda _path: usage)

    found = around.disk(sample)

    assert found.state == "fail"
    assert "1 MB free" in found.sentences(str)[0]
