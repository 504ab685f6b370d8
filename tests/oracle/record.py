"""Records the oracle: `PYTHONPATH=.:tests:tests/oracle python tests/oracle/record.py [NAME ...]`.

Each scenario is a function of this file: the real daemon on the simulated gateway in virtual time.
Its docstring is what the recording says it is about. See README.md beside this file.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from house import AFTERNOON, BASE, EVERYDAY, EXAMPLES, FULL, SAFETY, SELF, local
from scripted import refusal
from simulated import LOS_ANGELES, SteadyHousehold
from tape import Json, TapedHouse

from rules.domain import GridStatus, Mode
from rules.errors import PwschedError
from scheduler.errors import JournalProblem
from scheduler.gateways.protocol import FullSetting
from scheduler.happenings import Decided, Fired, Happening, Intended
from scheduler.holding import Wish
from scheduler.inputs import set_flag, take_back
from scheduler.journal.writer import Journal
from scheduler.reconcile import Safety
from scheduler.simulator.faults import Fault, FaultKind, FaultPlan
from scheduler.simulator.home import Outage
from scheduler.simulator.household import Household
from scheduler.simulator.profiles import Role

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
POLL, SOON = 30 * SECOND, 7 * SECOND
NOON, ONE, TWO, THREE, FOUR, FIVE, SIX = (local(7, 15, f"{hour}:00") for hour in range(12, 19))
START = local(7, 15, "13:40")
SEVEN, QUARTER_PAST, EIGHT, TEN = (local(7, 15, at) for at in ("07:00", "07:15", "08:00", "10:00"))
MINE, OTHER, EARLY = FullSetting(SELF, 60), FullSetting(Mode.BACKUP, 40), FullSetting(SELF, 50)
INPUTS = Path("inputs")
ANN = "ann (uid 1000)"
ALL_DAY = BASE + '[[rule]]\nname = "always"\nset = { mode = "backup", reserve = 100 }\n'
CHECK_AT = '[[rule]]\nname = "look"\nwhen = { at = "AT" }\ndo = "firmware-check"\n'
GRID_RULES = """
[[rule]]
name     = "the grid is away"
priority = 50
while    = { grid = "down" }
keep     = "20m"
set      = { mode = "backup", reserve = 100 }

[[rule]]
name    = "say so"
when    = { grid = "down" }
for     = "1m"
do      = "notify"
message = "The grid is down."
"""
Play = Callable[[], TapedHouse]


def wall(zone: str, text: str, fold: int = 0) -> datetime:
    there = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return there.astimezone(UTC)


def example(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


def fault(kind: FaultKind, start: datetime, end: datetime, **more: Any) -> Fault:
    return Fault(kind, start, end, **more)


def app(house: TapedHouse, at: datetime, setting: FullSetting = MINE) -> None:
    house.at(at + SOON, house.gateway.set_in_app, setting)


def stop_battery(house: TapedHouse) -> None:
    house.gateway._set_running(house.unstepped(), running=False, cause="somebody")


def run_battery(house: TapedHouse) -> None:
    house.gateway._set_running(house.unstepped(), running=True, cause="somebody")


def put(name: str, text: str) -> None:
    """A file of the input folder, as whoever refreshes one writes it."""
    target = INPUTS / name
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    new.write_text(text, "utf-8")
    new.replace(target)


class Killed(BaseException):
    """The process is gone: nobody catches this."""


class DiesOf(list[Happening]):
    """Kills the process as it hears of a kind of happening."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def append(self, happening: Happening) -> None:
        if isinstance(happening, self._kind):
            raise Killed
        super().append(happening)


Answer = Callable[[httpx.Request, Callable[[httpx.Request], Any]], Any]


def meddle(house: TapedHouse, method: str, path: str, answer: Answer) -> Callable[[], None]:
    """Stand between the house and one path of its gateway; what is returned ends it."""
    whole = house.transport.handle_async_request

    async def between(request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) == (method, path):
            response: httpx.Response = await answer(request, whole)
            return response
        return await whole(request)

    house.transport.handle_async_request = between  # type: ignore[method-assign]
    return lambda: setattr(house.transport, "handle_async_request", whole)


async def dies(_request: httpx.Request, _whole: Any) -> httpx.Response:
    raise Killed


async def done_and_dies(request: httpx.Request, whole: Any) -> httpx.Response:
    await whole(request)
    raise Killed


# --- whole days of the shipped examples ---------------------------------------------------------


def summer_day() -> TapedHouse:
    """A summer weekday of examples/tou_sce.toml, with a firmware check before the peak."""
    start = local(7, 15, "00:00")
    house = TapedHouse(
        example("tou_sce.toml"), start, soe=45.0, poll=MINUTE, household=Household(7, LOS_ANGELES)
    )
    return house.play(start + 24 * HOUR)


def winter_weekend() -> TapedHouse:
    """A winter weekend of examples/tou_sce.toml."""
    start = local(1, 17, "00:00")
    house = TapedHouse(
        example("tou_sce.toml"),
        start,
        soe=35.0,
        poll=2 * MINUTE,
        household=Household(11, LOS_ANGELES),
    )
    return house.play(start + 48 * HOUR)


def storm_day() -> TapedHouse:
    """A day of examples/storm.toml: a flag with an expiry, an app change that does not stand."""
    zone = "America/New_York"
    start = wall(zone, "2026-09-09T06:00")
    house = TapedHouse(
        example("storm.toml"),
        start,
        soe=60.0,
        poll=MINUTE,
        inputs=INPUTS,
        household=Household(8, ZoneInfo(zone), 40.7, -74.0),
    )
    house.at(start + 4 * HOUR + SOON, set_flag, INPUTS, "storm", start + 14 * HOUR)
    app(house, start + 9 * HOUR, EVERYDAY)
    app(house, start + 16 * HOUR, MINE)
    return house.play(start + 22 * HOUR)


def half_hourly_day() -> TapedHouse:
    """A day of examples/half_hourly.toml; tomorrow's prices come at four in the afternoon."""
    zone = "Europe/London"
    start = wall(zone, "2026-07-15T06:00")

    def publish(first: datetime, hours: int) -> None:
        slots = []
        for half in range(2 * hours):
            begin = first + half * HOUR / 2
            hour = begin.astimezone(ZoneInfo(zone)).hour + half % 2 / 2
            price = 0.19 - 0.14 * math.cos(math.tau * (hour - 4.5) / 24) * (1 + half % 3 / 7)
            price = -0.02 if 13 <= hour < 14 else round(price, 4)
            slots.append(
                {
                    "start": begin.isoformat(),
                    "end": (begin + HOUR / 2).isoformat(),
                    "import": price,
                    "export": round(price / 2, 4),
                }
            )
        put("prices.json", json.dumps(slots))

    publish(start - 6 * HOUR, 24)
    house = TapedHouse(
        example("half_hourly.toml"),
        start,
        soe=40.0,
        poll=MINUTE,
        inputs=INPUTS,
        household=Household(5, ZoneInfo(zone), 51.5, 0.0),
    )
    house.at(start + 10 * HOUR + SOON, publish, start - 6 * HOUR, 48)
    return house.play(start + 24 * HOUR)


def outage_prone_day() -> TapedHouse:
    """A day of examples/outage_prone.toml with an outage of three hours and a short one."""
    zone = "America/Puerto_Rico"
    start = wall(zone, "2026-08-05T06:00")
    outages = [
        Outage(start + 5 * HOUR + SOON, start + 8 * HOUR + 10 * MINUTE),
        Outage(start + 12 * HOUR, start + 12 * HOUR + 90 * SECOND),
    ]
    house = TapedHouse(
        example("outage_prone.toml"),
        start,
        soe=55.0,
        poll=MINUTE,
        outages=outages,
        household=Household(9, ZoneInfo(zone), 18.4, -66.1),
    )
    return house.play(start + 24 * HOUR)


