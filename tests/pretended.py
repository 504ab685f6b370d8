"""A controller with a gateway that is only pretended, and time that is only told.

Nothing is awaited and nothing is stored: `Desk` answers what the controller wants at once, from a
world that a test may change between two ticks.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Part, Setting
from rules.engine import RuleSet
from rules.inputs import NO_INPUTS, Inputs
from rules.language import load_kept
from rules.resolve import Levers
from rules.sources import SourceFile, Sources
from scheduler import control
from scheduler.control import Action, Failure, FailureKind, Reply, State, Terms, actions, events
from scheduler.control.events import Event
from scheduler.domain import (
    QUANTITIES,
    Capabilities,
    Endpoint,
    FirmwareState,
    FirmwareStatus,
    NoteKind,
    NoteRecord,
    Past,
    Record,
    Row,
    Safety,
)
from scheduler.journal import MemoryJournal

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 7, 15, 20, tzinfo=UTC)
"""One in the afternoon of a Wednesday in Los Angeles."""

POLL = timedelta(seconds=30)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SELF, BACKUP = Mode.SELF_CONSUMPTION, Mode.BACKUP
EVERYDAY, FULL = Setting(SELF, 20), Setting(BACKUP, 100)
SAFETY = Safety(5, EVERYDAY)
TERMS = Terms(SAFETY, POLL, version="1.2.0", process="boot:1")
EVERY_LEVER = Levers(
    frozenset(Mode), grid_charging=frozenset({False, True}), export=frozenset(Export)
)
UNREADABLE = replace(EVERY_LEVER, unreadable=frozenset({Part.GRID_CHARGING, Part.EXPORT}))
ROUTE = Capabilities("installer", "1.49.0", "2026-07-01 08:00:00", may_write=True)

AWAY = Failure(FailureKind.UNREACHABLE, "nobody there")
UNCERTAIN = Failure(FailureKind.UNCERTAIN, "nobody knows")
MAY_NOT = Failure(FailureKind.NOT_PERMITTED, "not with this account")
REFUSED = Failure(FailureKind.REFUSED, "no")

BASE = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
"""

AFTERNOON = (
    BASE
    + """
[[rule]]
name  = "fill up"
while = { time = "14:00-16:00" }
set   = { mode = "backup", reserve = 100 }
"""
)
"""Backup from two to four, and nothing else."""

QUIET = Observation(
    NOW,
    soe=AppPercent(50.0),
    site_power=200.0,
    battery_power=0.0,
    load_power=200.0,
    solar_power=0.0,
    grid=GridStatus.CONNECTED,
    grid_services=False,
    mode=SELF,
    reserve=AppPercent(20.0),
    running=True,
    firmware="1.49.0",
)
"""A home that draws so little that nothing can be told of any setting."""

R = TypeVar("R", bound=Record)


def rules_of(text: str = AFTERNOON) -> RuleSet:
    return load_kept(Sources((SourceFile("rules.toml", text),), None))


def local(time: str, day: int = 15) -> datetime:
    """An instant of July by the wall clock of the house."""
    hour, minute = map(int, time.split(":"))
    return datetime(2026, 7, day, hour, minute, tzinfo=LOS_ANGELES).astimezone(UTC)


def shown(setting: Setting) -> dict[str, Any]:
    """The fields of an observation that shows this."""
    return {part.value: value for part, value in setting.present.items()}


