"""What the controller costs without a network and a disk: `python bench/controller.py`.

Two figures, in processor time: a tick of 30 s with the physics of a simulated home and a journal in
memory; and how often a day a journal has to put rows on the disk. What the home uses and the roof
gives is worked out beforehand and not timed. `bench/backtest.py` times whole years.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter, deque
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rules.domain import Mode, Setting
from rules.engine import RuleSet
from rules.language import load_rules
from rules.resolve import Levers
from scheduler import control
from scheduler.control import Action, State, Terms, actions, events
from scheduler.control.events import Event
from scheduler.domain import STREAM, Safety
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
SITE, RUNS, DAYS = "home", 3, 4


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

    def __init__(self, minutes: int) -> None:
        home, moments = Household(1, ZONE), range(minutes)
        self.load = [home.load_w(START + moment * MINUTE) for moment in moments]
        self.solar = [home.solar_w(START + moment * MINUTE) for moment in moments]

    def load_w(self, at: datetime) -> float:
        return self.load[(at - START) // MINUTE]

    def solar_w(self, at: datetime) -> float:
        return self.solar[(at - START) // MINUTE]


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


def done(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise RuntimeError("it waits for something")


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


if __name__ == "__main__":
    minutes = Table(DAYS * 1_440 + 60)
    tou = load_rules([EXAMPLES / "tou_sce.toml"])
    runs = [days(tou, minutes) for _ in range(RUNS)]
    ticked = runs[0][1]
    tick = statistics.median(seconds for seconds, *_ in runs) / ticked * 1e6
    print(f"a tick with physics            {tick:6.1f} us (goal 60 us), {ticked:,} ticks")
    for name in ALONE:
        commits = days(load_rules([EXAMPLES / f"{name}.toml"]), minutes)[2]
        print(
            f"commits a day, {name:14} {commits['audit'] / DAYS:6.1f} with audit rows,"
            f" {commits['stream'] / DAYS:,.0f} of what was read alone"
        )
