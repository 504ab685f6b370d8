"""Days of ordinary life: every expected action at its minute, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import (
    AFTERNOON,
    BASE,
    EVERYDAY,
    EXAMPLES,
    FULL,
    SELF,
    House,
    local,
    play_together,
)
from simulated import LOS_ANGELES, SteadyHousehold

from rules.domain import Mode, Setting
from scheduler.domain import Kind, Safety

AUTUMN = pytest.param(local(10, 26, "12:30"), id="autumn")  # clocks go back on Sunday 1 November
SPRING = pytest.param(local(3, 9, "12:30", year=2027), id="spring")  # forward on Sunday 14 March
DAYS = 10
LONG_SPRING = pytest.param(*SPRING.values, id="spring", marks=pytest.mark.long)

EMPTY = Setting(SELF, 5)


def wall(instant: datetime) -> str:
    return f"{instant.astimezone(LOS_ANGELES):%d %b %H:%M:%S}"


def told(acts: list[tuple[datetime, Setting]]) -> list[str]:
    return [f"{wall(at)} {setting}" for at, setting in acts]


def each_day(start: datetime, *times: str, days: int = DAYS) -> list[datetime]:
    """These times of the wall clock on each local date, in order, from `start` for some days."""
    first = start.astimezone(LOS_ANGELES).date()
    end = start.astimezone(LOS_ANGELES) + timedelta(days=days)
    instants = [
        local(date.month, date.day, time, year=date.year)
        for date in (first + timedelta(days=day) for day in range(days + 1))
        for time in times
    ]
    return [instant for instant in instants if start < instant < end]


def end_of(start: datetime, days: int = DAYS) -> datetime:
    """The same time of the wall clock, days later."""
    return start.astimezone(LOS_ANGELES) + timedelta(days=days)


@pytest.mark.parametrize("start", [AUTUMN, LONG_SPRING])
def test_ten_days_of_the_schedule_of_2018(tmp_path: Path, start: datetime) -> None:
    house = House(tmp_path, EXAMPLES / "tou_sce_2018.toml", start, poll=timedelta(minutes=5))
    house.play(end_of(start))
    expected = [(start, EMPTY)] + [
        (at, EMPTY if "07:55" in wall(at) else FULL) for at in each_day(start, "07:55", "22:05")
    ]
    assert told(house.writes) == told(expected)
    assert [(each.at, each.wanted) for each in house.actions] == house.writes
    assert set(house.outcomes()) == {"held"}
    assert house.record.update_checks == each_day(start, "07:15")
    assert not house.notes()


@pytest.mark.parametrize(
    ("start", "days"),
    [
        pytest.param(local(3, 12, "12:30", year=2027), 3, id="spring"),
        *(
            pytest.param(*each.values, DAYS, id=f"ten days of {each.id}", marks=pytest.mark.long)
            for each in (AUTUMN, SPRING)
        ),
    ],
)
def test_days_of_today_s_schedule(tmp_path: Path, start: datetime, days: int) -> None:
    # 300 W and no sun: each noon begins under 60 % and each two o'clock finds 60 % held.
    house = House(
        tmp_path,
        EXAMPLES / "tou_sce.toml",
        start - timedelta(hours=1),
        household=SteadyHousehold(load=300.0),
        soe=50.0,
        poll=timedelta(minutes=2),
    ).play(end_of(start, days) - timedelta(hours=1))
    half_full = [at for at, setting in house.writes if setting == Setting(SELF, 60)]
    noons = each_day(start - timedelta(hours=1), "12:00", days=days)
    assert all(
        timedelta(0) < at - noon < timedelta(minutes=75)
        for at, noon in zip(half_full, noons, strict=True)
    )
    wants = {
        "12:00": Setting(Mode.BACKUP, 60),
        "14:00": FULL,
        "15:55": EVERYDAY,
    }
    clockwork = [
        (at, wants[wall(at)[-8:-3]])
        for at in each_day(start - timedelta(hours=1), *wants, days=days)
    ]
    expected = sorted([*clockwork, *((at, Setting(SELF, 60)) for at in half_full)])
    assert told(house.writes) == told(expected)
    assert set(house.outcomes()) == {"held"}
    assert house.record.update_checks == each_day(start, "15:00", days=days)
    assert not house.notes()


def test_each_check_for_firmware_is_recorded_with_its_end(tmp_path: Path) -> None:
    start, poll = local(10, 26, "06:00"), timedelta(minutes=5)
    house = House(tmp_path, EXAMPLES / "tou_sce_2018.toml", start, newer="21.44", poll=poll)
    house.play(end_of(start, 2))
    fired = house.entries(Kind.EVENT)
    assert house.kept(Kind.EVENT, "rule") == 2 * ["firmware in the morning"]
    assert house.kept(Kind.EVENT, "state") == 2 * ["fired"]
    scheduled = house.kept(Kind.EVENT, "scheduled_at")
    assert [datetime.fromisoformat(at) for at in scheduled] == [event.at for event in fired]
    assert house.kept(Kind.FIRMWARE_CHECK, "result") == ["staged", "staged"]
    assert house.kept(Kind.FIRMWARE_CHECK, "event_id") == [event.id for event in fired]


def test_a_quiet_day_asks_at_most_four_times_a_poll(tmp_path: Path) -> None:
    start = local(7, 15, "00:00")
    house = House(tmp_path, AFTERNOON, start).play(end_of(start, 1))
    polls = len(house.asked("/api/system_status/soe"))
    assert polls >= 2880
    assert len(house.record.requests) <= 4 * polls
    assert len(house.writes) == 2


def test_what_is_left_alone_is_not_written(tmp_path: Path) -> None:
    rules = AFTERNOON.replace('mode = "self_consumption"\nreserve = 20', "leave = true")
    house = House(tmp_path, rules, local(7, 15, "13:00")).play(local(7, 15, "20:00"))
    assert house.writes == [(local(7, 15, "14:00"), FULL)]
    assert not house.probes  # not even to see whether it could be written
    assert house.setting == FULL


@pytest.mark.parametrize("seconds", [2, 40])
def test_a_change_just_before_a_boundary_is_respected_until_then_only(
    tmp_path: Path, seconds: int
) -> None:
    house = House(tmp_path, AFTERNOON, local(7, 15, "13:00"))
    four = local(7, 15, "16:00")
    elsewhere = Setting(SELF, 55)
    house.at(four - timedelta(seconds=seconds), house.gateway.set_in_app, elsewhere)
    house.play(local(7, 15, "16:30"))
    assert house.writes[-1] == (four, EVERYDAY)


BUSY = BASE + "".join(
    f"""
