"""The owner's word above the rules, in the life of a loop."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from house import AFTERNOON, BASE, EVERYDAY, FULL, SELF, House, local

from rules.domain import Mode, Part, Setting
from rules.engine import Decision
from rules.resolve import Levers
from scheduler.domain import HoldRecord, Safety, Word
from scheduler.errors import WordRefused
from scheduler.holding import Wish, end_of, laid_over, refuse

NOON = local(7, 15, "12:00")
ONE, TWO, THREE, FOUR, SIX = (
    local(7, 15, time) for time in ("13:00", "14:00", "15:00", "16:00", "18:00")
)
POLL = timedelta(seconds=30)
SOON = timedelta(seconds=7)
ANN = "ann (uid 1000)"
SAFE = Setting(SELF, 30)
EIGHTY = Setting(SELF, 80)


class Owner:
    """Speaks to the loop of a house; what came of it is in `answers`."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.answers: list[object] = []

    def hold(self, at: datetime, **wish: Any) -> None:
        self.house.at(at, self._ask, "hold", Wish(ANN, **wish))

    def release(self, at: datetime) -> None:
        self.house.at(at, self._ask, "release", ANN)

    def resume(self, at: datetime) -> None:
        self.house.at(at, self._ask, "resume", ANN)

    def _ask(self, what: str, *args: object) -> None:
        getattr(self.house.loop, what)(*args).add_done_callback(self._hear)

    def _hear(self, done: asyncio.Future[object]) -> None:
        self.answers.append(str(done.exception()) if done.exception() else done.result())


def owned(folder: Path, rules: str = AFTERNOON, start: datetime = NOON, **more: Any) -> Owner:
    return Owner(House(folder, rules, start, **more))


def words(house: House) -> list[tuple[str, str]]:
    rows = house.rows("SELECT word, by FROM hold WHERE site = :site ORDER BY id")
    return [(str(word), str(by)) for word, by in rows]


def reasons(house: House) -> list[str]:
    return [str(reason) for (reason,) in house.rows("SELECT reason FROM decision ORDER BY id")]


def causes(house: House) -> list[str]:
    return [action.cause for action in house.actions]


# --- above the rules --------------------------------------------------------------------------


def test_a_hold_is_followed_at_once_and_ends_by_the_clock(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE + SOON, reserve=80, until="13:30")
    house = owner.house.play(TWO - POLL)
    end = local(7, 15, "13:30")
    assert house.writes == [(ONE + SOON, EIGHTY), (end, EVERYDAY)]
    assert causes(house) == ["the owner's word", "time boundary"]
    assert words(house) == [("hold", ANN), ("resume", "the clock")]
    assert "reserve 80 % by the owner's word until 13:30; self_consumption by default" in reasons(
        house
    )


def test_a_hold_stands_over_a_window_that_begins_and_ends_meanwhile(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE + SOON, reserve=80, mode=SELF, lasting="4h")
    house = owner.house.play(SIX)
    assert [setting for _, setting in house.writes] == [EIGHTY, EVERYDAY]
    assert house.writes[1][0] == ONE + SOON + timedelta(hours=4)


def test_a_hold_that_ends_within_a_window_gives_it_back(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE + SOON, reserve=80, mode=SELF, until="15:00")
    house = owner.house.play(SIX)
    assert house.writes == [(ONE + SOON, EIGHTY), (THREE, FULL), (FOUR, EVERYDAY)]


def test_what_a_hold_does_not_name_goes_on_by_the_rules(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE + SOON, reserve=50, until="18:00")
    house = owner.house.play(SIX - POLL)
    assert [setting for _, setting in house.writes] == [
        Setting(SELF, 50),
        Setting(Mode.BACKUP, 50),
        Setting(SELF, 50),
    ]
    assert [at for at, _ in house.writes[1:]] == [TWO, FOUR]
    winners = house.rows("SELECT winners FROM decision ORDER BY id DESC LIMIT 1")
    assert winners == [('{"mode":"default","reserve":"owner"}',)]


def test_a_new_hold_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE, reserve=80, until="20:00")
    owner.hold(ONE + SOON, mode=Mode.BACKUP, until="13:30")
    house = owner.house.play(TWO - POLL)
    assert house.setting == EVERYDAY
    assert words(house) == [("hold", ANN), ("hold", ANN), ("resume", "the clock")]


def test_the_same_hold_with_another_end_is_a_decision_of_its_own(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE, reserve=80, until="13:20")
    owner.hold(ONE + SOON, reserve=80, until="13:40")
    house = owner.house.play(TWO - POLL)
    assert [at for at, _ in house.writes] == [ONE, local(7, 15, "13:40")]
    assert any("until 13:40" in reason for reason in reasons(house))


