"""A session that outlives its process: the file, and what a process makes of one that it finds."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted import Reply, ScriptedTransport, refusal, reply
from simulated_client import HandClock

from scheduler.errors import GatewayProblem, LoginRefused, Paused, Unreachable
from scheduler.gateways import StoredPause
from scheduler.gateways.local.session import Session
from scheduler.gateways.local.stored_session import (
    Party,
    SessionFile,
    StoredSession,
    from_bytes,
    to_bytes,
)
from scheduler.gateways.local.transport import (
    CHECK_UPDATE,
    LOGIN,
    OPERATION,
    RUN,
    SITEMASTER,
    SOE,
    GatewayTransport,
    Response,
)

HOST, PIN = "10.0.0.1", "sha256:" + "0a" * 32
TOKEN, NEXT_TOKEN = "CANARYtoken==", "CANARYsecond=="
NOON = datetime(2026, 7, 1, 19, tzinfo=UTC)
PARTY = Party(HOST, PIN, "customer")
KEPT = StoredSession(PARTY, TOKEN, StoredPause(NOON, 2), StoredPause(None, 0), NOON)
REFUSED = refusal(401, "bad credentials")
BUSY = refusal(429, "Api Limit")
EXPIRED = refusal(401, "Token Expired")
NO_ACCESS = refusal(403, "no", "User does not have adequate access rights")
LOST = httpx.ReadTimeout("nothing came")


class Life:
    """One gateway, one clock, and one process after another."""

    def __init__(self, folder: Path, **party: Any) -> None:
        self.file = SessionFile.beside(folder / "journal.sqlite", "home")
        self.path = folder / "journal-session-home.json"
        self.clock = HandClock(NOON)
        self.wire = ScriptedTransport()
        self.wire.on("POST", LOGIN, reply(200, {"token": TOKEN}))
        self.wire.on("GET", SITEMASTER, reply(200, {"running": True}))
        self.wire.on("GET", RUN, reply(202))
        self.wire.on("GET", SOE, reply(200, {"percentage": 50}))
        self.starts(**party)

    def starts(self, host: str = HOST, pin: str | None = PIN, login: str = "customer") -> Life:
        """Another process: nothing of the earlier one is left but its file."""
        self.session = Session(
            GatewayTransport(host, pin, transport=self.wire),
            self.clock,
            login=login,
            password="CANARY-pass",
            email="",
            on_note=lambda *_: None,
            file=self.file,
        )
        return self

    def asks(self, target: str = SOE, method: str = "GET") -> Response | GatewayProblem:
        async def ask() -> Response:
            if method == "POST":
                return await self.session.post(target, {})
            return await self.session.get(target)

        try:
            return asyncio.run(ask())
        except GatewayProblem as problem:
            return problem

    @property
    def logins(self) -> int:
        return self.wire.count("POST", LOGIN)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


class TestToken:
    def test_a_restart_needs_no_new_login(self, life: Life) -> None:
        for _ in range(5):
            assert isinstance(life.starts().asks(), Response)
        assert life.logins == 1
        assert life.wire.seen[-1].headers["authorization"] == f"Bearer {TOKEN}"

    @pytest.mark.parametrize(
        "other",
        [
            {"host": "10.0.0.2"},
            {"host": f"http://{HOST}"},
            {"pin": "sha256:" + "0b" * 32},
            {"pin": None},
        ],
    )
    def test_it_never_goes_to_another_host_or_certificate(
        self, life: Life, other: dict[str, Any]
    ) -> None:
        life.asks()
        life.wire.on("POST", LOGIN, reply(200, {"token": NEXT_TOKEN}))
        life.wire.seen.clear()
        assert isinstance(life.starts(**other).asks(), Response)
        assert life.logins == 1
        assert not [seen for seen in life.wire.seen if TOKEN in str(seen.headers)]

    def test_another_login_has_none_but_waits_as_long(self, life: Life) -> None:
        life.asks()
        life.starts(login="installer")
        assert isinstance(life.asks(), Paused)
        life.clock.pass_time(180)
        assert isinstance(life.asks(), Response)
        assert life.logins == 2

    def test_it_stays_when_the_process_ends_in_order(self, life: Life) -> None:
        life.asks()
        life.session.forget()
        assert isinstance(life.starts().asks(), Response)
        assert life.logins == 1

    def test_one_that_the_gateway_has_forgotten_is_renewed(self, life: Life) -> None:
        life.asks()
        life.clock.pass_time(86_400)
        life.wire.on("GET", SOE, EXPIRED, reply(200))
        assert isinstance(life.starts().asks(), Response)
        assert life.logins == 2

    def test_some_firmware_says_so_with_403(self, life: Life) -> None:
        life.asks()
        life.clock.pass_time(86_400)
        life.wire.on("GET", SOE, NO_ACCESS, reply(200))
        answer = life.starts().asks()
        assert isinstance(answer, Response)
        assert answer.ok
        assert life.logins == 2

    def test_a_403_is_a_verdict_only_with_a_token_of_this_process(self, life: Life) -> None:
        life.asks()
        for target, method in ((OPERATION, "POST"), (CHECK_UPDATE, "GET")):
            life.wire.on(method, target, NO_ACCESS)
            life.starts()
            assert isinstance(life.asks(target, method), Paused)
            life.clock.pass_time(180)
            answer = life.asks(target, method)
            assert isinstance(answer, Response)
            assert answer.status == 403
        assert life.logins == 3

    def test_meanwhile_a_forbidden_reading_is_only_missing(self, life: Life) -> None:
        life.asks()
        life.wire.on("GET", OPERATION, NO_ACCESS)
        answer = life.starts().asks(OPERATION)
        assert isinstance(answer, Response)
        assert answer.status == 403
        assert isinstance(life.asks(), Response)

    @pytest.mark.parametrize(("gap", "runs"), [(0, 1), (3599, 1), (3600, 0)])
    def test_a_battery_that_the_end_of_a_process_left_standing_is_run(
        self, life: Life, gap: float, runs: int
    ) -> None:
        life.wire.on("GET", SITEMASTER, reply(200, {"running": True}), LOST)
        assert isinstance(life.asks(), Unreachable)  # it ran before the login, and then?
        life.wire.on("GET", SITEMASTER, reply(200, {"running": False}))
        life.clock.pass_time(gap)
        for _ in range(2):
            assert isinstance(life.starts().asks(), Response)
        assert life.wire.count("GET", RUN) == runs

    def test_one_that_somebody_stopped_meanwhile_is_left_alone(self, life: Life) -> None:
        life.asks()
        life.wire.on("GET", SITEMASTER, reply(200, {"running": False}))
        for _ in range(2):
            life.starts().asks()
        assert life.wire.count("GET", RUN) == 0


class TestPauses:
    @pytest.mark.parametrize("answer", [REFUSED, LOST, reply(200, {}), reply(503)])
    def test_one_login_in_three_minutes_through_a_crash_loop(
        self, life: Life, answer: Reply
    ) -> None:
        life.wire.on("POST", LOGIN, answer)
        for _ in range(179):
            life.starts().asks()
            life.clock.pass_time(1)
        assert life.logins == 1

    def test_refusals_are_counted_across_processes(self, life: Life) -> None:
        life.wire.on("POST", LOGIN, REFUSED)
        tried = []
        for minute in range(300):
            if isinstance(life.starts().asks(), LoginRefused):
                tried.append(minute)
            life.clock.pass_time(60)
        assert tried == [0, 3, 9, 21, 45, 93, 153, 213, 273]

    def test_a_process_that_is_killed_while_it_logs_in_has_logged_in(self, life: Life) -> None:
        ask = life.session._ask

        async def killed(method: str, target: str, *rest: Any, **more: Any) -> Response:
            if target == LOGIN:
                raise KeyboardInterrupt
            return await ask(method, target, *rest, **more)

        life.session._ask = killed  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            life.asks()
        assert isinstance(life.starts().asks(), Paused)
        assert life.logins == 0
        life.clock.pass_time(180)
        assert isinstance(life.asks(), Response)

    def test_a_login_that_reached_nobody_has_not_taken_place(self, life: Life) -> None:
        life.wire.on("POST", LOGIN, httpx.ConnectError("nobody"), reply(200, {"token": TOKEN}))
        assert isinstance(life.asks(), Unreachable)
        assert isinstance(life.starts().asks(), Response)

    def test_after_too_many_requests_nobody_asks_for_longer_and_longer(self, life: Life) -> None:
        life.asks()
        life.wire.on("GET", SOE, BUSY)
        life.wire.seen.clear()
        asked = []
        for minute in range(150):
            before = life.wire.count("GET", SOE)
            assert isinstance(life.starts().asks(), Paused)
            if life.wire.count("GET", SOE) > before:
                asked.append(minute)
            life.clock.pass_time(60)
        assert asked == [0, 5, 15, 35, 75, 135]

    def test_it_begins_anew_once_a_request_went_well(self, life: Life) -> None:
        life.asks()
        life.wire.on("GET", SOE, BUSY, reply(200), BUSY)
        life.starts().asks()
        life.clock.pass_time(300)
        assert isinstance(life.starts().asks(), Response)
        again = life.starts().asks()
        assert isinstance(again, Paused)
        assert again.seconds == 300

    @pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3650)])
    def test_a_clock_that_was_set_back_makes_no_pause_longer(
        self, life: Life, back: timedelta
    ) -> None:
        life.wire.on("POST", LOGIN, REFUSED)
        life.asks()
        life.clock.pass_time(180)
        life.asks()
        life.clock.step_wall(-back)
        problem = life.starts().asks()
        assert isinstance(problem, Paused)
        assert problem.seconds == 360
        life.clock.pass_time(360)
        assert isinstance(life.asks(), LoginRefused)


class TestFile:
    def test_it_is_for_its_owner_only_and_whole(self, life: Life) -> None:
        before = os.umask(0)
        try:
            life.asks()
        finally:
            os.umask(before)
        assert life.path.stat().st_mode & 0o777 == 0o600
        assert from_bytes(life.path.read_bytes(), PARTY) is not None
        assert [each.name for each in life.path.parent.iterdir()] == [life.path.name]

    @pytest.mark.parametrize("name", ["../../etc/cron", "/etc/passwd", "..", "a/b", "ü", "%2e"])
    def test_no_name_of_a_site_leads_out_of_the_folder(self, tmp_path: Path, name: str) -> None:
        folder = tmp_path / "state"
        folder.mkdir()
        SessionFile.beside(folder / "journal.sqlite", name).store(KEPT)
        assert len(list(folder.iterdir())) == 1
        assert [each.name for each in tmp_path.iterdir()] == ["state"]

    def test_sites_and_journals_have_their_own(self, tmp_path: Path) -> None:
        for journal in ("a.sqlite", "b.sqlite"):
            for site in ("home", "Home", "cabin"):
                SessionFile.beside(tmp_path / journal, site).store(KEPT)
        assert len(list(tmp_path.iterdir())) == 6

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o700 | 0o010])
    def test_one_that_others_can_read_is_not_used_and_replaced(self, life: Life, mode: int) -> None:
        life.path.write_bytes(to_bytes(KEPT))
        life.path.chmod(mode)
        assert isinstance(life.starts().asks(), Response)
        assert life.logins == 1
        assert life.path.stat().st_mode & 0o777 == 0o600

    def test_a_link_is_not_followed_and_replaced(self, life: Life, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_bytes(to_bytes(KEPT))
        elsewhere.chmod(0o600)
        life.path.symlink_to(elsewhere)
        assert isinstance(life.starts().asks(), Response)
        assert life.logins == 1
        assert not life.path.is_symlink()
        assert elsewhere.read_bytes() == to_bytes(KEPT)

    def test_a_link_in_the_place_of_the_new_file_is_not_followed(
        self, life: Life, tmp_path: Path
    ) -> None:
        victim = tmp_path / "victim"
        victim.write_text("as it was", "utf-8")
        life.path.with_name(f".{life.path.name}.new").symlink_to(victim)
        life.asks()
        assert victim.read_text("utf-8") == "as it was"
        assert from_bytes(life.path.read_bytes(), PARTY) is not None

    def test_one_of_another_owner_is_not_used(
        self, life: Life, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        life.file.store(KEPT)
        mine = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
        assert life.file.load(PARTY) is None

    @pytest.mark.parametrize("kind", ["folder", "pipe"])
    def test_what_is_no_file_is_never_fatal(self, life: Life, kind: str) -> None:
        life.path.mkdir() if kind == "folder" else os.mkfifo(life.path, 0o600)
        assert isinstance(life.starts().asks(), Response)

    def test_a_pipe_that_says_what_a_file_would_is_not_believed(self, life: Life) -> None:
        os.mkfifo(life.path, 0o600)
        pipe = os.open(life.path, os.O_RDWR)
        os.write(pipe, to_bytes(KEPT))
        assert life.file.load(PARTY) is None
        os.close(pipe)

    def test_a_full_disk_is_not_fatal_and_told_once(
        self, life: Life, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        life.asks()
        monkeypatch.setattr(os, "fsync", full)
        life.clock.pass_time(180)
        life.wire.on("GET", SOE, EXPIRED, reply(200))
        assert isinstance(life.asks(), Response)
        assert caplog.text.count("the session is not stored") == 1
        assert "no space left" in caplog.text
        assert [each.name for each in life.path.parent.iterdir()] == [life.path.name]

    def test_a_folder_that_is_not_there_is_not_fatal(self, life: Life, tmp_path: Path) -> None:
        life.file = SessionFile.beside(tmp_path / "gone" / "journal.sqlite", "home")
        assert isinstance(life.starts().asks(), Response)


def written(**changes: object) -> bytes:
    return json.dumps(json.loads(to_bytes(KEPT)) | changes).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"[]",
        b"{}",
        b"\xff\xfe",
        to_bytes(KEPT)[:-20],
        b"[" * 20_000,
        to_bytes(KEPT) + b" " * 20_000,
        written(version=2),
        written(host=None),
        written(certificate=7),
        written(token=7),
        written(token="a\r\nX: 1"),
        written(token="x" * 5000),
        written(logins=None),
        written(logins={}),
        written(logins={"refusals": -1}),
        written(logins={"refusals": True}),
        written(logins={"refusals": 1.5}),
        written(logins={"refusals": 1, "not_before": "soon"}),
        written(logins={"refusals": 1, "not_before": "2026-07-01T12:00:00"}),
        written(logins={"refusals": 1, "not_before": "9999-12-31T23:59:59-23:59"}),
        written(requests={"refusals": 1, "not_before": 7}),
        written(token=None, own_stop_until="9999-12-31T23:59:59-23:59"),
    ],
    ids=lambda content: repr(content[-30:]),
)
def test_nonsense_is_ignored_and_replaced(life: Life, content: bytes) -> None:
    life.path.write_bytes(content)
    life.path.chmod(0o600)
    assert isinstance(life.starts().asks(), Response)
    assert life.logins == 1
    assert from_bytes(life.path.read_bytes(), PARTY) is not None


def test_what_is_written_is_read() -> None:
    assert from_bytes(to_bytes(KEPT), PARTY) == KEPT


def test_after_very_many_refusals_it_is_an_hour(life: Life) -> None:
    far = {"refusals": 10**19, "not_before": "9999-01-01T00:00:00+00:00"}
    life.path.write_bytes(written(token=None, logins=far))
    life.path.chmod(0o600)
    problem = life.starts().asks()
    assert isinstance(problem, Paused)
    assert problem.seconds == 3600
    assert "did not accept the last login" in str(problem)


def test_the_token_is_in_no_representation_and_no_log(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    life.asks()
    life.path.chmod(0o644)
    life.starts().asks()
    told = repr(life.file.load(PARTY)) + repr(life.session) + repr(life.file) + caplog.text
    assert "is not ours alone" in told
    assert "CANARY" not in told
