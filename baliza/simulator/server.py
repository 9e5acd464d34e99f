"""The simulator itself: PNCP's paths on a port of this machine, served by threads."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from baliza.simulator import truth as ground_truth
from baliza.simulator.answers import Archive, Records
from baliza.simulator.breakage import UNANSWERED, broken
from baliza.simulator.dead import dead
from baliza.simulator.faults import PRESETS, FaultDeck, Faults
from baliza.simulator.replies import Answer
from baliza.simulator.world import world

NO_ANSWER = 0
"""Status in the log of a request that got no answer."""
ABORT_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a socket reset the connection."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        """Answer, or fail to."""
        parts = urlsplit(self.path)
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        simulator = self.server.simulator
        fault, answer, declared = simulator.decide(parts.path, params)
        if fault in UNANSWERED:
            simulator.log(parts.path, params, NO_ANSWER)
            self._reset()
            return
        simulator.log(parts.path, params, answer.status)
        self.send_response(answer.status)
        if answer.body:
            self.send_header("Content-Type", answer.content_type)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(declared))
        self.end_headers()
        self.wfile.write(answer.body)
        if declared != len(answer.body):
            self.close_connection = True

    def end_headers(self) -> None:
        """Say in every answer that it is synthetic."""
        self.send_header("X-Baliza-Simulator", "synthetic")
        super().end_headers()

    def version_string(self) -> str:
        """Name the server: no one should take it for PNCP."""
        return "baliza-simulator"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  http.server's signature
        """Say nothing: the simulator keeps its own log."""

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT_ON_CLOSE)
        self.connection.close()
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    """Threads, one per connection, which end with the simulator."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, to end it with the server."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; anything else is a fault of ours and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop listening and hang up on whoever is connected."""
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # already closed by the other side


class Simulator:
    """A fake PNCP on 127.0.0.1, to be used in a `with` statement.

    Args:
        records: in PNCP's shape, keyed by endpoint id (see `endpoints`); an endpoint not named is empty.
        faults: what goes wrong.
        seed: changes which requests and rows the faults strike.
        port: 0 for any free one.

    Attributes:
        url: base address to use in place of https://pncp.gov.br, without a slash at the end.
        requests: log of (path, query, status) in order of answer; status 0 for a connection reset.
    """

    def __init__(
        self,
        records: Mapping[str, Records],
        faults: Faults | None = None,
        seed: int = 0,
        port: int = 0,
    ) -> None:
        self.faults = faults or Faults()
        self.requests: list[tuple[str, dict[str, str], int]] = []
        self._archive = Archive(records, self.faults, seed)
        self._deck = FaultDeck(self.faults, seed)
        self._server = _Server(port, self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.stop()
        self._thread.join()

    @property
    def drawn(self) -> Counter[str]:
        """How often each fault has struck so far."""
        return Counter(self._deck.drawn)

    def update(self, endpoint: str, records: Records) -> None:
        """Replace everything an endpoint shows, while serving."""
        self._archive.update(endpoint, records)

    def decide(self, path: str, params: Mapping[str, str]) -> tuple[str | None, Answer, int]:
        """Say how a request ends.

        Args:
            path: path of the request.
            params: its query parameters.

        Returns:
            The fault that strikes it, the answer, and the Content-Length to declare (bytes).
        """
        fault = self._deck.draw()
        if self.faults.latency:
            time.sleep(self.faults.latency)
        if fault == "stall":
            time.sleep(self.faults.stall_seconds)
        if fault is None and dead(self.faults, path, params):
            fault = "http_500"
        answer, declared = broken(fault, lambda: self._archive.answer(path, params))
        return fault, answer, declared

    def log(self, path: str, params: Mapping[str, str], status: int) -> None:
        """Add a request to the log."""
        self.requests.append((path, dict(params), int(status)))


def run(
    *,
    port: int,
    seed: int,
    since: date,
    until: date,
    faults: str,
    per_day: float,
    truth: Path | None,
    announce: Callable[[str], None],
) -> None:
    """Generate contracts and all that goes with them, and serve it until Ctrl-C.

    Args:
        port: port of 127.0.0.1; 0 for any free one.
        seed: of the records and of the faults.
        since: first day of publication of contracts.
        until: last day of publication of anything.
        faults: name of a preset: calm, unstable, storm or outage.
        per_day: contracts of an average day.
        truth: file to write every record to, one JSON object per line; None for none.
        announce: receives the sentences meant for the user.
    """
    records = world(seed=seed, since=since, until=until, per_day=per_day)
    if truth:
        lines = ground_truth.write(truth, records)
        announce(f"Wrote the {lines:,} records being served to {truth}.")
    contracts = sum(1 for _ in records["contratos"])
    with Simulator(records, PRESETS[faults], seed, port) as simulator:
        announce(
            f"Serving {contracts:,} invented contracts of {since} to {until}, and what goes with them "
            f"({faults}), at {simulator.url}; of other days there is nothing. Ctrl-C stops."
        )
        try:
            _until_interrupted()
        except KeyboardInterrupt:
            announce(f"Stopped after {len(simulator.requests):,} requests.")


def _until_interrupted() -> None:
    threading.Event().wait()