def test_no_dwell_time_holds_the_owner_back(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE, reserve=80)
    owner.resume(ONE + timedelta(minutes=2))
    owner.hold(ONE + timedelta(minutes=4), reserve=80)
    house = owner.house.play(TWO - POLL)
    assert [setting for _, setting in house.writes] == [EIGHTY, EVERYDAY, EIGHTY]
    assert "held_back" not in house.kinds()


def test_a_hold_passes_a_change_by_hand_and_is_looked_at_again_at_its_end() -> None:
    by_rules = Decision(
        Setting(SELF, 20), {Part.MODE: "default", Part.RESERVE: "default"}, (), until=FOUR
    )
    word = HoldRecord(NOON, Word.HOLD, Setting(reserve=80), THREE, ANN)
    assert laid_over(by_rules, word) == Decision(
        Setting(SELF, 80),
        {Part.MODE: "default", Part.RESERVE: "owner"},
        (),
        insists=True,
        until=THREE,
    )
    assert laid_over(by_rules, word).until == THREE
    assert laid_over(by_rules, replace(word, until=None)).until == FOUR


# --- resume and release -----------------------------------------------------------------------


def test_a_release_goes_to_the_safe_state_and_stays_until_resume(tmp_path: Path) -> None:
    owner = owned(tmp_path, safety=Safety(5, SAFE))
    owner.release(ONE + SOON)
    owner.resume(THREE + SOON)
    house = owner.house.play(SIX)
    assert house.writes == [(ONE + SOON, SAFE), (THREE + SOON, FULL), (FOUR, EVERYDAY)]
    assert words(house) == [("release", ANN), ("resume", ANN)]
    assert any("by the owner's word, the safe state until taken back" in r for r in reasons(house))


def test_a_resume_of_nothing_changes_nothing(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.resume(ONE + SOON)
    house = owner.house.play(TWO - POLL)
    assert owner.answers == [()]
    assert (house.writes, words(house)) == ([], [])


# --- what it survives -------------------------------------------------------------------------


@pytest.mark.parametrize("kill", [True, False])
def test_a_hold_survives_a_restart(tmp_path: Path, kill: bool) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE + SOON, reserve=80, until="17:00")
    house = owner.house.play(ONE + 3 * POLL, kill=kill)
    house.play(TWO - POLL)
    house.play(SIX)
    assert house.writes[0] == (ONE + SOON, EIGHTY)
    assert house.writes[-1] == (local(7, 15, "17:00"), EVERYDAY)
    assert {setting.reserve for _, setting in house.writes[:-1]} == {80}


def test_a_hold_whose_end_came_while_nobody_ran_is_ended_at_the_start(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    owner.hold(ONE + SOON, reserve=80, lasting="5m")
    house = owner.house.play(ONE + 3 * POLL, kill=True)
    house.wait(ONE + 12 * POLL)
    house.play(TWO - POLL)
    assert words(house) == [("hold", ANN), ("resume", "the clock")]
    # Its end is a boundary, so the setting that was left six minutes ago is gone back to at once.
    assert house.writes == [(ONE + SOON, EIGHTY), (ONE + 12 * POLL, EVERYDAY)]


@pytest.mark.parametrize("sound", [True, False])
def test_a_hold_survives_a_reload(tmp_path: Path, sound: bool) -> None:
    owner = owned(tmp_path)
    house = owner.house
    owner.hold(ONE, reserve=80, until="13:40")
    text = BASE.replace("reserve = 20", "reserve = 25") if sound else "no rules"
    house.at(ONE + 3 * POLL, house.rules.write_text, text + AFTERNOON.removeprefix(BASE))
    house.at(ONE + 4 * POLL, house.reload)
    house.play(TWO - POLL)
    assert [s.reserve for _, s in house.writes] == [80, 25 if sound else 20]
    assert house.writes[1][0] == local(7, 15, "13:40")


@pytest.mark.parametrize("hours", [-2, 2])
def test_its_end_is_by_the_clock_on_the_wall_however_that_is_set(
    tmp_path: Path, hours: int
) -> None:
    owner = owned(tmp_path, BASE + "\n[[rule]]\nname='x'\nwhile={grid='down'}\nset={reserve=20}\n")
    house = owner.house
    owner.hold(ONE, reserve=80, until="14:00")
    house.at(ONE + timedelta(minutes=30), house.clock.step_wall, timedelta(hours=hours))
    house.play(SIX)
    assert [setting for _, setting in house.writes] == [EIGHTY, EVERYDAY]
    stepped = ONE + timedelta(minutes=30) + POLL
    ended = house.writes[1][0]
    assert ended <= stepped if hours > 0 else ended == TWO + timedelta(hours=2)


def test_a_hold_that_cannot_be_journaled_is_not_followed(tmp_path: Path) -> None:
    owner = owned(tmp_path)
    house = owner.house
    full = "CREATE TRIGGER full BEFORE INSERT ON hold BEGIN SELECT RAISE(FAIL, 'full'); END"
    for at, statement in ((ONE - SOON, full), (ONE + 2 * POLL + SOON, "DROP TRIGGER full")):
        house.at(at, execute, house.path, statement)
    owner.hold(ONE, reserve=80)
    house.play(TWO - POLL)
    assert "full" in str(owner.answers[0])
    assert house.writes == []


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (Setting(), "nothing to hold"),
        (Setting(reserve=5), "under the floor of 10 %; hold at least 10 %"),
        (Setting(reserve=85), "does not hold a reserve of 85 %; nearest: 80 % and 100 %"),
        (Setting(reserve=101), "a reserve is 0 to 100 %, not 101 %"),
        (Setting(reserve=-1), "a reserve is 0 to 100 %, not -1 %"),
        (Setting(Mode.AUTONOMOUS), "autonomous cannot be set by this route; it can set backup"),
    ],
)
def test_what_cannot_be_held_is_refused_with_the_way_out(setting: Setting, said: str) -> None:
    with pytest.raises(WordRefused) as refusal:
        refuse(setting, Levers(reserve_ceiling=80), 10)
    assert said in str(refusal.value)


