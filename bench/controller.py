"""What the controller costs without a network and a disk: `python bench/controller.py`.

Three figures, in processor time: a tick of 30 s with the physics of a simulated home and a journal
in memory; a year of looks every 5 minutes that skips those that `quiet` lets it skip; and how often
a day a journal has to put rows on the disk. What the home uses and the roof gives is worked out
beforehand and not timed, and so is, for the year, the physics (its own figure is printed beside).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter, deque
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rule_kinds import BASE
from year import plain as realistic

from rules.battery import Battery, Operation
from rules.battery import step as flow_after
from rules.domain import AppPercent, GridStatus, Mode, Observation, Setting
from rules.engine import RuleSet
from rules.inputs import NO_INPUTS
from rules.language import load_rules
from rules.resolve import Levers
from scheduler import control
from scheduler.control import Action, State, Terms, actions, events
from scheduler.control.events import Event
from scheduler.control.polling import EVERYTHING
from scheduler.domain import STREAM, Capabilities, Safety
from scheduler.household import Household
from scheduler.journal import MemoryJournal
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.home import Home

T = TypeVar("T")

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("America/Los_Angeles")
EXAMPLES = Path(__file__).parents[1] / "examples"
ALONE = ("tou_sce", "ev_night", "half_hourly", "outage_prone", "storm", "first_steps")
TERMS = Terms(Safety(10, Setting(Mode.SELF_CONSUMPTION, 20)), timedelta(seconds=30))
SITE, RUNS, DAYS, LOOK = "home", 3, 4, 300.0
LOOKS = 365 * 288


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.wall, self.seconds = START, 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def alarm_clock(self) -> Any:  # noqa: ANN401 -- nobody waits here
        raise NotImplementedError

    def go(self, seconds: float) -> None:
        """Let so much time pass."""
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


class Table:
    """A household that was worked out beforehand, minute by minute."""

    timezone = ZONE

    def __init__(self, minutes: int, every: int = 1) -> None:
        home, moments = Household(1, ZONE), range(0, minutes, every)
        self._every = every
        self.load = [home.load_w(START + moment * MINUTE) for moment in moments]
        self.solar = [home.solar_w(START + moment * MINUTE) for moment in moments]

    def load_w(self, at: datetime) -> float:
        return self.load[(at - START) // MINUTE // self._every]

    def solar_w(self, at: datetime) -> float:
        return self.solar[(at - START) // MINUTE // self._every]


class Site:
    """A controller with its journal, on a gateway that answers at once."""

    def __init__(self, rules: RuleSet, gateway: DirectGateway, clock: Clock) -> None:
        self.gateway, self.clock, self.journal = gateway, clock, MemoryJournal()
        self.commits: Counter[str] = Counter()
        self.steps = 0
        past, found = done(self.journal.past(SITE)), gateway.capabilities
        self.state: State = control.begin(past, TERMS, rules, found, clock.now()).state
        self.take(events.Connected(clock.now(), found))

    def tick(self) -> float:
        """Look once; how many seconds to wait."""
        now = self.clock.now()
        self.take(events.Woke(now, self.clock.seconds))
        wake = control.next_wake(self.state, now)
        return wake.poll if wake.soonest is None else (wake.soonest - now).total_seconds()

    def take(self, event: Event) -> None:
        """Take the controller as far as it goes."""
        waiting = deque([event])
        while waiting:
            event = waiting.popleft()
            step = control.step(self.state, event)
            self.steps += 1
            if step.rows:
                done(self.journal.commit(SITE, step.rows))
                audit = any(not isinstance(row.record, STREAM) for row in step.rows)
                self.commits["audit" if audit else "stream"] += 1
            self.state = step.state
            for action in step.actions:
                answer = self._carry_out(action, event.at)
                if answer is not None:
                    waiting.append(answer)

    def _carry_out(self, action: Action, at: datetime) -> Event | None:
        gateway = self.gateway
        match action:
            case actions.Observe():
                read = done(gateway.observe(action.endpoints))
                return events.Seen(at, action.endpoints, read, gateway.capabilities)
            case actions.Apply():
                done(gateway.apply(action.setting))
            case actions.WriteBack():
                done(gateway.write_back())
            case actions.CheckFirmware():
                done(gateway.start_firmware_check())
                return events.CheckStarted(at)
            case actions.ReadFirmware():
                status = done(gateway.firmware_status())
                return events.FirmwareRead(at, status, gateway.capabilities)
            case _:
                return None
        return events.Written(at, self.clock.now(), gateway.capabilities)


class Quick:
    """A gateway whose home moves in steps of one look, made for years of them."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self.capabilities = Capabilities("installer", "simulated", may_write=True, levers=Levers())
        self.setting = Setting(Mode.SELF_CONSUMPTION, 20)
        self._table, self._clock, self._battery = table, clock, Battery()
        self.energy_wh = 6_000.0
        self.look = -1

    def move(self) -> None:
        """Live until the next look."""
        self.look += 1
        said, table = self.setting, self._table
        operation = Operation(said.mode or Mode.BACKUP, said.reserve or 0)
        load_w, solar_w = table.load[self.look], table.solar[self.look]
        self.flow = flow_after(self._battery, self.energy_wh, operation, solar_w, load_w, LOOK)
        self.energy_wh = self.flow.energy_wh

    def seen(self) -> Observation:
        """All that there is to read."""
        flow, said = self.flow, self.setting
        return Observation(
            self._clock.wall,
            AppPercent(self.energy_wh / 135.0),
            flow.site_w,
            flow.battery_w,
            flow.load_w,
            flow.solar_w,
            GridStatus.CONNECTED,
            False,  # noqa: FBT003 -- the fields of an observation, in order
            said.mode,
            AppPercent(said.reserve or 0),
            None,
            None,
            True,  # noqa: FBT003 -- as above
            "simulated",
        )

    async def observe(self, endpoints: frozenset[Any]) -> Observation:
        assert endpoints <= EVERYTHING  # noqa: S101 -- what was not asked for is told as well
        return self.seen()

    async def apply(self, setting: Setting) -> None:
        self.setting = setting

    async def start_firmware_check(self) -> None:
        """Nothing comes of it."""

    async def firmware_status(self) -> None:
        """Nothing is said of it."""