def critical_peak_day() -> TapedHouse:
    """The evening before a critical-peak day of examples/critical_peak.toml, and that day."""
    start = local(7, 15, "17:00")
    house = TapedHouse(
        example("critical_peak.toml"),
        start,
        soe=70.0,
        poll=MINUTE,
        household=Household(3, LOS_ANGELES),
    )
    return house.play(local(7, 16, "22:00"))


def two_rule_files() -> TapedHouse:
    """Two rule files, the second with dates and a rule of its own; changed by a reload."""
    dates = '[dates]\nevent-days = ["2026-07-15"]\n'
    more = """
[[rule]]
name     = "guests"
priority = 5
while    = { time = "13:00-14:00" }
set      = { reserve_at_least = 70 }
"""
    second = Path("more.toml")
    second.write_text(dates + more, "utf-8")
    house = TapedHouse(example("critical_peak.toml"), NOON, soe=70.0)
    house.site = replace(house.site, rules=(house.rules, second))
    house.rules_at_first = house.rules_text()

    def change() -> None:
        second.write_text(dates.replace("15", "16") + more.replace("70", "75"), "utf-8")
        house.reload()

    house.at(ONE + 20 * MINUTE + SOON, change)
    return house.play(FIVE)


@dataclass(frozen=True, slots=True)
class WithACar:
    """A house whose car charges from eleven, with pauses, and once in the peak."""

    timezone: ZoneInfo = LOS_ANGELES

    def load_w(self, at: datetime) -> float:
        there = at.astimezone(self.timezone)
        minute = there.hour * 60 + there.minute
        charging = minute >= 23 * 60 or minute < 3 * 60 or 18 * 60 <= minute < 18 * 60 + 25
        pause = minute % 50 < 6
        tail = 3 * 60 <= minute < 3 * 60 + 30
        return 600.0 + (7_000.0 if charging and not pause else 2_800.0 if tail else 0.0)

    def solar_w(self, at: datetime) -> float:
        there = at.astimezone(self.timezone)
        return max(0.0, 4_000.0 * math.sin(math.pi * (there.hour + there.minute / 60 - 6) / 13))


def car_at_night() -> TapedHouse:
    """A night of examples/ev_night.toml: a load that lasts, tapers and pauses; told in the peak."""
    start = local(7, 15, "17:00")
    house = TapedHouse(example("ev_night.toml"), start, soe=85.0, poll=MINUTE, household=WithACar())
    return house.play(start + 15 * HOUR)


def export_limited_night() -> TapedHouse:
    """A night of examples/export_limited.toml: a forecast that grows old, a lever not there."""
    zone = "Australia/Brisbane"
    start = wall(zone, "2026-01-20T15:00")

    def forecast(kwh: float, at: datetime) -> None:
        put("values/sun.json", json.dumps({"value": kwh, "at": at.isoformat()}))

    forecast(34.0, start - 2 * HOUR)
    house = TapedHouse(
        example("export_limited.toml"),
        start,
        soe=90.0,
        poll=MINUTE,
        inputs=INPUTS,
        household=Household(6, ZoneInfo(zone), -27.5, 153.0, panels_w=10_000.0),
    )
    house.at(start + 11 * HOUR + SOON, forecast, 8.0, start + 11 * HOUR)
    return house.play(start + 18 * HOUR)


# --- clock changes ------------------------------------------------------------------------------

IN_THE_HOUR = (
    BASE
    + """
[[rule]]
name  = "within the hour"
while = { time = "FROM-TO" }
set   = { mode = "backup", reserve = 100 }

[[rule]]
name  = "across it"
while = { time = "00:30-04:00", soe_below = 90 }
set   = { reserve_at_least = 40 }

[[rule]]
name    = "once"
when    = { at = "AT" }
do      = "notify"
message = "It is AT."
"""
)


def _night(start: datetime, times: Sequence[str]) -> TapedHouse:
    rules = IN_THE_HOUR
    for name, text in zip(("FROM", "TO", "AT"), times, strict=True):
        rules = rules.replace(name, text)
    house = TapedHouse(rules, start, household=Household(8, LOS_ANGELES))
    return house.play(start + 9 * HOUR)


def autumn_night() -> TapedHouse:
    """The night in which the clocks go back, with a window and an event in the hour that is twice.

    The owner holds something until a time in that hour, too.
    """
    start = local(10, 31, "21:00")
    rules = IN_THE_HOUR.replace("FROM", "01:15").replace("TO", "01:45").replace("AT", "01:30")
    house = TapedHouse(rules, start, household=Household(8, LOS_ANGELES))
    house.ask(local(11, 1, "01:50") + SOON, "hold", Wish(ANN, reserve=70, until="01:20"))
    return house.play(start + 9 * HOUR)


def spring_night() -> TapedHouse:
    """The night in which the clocks go forward, with a window and an event in the hour missing."""
    return _night(local(3, 7, "21:00"), ("02:15", "02:45", "02:30"))


def autumn_example() -> TapedHouse:
    """examples/tou_sce_2018.toml from evening to noon over the end of summer time."""
    start = local(10, 31, "21:30")
    house = TapedHouse(
        example("tou_sce_2018.toml"),
        start,
        soe=30.0,
        poll=MINUTE,
        household=Household(4, LOS_ANGELES),
    )
    return house.play(start + 14 * HOUR)


# --- the grid -----------------------------------------------------------------------------------


def outage_by_day() -> TapedHouse:
    """An outage over a boundary, with rules for it, and a grid that is in trouble afterwards."""
    house = TapedHouse(
        AFTERNOON + GRID_RULES,
        NOON,
        outages=[Outage(TWO - 10 * MINUTE + SOON, TWO + 25 * MINUTE)],
        faults=[
            fault(FaultKind.GRID_STATE, FOUR - 5 * MINUTE, FOUR + 5 * MINUTE),
            fault(
                FaultKind.GRID_STATE,
                FIVE,
                FIVE + 4 * MINUTE,
                grid=GridStatus.TRANSITION_TO_ISLAND,
            ),
        ],
        household=Household(2, LOS_ANGELES),
    )
    return house.play(SIX)


def outage_at_night_empty() -> TapedHouse:
    """An outage at night that empties the battery: the home goes dark, and the grid comes back."""
    start = local(7, 15, "20:00")
    house = TapedHouse(
        BASE.replace("reserve = 20", "reserve = 10") + GRID_RULES,
        start,
        soe=14.0,
        outages=[Outage(start + 40 * MINUTE, start + 4 * HOUR)],
        household=SteadyHousehold(load=900.0),
    )
    return house.play(start + 6 * HOUR)


def grid_services() -> TapedHouse:
    """Grid services hold back a write, change a setting, and begin while one is on its way."""
    house = TapedHouse(
        AFTERNOON,
        NOON,
        soe=80.0,
        faults=[
            fault(FaultKind.GRID_SERVICES, NOON, NOON + 20 * MINUTE),
            fault(FaultKind.GRID_SERVICES, TWO - 5 * MINUTE, TWO + 20 * MINUTE),
            fault(FaultKind.GRID_SERVICES, THREE, THREE + 20 * MINUTE),
            fault(FaultKind.GRID_SERVICES, FOUR + 2 * SECOND, FOUR + 10 * MINUTE),
        ],
    )
    app(house, THREE + 5 * MINUTE)
    return house.play(FIVE)


