"""The real daemon against the answers that a real gateway gave (firmware 21.39.1).

The recordings lie beside the repository, not in it; without them there is nothing to replay. The
gateway's refusal of a write is the one that owners' logins are reported to get on this firmware.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from journaling import entries
from processes import ROOT, install, running
from scripted import CERTIFICATE

from scheduler.domain import Kind

SAMPLES = ROOT.parent / "shared" / "data" / "gateway-samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no recorded answers beside us")

LOGIN = ("POST", "/api/login/Basic")
NO_RIGHTS = json.dumps(
    {"code": 403, "error": "access denied", "message": "User does not have adequate access rights"}
).encode()


class Replay:
    """Answers each GET as it was answered once, and lets nobody change anything."""

    def __init__(self, state: str) -> None:
        self._folder = SAMPLES / state
        self.seen: list[tuple[str, str]] = []

    def answer(self, method: str, path: str) -> tuple[int, bytes]:
        self.seen.append((method, path))
        if (method, path) == LOGIN:
            return 200, (SAMPLES / "other" / "api-login-basic.json").read_bytes()
        recorded = self._folder / path.removeprefix("/api/").replace("/", ".")
        said = recorded.with_name(recorded.name + ".json")
        failed = recorded.with_name(recorded.name + ".err")
        if method == "GET" and said.exists():
            return 200, said.read_bytes()
        if method == "GET" and failed.exists():
            head, _, body = failed.read_text().partition("\n\n")
            return int(head.split()[1]), body.strip().encode()
        return 403, NO_RIGHTS


@contextmanager
def replaying(replay: Replay) -> Iterator[str]:
    """Its address on loopback, with TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = replay.answer(self.command, self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = handle_any  # noqa: N815 -- the handler's own name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = CERTIFICATE.server_context().wrap_socket(server.socket, server_side=True)
        decisions = Thread(target=server.serve_forever)
        decisions.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            decisions.join()


def observed(journal: Path) -> dict[str, object]:
    names = ("soe", "site_power", "grid", "grid_services", "mode", "reserve", "running", "firmware")
    first, *_ = entries(journal, Kind.OBSERVATION)
    return {name: first.fields[name] for name in names}


def test_a_running_gateway_is_read_and_the_owner_is_told_that_it_may_not_be_written(
    tmp_path: Path,
) -> None:
    replay = Replay("running")
    with replaying(replay) as host:
        config = install(tmp_path, host, login="customer")
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("writing backup, reserve 40 % (was self_consumption, reserve 26 %)")
            daemon.until("refused")
            daemon.until("this account may not write to the gateway")
            assert daemon.end() == 0
    journal = tmp_path / "journal.sqlite"
    assert observed(journal) == {
        "soe": pytest.approx((29.00611403384047 - 5) / 0.95),
        "site_power": 537.0,
        "grid": "SystemGridConnected",
        "grid_services": 0,
        "mode": "self_consumption",
        "reserve": pytest.approx((30 - 5) / 0.95),
        "running": 1,
        "firmware": "21.39.1 7759c368",
    }
    assert replay.seen.count(("POST", "/api/operation")) == 1
    assert ("GET", "/api/config/completed") not in replay.seen
    assert entries(journal, Kind.OUTCOME)[0].fields["outcome"] == "refused"


def test_a_stopped_battery_is_noticed_and_nothing_is_written(tmp_path: Path) -> None:
    replay = Replay("stopped")
    with replaying(replay) as host:
        config = install(tmp_path, host, login="customer")
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("is wanted, but")
            daemon.until("the battery is stopped")
            assert daemon.end() == 0
    journal = tmp_path / "journal.sqlite"
    seen = observed(journal)
    assert (seen["soe"], seen["grid"], seen["running"]) == (None, None, 0)
    assert (seen["mode"], seen["reserve"]) == ("self_consumption", pytest.approx(26.3, abs=0.02))
    assert not {("POST", "/api/operation"), ("GET", "/api/config/completed")} & set(replay.seen)
    assert entries(journal, Kind.INTENT) == []
