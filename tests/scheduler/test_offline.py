"""The owner's word where no daemon runs, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from house import AFTERNOON, EVERYDAY, FULL, SELF, House, local, trouble
from journaling import stored

from rules.domain import Setting
from scheduler.clock import Clock
from scheduler.config import Config, Site
from scheduler.control.events import Hold
from scheduler.domain import Kind
from scheduler.errors import ConfigProblem, NotAnswered, RequestRefused
from scheduler.loop import MakeGateway
from scheduler.process.compose import Run
from scheduler.process.offline import LONGEST, hold_offline, resume_offline
from scheduler.simulator.fault_plan import Fault, FaultKind

ONE, TWO = local(7, 15, "13:00"), local(7, 15, "14:00")
HALF_PAST_TWO = local(7, 15, "14:30")
ANN = "ann (uid 1000)"
RUN = Run("1.2.0", "boot:1")


def follow(house: House, by: str, **wish: Any) -> str:
    def route(_site: Site, _journal: Path, _clock: Clock, _run: Run) -> MakeGateway:
        return house._route()

    config = Config(house.path, (house.site,))
    return asyncio.run(
        hold_offline(config, house.site, partial(Hold, by=by, **wish), house.clock, RUN, (), route)
    )


def ends(house: House) -> list[str]:
    return house.kept(Kind.RUN_END, "reason")


def test_it_runs_until_the_word_is_held_and_no_longer(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, ONE)
    said = follow(house, ANN, reserve=60, until="22:00")
    assert said == "reserve 60 % by manual hold until 22:00 (PDT)"
    assert house.writes == [(ONE, Setting(SELF, 60))]
    assert house.outcomes() == ["held"]
    assert ends(house) == ["the hold is in effect"]
    assert house.unstepped() - ONE < timedelta(minutes=1)


def test_the_next_daemon_follows_it_and_ends_it(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, ONE)
    follow(house, ANN, mode=SELF, reserve=60, until="14:30")
    house.play(local(7, 15, "16:30"))
    assert [setting for _, setting in house.writes] == [Setting(SELF, 60), FULL, EVERYDAY]
    assert house.writes[1][0] == HALF_PAST_TWO


def test_what_is_refused_makes_no_tick(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, TWO)  # the rules would write now
    with pytest.raises(RequestRefused, match="under the floor"):
        follow(house, ANN, reserve=1)
    assert house.writes == []
    assert ends(house) == ["the request is refused"]


def test_what_is_not_held_in_three_minutes_is_told_with_its_reason(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, ONE)
    house.home.grid_services = True
    with pytest.raises(NotAnswered, match=r"not held: .*grid services are active") as problem:
        follow(house, ANN, reserve=60)
    assert problem.value.exit_code == 1
    assert ends(house) == ["not held within 180 s"]
    assert LONGEST <= house.unstepped() - ONE < LONGEST + timedelta(seconds=31)


@pytest.mark.parametrize(
    "fault",
    [
        trouble(FaultKind.BAD_GATEWAY, ONE, TWO, "/api/operation"),
        trouble(FaultKind.IGNORED_WRITE, ONE, TWO),
        trouble(FaultKind.NO_ANSWER, ONE + timedelta(seconds=1), TWO),
    ],
    ids=["unreadable", "ignoring", "lost"],
)
def test_a_gateway_in_trouble_is_no_success(tmp_path: Path, fault: Fault) -> None:
    house = House(tmp_path, AFTERNOON, ONE, faults=[fault])
    with pytest.raises(NotAnswered, match="not held: "):
        follow(house, ANN, reserve=60)


def test_what_is_there_already_is_held_without_a_write(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, ONE)
    follow(house, ANN, reserve=20)
    assert house.writes == []
    assert ends(house) == ["the hold is in effect"]


def test_a_journal_of_another_user_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, AFTERNOON, ONE).play(ONE + timedelta(minutes=1))
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(ConfigProblem, match=r"belongs to .*, by sudo -u "):
        follow(house, ANN, reserve=60)
    assert len(ends(house)) == 1


def test_a_resume_is_a_row_for_the_next_daemon(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, ONE)
    follow(house, ANN, reserve=60)
    config = Config(house.path, (house.site,))
    for _ in range(2):
        asyncio.run(resume_offline(config, house.site, ANN, house.clock, RUN))
    rows = stored(house.path, "SELECT word FROM hold ORDER BY id")
    assert rows == [("hold",), ("resume",)]
    assert house.setting == Setting(SELF, 60)
    house.play(TWO - timedelta(seconds=30))
    assert house.setting == EVERYDAY