# --- other people's changes ---------------------------------------------------------------------


def app_change() -> TapedHouse:
    """A change in the app is respected until the rules want something else."""
    house = TapedHouse(AFTERNOON, START, household=Household(7, LOS_ANGELES))
    app(house, THREE)
    return house.play(FIVE)


def app_change_set_back() -> TapedHouse:
    """A change that is set back by hand, then another, replaced by a third; ended by a restart."""
    house = TapedHouse(AFTERNOON, START)
    app(house, TWO + 20 * MINUTE, MINE)
    app(house, TWO + 40 * MINUTE, FULL)
    app(house, TWO + 60 * MINUTE, OTHER)
    app(house, TWO + 75 * MINUTE, EVERYDAY)
    house.play(THREE + 30 * MINUTE, kill=True)
    return house.play(FIVE)


def app_change_runs_out() -> TapedHouse:
    """Without a boundary a change runs out; one that returns counts twice as long, over a kill."""
    house = TapedHouse(ALL_DAY, START, safety=replace(SAFETY, hold_max=40 * MINUTE))
    app(house, TWO)
    house.play(THREE, kill=True)
    app(house, THREE + MINUTE)
    return house.play(FIVE)


def app_change_gone_at_second_look() -> TapedHouse:
    """A change that is gone at the second look, and one that a rule insists over."""
    insists = AFTERNOON + "even_if_overridden = true\n"
    house = TapedHouse(insists.replace("16:00", "17:00"), START)

    def back() -> None:
        if house.loop is not None and house.loop._writes.overrides.suspecting:
            house.gateway.set_in_app(FULL)

    app(house, TWO + 30 * MINUTE)
    app(house, THREE + 30 * MINUTE, OTHER)
    rules = AFTERNOON.replace("16:00", "17:00")
    house.change_rules(THREE + 45 * MINUTE, rules)
    app(house, FOUR)
    for second in range(30, 180, 30):
        house.at(FOUR + (second + 1) * SECOND, back)
    return house.play(FIVE + 10 * MINUTE)


def app_changes_while_away() -> TapedHouse:
    """Changes while no daemon runs: one is noticed at the start, a boundary ends it unseen."""
    house = TapedHouse(AFTERNOON, START)
    house.play(TWO + 20 * MINUTE).wait(TWO + 30 * MINUTE)
    house.gateway.set_in_app(MINE)
    house.play(THREE).wait(FOUR + 10 * MINUTE)
    return house.play(FIVE)


def storm_watch() -> TapedHouse:
    """Storm Watch over a boundary and a restart; what was set before it comes back after it."""
    rules = BASE + (
        '[[rule]]\nname = "early"\nwhile = { time = "14:00-16:00" }\n'
        'set = { mode = "self_consumption", reserve = 50 }\n'
    )
    end = FOUR + 70 * MINUTE
    house = TapedHouse(
        rules,
        START,
        faults=[fault(FaultKind.STORM_WATCH, THREE, end)],
        safety=replace(SAFETY, hold_max=40 * MINUTE),
    )
    house.play(THREE + 20 * MINUTE, kill=True)
    return house.play(SIX)


def gateway_begins_anew() -> TapedHouse:
    """Restarts of the gateway that reset or keep our setting, and firmware that comes by itself."""
    first, second, third = TWO + 20 * MINUTE, THREE, THREE + 30 * MINUTE
    house = TapedHouse(
        AFTERNOON,
        START,
        profile="1.43.3",
        faults=[
            fault(FaultKind.REBOOT, first, first + 10 * MINUTE),
            fault(FaultKind.REBOOT, second, second + 10 * MINUTE),
            fault(FaultKind.SELF_UPDATE, third, third + 15 * MINUTE),
        ],
    )
    app(house, first, EVERYDAY)
    app(house, third, EVERYDAY)
    return house.play(FIVE)


# --- the owner's word ---------------------------------------------------------------------------


def owners_word() -> TapedHouse:
    """Holds with and without an end, release, resume, and holds that are refused."""
    house = TapedHouse(
        AFTERNOON,
        NOON,
        safety=Safety(10, FullSetting(SELF, 30)),
        household=Household(7, LOS_ANGELES),
    )
    asked: list[tuple[int, str, tuple[object, ...]]] = [
        (5, "hold", (Wish(ANN),)),
        (6, "hold", (Wish(ANN, reserve=5),)),
        (7, "hold", (Wish(ANN, Mode.AUTONOMOUS),)),
        (8, "hold", (Wish(ANN, reserve=101),)),
        (9, "hold", (Wish(ANN, reserve=80, until="22:00", lasting="3h"),)),
        (10, "hold", (Wish(ANN, reserve=80, until="2026-07-15 11:00"),)),
        (11, "hold", (Wish(ANN, reserve=80, until="2062-07-15 11:00"),)),
        (12, "resume", (ANN,)),
        (15, "hold", (Wish(ANN, reserve=80, until="12:40"),)),
        (20, "hold", (Wish(ANN, reserve=80, until="12:50"),)),
        (60, "hold", (Wish(ANN, reserve=50, lasting="90m"),)),
        (160, "hold", (Wish(ANN, Mode.BACKUP, 70),)),
        (180, "resume", (ANN,)),
        (182, "hold", (Wish(ANN, reserve=70),)),
        (200, "release", (ANN,)),
        (250, "resume", (ANN,)),
        (280, "hold", (Wish("bert (uid 1001)", Mode.SELF_CONSUMPTION, 45),)),
        (280, "release", ("bert (uid 1001)",)),
    ]
    for minute, what, args in asked:
        house.ask(NOON + minute * MINUTE + SOON, what, *args)
    return house.play(FIVE + 30 * MINUTE)


def owner_over_app_change() -> TapedHouse:
    """Hold, release and resume over a change in the app."""
    house = TapedHouse(ALL_DAY, START)
    app(house, TWO)
    house.ask(TWO + 20 * MINUTE, "hold", Wish(ANN, Mode.BACKUP, 70))
    app(house, TWO + 30 * MINUTE, OTHER)
    house.ask(TWO + 45 * MINUTE, "release", ANN)
    house.ask(TWO + 55 * MINUTE, "resume", ANN)
    app(house, THREE + 10 * MINUTE)
    house.ask(THREE + 30 * MINUTE, "resume", ANN)
    return house.play(FOUR)


def hold_through_restarts() -> TapedHouse:
    """Holds over restarts, reloads and a clock that is set; one ends while nobody runs."""
    house = TapedHouse(AFTERNOON, NOON)
    house.ask(ONE + SOON, "hold", Wish(ANN, reserve=80, until="15:10"))
    house.play(ONE + 10 * MINUTE, kill=True)
    house.change_rules(ONE + 20 * MINUTE, "no rules")
    house.change_rules(ONE + 25 * MINUTE, AFTERNOON.replace("reserve = 20", "reserve = 25"))
    house.play(TWO + 10 * MINUTE)
    house.step_clock(TWO + 20 * MINUTE + SOON, HOUR)
    house.play(TWO + 30 * MINUTE)
    house.ask(TWO + 35 * MINUTE, "hold", Wish(ANN, reserve=80, lasting="5m"))
    house.play(TWO + 37 * MINUTE, kill=True)
    house.wait(TWO + 50 * MINUTE)
    return house.play(THREE + 10 * MINUTE)


