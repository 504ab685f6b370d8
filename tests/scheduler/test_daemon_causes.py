"""What made the decision change is known over a restart, and so is all that it wanted."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from house import AFTERNOON, EVERYDAY, FULL, SELF, House, local
from journaling import Recorder, decision, with_run

from rules.domain import Export, Mode, Setting
from scheduler.config import Config
from scheduler.control.hold import resumed
from scheduler.domain import DecisionRecord, Kind
from scheduler.journal.sqlite import SqliteJournal
from scheduler.loop import Notification, Recorded, Ticked
from scheduler.process.compose import Run
from scheduler.process.offline import resume_offline
from scheduler.process.status import offline_status

START, TWO, FOUR = (local(7, 15, time) for time in ("13:40", "14:00", "16:00"))
POLL, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
MINE = Setting(SELF, 60)
SHORT = AFTERNOON.replace("14:00-16:00", "14:00-14:05")


class Killed(BaseException):
    """The process is gone: nobody catches this."""


class DiesOnceDecided(list[Notification]):
    def append(self, notification: Notification) -> None:
        if isinstance(notification, Recorded) and isinstance(notification.record, DecisionRecord):
            raise Killed


def test_a_boundary_is_one_though_the_process_died_right_after_it(tmp_path: Path) -> None:
    house = House(tmp_path, SHORT, START).play(TWO + 4 * MINUTE)
    house.heard = DiesOnceDecided()
    house.play(TWO + 6 * MINUTE)
    assert house.setting == FULL
    house.heard = []
    house.play(FOUR)
    # Not held back by the dwell, which is for rules that change their mind.
    assert house.setting == EVERYDAY
    assert house.writes[-1][0] <= TWO + 6 * MINUTE + POLL
    assert house.actions[-1].cause == "time boundary"


def test_once_in_effect_a_boundary_is_no_cause_any_more(tmp_path: Path) -> None:
    rules = AFTERNOON.replace('"14:00-16:00"', '"14:00-16:00", soe_above = 10')
    house = House(tmp_path, rules, START).play(TWO + 4 * MINUTE).play(FOUR - MINUTE)
    assert house.kept(Kind.DECISION, "cause")[-1:] == ["time boundary"]
    assert house.outcomes() == ["held"]


def test_a_decision_comes_back_with_all_its_parts(tmp_path: Path) -> None:
    whole = Setting(Mode.BACKUP, 70, grid_charging=False, export=Export.SOLAR)

    async def there_and_back(journal: SqliteJournal, recorder: Recorder) -> DecisionRecord:
        record = decision(setting=whole)
        await recorder.commit(record)
        past = (await journal.past("home")).decision
        assert past is not None
        assert past.record == record
        return past.record

    assert with_run(tmp_path / "journal.sqlite", there_and_back).setting == whole


# --- what the owner is shown ------------------------------------------------------------------


def test_an_override_is_shown_as_long_as_it_is_respected(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    house.at(TWO + 20 * MINUTE, house.gateway.set_in_app, MINE)
    house.play(FOUR + 10 * MINUTE)
    ticks = [each for each in house.heard if isinstance(each, Ticked)]
    shown = [tick for tick in ticks if tick.override is not None]
    assert TWO + 20 * MINUTE < shown[0].at <= TWO + 23 * MINUTE
    assert shown[-1].at < FOUR
    assert {tick.override.found for tick in shown if tick.override} == {MINE}
    assert len(shown) > 150


def test_it_is_shown_without_a_daemon_too(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    house.at(TWO + 20 * MINUTE, house.gateway.set_in_app, MINE)
    house.play(TWO + 30 * MINUTE)
    config = Config(house.path, (house.site,), tmp_path / "socket")
    beat = offline_status(config, ["home"])["sites"]["home"]["override"]
    assert beat["found"] == {"mode": "self_consumption", "reserve": 60}
    json.dumps(beat)
    house.play(FOUR + 10 * MINUTE)
    now = offline_status(config, ["home"])["sites"]["home"]
    assert now["override"] is None
    assert now["last_write"]


@pytest.mark.parametrize(
    ("held", "overridden", "said"),
    [
        (False, False, "nothing was held; the rules decide"),
        (True, False, "the hold is ended; the rules decide again"),
        (False, True, "the override is ended; the rules decide again"),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_resume_says_what_it_ended(
    tmp_path: Path, held: bool, overridden: bool, said: str, alone: bool
) -> None:
    house = House(tmp_path, AFTERNOON, START)
    answers: list[tuple[str, ...]] = []
    if overridden:
        house.at(TWO + 20 * MINUTE, house.gateway.set_in_app, MINE)
    if held:
        house.at(TWO + 22 * MINUTE, lambda: house.hold("anna", reserve=70))

    def resume() -> None:
        assert house.loop is not None
        house.resume("anna").add_done_callback(lambda done: answers.append(done.result()))

    if not alone:
        house.at(TWO + 30 * MINUTE, resume)
    house.play(TWO + 32 * MINUTE)
    if alone:
        config, run = Config(house.path, (house.site,)), Run("1.2.0", "boot:2")
        ended = asyncio.run(resume_offline(config, house.site, "anna", house.clock, run))
        answers.append(ended)
        house.play(TWO + 34 * MINUTE)
    assert [resumed(answer) for answer in answers] == [said]
    assert house.setting == FULL