class Desk:
    """One site under a controller. `world` is what the gateway has, `rows` all that was recorded.

    `fails` are what the next actions of a kind come to; actions of a kind that is in `unanswered`
    are never heard of again. `now` is the wall clock.
    """

    def __init__(
        self,
        rules: str = AFTERNOON,
        start: datetime = NOW,
        *,
        terms: Terms = TERMS,
        route: Capabilities = ROUTE,
        past: Past | None = None,
        world: Observation = QUIET,
        inputs: Inputs = NO_INPUTS,
    ) -> None:
        self.now, self.monotonic = start, 0.0
        self.terms, self.route, self.world, self.inputs = terms, route, world, inputs
        self.rules = rules_of(rules)
        self.rows: list[Row] = []
        self.done: list[tuple[datetime, Action]] = []
        self.fails: defaultdict[type, deque[Failure]] = defaultdict(deque)
        self.unanswered: set[type] = set()
        self.firmware = FirmwareStatus(FirmwareState.NOTHING_NEWER, None, "/nonactionable")
        self._appointments: list[tuple[datetime, Callable[[], object]]] = []
        self.start(past)

    # --- playing -----------------------------------------------------------------------------

    def start(self, past: Past | None = None) -> Desk:
        """Begin a run, of this past or of what was recorded."""
        known = self.past() if past is None else past
        step = control.begin(known, self.terms, self.rules, self.route, self.now)
        self.state: State = step.state
        for action in step.actions:
            self._answer(action)
        self.take(events.Connected(self.now, self.route))
        return self

    def past(self) -> Past:
        """What a journal with these rows says."""
        return asyncio.run(MemoryJournal({"home": self.rows}).past("home"))

    def at(self, instant: datetime, act: Callable[..., object], *args: object) -> None:
        """Do something between two ticks of `until`."""
        self._appointments.append((instant, lambda: act(*args)))
        self._appointments.sort(key=lambda each: each[0])

    def until(self, end: datetime) -> Desk:
        """Tick as often as the controller wants, up to an instant."""
        while self.now < end:
            self._keep_appointments()
            self.take(events.Woke(self.now, self.monotonic))
            wake = control.next_wake(self.state, self.now)
            instants = [self.now + timedelta(seconds=wake.poll), end]
            instants += [each for each in (wake.soonest, wake.boundary) if each is not None]
            instants += [each for each, _ in self._appointments]
            later = [each for each in instants if each > self.now]
            self.wait(min(later) - self.now)
        return self

    def tick(self, times: int = 1, after: timedelta = POLL) -> Desk:
        for _ in range(times):
            self.wait(after)
            self.take(events.Woke(self.now, self.monotonic))
        return self

    def wait(self, passed: timedelta) -> None:
        self.now += passed
        self.monotonic += passed.total_seconds()

    def take(self, event: Event) -> Reply:
        """What the controller replies; all that it wants meanwhile is done."""
        waiting: deque[Event] = deque([event])
        reply: Reply = None
        while waiting:
            step = control.step(self.state, waiting.popleft())
            self.state, reply = step.state, reply or step.reply
            self.rows += step.rows
            for action in step.actions:
                result = self._answer(action)
                if result is not None:
                    waiting.append(result)
        return reply

    def _keep_appointments(self) -> None:
        while self._appointments and self._appointments[0][0] <= self.now:
            self._appointments.pop(0)[1]()

    # --- the gateway -------------------------------------------------------------------------

    def sets(self, setting: Setting, **fields: Any) -> Desk:
        """Somebody at the gateway sets this; other fields may change with it."""
        self.world = replace(self.world, **shown(setting), **fields)
        return self

    def _answer(self, action: Action) -> Event | None:
        self.done.append((self.now, action))
        kind = type(action)
        if kind in self.unanswered:
            return None
        failure = self.fails[kind].popleft() if self.fails[kind] else None
        match action:
            case actions.Apply(setting=setting) if failure is None:
                self.sets(setting)
            case actions.Assume(may_write=may_write):
                self.route = replace(self.route, may_write=may_write)
        return self._result(action, failure)

    def _result(self, action: Action, failure: Failure | None) -> Event | None:
        now, route = self.now, self.route
        result: Event | None = None
        match action:
            case actions.Observe(endpoints=asked):
                answered = Observation(now) if failure else self._read(asked)
                result = events.Seen(now, asked, answered, route, failure, self.inputs)
            case actions.Apply() | actions.WriteBack():
                result = events.Written(now, now, route, failure)
            case actions.RunBattery():
                result = events.BatteryRunRequested(now, failure)
            case actions.CheckFirmware():
                result = events.CheckStarted(now, failure)
            case actions.ReadFirmware():
                status = None if failure else self.firmware
                result = events.FirmwareRead(now, status, route, failure)
            case actions.InstallFirmware():
                result = events.InstallRequested(now, route, failure)
        return result

    def _read(self, asked: frozenset[Endpoint]) -> Observation:
        readable = {
            quantity.value
            for endpoint in asked
            for quantity in QUANTITIES[endpoint]
            if quantity.value not in {part.value for part in self.route.levers.unreadable}
        }
        return Observation(self.now, **{name: getattr(self.world, name) for name in readable})

    # --- what came of it ---------------------------------------------------------------------

    @property
    def writes(self) -> list[tuple[datetime, Setting]]:
        """Every setting that was to be written, in order."""
        return [(at, act.setting) for at, act in self.done if isinstance(act, actions.Apply)]

    @property
    def settings(self) -> list[Setting]:
        return [setting for _, setting in self.writes]

    def records(self, kind: type[R]) -> list[R]:
        return [row.record for row in self.rows if isinstance(row.record, kind)]

    def notes(self, kind: NoteKind) -> list[str]:
        return [note.text for note in self.records(NoteRecord) if note.kind is kind]

    def did(self, kind: type) -> list[datetime]:
        """When an action of a kind was wanted."""
        return [at for at, action in self.done if isinstance(action, kind)]
