"""Sites that the Fleet API writes, by the real loop and the real library: whole days, and trouble.

What is asserted comes from three witnesses: the journal, the home's own record, and the cloud's
record with its bill.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fleet_house import FleetHouse
from house import AFTERNOON, EVERYDAY, EXAMPLES, FULL, SELF, local
from simulated import LOS_ANGELES, SteadyHousehold, mode_and_reserve

from rules.domain import Mode, Setting
from scheduler.cli.status import _lines
from scheduler.domain import Kind
from scheduler.gateways import StoredPause
from scheduler.listeners.heartbeat import beat
from scheduler.loop import Resting, Ticked
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_plan import Fault

TOU = EXAMPLES / "tou_sce.toml"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HALF_PAST_ONE = local(7, 15, "13:30")
FIVE_TO_FOUR, FOUR = local(7, 15, "15:55"), local(7, 15, "16:00")
LATEST = 3 * MINUTE
"""How long after a command the simulated cloud has carried it out."""


def site(folder: Path, *faults: Fault, **more: Any) -> FleetHouse:
    """A home that draws 800 W, so that what a battery does can be told from what it does not."""
    rules, start = more.pop("rules", TOU), more.pop("start", HALF_PAST_ONE)
    terms = {"soe": 90.0, "household": SteadyHousehold(load=800.0), "poll": 2 * MINUTE} | more
    return FleetHouse(folder, rules, start, cloud_faults=faults, **terms)


def by_cloud_alone(folder: Path, *faults: Fault, **more: Any) -> FleetHouse:
    return site(folder, *faults, at_home=False, profile="26.18", **more)


def obeyed(house: FleetHouse, at: datetime) -> Setting:
    """What the home obeyed at an instant, by its own record."""
    return mode_and_reserve([each.setting for each in house.record.settings if each.at <= at][-1])


def effects(house: FleetHouse) -> list[tuple[Setting, str]]:
    """What the power flows showed, write by write."""
    return [
        (Setting(Mode(each.fields["wanted_mode"]), each.fields["wanted_reserve"]), str(verdict))
        for each in house.entries(Kind.EFFECT)
        for verdict in [each.fields["effect"]]
    ]


def assert_held(house: FleetHouse) -> None:
    """All that was decided was written, held, and truly in effect minutes later."""
    assert house.actions
    assert set(house.outcomes()) == {"held"}
    for action, following in zip(house.actions, [*house.actions[1:], None], strict=True):
        if following is None or following.at - action.at > LATEST:
            assert obeyed(house, action.at + LATEST) == action.wanted
    assert not house.notes()


# --- days --------------------------------------------------------------------------------------


def times_of(house: FleetHouse) -> list[tuple[str, Setting]]:
    return [(f"{each.at.astimezone(LOS_ANGELES):%H:%M}", each.wanted) for each in house.actions]


def test_a_day_read_at_home_and_written_by_the_cloud(tmp_path: Path) -> None:
    start = local(7, 15, "11:30")
    house = site(tmp_path, start=start, soe=50.0).play(start + DAY)
    assert_held(house)
    times, settings = zip(*times_of(house), strict=True)
    half = Setting(Mode.BACKUP, 60), Setting(SELF, 60)
    assert settings == (*half, FULL, EVERYDAY, Setting(SELF, 29), EVERYDAY)
    assert (times[0], times[2], times[3], times[5]) == ("12:00", "14:00", "15:55", "06:00")
    # Two of the six show nothing that the setting before would not have shown.
    assert effects(house) == [
        (Setting(Mode.BACKUP, 60), "confirmed"),
        (FULL, "confirmed"),
        (EVERYDAY, "confirmed"),
        (EVERYDAY, "confirmed"),
    ]
    # The owner's login at home wrote nothing, and the cloud was asked for nothing else.
    assert not house.record.writes
    bill = house.cloud.bill()
    assert bill.commands == len(house.commands()) == 2 + 9
    assert bill.requests <= 2 * 25  # once an hour for what is not seen at home
    assert bill.dollars < 0.12


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "start", "a_day"),
    [
        ("tou_sce", local(7, 15, "11:30"), 9.5),
        ("tou_sce", local(3, 9, "11:30", year=2027), 9.5),  # the clocks go forward
        ("tou_sce_2018", local(10, 26, "12:30"), 4),  # and back
    ],
)
def test_ten_days_of_the_examples(tmp_path: Path, name: str, start: datetime, a_day: float) -> None:
    house = site(tmp_path, rules=EXAMPLES / f"{name}.toml", start=start, soe=50.0)
    house.play(start + 10 * DAY)
    assert_held(house)
    assert {effect for _, effect in effects(house)} == {"confirmed"}
    assert len(house.commands()) <= 2 + 10 * a_day
    data = sum(day["data"] for day in house.billed().values())
    assert data <= 10 * 49 + 2


def test_two_days_by_the_cloud_alone(tmp_path: Path) -> None:
    start = local(7, 1, "05:30")
    house = by_cloud_alone(tmp_path, start=start, soe=50.0).play(start + 2 * DAY)
    assert_held(house)
    assert {effect for _, effect in effects(house)} == {"confirmed"}
    assert [each for each in times_of(house) if each[0] in {"12:00", "14:00", "15:55"}] == 2 * [
        ("12:00", Setting(Mode.BACKUP, 60)),
        ("14:00", FULL),
        ("15:55", EVERYDAY),
    ]
    # Ten dollars a month, a quarter of it for writes, are a poll every quarter of an hour.
    whole = house.billed()[datetime(2026, 7, 2).date()]  # noqa: DTZ001 -- a date
    assert 90 <= whole["data"] <= 170
    assert house.dollars() / 2 * 31 <= 10.0
    assert house.loop is not None
    usage = house.loop.state.capabilities.usage
    assert usage is not None
    bill = house.cloud.bill()
    assert usage.requests_this_month == bill.requests
    assert usage.commands_this_month == bill.commands
    assert usage.dollars == pytest.approx(bill.dollars)


def test_a_loop_that_seldom_polls_says_that_it_lives_and_what_was_used(tmp_path: Path) -> None:
    house = by_cloud_alone(tmp_path, rules=AFTERNOON).play(local(7, 15, "17:00"))
    said = [each.at for each in house.heard if isinstance(each, Ticked | Resting)]
    assert max(b - a for a, b in pairwise(said)) <= 5 * MINUTE
    tick = [each for each in house.heard if isinstance(each, Ticked)][-1]
    known = json.loads(json.dumps(beat(tick, 30.0)))
    assert known["poll"] > 400.0
    bill = house.cloud.bill()
    assert (known["usage"]["requests_this_month"], known["usage"]["commands_this_month"]) == (
        bill.requests,
        bill.commands,
    )
    shown = dict(_lines(known | {"age": 290.0, "timezone": "America/Los_Angeles"}, tick.at))
    assert shown["heartbeat"] == "290 s ago, one every 300 s"
    counted = f"{bill.requests} requests and {bill.commands} commands"
    dollars = f"{bill.dollars:.2f} of 10 dollars"
    text = f"{counted} today, {counted} this month (UTC): {dollars}; within the budget"
    assert shown["usage"] == text


# --- trouble -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [site, by_cloud_alone])
def test_a_token_that_expires_a_minute_before_a_write(tmp_path: Path, make: Any) -> None:
    expired = Fault(CloudFaultKind.TOKENS_EXPIRE, FOUR - MINUTE, FOUR)
    house = make(tmp_path, expired, rules=AFTERNOON).play(local(7, 15, "17:00"))
    assert_held(house)
    assert [each.at for each in house.actions] == [local(7, 15, "14:00"), FOUR]
    refused = [each for each in house.requests if each.status == 401]
    assert [each.at for each in refused] == [FOUR]
    assert [each.refusal for each in house.cloud.record.refreshes] == [""]


def test_a_cloud_that_is_down_before_the_peak(tmp_path: Path) -> None:
    down = Fault(CloudFaultKind.DOWN, FIVE_TO_FOUR - 5 * MINUTE, FIVE_TO_FOUR + 25 * MINUTE)
    house = site(tmp_path, down).play(local(7, 15, "18:00"))
    tries = [each for each in house.actions if each.at >= FIVE_TO_FOUR]
    assert [each.outcome for each in tries[:-1]] == ["unreachable"] * (len(tries) - 1)
    assert tries[0].at == FIVE_TO_FOUR
    assert (tries[-1].wanted, tries[-1].outcome) == (EVERYDAY, "held")
    assert obeyed(house, tries[-1].at + LATEST) == EVERYDAY
    assert "unreachable" not in house.kinds()  # the home was read all the time
    assert tries[-1].at <= down.end + HOUR


@pytest.mark.parametrize("kind", [CloudFaultKind.COMMAND_IGNORED, CloudFaultKind.COMMAND_UNACTED])
def test_a_command_accepted_and_never_done_is_seen_at_home_and_sent_again(
    tmp_path: Path, kind: CloudFaultKind
) -> None:
    lost = Fault(kind, FIVE_TO_FOUR - MINUTE, FIVE_TO_FOUR + 10 * MINUTE)
    house = site(tmp_path, lost).play(local(7, 15, "17:30"))
    first, second = house.actions[-2:]
    assert (first.at, first.outcome) == (FIVE_TO_FOUR, "mismatch")
    assert second.outcome == "held"
    assert second.at - first.at <= 17 * MINUTE
    assert obeyed(house, second.at - MINUTE) == FULL
    assert obeyed(house, second.at + LATEST) == EVERYDAY
    assert effects(house)[-1] == (EVERYDAY, "confirmed")


def test_a_command_that_the_cloud_only_shows_is_found_out_by_its_effect(tmp_path: Path) -> None:
    kind = CloudFaultKind.COMMAND_UNACTED
    lost = Fault(kind, FIVE_TO_FOUR - MINUTE, FIVE_TO_FOUR + 10 * MINUTE)
    house = by_cloud_alone(tmp_path, lost).play(local(7, 15, "18:30"))
    first, second = house.actions[-2:]
    assert (first.at, first.outcome, second.outcome) == (FIVE_TO_FOUR, "held", "held")
    assert second.cause == "no effect seen"
    assert second.at - first.at <= HOUR
    assert effects(house)[-2:] == [(EVERYDAY, "contradicted"), (EVERYDAY, "confirmed")]
    assert obeyed(house, second.at + LATEST) == EVERYDAY


def test_a_reserve_that_would_be_snapped_is_never_sent(tmp_path: Path) -> None:
    snaps = Fault(CloudFaultKind.RESERVE_SNAPPED, HALF_PAST_ONE, FOUR + DAY)
    rules = AFTERNOON.replace("reserve = 20", "reserve = 90")
    house = site(tmp_path, snaps, rules=rules, profile="26.18").play(local(7, 15, "17:30"))
    assert set(house.outcomes()) == {"held"}
    assert house.setting == Setting(SELF, 80)
    asked = {each.asked.reserve for each in house.cloud.record.commands}
    assert asked - {None} == {80, 100}
    ((_, text),) = house.notes("out_of_reach")
    assert "90 %: this route cannot set it; 80 % is set instead" in text


# --- the budget ---------------------------------------------------------------------------------


def have_used(house: FleetHouse, day: str, requests: int) -> None:
    """An earlier process has left this in the meter."""
    client = house.cloud.application.client_id
    pause = StoredPause().to_json()
    used = {"day": day, "requests_today": 0, "commands_today": 0}
    month = {"requests_this_month": requests, "commands_this_month": 0}
    left = {"version": 1, "requests": pause, "renewals": pause, "told": "WITHIN"}
    meter = house.path.with_name(f"{house.path.stem}-fleet-usage-{client}.json")
    meter.write_text(json.dumps(used | month | left))
    meter.chmod(0o600)


@pytest.mark.parametrize(
    "days", [2, pytest.param(12, marks=pytest.mark.long, id="to the month's end")]
)
def test_a_budget_that_runs_out_on_the_twentieth_keeps_its_share_for_writes(
    tmp_path: Path, days: int
) -> None:
    start = local(7, 20, "08:00")
    house = by_cloud_alone(tmp_path, start=start, soe=50.0)
    have_used(house, "2026-07-20", 3749)  # of 3750
    house.play(start + days * DAY)
    july = [each for each in house.actions if each.at < local(7, 31, "17:00")]
    assert len(july) == 3 * days
    assert {each.outcome for each in house.actions} == {"held"}
    for action in july:
        assert obeyed(house, action.at + LATEST) == action.wanted
    assert house.kinds() == ["budget"]
    ((_, text),) = house.notes("budget")
    assert "until 2026-08-01 it is only read for what is to be written" in text
    billed = house.billed()
    whole = billed[datetime(2026, 7, 21).date()]  # noqa: DTZ001 -- a date
    assert whole["data"] <= 16
    if days == 12:
        july_dollars = 3749 / 500 + sum(
            each["data"] / 500 + each["command"] / 1000
            for day, each in billed.items()
            if day.month == 7
        )
        assert july_dollars <= 10.0
        assert billed[datetime(2026, 8, 1).date()]["data"] >= 60  # noqa: DTZ001 -- a date
