"""What the owner is told of a request: that it is done, or why not and until when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from house import AFTERNOON, House, local
from pretended import AWAY, Desk
from pretended import local as local_of

from rules.domain import Mode, Setting
from scheduler.control import actions, events
from scheduler.domain import Cause, Safety
from scheduler.ipc.carried_out import CarriedOut, as_it_stands, carried_out
from scheduler.listeners.heartbeat import HEARTBEAT_FILE, Heartbeat
from scheduler.loop import Listener

NOON, ONE = (local(7, 15, time) for time in ("12:00", "13:00"))
PRETENDED_NOON = local_of("12:00")
SOON, MINUTE = timedelta(seconds=7), timedelta(minutes=1)
SAFE = Setting(Mode.SELF_CONSUMPTION, 30)


class Asked(House):
    """A house whose owner waits for what comes of each request. `told` is what they hear."""

    def __init__(self, folder: Path, **more: Any) -> None:
        super().__init__(folder, AFTERNOON, NOON, safety=Safety(5, SAFE), **more)
        self.told: list[CarriedOut] = []
        self.patience = 600.0
        self._asking: list[asyncio.Task[None]] = []
        polls = {self.site.name: self.site.poll}
        self.heartbeat = Heartbeat(folder / HEARTBEAT_FILE, "1", polls, lambda _: None)

    def listeners(self) -> Sequence[Listener]:
        return (*super().listeners(), self.heartbeat)

    def wait_for(self, reply: asyncio.Future[Any]) -> None:
        async def wait() -> None:
            await reply
            assert self.loop is not None
            self.told.append(await carried_out(self.loop, self.patience))

        self._asking.append(asyncio.create_task(wait()))

    def holds(self, *reserves: int) -> None:
        """Hold one after another, ten seconds apart."""
        for number, reserve in enumerate(reserves):
            at = ONE + SOON + number * timedelta(seconds=10)
            self.at(at, lambda reserve=reserve: self.wait_for(self.hold("ann", reserve=reserve)))

    @property
    def beat(self) -> dict[str, Any]:
        beat = self.heartbeat.known()["sites"]["home"]
        assert isinstance(beat, dict)
        return beat


def done(reserve: int) -> CarriedOut:
    return CarriedOut(f"the gateway has self_consumption, reserve {reserve} %", done=True)


def test_six_holds_within_a_minute_are_all_done_and_the_seventh_is_told_when(
    tmp_path: Path,
) -> None:
    house = Asked(tmp_path)
    house.holds(70, 71, 72, 73, 74, 75, 76)
    house.play(ONE + 3 * MINUTE)
    assert house.told == [
        *map(done, (70, 71, 72, 73, 74, 75)),
        CarriedOut(
            "not written yet: 6 of 6 writes that the owner requested in the last hour;"
            " next at 14:01",
            done=False,
        ),
    ]
    assert house.setting == Setting(Mode.SELF_CONSUMPTION, 75)
    (blocker,) = house.beat["blockers"]
    assert blocker["text"] == "6 of 6 writes that the owner requested in the last hour"
    assert blocker["until"] == (ONE + SOON + timedelta(hours=1)).isoformat()
    house.play(ONE + timedelta(hours=1, minutes=2))
    assert house.setting.reserve == 76
    assert house.beat["blockers"] == []


def test_the_safe_state_may_use_what_the_rules_have_left(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.holds(70, 71, 72, 73, 74, 75, 76)
    house.at(ONE + 2 * MINUTE, lambda: house.wait_for(house.release("ann")))
    house.at(ONE + 3 * MINUTE, lambda: house.wait_for(house.resume("ann")))
    house.play(ONE + 4 * MINUTE)
    assert house.told[-2] == done(30)
    assert not house.told[-1].done
    assert house.setting == SAFE


def test_over_a_restart_the_owner_s_requests_are_counted_apart_as_well(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.holds(70, 71, 72, 73, 74, 75)
    house.play(ONE + 2 * MINUTE)
    house.at(ONE + 3 * MINUTE, lambda: house.wait_for(house.hold("ann", reserve=76)))
    house.play(ONE + 4 * MINUTE)
    assert "6 of 6 writes that the owner requested" in house.told[-1].text


def test_a_resume_takes_back_an_override_and_says_so(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.at(local(7, 15, "14:10"), house.gateway.set_in_app, Setting(Mode.SELF_CONSUMPTION, 60))
    house.at(local(7, 15, "14:30"), lambda: house.wait_for(house.resume("ann")))
    house.play(local(7, 15, "14:35"))
    assert house.told == [CarriedOut("the gateway has backup, reserve 100 %", done=True)]
    assert house.actions[-1].cause == Cause.OWNER


def asked(*, fails: type[actions.Observe | actions.Apply] | None = None, **seen: Any) -> Desk:
    """A hold at a desk, one tick later."""
    desk = Desk(start=PRETENDED_NOON).tick()
    desk.world = replace(desk.world, **seen)
    if fails is not None:
        desk.fails[fails].extend([AWAY] * 9)
    desk.take(events.Hold(desk.now, "ann", reserve=70))
    return desk.tick()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "self_consumption, reserve 70 % was sent at 19:01:00 UTC and is not read back yet"),
        ({"running": False}, "not written yet: the battery is stopped"),
        (
            {"fails": actions.Apply},
            "not written yet: the last attempt failed: nobody there; pausing before the next; next",
        ),
        ({"fails": actions.Observe}, "not written yet: the gateway cannot be read: nobody there;"),
    ],
)
def test_what_hinders_it_is_told(wrong: dict[str, Any], told: str) -> None:
    desk = asked(**wrong)
    if wrong.get("fails") is actions.Apply:
        desk.tick(after=timedelta(seconds=10))
    found = as_it_stands(desk.state)
    assert not found.done
    assert found.text.startswith(told)


def test_nothing_is_told_before_a_look() -> None:
    desk = Desk(start=PRETENDED_NOON).tick()
    assert as_it_stands(desk.state).done
    desk.take(events.Hold(desk.now, "ann", reserve=20))
    assert as_it_stands(desk.state).text.startswith("not done yet: the daemon has not finished")
    assert as_it_stands(desk.tick().state).done


def test_a_dry_run_says_that_nothing_is_written(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.holds(70)
    house.play(ONE + MINUTE, dry_run=True)
    (told,) = house.told
    assert not told.done
    assert told.text.startswith("not written: the daemon only advises")


def test_the_end_of_the_daemon_is_told(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.holds(70)
    house.play(ONE + SOON + timedelta(seconds=2))
    (told,) = house.told
    assert told == CarriedOut(
        "not done yet: the daemon is ending; the next one goes on with it", done=False
    )


def test_nobody_waits_longer_than_that(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.patience = 0.0
    house.holds(70)
    house.play(ONE + MINUTE)
    (told,) = house.told
    assert told.text == "not done yet: the daemon has not finished a look at the gateway since"


def test_the_heartbeat_names_the_reasons(tmp_path: Path) -> None:
    house = Asked(tmp_path)
    house.holds(70, 71, 72, 73, 74, 75, 76)
    house.play(ONE + 3 * MINUTE)
    told = json.loads((tmp_path / HEARTBEAT_FILE).read_text())["sites"]["home"]
    assert told["blockers"] == house.beat["blockers"] != []