# --- where nothing may be written ---------------------------------------------------------------


def dry_run_day() -> TapedHouse:
    """A dry run of examples/tou_sce.toml over a day, with an app change and a stopped battery."""
    start = local(7, 15, "06:00")
    house = TapedHouse(
        example("tou_sce.toml"), start, soe=45.0, poll=MINUTE, household=Household(7, LOS_ANGELES)
    )
    app(house, start + 7 * HOUR)
    house.at(start + 5 * HOUR + SOON, stop_battery, house)
    house.at(start + 6 * HOUR - SOON, run_battery, house)
    house.ask(start + 10 * HOUR, "hold", Wish(ANN, reserve=60, lasting="1h"))
    house.play(start + 12 * HOUR, dry_run=True, kill=True)
    return house.play(start + 22 * HOUR, dry_run=True)


def dry_run_then_real() -> TapedHouse:
    """A dry run between two real ones."""
    house = TapedHouse(AFTERNOON, NOON).play(TWO - 10 * MINUTE)
    house.play(THREE, dry_run=True)
    house.play(THREE + 20 * MINUTE)
    house.play(FOUR + 20 * MINUTE, dry_run=True)
    return house.play(FIVE)


def may_not_write() -> TapedHouse:
    """A customer's login on 1.50: a probe, advice, a kill, and a refusal that lapses in a day."""
    house = TapedHouse(AFTERNOON, NOON, profile="1.50.1", poll=2 * MINUTE)
    house.play(THREE, kill=True)
    return house.play(NOON + 27 * HOUR)


def permission_granted() -> TapedHouse:
    """A refusal that is lifted is found within a day, and writing begins."""
    house = TapedHouse(AFTERNOON, NOON, profile="1.49", login="customer", poll=2 * MINUTE)

    def lenient() -> None:
        profile = replace(house.gateway.profile, may_write=frozenset(Role))
        house.gateway._life.profile = house.gateway._sessions.profile = profile

    house.at(SIX, lenient)
    return house.play(NOON + 28 * HOUR + 30 * MINUTE)


def permission_taken() -> TapedHouse:
    """The permission to write is taken away: a write finds out; over a kill."""
    house = TapedHouse(AFTERNOON, START)

    def strict() -> None:
        profile = replace(house.gateway.profile, may_write=frozenset())
        house.gateway._life.profile = house.gateway._sessions.profile = profile

    house.at(TWO + 30 * MINUTE, strict)
    house.play(FOUR + 5 * MINUTE, kill=True)
    house.ask(FOUR + 10 * MINUTE, "hold", Wish(ANN, reserve=60, lasting="20m"))
    return house.play(FIVE)


def customer_updated() -> TapedHouse:
    """A customer's login that is refused, and once more by firmware that comes by itself."""
    update = fault(FaultKind.SELF_UPDATE, ONE, ONE + 15 * MINUTE)
    house = TapedHouse(AFTERNOON, NOON, profile="1.49", login="customer", faults=[update])
    return house.play(FOUR + 30 * MINUTE)


def login_closed() -> TapedHouse:
    """Firmware that comes by itself lets this login in no more."""
    update = fault(FaultKind.SELF_UPDATE, TWO + 30 * MINUTE, TWO + 45 * MINUTE)
    house = TapedHouse(AFTERNOON, ONE, profile="1.49", faults=[update])
    return house.play(FOUR + 30 * MINUTE)


def probing() -> TapedHouse:
    """Whether the account may write is tried in quiet hours only, and once for each firmware."""
    rules = BASE.replace('timezone = "America/Los_Angeles"', 'tariff = "sce-tou-d-prime"')
    start = local(7, 15, "20:30")
    house = TapedHouse(
        rules + CHECK_AT.replace("AT", "21:01"),
        start,
        profile="1.43.3",
        newer="1.49.1",
        outages=[Outage(start + 25 * MINUTE, start + 28 * MINUTE)],
        faults=[
            fault(FaultKind.SELF_UPDATE, start + 90 * MINUTE, start + 105 * MINUTE),
        ],
    )
    return house.play(start + 3 * HOUR)


# --- silence ------------------------------------------------------------------------------------


def silence() -> TapedHouse:
    """The gateway does not answer over a boundary, once altogether and once at single paths."""
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[
            fault(FaultKind.NO_ANSWER, TWO - 10 * MINUTE, TWO + 10 * MINUTE),
            fault(FaultKind.NO_ANSWER, THREE, THREE + 10 * MINUTE, path="/api/operation"),
            fault(FaultKind.NO_ANSWER, FOUR - 5 * MINUTE, FOUR + 5 * MINUTE, path="/api/meters"),
            fault(FaultKind.NO_ANSWER, FOUR + 15 * MINUTE, FOUR + 20 * MINUTE, path="/api/sys"),
        ],
    )
    return house.play(FIVE)


def too_many_requests() -> TapedHouse:
    """429 to everything, then to logins only: the adapter pauses by itself."""
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[
            fault(FaultKind.RATE_LIMITED, TWO - 5 * MINUTE, TWO + 5 * MINUTE),
            fault(FaultKind.UNAUTHORIZED, THREE, THREE + 2 * MINUTE),
            fault(FaultKind.LOCKOUT, THREE + 2 * MINUTE, THREE + 20 * MINUTE),
        ],
    )
    return house.play(FIVE)


def bad_gateway() -> TapedHouse:
    """502 to everything over a boundary; sessions dropped at each request; wrong answers."""
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[
            fault(FaultKind.BAD_GATEWAY, TWO - 5 * MINUTE, TWO + 5 * MINUTE),
            fault(FaultKind.UNAUTHORIZED, THREE, THREE + 8 * MINUTE),
            fault(FaultKind.WRONG_JSON, THREE + 20 * MINUTE, THREE + 26 * MINUTE),
            fault(FaultKind.NAN, FOUR - 2 * MINUTE, FOUR + 4 * MINUTE),
        ],
    )
    return house.play(FIVE)


def odd_answers() -> TapedHouse:
    """Web pages in place of answers for a while; then the gateway restarts across a boundary."""
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[
            fault(FaultKind.NOT_JSON, TWO - 3 * MINUTE, TWO + 4 * MINUTE),
            fault(FaultKind.REBOOT, FOUR - 4 * MINUTE, FOUR + 8 * MINUTE),
        ],
    )
    return house.play(FIVE)


def first_contact() -> TapedHouse:
    """A gateway that never answered ends the start; one that has answered before is waited for."""
    house = TapedHouse(
        AFTERNOON,
        NOON,
        faults=[
            fault(FaultKind.NO_ANSWER, NOON, NOON + 10 * MINUTE),
            fault(FaultKind.NO_ANSWER, TWO - 30 * MINUTE, TWO + 5 * MINUTE),
        ],
    )
    with suppress(PwschedError):
        house.play(NOON + 5 * MINUTE)
    house.wait(NOON + 10 * MINUTE)
    house.play(ONE).wait(TWO - 3 * MINUTE)
    return house.play(THREE)


# --- writes that fail ---------------------------------------------------------------------------


def writes_refused() -> TapedHouse:
    """The gateway refuses each write for a while: pauses grow, the caps hold, then it takes one."""
    house = TapedHouse(AFTERNOON, START)

    async def refuses(request: httpx.Request, whole: Any) -> httpx.Response:
        if TWO - MINUTE <= house.unstepped() < THREE + 20 * MINUTE:
            return refusal(400, "Bad Request", "not now")
        response: httpx.Response = await whole(request)
        return response

    meddle(house, "POST", "/api/operation", refuses)
    return house.play(FIVE)