def done(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise RuntimeError("it waits for something")


def rules_of(text: str) -> RuleSet:
    """The rules in a text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.toml"
        path.write_text(text, encoding="utf-8")
        return load_rules([path])


def days(rules: RuleSet, table: Table) -> tuple[float, int, Counter[str]]:
    """Seconds for some days of ticks, how many there were, and what was committed."""
    clock = Clock()
    gateway = DirectGateway(Home(table, START), clock, levers=Levers(), reads_kept=0)
    site, ticks = Site(rules, gateway, clock), 0
    began = time.process_time()
    while clock.seconds < DAYS * 86_400:
        clock.go(min(site.tick(), 30.0))
        ticks += 1
    return time.process_time() - began, ticks, site.commits


def year(rules: RuleSet, table: Table) -> tuple[float, float, int, int]:
    """Seconds for a year of looks and for its physics alone, ticks and steps made."""
    clock = Clock()
    gateway = Quick(table, clock)
    site, ticks = Site(rules, gateway, clock), 0  # type: ignore[arg-type]  # all that is asked for
    quiet, began = control.quiet, time.process_time()
    for _ in range(LOOKS):
        gateway.move()
        if not quiet(site.state, gateway.seen(), NO_INPUTS, clock.wall):
            ticks += 1
            site.tick()
            if site.state.writing.applying is not None:
                clock.go(5.0)
                site.tick()
                clock.go(LOOK - 5.0)
                continue
        clock.go(LOOK)
    seconds = time.process_time() - began
    clock, again = Clock(), Quick(table, clock)
    began = time.process_time()
    for _ in range(LOOKS):
        again.move()
        again.seen()
        clock.go(LOOK)
    return seconds, time.process_time() - began, ticks, site.steps


if __name__ == "__main__":
    minutes, looks = Table(DAYS * 1_440 + 60), Table(366 * 1_440, every=5)
    tou = load_rules([EXAMPLES / "tou_sce.toml"])
    runs = [days(tou, minutes) for _ in range(RUNS)]
    ticked = runs[0][1]
    tick = statistics.median(seconds for seconds, *_ in runs) / ticked * 1e6
    print(f"a tick with physics            {tick:6.1f} us (goal 60 us), {ticked:,} ticks")
    for name, rules in (
        ("tou_sce.toml", tou),
        ("20 realistic rules", rules_of(BASE + realistic())),
    ):
        years = [year(rules, looks) for _ in range(RUNS)]
        total = statistics.median(each[0] for each in years)
        physics = statistics.median(each[1] for each in years)
        print(
            f"a year, {name:20} {total - physics:8.2f} s  (goal 0.6 s) beside {physics:.2f} s of"
            f" physics, {years[0][2]:,} of {LOOKS:,} looks were ticks, {years[0][3]:,} steps"
        )
    for name in ALONE:
        commits = days(load_rules([EXAMPLES / f"{name}.toml"]), minutes)[2]
        print(
            f"commits a day, {name:14} {commits['audit'] / DAYS:6.1f} with audit rows,"
            f" {commits['stream'] / DAYS:,.0f} of what was read alone"
        )
