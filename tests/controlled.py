"""A controller driven by hand: without a loop, a disk or an event loop, as fast as it goes.

`Driver` does what the loop of a site does and in the same order: rows are committed before actions
are carried out, what came of them are the next events, a failed commit is met by restoring. A
commit may fail before or after its rows are kept, and the process may die between a commit and the
first action.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Protocol, TypeVar

from always import Watch

from rules.engine import RuleSet
from scheduler import control
from scheduler.control import Action, Reply, State, Step, Terms, events
from scheduler.control.codec import from_json, to_json
from scheduler.control.events import Event
from scheduler.domain import STREAM, Capabilities
from scheduler.errors import JournalProblem
from scheduler.journal import MemoryJournal, OccurrenceExists

T = TypeVar("T")
HOME = "home"


def done(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("it waits for something")


@dataclass
class HandClock:
    """A clock that is set by hand; `true` is the time that nobody can set."""

    wall: datetime
    true: float = 0.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.true

    def alarm_clock(self) -> Any:
        raise NotImplementedError

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.true += seconds

    def set_by(self, step: timedelta) -> None:
        self.wall = (self.wall + step).astimezone(UTC)


class World(Protocol):
    """The gateway as the loop's executor shows it to the controller."""

    @property
    def capabilities(self) -> Capabilities: ...

    def connect(self, at: datetime) -> events.Connected: ...

    def carry_out(self, action: Action, at: datetime) -> Event | None: ...


class Killed(Exception):
    """The process has died."""


@dataclass
class Trouble:
    """How often a commit fails, a process dies, a state goes through JSON, a step is made twice.

    `again` is how likely a commit fails after one that did. Of the commits that fail so many reach
    the disk all the same.
    """

    chance: Random
    commit_fails: float = 0.0
    again: float = 0.0
    reaches: float = 0.5
    dies: float = 0.0
    through_json: float = 0.0
    made_twice: float = 0.0


@dataclass
class Driver:
    """One site's controller on a world and a journal in memory."""

    world: World
    clock: HandClock
    watch: Watch
    trouble: Trouble
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    uncertain: bool = False
    ticks: int = 0
    recent: deque[tuple[Event, Step]] = field(default_factory=lambda: deque(maxlen=20))
    _failing: bool = False
    _state: State | None = None
    _results: deque[Event] = field(default_factory=deque)

    @property
    def state(self) -> State:
        assert self._state is not None
        return self._state

    def begin(self, terms: Terms, rules: RuleSet) -> None:
        """A process starts."""
        self.uncertain, self._results = False, deque()
        at, past = self.clock.now(), done(self.journal.past(HOME))
        step = control.begin(past, terms, rules, self.world.capabilities, at)
        assert not step.rows
        self._state = step.state
        self.watch.begins(step.state)
        for action in step.actions:
            self.world.carry_out(action, at)
        self._advance(self.world.connect(at))

    def tick(self) -> float:
        """One wake-up; how many seconds to wait at most."""
        self.ticks += 1
        now, began = self.clock.now(), self.clock.true
        try:
            self._restore(now)
            self._advance(events.Woke(now, began))
        except JournalProblem:
            self._go_to_safety()
            return self.state.terms.poll.total_seconds()
        wake = control.next_wake(self.state, now)
        until = [instant for instant in (wake.soonest, wake.boundary) if instant is not None]
        waits = [(instant - now).total_seconds() for instant in until]
        return max(0.0, min([wake.poll - (self.clock.true - began), *waits]))

    def ask(self, event: Event) -> Reply:
        """What the controller replies to a request; whoever asked is told of a failed commit."""
        try:
            self._restore(event.at)
            return self._advance(event)
        except JournalProblem as problem:
            return control.Refusal(str(problem))

    def said(self) -> str:
        """The last steps, for people: what happened, what was recorded, what was to be done."""
        lines = []
        for event, step in self.recent:
            at = f"{event.at:%d %H:%M:%S}"
            audit = [row.record for row in step.rows if not isinstance(row.record, STREAM)]
            lines.append(f"{at} {type(event).__name__}: {audit} {list(step.actions)}")
        return "\n".join(lines)

    def _restore(self, at: datetime) -> None:
        if self.uncertain:
            past = done(self.journal.past(HOME))
            self.watch.restores(at)
            self._state = control.restored(past, self.state, at)
            self.uncertain = False

    def _advance(self, event: Event) -> Reply:
        self._deliver()
        reply = self._take(event)
        self._deliver()
        return reply

    def _deliver(self) -> None:
        while self._results:
            self._take(self._results[0])
            self._results.popleft()

    def _take(self, event: Event) -> Reply:
        before, chance = self.state, self.trouble.chance
        step = control.step(before, event)
        sample = chance.random()
        if sample < self.trouble.made_twice:
            assert control.step(before, event) == step, event
        if sample < self.trouble.through_json:
            self._goes_through_json(before, event, step)
        self.recent.append((event, step))
        self.watch.expect(before, event, step, self.clock.true)
        try:
            self._commit(step)
        except OccurrenceExists as known:
            before = control.step(before, events.OccurredBefore(known.occurrences)).state
            self._state = before
            return self._take(event)
        self._state = step.state
        if step.actions and chance.random() < self.trouble.dies:
            raise Killed
        for action in step.actions:
            result = self.world.carry_out(action, event.at)
            if result is not None:
                self._results.append(result)
        return step.reply

    def _commit(self, step: Step) -> None:
        if not step.rows:
            return
        chance, trouble = self.trouble.chance, self.trouble
        fails = max(trouble.commit_fails, trouble.again if self._failing else 0.0)
        self._failing = False
        if fails and chance.random() < fails:
            if chance.random() < self.trouble.reaches:
                done(self.journal.commit(HOME, step.rows))
                self.watch.keep(step.rows, self.clock.true, known=False)
            self.uncertain = self._failing = True
            raise JournalProblem("no room")
        done(self.journal.commit(HOME, step.rows))
        self.watch.keep(step.rows, self.clock.true)

    def _goes_through_json(self, before: State, event: Event, step: Step) -> None:
        said = to_json(before)
        again = from_json(said, before.terms, before.decisions.plan.rules)
        assert to_json(again) == said
        same = control.step(again, event)
        assert same.rows == step.rows
        assert same.actions == step.actions
        now, then = _decided(same.state), _decided(step.state)
        assert not {name: (now[name], then[name]) for name in now if now[name] != then[name]}

    def _go_to_safety(self) -> None:
        now = self.clock.now()
        undelivered = [result for result in self._results if not isinstance(result, events.Seen)]
        seen = [each.observation for each in self._results if isinstance(each, events.Seen)]
        self._results.clear()
        try:
            self._restore(now)
            self._take(events.Unrecorded(now, seen[-1] if seen else None))
            while self._results:
                self._take(self._results.popleft())
        except JournalProblem:
            pass
        self._results.extendleft(reversed(undelivered))


def _decided(state: State) -> dict[str, Any]:
    """A state as JSON values, but for when its decision was made: it may have been made again."""
    said = to_json(state)
    last = said["decisions"]["last"]
    kept = None if last is None else {**last, "until": None}
    return {**said, "decisions": {**said["decisions"], "at": None, "last": kept}}