def writes_uncertain() -> TapedHouse:
    """Writes whose answers are lost, at either step, carried out or not; over a kill."""
    operation, completed = "/api/operation", "/api/config/completed"
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[
            fault(FaultKind.UNCERTAIN_WRITE, TWO - POLL, TWO + POLL / 2, path=completed),
            fault(FaultKind.LOST_WRITE, FOUR - POLL, FOUR + 3 * MINUTE, path=operation),
        ],
    )
    house.play(TWO + 12 * SECOND, kill=True).wait(TWO + POLL)
    house.play(THREE)
    house.ask(THREE + SOON, "hold", Wish(ANN, reserve=70, lasting="30m"))
    house.gateway._faults = FaultPlan.scripted(
        [
            fault(FaultKind.UNCERTAIN_WRITE, THREE, THREE + 2 * MINUTE, path=operation),
            fault(FaultKind.LOST_WRITE, THREE + 30 * MINUTE, THREE + 34 * MINUTE, path=completed),
            *house.gateway._faults.faults,
        ]
    )
    return house.play(FIVE)


def writes_not_acted_upon() -> TapedHouse:
    """A setting that reads back and does not show: sent once more, then the owner is told."""
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[fault(FaultKind.UNACTED_WRITE, TWO - MINUTE, FOUR - MINUTE, delay_s=600)],
    )
    for minute, setting in ((40, FULL), (60, EVERYDAY)):
        at = TWO + minute * MINUTE + SOON
        house.at(at, house.home.put_in_effect, setting.mode, setting.reserve)
    return house.play(FIVE)


def writes_not_acted_upon_restarts() -> TapedHouse:
    """The same over restarts at each step of it."""
    house = TapedHouse(
        AFTERNOON,
        START,
        faults=[fault(FaultKind.UNACTED_WRITE, TWO - MINUTE, FOUR - MINUTE, delay_s=600)],
    )
    for number, seconds in enumerate((2, 60, 195, 240, 300, 900)):
        house.play(TWO + seconds * SECOND, kill=bool(number % 2))
    return house.play(FIVE)


def writes_acted_upon_once_more() -> TapedHouse:
    """A setting that does not show at first and does when it is sent once more."""
    house = TapedHouse(
        AFTERNOON, START, faults=[fault(FaultKind.UNACTED_WRITE, TWO - MINUTE, TWO + MINUTE)]
    )
    return house.play(THREE)


def writes_late() -> TapedHouse:
    """Writes that take effect late, one write behind, never, or with another reserve."""
    house = TapedHouse(
        AFTERNOON.replace("16:00", "15:00"),
        START,
        faults=[
            fault(FaultKind.STEP_BEHIND, TWO - MINUTE, TWO + 20 * MINUTE),
            fault(FaultKind.IGNORED_WRITE, THREE - MINUTE, THREE + 40 * MINUTE),
            fault(FaultKind.SNAPPED_RESERVE, FOUR - MINUTE, FOUR + 10 * MINUTE),
            fault(FaultKind.LATE_WRITE, FIVE - MINUTE, FIVE + 10 * MINUTE, delay_s=400),
            fault(FaultKind.UNCOMPLETED_WRITE, SIX - 30 * MINUTE, SIX - 20 * MINUTE),
        ],
        household=SteadyHousehold(load=1_500.0),
    )
    house.ask(FOUR + SOON, "hold", Wish(ANN, reserve=73, lasting="40m"))
    house.ask(FIVE + SOON, "hold", Wish(ANN, Mode.BACKUP, 100, lasting="25m"))
    house.ask(SIX - 25 * MINUTE, "hold", Wish(ANN, reserve=35))
    return house.play(SIX)


def writes_superseded() -> TapedHouse:
    """A newer decision takes the place of a write on its way; too many boundaries meet the caps."""
    rules = AFTERNOON.replace("14:00-16:00", "14:00-14:01") + "".join(
        f'\n[[rule]]\nname  = "{minute}"\n'
        f'while = {{ time = "14:{minute:02}-14:{minute + 4:02}" }}\n'
        'set   = { mode = "backup", reserve = 100 }\n'
        for minute in range(12, 50, 8)
    )
    house = TapedHouse(
        rules, START, faults=[fault(FaultKind.IGNORED_WRITE, TWO, TWO + POLL)], poll=20 * SECOND
    )
    return house.play(FOUR)


@dataclass(frozen=True, slots=True)
class Flickering:
    """A house that uses little and much by turns, `minutes` each."""

    minutes: int
    timezone: ZoneInfo = LOS_ANGELES

    def load_w(self, at: datetime) -> float:
        return 3_000.0 if int(at.timestamp()) // 60 // self.minutes % 2 else 600.0

    def solar_w(self, at: datetime) -> float:
        return 400.0 + at.minute


def rules_change_their_mind() -> TapedHouse:
    """A rule by load that comes and goes: the dwell time holds back what was left, and the caps."""
    rules = BASE + (
        '[[rule]]\nname = "much load"\nwhile = { time = "12:30-18:00", load_above = "2 kW" }\n'
        'set = { mode = "backup", reserve = 100 }\n'
    )
    house = TapedHouse(rules, NOON, household=Flickering(4), soe=63.0)
    return house.play(FOUR)


def slow_gateway() -> TapedHouse:
    """Every call takes its time, so that the clock moves within ticks."""
    numbers = count()
    lasts = {"asked": 0.7, "applied": 2.3, "connect": 1.9}

    def slow(what: str) -> float:
        return lasts.get(what, 0.9) + 0.13 * (next(numbers) % 5)

    house = TapedHouse(
        AFTERNOON + CHECK_AT.replace("AT", "13:50"),
        START,
        slow=slow,
        newer="1.49.1",
        faults=[fault(FaultKind.NO_ANSWER, THREE, THREE + 6 * MINUTE)],
        household=Household(7, LOS_ANGELES),
    )
    house.ask(THREE + 20 * MINUTE, "hold", Wish(ANN, reserve=55, lasting="15m"))
    app(house, FOUR + 10 * MINUTE)
    return house.play(FIVE)


def slow_gateway_times_out() -> TapedHouse:
    """Calls that take up to forty seconds, longer than the poll, some of them in vain."""
    numbers = count()

    def slow(_what: str) -> float:
        return (0.5, 12.25, 3.0, 40.0, 0.125)[next(numbers) % 5]

    house = TapedHouse(
        AFTERNOON,
        START,
        slow=slow,
        faults=[
            fault(FaultKind.NO_ANSWER, TWO + 30 * MINUTE, TWO + 40 * MINUTE),
            fault(FaultKind.UNCERTAIN_WRITE, FOUR - MINUTE, FOUR + 3 * MINUTE),
        ],
    )
    return house.play(FIVE)


# --- the battery --------------------------------------------------------------------------------


def battery_stopped() -> TapedHouse:
    """A battery found stopped is told of and asked to run, at most once an hour; a clock is set."""
    house = TapedHouse(AFTERNOON, NOON)
    house.at(NOON + 10 * MINUTE + SOON, stop_battery, house)
    for minute in range(100, 190, 2):
        house.at(NOON + minute * MINUTE + SOON, stop_battery, house)
    house.step_clock(NOON + 150 * MINUTE + 9 * SECOND, -HOUR)
    return house.play(FOUR + 30 * MINUTE)


