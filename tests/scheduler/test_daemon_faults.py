"""Every kind of trouble that a gateway can make, one at a time, and what must hold under each."""

from __future__ import annotations

import logging
import stat
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from house import AFTERNOON, FULL, SELF, House, local

from rules.domain import GridStatus, Setting
from scheduler.domain import Kind
from scheduler.gateways.local import LocalGateway
from scheduler.gateways.local.stored_session import SessionFile
from scheduler.listeners.heartbeat import HEARTBEAT_FILE, Heartbeat
from scheduler.loop import CommitFailed, Listener, MakeGateway
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.sessions import Credentials

START, TWO, FOUR = (local(7, 15, time) for time in ("13:40", "14:00", "16:00"))
POLL, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
TROUBLE = TWO - 3 * MINUTE, TWO + 9 * MINUTE
SOON = 3 * POLL + timedelta(seconds=90)
LOGIN_PACE = timedelta(minutes=3)
MINE = Setting(SELF, 60)
CANARY = "canary-e7d0-password"

ONLY_SHOWN = {FaultKind.UNACTED_WRITE, FaultKind.LATE_WRITE}
"""What is read back is not, or not yet, obeyed: the power flow finds that out."""

EXPLAINED = {
    FaultKind.APP_CHANGE: "somebody else set",
    FaultKind.SELF_UPDATE: "what the gateway is set to is not known",
    FaultKind.UNACTED_WRITE: "read back twice, but has no effect",
}
"""Why the setting is not what the rules want, where it is not, in the journal's words."""

PAUSED = {FaultKind.RATE_LIMITED, FaultKind.LOCKOUT, FaultKind.BUSY}
"""Whoever is asked to come later does: an answer of 429 is left alone for a growing while."""


class Canary(House):
    """A house with a password that is looked for everywhere, a kept session and a heartbeat."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        super().__init__(folder, AFTERNOON, START, faults=[fault])
        self.gateway.credentials = self.gateway._sessions._credentials = Credentials(
            self.gateway.credentials.serial, CANARY, CANARY
        )
        polls = {"home": self.site.poll}
        self.heartbeat = Heartbeat(
            folder / HEARTBEAT_FILE, "1.2.0", polls, logging.getLogger().warning
        )
        self.session = SessionFile.beside(self.path, "home")
        self.tokens: set[str] = set()
        whole = self.transport.handle_async_request

        async def watched(request: httpx.Request) -> httpx.Response:
            try:
                return await whole(request)
            finally:
                self.tokens |= set(self.gateway._sessions._open)

        self.transport.handle_async_request = watched  # type: ignore[method-assign]

    def listeners(self) -> Sequence[Listener]:
        return (*super().listeners(), self.heartbeat)

    def _route(self) -> MakeGateway:
        return lambda hear: LocalGateway(
            self.site.gateway.host,
            self.login,
            CANARY,
            "",
            None,
            self.clock,
            session_file=self.session,
            transport=self.transport,
            on_note=hear,
        )


def fault_of(kind: FaultKind) -> Fault:
    return Fault(kind, *TROUBLE, delay_s=20, setting=MINE, grid=GridStatus.MICROGRID_FAULTED)


@pytest.fixture(params=list(FaultKind))
def kind(request: pytest.FixtureRequest) -> FaultKind:
    found: FaultKind = request.param
    return found


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG):
        yield


def test_what_holds_under_every_kind_of_trouble(
    tmp_path: Path, kind: FaultKind, caplog: pytest.LogCaptureFixture
) -> None:
    house = Canary(tmp_path, fault_of(kind))
    problem = ""
    try:
        house.play(TROUBLE[1] + SOON)
        found = house.setting
        house.play(FOUR - POLL)
    except Exception:  # what it says is searched, too
        problem = traceback.format_exc()
        raise
    finally:
        nothing_secret_is_told(house, caplog.text + problem)
    no_write_is_without_an_intent(house)
    held_is_true(house, kind)
    the_battery_is_never_stopped_by_us(house)
    assert all(b.at - a.at >= LOGIN_PACE for a, b in pairwise(house.record.logins))
    assert len(house.record.requests) <= 5 * (FOUR - START) / POLL
    assert not [each for each in house.heard if isinstance(each, CommitFailed)]
    assert not house.rows("SELECT * FROM open_intent")
    the_rules_have_their_way(house, kind, found)


def no_write_is_without_an_intent(house: House) -> None:
    intents = Counter((each.at, each.wanted) for each in [*house.actions, *house.probes])
    writes = Counter((write.at, write.setting) for write in house.record.writes)
    assert not writes - intents
    posts = {
        each.at
        for each in house.record.requests
        if (each.method, each.path) == ("POST", "/api/operation")
    }
    assert posts <= {at for at, _ in intents}


def held_is_true(house: House, kind: FaultKind) -> None:
    held = house.rows(
        "SELECT o.at, i.at, wanted_mode, wanted_reserve FROM outcome o JOIN intent i"
        " ON i.site = o.site AND i.id = o.intent_id WHERE outcome = 'held'"
    )
    assert held
    for ended, begun, mode, reserve in held:
        at, begin = datetime.fromisoformat(ended), datetime.fromisoformat(begun)
        assert house.record.running_at(at)
        if kind not in ONLY_SHOWN or not TROUBLE[0] <= begin < TROUBLE[1]:
            truly = house.record.setting_at(at)
            assert (truly.mode.value, truly.reserve) == (mode, reserve)


def the_battery_is_never_stopped_by_us(house: House) -> None:
    assert not house.asked("/api/sitemaster/stop")
    assert {login["force_sm_off"] for login in house.transport.logins} == {False}
    assert house.home.running


def the_rules_have_their_way(house: House, kind: FaultKind, found: Setting) -> None:
    """In time, or the journal says what keeps them from it."""
    said = " ".join(house.kept(Kind.NOTE, "text"))
    if kind in EXPLAINED:
        assert EXPLAINED[kind] in said
        return
    assert house.setting == FULL
    if kind not in PAUSED:
        assert found == FULL or "the last attempt failed; pausing before the next" in said


def nothing_secret_is_told(house: Canary, told: str) -> None:
    assert house.tokens
    secrets = {CANARY, *house.tokens}
    kept = house.path.with_name("journal-session-home.json")
    for path in house.path.parent.rglob("*"):
        if path.is_file() and path != kept:
            content = path.read_bytes()
            assert not [path for secret in secrets if secret.encode() in content]
    assert not [secret for secret in secrets if secret in told]
    if kept.exists():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert CANARY not in kept.read_text()
