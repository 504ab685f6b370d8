"""Words of the gateway that we do not know: shown as they are, and unknown to every rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from commanding import Command
from house import BASE, House, local

from scheduler.cli.status import _lines
from scheduler.domain import Kind, Outcome
from scheduler.listeners import hold_beat
from scheduler.listeners.heartbeat import beat
from scheduler.loop import Ticked
from scheduler.simulator.profiles import GRID_STATUS, OPERATION

NOON, END = local(7, 1, "12:00"), local(7, 1, "12:20")
RULES = (
    BASE
    + """
[[rule]]
name  = "fill up"
while = { time = "12:05-16:00" }
set   = { mode = "backup", reserve = 100 }

[[rule]]
name     = "outage"
priority = 100
while    = { grid = "down" }
set      = { mode = "backup", reserve = 50 }
"""
)
MODE, GRID = {"real_mode": "site_control"}, {"grid_status": "SystemGridQualifying"}


class Answering(httpx.AsyncBaseTransport):
    """Puts these words into the simulated gateway's answers to a path."""

    def __init__(self, house: House, words: Mapping[str, Mapping[str, str]]) -> None:
        self._inner, self._words = house.transport, words

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        words = self._words.get(request.url.path)
        if request.method != "GET" or words is None or not response.is_success:
            return response
        document = json.loads(await response.aread()) | words
        return httpx.Response(200, content=json.dumps(document).encode())


def played(folder: Path, words: Mapping[str, Mapping[str, str]]) -> House:
    house = House(folder, RULES, NOON)
    house.transport = Answering(house, words)  # type: ignore[assignment]
    return house.play(END)


def status_of(house: House) -> dict[str, str]:
    """What `status` tells of the last tick."""
    tick = next(each for each in reversed(house.heard) if isinstance(each, Ticked))
    known: dict[str, Any] = json.loads(json.dumps(beat(tick, 30.0)))
    known |= {"timezone": "America/Los_Angeles", "last_write": None, "hold": hold_beat(None)}
    return dict(_lines(known, tick.at))


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("COLUMNS", "80")
    return Command(monkeypatch, capsys)


def why(pwsched: Command, house: House) -> str:
    at = (END - timedelta(minutes=2)).isoformat()
    return " ".join(pwsched("why", "--journal", str(house.path), "--at", at).out.split())


def test_a_mode_that_we_do_not_know_is_shown_and_nothing_is_written(
    tmp_path: Path, pwsched: Command
) -> None:
    house = played(tmp_path, {OPERATION: MODE})
    assert house.writes == []
    assert status_of(house)["set"] == "site_control, reserve 20 %; energy 47 %, grid up"
    assert "site_control, reserve 20 %" in house.entries(Kind.OBSERVATION)[-1].text
    assert house.kept(Kind.OBSERVATION, "mode")[-1] is None
    said = "a write is wanted, but the mode is site_control, a word that pwsched does not know"
    assert [text for _, text in house.notes("held_back")] == [said]
    told = why(pwsched, house)
    assert "site_control, reserve 20 %" in told
    assert said in told


def test_a_grid_status_that_we_do_not_know_is_shown_and_no_rule_takes_it_for_any(
    tmp_path: Path, pwsched: Command
) -> None:
    house = played(tmp_path, {GRID_STATUS: GRID})
    assert house.writes == []
    assert status_of(house)["set"].endswith("grid SystemGridQualifying")
    assert "grid SystemGridQualifying" in house.entries(Kind.OBSERVATION)[-1].text
    assert house.kept(Kind.OBSERVATION, "grid")[-1] is None
    said = "the grid is SystemGridQualifying, a word that pwsched does not know"
    assert [text for _, text in house.notes("held_back")] == [
        f"backup, reserve 100 % is wanted, but {said}"
    ]
    told = why(pwsched, house)
    assert "grid was SystemGridQualifying, which cannot be told: down" in told


def test_both_are_shown_at_once(tmp_path: Path) -> None:
    house = played(tmp_path, {OPERATION: MODE, GRID_STATUS: GRID})
    assert house.writes == []
    said = status_of(house)["set"]
    assert said.startswith("site_control, reserve 20 %; ")
    assert said.endswith("grid SystemGridQualifying")


def test_words_that_we_know_leave_nothing_beside_them(tmp_path: Path) -> None:
    house = played(tmp_path, {})
    assert set(house.kept(Kind.OBSERVATION, "unknown_words")) == {None}
    assert house.outcomes() == [Outcome.HELD]
    assert status_of(house)["set"].startswith("backup, reserve 100 %")