def battery_stopped_by_logins() -> TapedHouse:
    """Firmware whose logins stop the battery: the adapter mends it and tells so."""
    house = TapedHouse(
        AFTERNOON,
        NOON,
        profile="1.15",
        faults=[fault(FaultKind.UNAUTHORIZED, ONE, ONE + POLL)],
    )
    return house.play(THREE)


def battery_will_not_run() -> TapedHouse:
    """A battery that does not run when asked, stopped in the middle of a write as well."""
    house = TapedHouse(AFTERNOON, START)

    async def refuses(_request: httpx.Request, _whole: Any) -> httpx.Response:
        return refusal(500, "Internal", "cannot run")

    end = meddle(house, "GET", "/api/sitemaster/run", refuses)
    for second in (1, 61, 121):
        house.at(TWO + second * SECOND, stop_battery, house)
    house.at(THREE + 30 * MINUTE, end)
    return house.play(FIVE)


def battery_hold_restarts() -> TapedHouse:
    """A battery held while the sun adds to it, over a kill and a reload."""
    rules = AFTERNOON.replace('mode = "backup", reserve = 100', 'battery = "hold"')
    house = TapedHouse(
        rules, TWO - POLL, household=SteadyHousehold(load=1_000.0, solar=2_500.0), soe=50.0
    )
    house.play(TWO + 40 * MINUTE, kill=True)
    house.change_rules(THREE, rules + "# other rules\n")
    return house.play(FOUR + 10 * MINUTE)


# --- the clock ----------------------------------------------------------------------------------


def clock_forward() -> TapedHouse:
    """The wall clock is set forward: over a boundary, by less than counts, while a write waits."""
    house = TapedHouse(AFTERNOON, NOON)
    house.step_clock(NOON + 10 * MINUTE + SOON, 2 * HOUR)
    house.step_clock(NOON + 30 * MINUTE + SOON, 45 * SECOND)
    app(house, NOON + 50 * MINUTE)
    house.step_clock(NOON + 60 * MINUTE + SOON, 40 * MINUTE)
    house.step_clock(NOON + 80 * MINUTE + 2 * SECOND, 3 * HOUR)
    return house.play(TWO)


def clock_back() -> TapedHouse:
    """The wall clock is set back: after a boundary, right after a write, while one is paused."""
    house = TapedHouse(
        AFTERNOON,
        NOON,
        faults=[fault(FaultKind.LOST_WRITE, THREE + 29 * MINUTE, THREE + 31 * MINUTE)],
    )
    house.step_clock(TWO + 2 * SECOND, -10 * MINUTE)
    house.step_clock(TWO + 40 * MINUTE + SOON, -2 * HOUR)
    house.ask(THREE + 30 * MINUTE, "hold", Wish(ANN, reserve=65))
    house.step_clock(THREE + 30 * MINUTE + 12 * SECOND, -3 * HOUR)
    return house.play(FOUR)


def clock_set_during_check() -> TapedHouse:
    """The wall clock is set back and forward while a firmware check is on its way, over a kill."""
    house = TapedHouse(example("tou_sce_2018.toml"), SEVEN, newer="1.49.1")
    house.step_clock(QUARTER_PAST + 2 * SECOND, -3 * HOUR)
    house.play(QUARTER_PAST + 40 * SECOND, kill=True)
    house.step_clock(QUARTER_PAST + 2 * MINUTE + SOON, 3 * HOUR)
    return house.play(EIGHT + 10 * MINUTE)


# --- restarts -----------------------------------------------------------------------------------


def restarts() -> TapedHouse:
    """Orderly ends and kills every few minutes around two boundaries, with gaps between."""
    house = TapedHouse(AFTERNOON, START, household=Household(7, LOS_ANGELES))
    ends = (10, 19, 20.05, 21, 23, 30, 60, 139, 140.3, 150)
    for number, minute in enumerate(ends):
        house.play(START + minute * MINUTE, kill=bool(number % 2))
        if number % 3 == 0:
            house.wait(START + minute * MINUTE + 50 * SECOND)
    house.rules.write_text(AFTERNOON.replace("16:00", "17:00"), "utf-8")
    house.play(FOUR + 50 * MINUTE)
    return house.play(FIVE + 10 * MINUTE)


def killed_before_sending() -> TapedHouse:
    """Killed once an intent is committed, before anything is sent; later with half of it sent."""
    house = TapedHouse(AFTERNOON, START).play(TWO - POLL)
    house.heard = DiesOf(Intended)
    house.play(TWO + POLL)
    house.heard = []
    house.play(FOUR - POLL)
    end = meddle(house, "GET", "/api/config/completed", dies)
    house.play(FOUR + POLL)
    end()
    return house.play(FIVE)


def killed_after_sending() -> TapedHouse:
    """Killed after a write was carried out: before the journal knows, and after."""
    house = TapedHouse(AFTERNOON, START).play(TWO - POLL)
    end = meddle(house, "GET", "/api/config/completed", done_and_dies)
    house.play(TWO + POLL)
    end()
    house.play(FOUR + 2 * SECOND, kill=True)
    return house.play(FIVE)


def killed_after_deciding() -> TapedHouse:
    """Killed once a decision or an event is committed, before anything follows from it."""
    rules = AFTERNOON.replace("14:00-16:00", "14:00-14:05") + CHECK_AT.replace("AT", "14:30")
    house = TapedHouse(rules, START).play(TWO + 4 * MINUTE)
    house.heard = DiesOf(Decided)
    house.play(TWO + 6 * MINUTE)
    house.heard = []
    house.play(TWO + 29 * MINUTE)
    house.heard = DiesOf(Fired)
    house.play(TWO + 31 * MINUTE)
    house.heard = []
    return house.play(FOUR)


def killed_during_check() -> TapedHouse:
    """Killed twice during a firmware check, which is begun again; a later one is missed."""
    rules = example("tou_sce_2018.toml") + 'else = "notify"\n' + CHECK_AT.replace("AT", "08:30")
    house = TapedHouse(rules, SEVEN, newer="1.49.1")
    house.play(QUARTER_PAST + 2 * SECOND, kill=True)
    house.play(QUARTER_PAST + MINUTE, kill=True)
    house.wait(QUARTER_PAST + 3 * MINUTE)
    house.play(EIGHT + 20 * MINUTE)
    house.wait(EIGHT + 50 * MINUTE)
    return house.play(EIGHT + 70 * MINUTE)


# --- firmware -----------------------------------------------------------------------------------


def firmware_staged() -> TapedHouse:
    """A check before the peak that stages an update, which no rule asks to install."""
    house = TapedHouse(
        example("tou_sce.toml"),
        local(7, 15, "14:30"),
        newer="1.49.1",
        household=Household(7, LOS_ANGELES),
    )
    return house.play(local(7, 15, "16:30"))


def firmware_nothing_newer() -> TapedHouse:
    """A check before the peak that finds nothing newer, and another that joins it."""
    rules = example("tou_sce.toml") + CHECK_AT.replace("AT", "15:00")
    house = TapedHouse(rules, local(7, 15, "14:40"))
    return house.play(local(7, 15, "15:30"))


def firmware_failed() -> TapedHouse:
    """Checks that fail, get no answer, and are not permitted; the owner is told of each."""
    telling = "".join(
        f'[[rule]]\nname = "{at}"\nwhen = {{ at = "{at}" }}\n'
        'do = "firmware-check"\nelse = "notify"\n'
        for at in ("14:00", "15:00", "16:00", "17:00")
    )
    house = TapedHouse(
        BASE + telling,
        START,
        newer="1.49.1",
        faults=[
            fault(FaultKind.UPDATE_ERROR, TWO - MINUTE, TWO + 10 * MINUTE),
            fault(FaultKind.NO_ANSWER, THREE, THREE + 20 * MINUTE, path="/api/system/update"),
        ],
    )

    async def refuses(request: httpx.Request, whole: Any) -> httpx.Response:
        if house.unstepped() >= FOUR:
            return refusal(403, "Unable to GET to resource", "no adequate access rights")
        response: httpx.Response = await whole(request)
        return response

    meddle(house, "GET", "/api/system/update", refuses)
    return house.play(FIVE + 20 * MINUTE)


