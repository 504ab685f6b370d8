"""A restart at any moment of a random history changes no later decision.

Random rules meet random hours, and the same hours are lived through twice. One daemon is never
restarted; it stands still at some moments, as a process does that gets no processor, for a while
or for no time at all. The other one is stopped or killed at just these moments and started again
at their ends, and killed in the middle of ticks besides. Both look at the house at the same
instants, so they must decide the same, at the same instants.

Nothing is written (a dry run). A restart may put off a write by the seconds of a read-back, and
what is in the battery would no longer be the same: another history, in which other decisions are
right. In a dry run the world goes its way whatever the daemon does.

A time in which a daemon is down is no exception: nobody looks then, and nobody looks while the
process stands still. What differs by right is told where it is compared.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from house import House
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from random_rules import FLAGS, PERCENTS, PRICES, STARTS, VALUES, WATTS, rule_files
from simulated import LOS_ANGELES
from simulated_client import HandClock

from scheduler.clock import SimulatedAlarmClock
from scheduler.loop import Notification, Ticked
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.home import Outage

LENGTH = timedelta(hours=20, seconds=1)
"""So that it ends between two looks: who dies in the very last one is not started again."""
POLL = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
READS = ("/api/system_status/soe", "/api/meters/aggregates", "/api/system_status/grid_status")
STANDSTILLS = (0, 0, 0, 90, 700, 3_600, 20_000)
"""Seconds."""


@dataclass(frozen=True)
class Moody:
    """A home whose load and sun jump on the quarter hours, at thresholds and around them."""

    seed: int
    timezone: ZoneInfo = LOS_ANGELES

    def load_w(self, at: datetime) -> float:
        return self._power("load", at)

    def solar_w(self, at: datetime) -> float:
        return self._power("sun", at) * 2

    def _power(self, what: str, at: datetime) -> float:
        quarter = int(at.timestamp()) // 900
        chance = random.Random(f"{self.seed} {what} {quarter}")
        return max(0.0, chance.choice(WATTS) + chance.choice((-200, -1, 0, 1, 300, 3_000)))


@dataclass(frozen=True)
class Standstill:
    """Nothing happens in the daemon from `at` on for `length`; or it is down meanwhile."""

    at: datetime
    length: timedelta
    killed: bool

    @property
    def end(self) -> datetime:
        return self.at + self.length


@dataclass(frozen=True)
class Change:
    """A file of the input folder as it is from an instant on; `None`: it is gone."""

    at: datetime
    name: str
    content: str | None


@dataclass(frozen=True)
class History:
    """What happens to a house whatever its daemon does, and when that daemon stands still."""

    seed: int
    rules: str
    start: datetime
    soe: float
    outages: tuple[Outage, ...]
    faults: tuple[Fault, ...]
    changes: tuple[Change, ...]
    standstills: tuple[Standstill, ...]
    deaths: tuple[int, ...]

    @property
    def end(self) -> datetime:
        return self.start + LENGTH


class Killed(BaseException):
    """The process is gone: nobody catches this."""


class Mortal(list[Notification]):
    """Hears of everything, and dies of some of it. Until it is revived, time stands still."""

    def __init__(self, clock: HandClock, deaths: Sequence[int]) -> None:
        super().__init__()
        self._clock = clock
        self._deaths = deaths
        self._grave: SimulatedAlarmClock | None = None

    def append(self, notification: Notification) -> None:
        super().append(notification)
        if len(self) in self._deaths:
            self._grave = self._clock.alarm_clock()  # nobody waits on it, so nobody moves the time
            raise Killed

    def revive(self) -> None:
        if self._grave is not None:
            self._clock.forget(self._grave)
            self._grave = None


def history(rules: str, seed: int) -> History:
    chance = random.Random(seed)
    start = chance.choice(STARTS)

    def instant() -> datetime:
        return start + timedelta(seconds=chance.randrange(600, int(LENGTH.total_seconds())))

    def change() -> Change:
        at = instant()
        if chance.random() < 0.5:
            expiry = chance.choice(("", (at + chance.randrange(600) * MINUTE).isoformat()))
            name = f"flags/{chance.choice(FLAGS)}"
            return Change(at, name, chance.choice((None, expiry, expiry)))
        if chance.random() < 0.7:
            value = {"value": chance.choice(PERCENTS) + chance.choice((-3, 0, 3))}
            content = json.dumps({**value, "at": (at - chance.choice((0, 9)) * MINUTE).isoformat()})
            return Change(at, f"values/{chance.choice(VALUES)}.json", content)
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        slots = [
            {
                "start": (midnight + index * 30 * MINUTE).isoformat(),
                "end": (midnight + (index + 1) * 30 * MINUTE).isoformat(),
                "import": chance.choice(PRICES),
                "export": chance.choice((*PRICES, None)),
            }
            for index in range(chance.choice((60, 96)))
        ]
        return Change(at, "prices.json", json.dumps(slots))

    def silence() -> Fault:
        begin = instant()
        end = begin + timedelta(seconds=chance.choice((400, 700, 4_000, 20_000)))
        return Fault(FaultKind.NO_ANSWER, begin, end, chance.choice(READS))

    standstills: list[Standstill] = []
    at = start
    # Never at the very microsecond of a look, which one of the two daemons would then miss.
    while (at := at + timedelta(seconds=chance.uniform(600, 14_000))) < start + LENGTH - POLL:
        length = timedelta(seconds=chance.choice(STANDSTILLS))
        standstills.append(Standstill(at, length, chance.random() < 0.5))
        at += length
    gone = instant()
    return History(
        seed,
        rules,
        start,
        chance.choice(PERCENTS) + chance.choice((-1.0, 0.0, 0.5)),
        (Outage(gone, gone + chance.choice((3, 40, 200)) * MINUTE),),
        tuple(silence() for _ in range(chance.randrange(4))),
        tuple(sorted((change() for _ in range(chance.randrange(12))), key=lambda each: each.at)),
        tuple(standstills),
        tuple(chance.randrange(1, 400) for _ in range(12)),
    )


def house_of(story: History, folder: Path) -> House:
    folder.mkdir()
    inputs = folder / "inputs"
    for name in ("flags", "values"):
        (inputs / name).mkdir(parents=True)
    return House(
        folder,
        story.rules,
        story.start,
        profile="21.44",
        faults=story.faults,
        outages=story.outages,
        household=Moody(story.seed),
        soe=story.soe,
        poll=POLL,
        inputs=inputs,
    )


def put(house: House, change: Change) -> None:
    assert house.site.inputs is not None
    path = house.site.inputs / change.name
    if change.content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(change.content, "utf-8")


def played(house: House, story: History, until: datetime, *, kill: bool = False) -> None:
    """Play on until an instant, however often it dies on the way; then stop or kill it."""
    while (now := house.unstepped()) < until:
        for change in story.changes:
            if now < change.at <= until:
                house.at(change.at, put, house, change)
        house.play(until, dry_run=True, kill=kill)
        if isinstance(house.heard, Mortal):
            house.heard.revive()


def undisturbed(story: History, folder: Path) -> House:
    house = house_of(story, folder)

    def stand_still(standstill: Standstill) -> None:
        house.clock.pass_time(standstill.length.total_seconds())
        for change in story.changes:
            if standstill.at <= change.at <= standstill.end:
                put(house, change)
        house.reload()  # the files are the same: this is a look at that moment, and no more

    for standstill in story.standstills:
        house.at(standstill.at, stand_still, standstill)
    played(house, story, story.end)
    return house


def restarted(story: History, folder: Path) -> House:
    house = house_of(story, folder)
    house.heard = Mortal(house.clock, story.deaths)
    for standstill in story.standstills:
        played(house, story, standstill.at, kill=standstill.killed)
        house.wait(standstill.end)
        for change in story.changes:
            if standstill.at <= change.at <= standstill.end:
                put(house, change)
    played(house, story, story.end)
    return house


Decided = tuple[str, ...]


def decisions(house: House) -> list[Decided]:
    """Since when each setting was wanted, and who won it.

    A row that says the same again is none: rows are also written for a change of the memory, and
    at the first look of a run.
    """
    rows = house.rows(
        "SELECT at, mode, reserve, winners FROM decision WHERE site = :site ORDER BY id"
    )
    return [next(same) for _, same in groupby(rows, key=lambda row: row[1:])]


def looks(house: House) -> set[datetime]:
    """When the daemon looked, to the end of a tick."""
    return {each.at for each in house.heard if isinstance(each, Ticked)}


def memory(house: House) -> Any:
    (row,) = house.rows("SELECT memory FROM decision WHERE site = :site ORDER BY id DESC LIMIT 1")
    return json.loads(row[0])


def events(house: House) -> list[tuple[Any, ...]]:
    query = "SELECT at, rule, scheduled_at, action, state FROM event WHERE site = :site ORDER BY id"
    return house.rows(query)


def same_life(rules: str, seed: int) -> None:
    story = history(rules, seed)
    with tempfile.TemporaryDirectory() as folder:
        first = undisturbed(story, Path(folder, "undisturbed"))
        second = restarted(story, Path(folder, "restarted"))
        assert second.rows("SELECT count(*) FROM run") > first.rows("SELECT count(*) FROM run")
        assert looks(second) == looks(first)
        assert decisions(second) == decisions(first)
        assert memory(second) == memory(first)
        assert events(second) == events(first)


seeds = st.integers(0, 2**32)
PHASES = (Phase.reuse, Phase.generate)  # a failure is told at once: shrinking would take an hour


@given(rule_files(), seeds)
@settings(max_examples=3, phases=PHASES)
def test_a_restart_changes_no_later_decision(rules: str, seed: int) -> None:
    same_life(rules, seed)


@pytest.mark.long
@given(rule_files(), seeds)
@settings(max_examples=40, phases=PHASES)
def test_no_restart_of_several_changes_a_later_decision(rules: str, seed: int) -> None:
    same_life(rules, seed)


@pytest.mark.long
@pytest.mark.longest
@given(rule_files(), seeds)
@settings(max_examples=300, phases=PHASES)
def test_no_restart_of_many_changes_a_later_decision(rules: str, seed: int) -> None:
    same_life(rules, seed)
