"""A daemon whose journal was damaged, and that does not know what it did last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from house import AFTERNOON, EVERYDAY, FULL, SELF, House, local, trouble

from rules.domain import Setting
from scheduler.domain import Kind
from scheduler.journal.sqlite import SqliteJournal
from scheduler.simulator.fault_plan import FaultKind

NOON, TWO, FOUR = (local(7, 15, time) for time in ("12:00", "14:00", "16:00"))
POLL, MINUTE, HOUR = timedelta(seconds=30), timedelta(minutes=1), timedelta(hours=1)
MINE = Setting(SELF, 60)
CHECK = AFTERNOON + '[[rule]]\nname = "look"\nwhen = { at = "13:58" }\ndo = "firmware-check"\n'


def back_up(house: House) -> None:
    """What the nightly upkeep does."""

    async def upkeep() -> None:
        journal = await SqliteJournal.open(house.path, house.clock, ["home"])
        while await journal.upkeep(house.clock.now()):
            pass
        await journal.close()

    asyncio.run(upkeep())


def damage(house: House) -> None:
    """What a bad card does to a file; its log is gone with it."""
    for suffix in ("-wal", "-shm"):
        house.path.with_name(house.path.name + suffix).unlink(missing_ok=True)
    with house.path.open("r+b") as file:
        file.seek(0)
        file.write(b"\xff" * 4096)


@pytest.fixture(params=[True, False], ids=["with a backup", "without"])
def broken(request: pytest.FixtureRequest) -> Callable[[House], None]:
    def breaks(house: House) -> None:
        damage(house)
        if not request.param:
            for backup in house.path.parent.rglob("*backup*"):
                if backup.is_file():
                    backup.unlink()

    return breaks


def test_nothing_is_written_for_an_hour_and_then_what_the_rules_want(
    tmp_path: Path, broken: Callable[[House], None]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON).play(NOON + 10 * MINUTE)
    back_up(house)
    house.play(TWO + 10 * MINUTE)
    assert house.setting == FULL
    broken(house)
    house.gateway.set_in_app(EVERYDAY)
    restart = TWO + 11 * MINUTE
    house.wait(restart)
    house.play(FOUR - POLL)
    assert house.rows("SELECT count(*) FROM gap WHERE site = :site") == [(1,)]
    late = [at for at, _ in house.writes if at > TWO + 10 * MINUTE]
    assert restart + HOUR <= late[0] <= restart + HOUR + 2 * POLL
    assert house.setting == FULL
    assert not house.entries(Kind.OVERRIDE)
    told = [text for _, text in house.notes("held_back")]
    assert any("the journal was restored" in text for text in told)


def test_a_restart_within_that_hour_does_not_shorten_it(
    tmp_path: Path, broken: Callable[[House], None]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON).play(NOON + 10 * MINUTE)
    broken(house)
    house.wait(TWO - 20 * MINUTE)
    for minute in (5, 10, 30, 45):
        house.play(TWO - 20 * MINUTE + minute * MINUTE)
    house.play(FOUR - POLL)
    made = [at for at, _ in house.writes if at > NOON + 10 * MINUTE]
    assert made[0] >= TWO - 20 * MINUTE + HOUR
    assert house.setting == FULL


def test_an_event_that_may_have_fired_does_not_fire_again(
    tmp_path: Path, broken: Callable[[House], None]
) -> None:
    house = House(tmp_path, CHECK, NOON, poll=2 * MINUTE).play(NOON + 10 * MINUTE)
    back_up(house)
    house.play(TWO)
    assert len(house.record.update_checks) == 1
    broken(house)
    house.play(TWO + 10 * MINUTE)
    assert len(house.record.update_checks) == 1
    house.play(TWO + 24 * HOUR)
    assert len(house.record.update_checks) == 2


def test_one_whole_reading_comes_before_the_first_write(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON).play(NOON + 10 * MINUTE)
    damage(house)
    house.wait(TWO - 20 * MINUTE)
    hour = TWO - 20 * MINUTE + HOUR
    house.gateway._faults = type(house.gateway._faults).scripted(
        [trouble(FaultKind.NO_ANSWER, TWO - 21 * MINUTE, hour + 7 * MINUTE, "/api/operation")]
    )
    house.play(FOUR - POLL)
    made = [at for at, _ in house.writes if at > NOON + 10 * MINUTE]
    # The reading is whole again at the first poll, and the write is for the next.
    assert hour + 7 * MINUTE + POLL <= made[0] <= hour + 7 * MINUTE + 3 * POLL


def test_an_override_of_the_backup_is_respected_while_it_shows(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, TWO - MINUTE)
    house.at(TWO + 10 * MINUTE, house.gateway.set_in_app, MINE)
    house.play(TWO + 20 * MINUTE)
    back_up(house)
    house.play(TWO + 25 * MINUTE)
    damage(house)
    house.play(FOUR - POLL)
    assert house.setting == MINE


def test_a_setting_that_was_ours_after_the_backup_is_no_override(tmp_path: Path) -> None:
    # The override of the backup is over, the setting of its end is ours, and nobody remembers.
    rules = AFTERNOON.replace("14:00-16:00", "14:00-15:00")
    house = House(tmp_path, rules, TWO - MINUTE)
    house.at(TWO + 10 * MINUTE, house.gateway.set_in_app, MINE)
    house.play(TWO + 20 * MINUTE)
    back_up(house)
    house.play(TWO + 70 * MINUTE)
    assert house.setting == EVERYDAY
    damage(house)
    # The rules have changed meanwhile, too: no boundary ends the override by itself.
    house.rules.write_text(AFTERNOON, encoding="utf-8")
    house.play(TWO + 80 * MINUTE)
    rows = house.rows("SELECT state, detail FROM override ORDER BY id")
    assert [state for state, _ in rows] == ["began", "ended"]
    assert rows[-1][1] == "the journal lost what came after it"


def test_what_the_backup_says_of_the_last_write_counts_no_more(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, TWO - MINUTE).play(TWO + 10 * MINUTE)
    back_up(house)

    async def held() -> bool:
        journal = await SqliteJournal.open(house.path, house.clock, ["home"])
        found = (await journal.past("home")).held_write
        await journal.close()
        return found is not None

    assert asyncio.run(held())
    damage(house)
    assert not asyncio.run(held())