INSTALL = BASE + CHECK_AT.replace("AT", "07:15") + 'install = true\nelse = "notify"\n'
MEANWHILE = INSTALL + (
    '[[rule]]\nname = "fill up"\nwhile = { time = "07:25-09:00" }\n'
    'set = { mode = "backup", reserve = 100 }\n'
)


def installs() -> TapedHouse:
    """A staged update is installed while the rules come to want something else."""
    house = TapedHouse(MEANWHILE, SEVEN - HOUR, newer="1.49.1")
    return house.play(TEN - 30 * MINUTE)


def installs_with_restarts() -> TapedHouse:
    """The same with a kill while the gateway restarts, and an end while the battery stands."""
    checked = QUARTER_PAST + 5 * MINUTE
    house = TapedHouse(MEANWHILE, SEVEN - 45 * MINUTE, newer="1.49.1")
    house.play(checked + MINUTE, kill=True)
    house.play(checked + 10 * MINUTE).wait(checked + 11 * MINUTE)
    return house.play(TEN - 30 * MINUTE)


def installation_fails() -> TapedHouse:
    """An update that the gateway fails to install."""
    fails = fault(FaultKind.UPDATE_ERROR, QUARTER_PAST + 210 * SECOND, TEN)
    house = TapedHouse(INSTALL, SEVEN - 45 * MINUTE, newer="1.49.1", faults=[fails])
    return house.play(EIGHT + 30 * MINUTE)


def installation_objected() -> TapedHouse:
    """Updates that stay staged: too late, a shaky grid, somebody else's change, no permission."""
    at = ("07:15", "08:10", "09:00", "10:00")
    rules = BASE.replace('timezone = "America/Los_Angeles"', 'tariff = "sce-tou-d-a"') + "".join(
        CHECK_AT.replace("AT", each).replace("look", each) + "install = true\n" for each in at
    )
    house = TapedHouse(
        rules.replace("07:15", "07:25"),
        SEVEN,
        newer="1.49.1",
        outages=[Outage(EIGHT - 5 * MINUTE, EIGHT + 5 * MINUTE)],
    )
    app(house, EIGHT + 45 * MINUTE)
    house.ask(EIGHT + 90 * MINUTE, "resume", ANN)

    async def refuses(_request: httpx.Request, _whole: Any) -> httpx.Response:
        return refusal(403, "Unable to POST to resource", "no adequate access rights")

    meddle(house, "POST", "/api/system/update", refuses)
    return house.play(TEN + 30 * MINUTE)


def updates_itself() -> TapedHouse:
    """Newer firmware installs itself during the day, while a rule wants something else."""
    house = TapedHouse(
        AFTERNOON,
        START,
        profile="1.43.3",
        faults=[fault(FaultKind.SELF_UPDATE, TWO - 5 * MINUTE, TWO + 12 * MINUTE)],
        household=Household(7, LOS_ANGELES),
    )
    return house.play(FIVE)


# --- reloads, inputs, events --------------------------------------------------------------------


def reloads() -> TapedHouse:
    """Reloads: the same file, a bad one, another window, other names, by signal and by request."""
    house = TapedHouse(AFTERNOON, NOON)
    house.at(NOON + 20 * MINUTE + SOON, house.reload)
    house.change_rules(NOON + 40 * MINUTE + SOON, AFTERNOON.replace("14:00-", "26:00-"))
    house.ask(NOON + 45 * MINUTE + SOON, "load_again")
    house.change_rules(NOON + 50 * MINUTE + SOON, AFTERNOON.replace("14:00", "12:30"))
    text = AFTERNOON.replace("fill up", "fill more").replace("14:00", "12:30")
    house.change_rules(TWO + SOON, text)
    house.at(THREE, house.rules.write_text, text.replace("16:00", "15:30"), "utf-8")
    house.ask(THREE + SOON, "load_again")
    house.change_rules(FOUR + SOON, text.replace("reserve = 20", "reserve = 22"))
    return house.play(FOUR + 30 * MINUTE)


def inputs_come_and_go() -> TapedHouse:
    """Flags with and without expiry, values that age, prices that overlap, files nobody can use."""
    rules = (
        BASE
        + """
[[rule]]
name     = "ride out a storm"
priority = 20
while    = { flag = "storm" }
set      = { mode = "backup", reserve = 100 }

[[rule]]
name  = "a dull day"
while = { input = "sun", below = 10, oldest = "1h" }
set   = { reserve_at_least = 60 }

[[rule]]
name     = "cheap"
priority = 10
while    = { price_below = 0.1 }
set      = { mode = "backup", reserve = 90 }

[[rule]]
name    = "tell me"
when    = { flag = "storm" }
do      = "notify"
message = "A storm is coming"
"""
    )

    def slots(*prices: float, lasting: timedelta = HOUR / 2) -> str:
        begin = [TWO + 75 * MINUTE + number * HOUR / 2 for number in range(len(prices))]
        return json.dumps(
            [
                {"start": at.isoformat(), "end": (at + lasting).isoformat(), "import": price}
                for at, price in zip(begin, prices, strict=True)
            ]
        )

    put("flags/storm", "until tomorrow")
    house = TapedHouse(rules, TWO, inputs=INPUTS)
    deeds: list[tuple[float, Callable[..., object], tuple[object, ...]]] = [
        (5, set_flag, (INPUTS, "storm", TWO + 15 * MINUTE)),
        (20, set_flag, (INPUTS, "storm", None)),
        (30, take_back, (INPUTS, "storm")),
        (35, put, ("values/sun.json", json.dumps({"value": 5, "at": TWO.isoformat()}))),
        (40, put, ("values/wind.json", "{}")),
        (45, put, ("flags/storm", "until tomorrow")),
        (50, take_back, (INPUTS, "storm")),
        (70, put, ("prices.json", slots(0.3, 0.05, 0.3, 0.09))),
        (110, put, ("prices.json", "[]")),
        (112, put, ("prices.json", slots(0.05, 0.05, lasting=HOUR))),
        (115, put, ("prices.json", slots(0.3, 0.2, 0.05, 0.05))),
        (140, put, ("values/sun.json", '{"value": "much", "at": "today"}')),
    ]
    for minute, act, args in deeds:
        house.at(TWO + minute * MINUTE + SOON, act, *args)
    house.play(TWO + 60 * MINUTE, kill=True)
    return house.play(FIVE)


def events() -> TapedHouse:
    """Notifications by time and by state, at most so often, missed, and over kills."""
    rules = (
        BASE
        + """
[[rule]]
name    = "by the clock"
when    = { at = "14:30" }
do      = "notify"
message = "Half past two"

[[rule]]
name    = "much load"
when    = { load_above = "2 kW" }
for     = "3m"
do      = "notify"
message = "Something is on"
at_most = "2/day"

[[rule]]
name    = "low"
when    = { soe_below = 45 }
do      = "notify"
message = "Below 45 %"
"""
        + CHECK_AT.replace("AT", "15:30")
    )
    house = TapedHouse(rules, TWO, household=Flickering(13))
    house.play(TWO + 30 * MINUTE + SECOND, kill=True)
    house.play(THREE + 20 * MINUTE, kill=True).wait(THREE + 50 * MINUTE)
    return house.play(SIX)