[[rule]]
name  = "backup {number}"
while = {{ time = "14:{minute:02}-14:{minute + 4:02}" }}
set   = {{ mode = "backup", reserve = 100 }}
"""
    for number, minute in enumerate(range(0, 50, 8))
)
"""Wants fourteen changes within an hour."""


def test_a_dry_run_writes_nothing_and_says_what_the_real_one_does(tmp_path: Path) -> None:
    start, end = local(7, 15, "13:00"), local(7, 15, "18:00")
    for name in ("dry", "real"):
        (tmp_path / name).mkdir()
    dry = House(tmp_path / "dry", BUSY, start).play(end, dry_run=True)
    real = House(tmp_path / "real", BUSY, start).play(end)
    assert not dry.writes
    assert not dry.asked("/api/config/completed")
    assert {request.method for request in dry.record.requests if "login" not in request.path} == {
        "GET"
    }
    assert set(dry.outcomes(would=True)) == {"would"}
    assert not dry.outcomes(would=False)
    assert [(a.at, a.wanted) for a in dry.actions] == [(a.at, a.wanted) for a in real.actions]
    assert len(real.writes) >= 6
    assert [k for k in dry.kinds() if k == "held_back"]  # the same caps


def test_a_dry_run_goes_on_with_its_shadow_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, local(7, 15, "13:00"))
    house.play(local(7, 15, "15:00"), dry_run=True).play(local(7, 15, "17:00"), dry_run=True)
    assert [(a.at, a.wanted) for a in house.actions] == [
        (local(7, 15, "14:00"), FULL),
        (local(7, 15, "16:00"), EVERYDAY),
    ]


def test_a_dry_run_asks_for_no_firmware_check(tmp_path: Path) -> None:
    house = House(tmp_path, EXAMPLES / "tou_sce_2018.toml", local(7, 15, "07:00"))
    house.play(local(7, 15, "08:00"), dry_run=True)
    assert not house.record.update_checks
    assert house.kept(Kind.FIRMWARE_CHECK, "result") == ["would"]


def test_the_caps_leave_the_sixth_write_of_an_hour_to_the_safe_state(tmp_path: Path) -> None:
    house = House(tmp_path, BUSY, local(7, 15, "13:50")).play(local(7, 15, "16:00"))
    in_the_hour = [at for at, _ in house.writes if at < local(7, 15, "15:00")]
    assert len(in_the_hour) == 6
    assert house.writes[5][1] == EVERYDAY
    assert house.setting == EVERYDAY


def test_the_owner_may_allow_less(tmp_path: Path) -> None:
    safety = Safety(5, EVERYDAY, writes_an_hour=6, writes_a_day=3)
    house = House(tmp_path, BUSY, local(7, 15, "13:50"), safety=safety)
    house.play(local(7, 15, "20:00"))
    assert len(house.probes + house.actions) == 3


def test_the_floor_holds_whatever_the_rules_say(tmp_path: Path) -> None:
    rules = AFTERNOON.replace("reserve = 20", "reserve = 0")
    safety = Safety(30, Setting(SELF, 30))
    house = House(tmp_path, rules, local(7, 15, "13:00"), safety=safety)
    assert house.play(local(7, 15, "13:30")).writes == [(local(7, 15, "13:00"), Setting(SELF, 30))]


def test_two_sites_in_one_process_share_nothing_but_the_journal(tmp_path: Path) -> None:
    start = local(7, 15, "13:00")
    here = House(tmp_path, AFTERNOON, start, name="here")
    later = AFTERNOON.replace("14:00-16:00", "14:30-15:30")
    there = House(tmp_path, later, start, name="there", profile="1.15", clock=here.clock)
    asyncio.run(play_together([here, there], local(7, 15, "18:00")))
    assert told(here.writes) == told(
        [(local(7, 15, "14:00"), FULL), (local(7, 15, "16:00"), EVERYDAY)]
    )
    assert told(there.writes) == told(
        [(local(7, 15, "14:30"), FULL), (local(7, 15, "15:30"), EVERYDAY)]
    )
    for house in (here, there):
        assert [(each.at, each.wanted) for each in house.actions] == house.writes
        assert house.outcomes() == ["held", "held"]
        assert len(house.entries(Kind.RUN_END)) == 1
