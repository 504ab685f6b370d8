"""The coming hours of a simulated home are those that a rule test of it goes through."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from rule_testing import household, loaded

from rules.domain import AppPercent, GridStatus, Mode, Observation, Part, Setting
from rules.engine import Memory, Plan, decide, memory_to_json
from rules.inputs import DatedValue, Inputs
from rules.testing import RuleTestFile
from scheduler.control import Terms
from scheduler.domain import (
    Cause,
    DecisionRecord,
    HoldKind,
    HoldRecord,
    Past,
    PastDecision,
    Safety,
)
from scheduler.rule_tests import Beginning, Forecast, forecast, play

SAFE = Setting(Mode.SELF_CONSUMPTION, 0)
TERMS = Terms(Safety(0, SAFE), timedelta(minutes=1))
HOUR = timedelta(hours=1)

RULES = """
[[rule]]
name  = "half full"
while = { time = "12:00-14:00" }
set   = { battery = "charge", to = 60 }

[[rule]]
name  = "keep a low battery"
while = { time = "21:00-06:00", soe_below = 45 }
set   = { battery = "hold" }

[[rule]]
name     = "sunny"
priority = 5
while    = { solar_above = "3 kW", soe_above = 50 }
for      = "5m"
set      = { reserve = 40 }

[[rule]]
name = "noon"
when = { at = "12:30" }
do   = "notify"
message = "noon"
"""

TEST = """
[[test]]
name  = "a home"
start = "2026-07-06 11:00"
end   = "2026-07-07 11:00"
home  = { soe = 35, seed = 7 }
[[test.expect]]
at     = "12:30"
writes = { at_least = 0 }
"""


def begins(file: RuleTestFile, at: datetime, **more: object) -> Beginning:
    known = {"terms": TERMS, "levers": file.levers, **more}
    return Beginning(at, **known)  # type: ignore[arg-type]


def foreseen(file: RuleTestFile, **more: object) -> Forecast:
    (test,) = file.tests
    home = test.house.home
    assert home is not None
    made = household(home, file.rules.almanac.zone)
    return forecast(file.rules, begins(file, test.start, **more), home, made, test.end)


def in_words(found: Forecast) -> list[str]:
    return [
        f"{each.start:%H:%M} {each.setting} <- {' '.join(dict.fromkeys(each.winners.values()))}"
        for each in found.wanted
    ]


def test_it_goes_as_the_rule_test_of_the_same_home(tmp_path: Path) -> None:
    file = loaded(tmp_path, RULES, TEST)
    (test,) = file.tests
    assert test.house.home is not None
    found = foreseen(file)
    played = play(test, file, household(test.house.home, file.rules.almanac.zone))
    assert (found.writes, found.events) == (played.writes, played.events)
    for wanted in found.wanted:
        for at in (wanted.start, wanted.end - timedelta(seconds=1)):
            tick = played.tick_at(at)
            assert (wanted.wanted, wanted.setting) == (tick.decision.setting, tick.setting)
            assert wanted.winners == tick.decision.winners
    winners = {name for each in found.wanted for name in each.winners.values()}
    assert winners == {"half full", "keep a low battery", "sunny", "default"}


def test_it_tells_every_minute_without_a_gap(tmp_path: Path) -> None:
    found = foreseen(loaded(tmp_path, RULES, TEST))
    seen = {each.at for each in found.seen}
    start = found.wanted[0].start
    assert {start + number * timedelta(minutes=1) for number in range(24 * 60 + 1)} <= seen
    assert found.seen[0].soe == 35.0
    for one, other in zip(found.wanted, found.wanted[1:], strict=False):
        assert one.end == other.start
    assert found.wanted[-1].end == start + 24 * HOUR
    for each in found.seen:
        assert None not in (each.site_power, each.load_power, each.solar_power, each.battery_power)


def test_a_given_value_stays_fresh_and_a_flag_expires(tmp_path: Path) -> None:
    rules = """
[[rule]]
name  = "sun"
while = { input = "sun", above = 25, oldest = "30m" }
set   = { reserve = 30 }
[[rule]]
name     = "storm"
priority = 1
while    = { flag = "storm" }
set      = { reserve = 70 }
"""
    file = loaded(tmp_path, rules, TEST)
    start = file.tests[0].start
    inputs = Inputs({"storm": start + 2 * HOUR}, {"sun": DatedValue(30.0, start)})
    assert in_words(foreseen(file, inputs=inputs)) == [
        "18:00 self_consumption, reserve 70 % <- storm default",
        "20:00 self_consumption, reserve 30 % <- sun default",
    ]


def test_with_the_grid_down_it_stays_down(tmp_path: Path) -> None:
    rule = """
[[rule]]
name  = "outage"
while = { grid = "down" }
set   = { mode = "backup" }
"""
    found = foreseen(loaded(tmp_path, rule, TEST), grid=GridStatus.ISLANDED)
    assert {each.site_power for each in found.seen} == {0.0}
    assert in_words(found)[-1].endswith("backup, reserve 20 % <- outage default")


def test_the_hold_of_the_owner_goes_on_and_ends_in_time(tmp_path: Path) -> None:
    file = loaded(tmp_path, RULES, TEST)
    start = file.tests[0].start
    hold = HoldRecord(start - HOUR, HoldKind.HOLD, Setting(reserve=77), start + 3 * HOUR, "ann")
    found = foreseen(file, past=Past(hold=hold), setting=Setting(Mode.SELF_CONSUMPTION, 77))
    first = found.wanted[0]
    assert first.setting == Setting(Mode.SELF_CONSUMPTION, 77)
    assert first.winners[Part.RESERVE] == "owner"
    (after,) = [each for each in found.wanted if each.start == start + 3 * HOUR]
    assert "owner" not in after.winners.values()


def test_a_reserve_that_a_rule_holds_goes_on(tmp_path: Path) -> None:
    rule = """
[[rule]]
name  = "hold"
while = { time = "10:00-20:00" }
set   = { battery = "hold" }
"""
    file = loaded(tmp_path, rule, TEST.replace("soe = 35", "soe = 31"))
    at = file.tests[0].start - HOUR
    plan = Plan.of(file.rules, file.levers)
    seen = Observation(at, soe=AppPercent(38.0), grid=GridStatus.CONNECTED)
    decision, memory = decide(plan, seen, Memory(at), Inputs(), at)
    record = DecisionRecord(
        at,
        decision.setting,
        decision.winners,
        file.rules.digest,
        "held",
        memory_to_json(memory),
        Cause.TIME,
    )
    past = Past(next_number=9, decision=PastDecision(8, record))
    told = foreseen(file, past=past, setting=decision.setting)
    assert told.wanted[0].setting == Setting(Mode.SELF_CONSUMPTION, 38)
    fresh = foreseen(file, setting=decision.setting)
    assert fresh.wanted[0].setting == Setting(Mode.SELF_CONSUMPTION, 31)