# --- the journal --------------------------------------------------------------------------------


def back_up(house: TapedHouse) -> None:
    """What the nightly upkeep does."""

    async def upkeep() -> None:
        journal = await Journal.open(house.path, house.clock, ["home"])
        while await journal.upkeep(house.clock.now()):
            pass
        await journal.close()

    asyncio.run(upkeep())


def damage(house: TapedHouse) -> None:
    """What a bad card does to a file; its log is gone with it."""
    for suffix in ("-wal", "-shm"):
        house.path.with_name(house.path.name + suffix).unlink(missing_ok=True)
    with house.path.open("r+b") as file:
        file.write(b"\xff" * 4096)


def restored() -> TapedHouse:
    """The journal comes from a backup: an hour without writes, and an event not made twice."""
    house = TapedHouse(AFTERNOON + CHECK_AT.replace("AT", "13:58"), NOON).play(NOON + 10 * MINUTE)
    back_up(house)
    house.play(TWO + 10 * MINUTE)
    damage(house)
    house.gateway.set_in_app(EVERYDAY)
    house.wait(TWO + 11 * MINUTE)
    house.play(TWO + 40 * MINUTE, kill=True)
    return house.play(FIVE)


def lost_altogether() -> TapedHouse:
    """The journal is gone and there is no backup; the setting cannot be read at first."""
    house = TapedHouse(AFTERNOON, NOON).play(NOON + 10 * MINUTE)
    damage(house)
    house.wait(TWO - 20 * MINUTE)
    deaf = fault(FaultKind.NO_ANSWER, TWO - 21 * MINUTE, TWO + 47 * MINUTE, path="/api/operation")
    house.gateway._faults = FaultPlan.scripted([deaf])
    return house.play(FIVE)


def restored_override() -> TapedHouse:
    """The backup knows an override that was over, with a setting of ours after it."""
    rules = AFTERNOON.replace("14:00-16:00", "14:00-15:00")
    house = TapedHouse(rules, TWO - MINUTE)
    app(house, TWO + 10 * MINUTE)
    house.play(TWO + 20 * MINUTE)
    back_up(house)
    house.play(TWO + 70 * MINUTE)
    damage(house)
    house.rules.write_text(AFTERNOON, "utf-8")
    return house.play(FIVE)


def disk_full() -> TapedHouse:
    """The journal takes no row for a while, twice; the safe state alone is written meanwhile."""
    house = TapedHouse(AFTERNOON, START)
    state = {"full": False}
    make = house.make_loop

    def make_loop(journal: Journal, *, dry_run: bool) -> Any:
        loop = make(journal, dry_run=dry_run)
        commit = journal._commit

        def fails(waited: Any, change: Any) -> Any:
            def full(transaction: Any) -> Any:
                if state["full"]:
                    raise JournalProblem("the journal takes no row: the disk is full")
                return change(transaction)

            return commit(waited, full)

        journal._commit = fails  # type: ignore[method-assign]
        return loop

    house.make_loop = make_loop  # type: ignore[method-assign]
    for minute, full in ((19, True), (30, False), (130, True), (170, False)):
        house.at(START + minute * MINUTE + 2 * SECOND, state.update, {"full": full})
    house.ask(START + 25 * MINUTE, "hold", Wish(ANN, reserve=60))
    house.change_rules(START + 27 * MINUTE, AFTERNOON + "# more\n")
    return house.play(FIVE)


# --- trouble of all kinds -----------------------------------------------------------------------

OTHERS_WILL = {FaultKind.APP_CHANGE, FaultKind.STORM_WATCH, FaultKind.SELF_UPDATE}


def _swarm(seed: int, kinds: Sequence[FaultKind], hours: int = 24) -> TapedHouse:
    start = local(7, 15, "20:00")
    end = start + hours * HOUR
    evening = start + 20 * HOUR + 7 * seed * MINUTE
    house = TapedHouse(
        example("tou_sce.toml"),
        start,
        profile=("1.49", "1.15")[seed % 2],
        plan=FaultPlan.seeded(seed, start, end, kinds),
        outages=[Outage(evening, evening + 40 * MINUTE)] if seed % 3 == 0 else [],
        household=Household(seed, LOS_ANGELES),
        soe=30.0,
        poll=MINUTE,
    )
    return house.play(end)


TROUBLE = [kind for kind in FaultKind if kind not in OTHERS_WILL]


def swarm_1() -> TapedHouse:
    """A day of trouble drawn from seed 1, on firmware 1.15."""
    return _swarm(1, TROUBLE)


def swarm_3() -> TapedHouse:
    """A day of trouble drawn from seed 3, with an outage, on firmware 1.15."""
    return _swarm(3, TROUBLE)


def swarm_others_will() -> TapedHouse:
    """A day of trouble drawn from seed 3, other people's changes and self-updates among it."""
    return _swarm(3, list(FaultKind))


SCENARIOS: tuple[Play, ...] = (
    summer_day, winter_weekend, storm_day, half_hourly_day, outage_prone_day, critical_peak_day,
    car_at_night, export_limited_night, two_rule_files,
    autumn_night, spring_night, autumn_example,
    outage_by_day, outage_at_night_empty, grid_services,
    app_change, app_change_set_back, app_change_runs_out, app_change_gone_at_second_look,
    app_changes_while_away, storm_watch, gateway_begins_anew,
    owners_word, owner_over_app_change, hold_through_restarts,
    dry_run_day, dry_run_then_real,
    may_not_write, permission_granted, permission_taken, customer_updated, login_closed, probing,
    silence, too_many_requests, bad_gateway, odd_answers, first_contact,
    writes_refused, writes_uncertain, writes_not_acted_upon, writes_not_acted_upon_restarts,
    writes_acted_upon_once_more, writes_late, writes_superseded, rules_change_their_mind,
    slow_gateway, slow_gateway_times_out,
    battery_stopped, battery_stopped_by_logins, battery_will_not_run, battery_hold_restarts,
    clock_forward, clock_back, clock_set_during_check,
    restarts, killed_before_sending, killed_after_sending, killed_after_deciding,
    killed_during_check,
    firmware_staged, firmware_nothing_newer, firmware_failed, installs, installs_with_restarts,
    installation_fails, installation_objected, updates_itself,
    reloads, inputs_come_and_go, events,
    restored, lost_altogether, restored_override, disk_full,
    swarm_1, swarm_3, swarm_others_will,
)  # fmt: skip


def record(play: Play) -> Json:
    """One scenario, played in a folder of its own."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            house = play()
            about = (play.__doc__ or "").split("\n\n")[0]
            return house.as_json(play.__name__, about)
        finally:
            os.chdir(before)


def main(names: Sequence[str]) -> None:
    """Write the recordings."""
    here = Path(__file__).resolve().parent
    for play in SCENARIOS:
        if names and play.__name__ not in names:
            continue
        began = time.monotonic()
        found = record(play)
        text = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        packed = gzip.compress(text.encode(), 9, mtime=0)
        (here / f"{play.__name__}.json.gz").write_bytes(packed)
        rows = sum(map(len, found["rows"].values()))
        took = time.monotonic() - began
        sys.stdout.write(
            f"{play.__name__:32} {len(packed) / 1000:6.1f} kB {len(found['events']):6} events"
            f" {rows:5} rows {took:5.1f} s\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