def test_what_is_legal_but_under_the_floor_is_not_named() -> None:
    with pytest.raises(WordRefused) as refusal:
        refuse(Setting(reserve=90), Levers(reserve_ceiling=80), 85)
    assert str(refusal.value).endswith("nearest: 100 %")


def test_the_owner_hears_of_the_floor_and_nothing_changes(tmp_path: Path) -> None:
    owner = owned(tmp_path, safety=Safety(10, EVERYDAY))
    owner.hold(ONE, reserve=5)
    house = owner.house.play(TWO - POLL)
    (answer,) = owner.answers
    assert "floor of 10 %" in str(answer)
    assert (house.writes, words(house)) == ([], [])


# --- until when -------------------------------------------------------------------------------

ZONE = ZoneInfo("America/Los_Angeles")
SPRING, AUTUMN = local(3, 7, "20:00"), local(11, 1, "01:10")


@pytest.mark.parametrize(
    ("now", "until", "lasting", "end"),
    [
        (NOON, None, None, None),
        (NOON, "22:00", None, local(7, 15, "22:00")),
        (NOON, "12:00", None, local(7, 16, "12:00")),
        (NOON, "07:30", None, local(7, 16, "07:30")),
        (NOON, "24:00", None, local(7, 16, "00:00")),
        (NOON, "2026-07-18 07:30", None, local(7, 18, "07:30")),
        (NOON, "2026-07-15T20:00+00:00", None, datetime(2026, 7, 15, 20, tzinfo=UTC)),
        (NOON, None, "3h", THREE),
        (NOON, None, "90m", local(7, 15, "13:30")),
        (SPRING, "07:00", None, local(3, 8, "07:00")),
        (SPRING, None, "12h", local(3, 8, "09:00")),
        (AUTUMN, "01:30", None, local(11, 1, "01:30")),
        (AUTUMN + timedelta(minutes=30), "01:30", None, local(11, 1, "01:30", fold=1)),
    ],
)
def test_until_when(
    now: datetime, until: str | None, lasting: str | None, end: datetime | None
) -> None:
    assert end_of(until, lasting, now, ZONE) == end


@pytest.mark.parametrize(
    ("now", "until", "lasting", "said"),
    [
        (NOON, "25:00", None, "until 25:00: must be a time of day"),
        (NOON, "soon", None, "until soon: must be a time of day"),
        (NOON, "", None, "until : must be a time of day"),
        (NOON, "2026-02-30 10:00", None, "must be a time like"),
        (NOON, "2026-07-15 11:59", None, "over already: 2026-07-15 11:59"),
        (NOON, "2062-07-15 11:59", None, "more than a year away"),
        (NOON, "9999-12-31 23:59", None, "no year of ours"),
        (NOON, None, "0m", "over already"),
        (NOON, None, "forever", "for forever: must be a duration"),
        (NOON, "22:00", "3h", "not both"),
        (SPRING, "02:30", None, "the clocks go forward over 02:30 on 08 March"),
        (NOON, "2027-03-14 02:30", None, "the clocks go forward over 02:30 on 14 March"),
    ],
)
def test_an_end_that_never_comes_is_refused(
    now: datetime, until: str | None, lasting: str | None, said: str
) -> None:
    with pytest.raises(WordRefused) as refusal:
        end_of(until, lasting, now, ZONE)
    assert said in str(refusal.value)
