"""Which events are due: each occurrence is settled once, and none is settled twice.

An event with moments is settled at each of them: fired, not then (a condition was known to be
false), or missed (it stayed unknown, or nobody looked, for `catch_up`). An event without a moment
fires when its conditions turn true after they were known to be false; unknown never fires it. The
identity of an occurrence is its rule and its instant: the scheduled one, or that of the first look
on the far side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rules.engine.activation import tested
from rules.engine.conditions import Look
from rules.engine.outcome import NOTHING_HELD
from rules.engine.plan import Action, EventRule, Plan

LOOK_BACK = timedelta(days=7)
"""How far back missed events are told: a scheduler that was off for a month lists one week."""

LOOK_AHEAD = timedelta(days=2)
"""How far ahead the next event is sought; a decision is looked at again by then anyway."""


class Happened(StrEnum):
    """How an occurrence of an event rule was settled."""

    FIRED = "fired"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One settled moment of an event rule."""

    rule: str
    action: Action
    scheduled_at: datetime
    happened: Happened


@dataclass(frozen=True, slots=True)
class TurnMemory:
    """What is remembered of an event without a moment.

    `holds` since `since` is what its conditions say; `done` means that this turn was settled, or
    that it is none because nobody saw the conditions false before.
    """

    holds: bool
    since: datetime
    held: frozenset[str] = NOTHING_HELD
    done: bool = False


@dataclass(frozen=True, slots=True)
class EventMemory:
    """What is remembered of events.

    `settled` holds the instant of each rule's last settled occurrence, `fired` its firings that
    still count against `at_most`.
    """

    settled: Mapping[str, datetime] = field(default_factory=dict)
    turns: Mapping[str, TurnMemory] = field(default_factory=dict)
    fired: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)


def due(
    plan: Plan, memory: EventMemory, since: datetime, look: Look
) -> tuple[tuple[Occurrence, ...], EventMemory]:
    """The occurrences that are settled now. Events before `since` are nobody's.

    The memory that comes back is the same object when nothing changed.
    """
    book = _Book(memory, look)
    for scheduled, event in plan.moments(look.now - LOOK_BACK, look.now + LOOK_AHEAD):
        if scheduled > look.now:
            look.stands_until(scheduled)
            break
        last = memory.settled.get(event.name)
        if scheduled >= since and (last is None or scheduled > last):
            book.moment(event, scheduled)
    for event in plan.rules.event_rules:
        if event.moments is None:
            book.turn(event)
    return tuple(book.found), book.memory()


class _Book:
    """Settles events at one look."""

    def __init__(self, memory: EventMemory, look: Look) -> None:
        self._before = memory
        self._look = look
        self._settled = dict(memory.settled)
        self._turns = dict(memory.turns)
        self._fired = dict(memory.fired)
        self.found: list[Occurrence] = []

    def memory(self) -> EventMemory:
        after = EventMemory(self._settled, self._turns, self._fired)
        return self._before if after == self._before else after

    def moment(self, event: EventRule, scheduled: datetime) -> None:
        """Settle a due moment, or leave it for as long as `catch_up` lasts."""
        look = self._look
        if look.now >= scheduled + event.catch_up:
            self._settled[event.name] = scheduled
            self._tell(event, scheduled, Happened.MISSED)
            return
        look.turn_to(NOTHING_HELD)
        verdict = tested(event.conditions, look)
        if verdict is None:
            look.stands_until(scheduled + event.catch_up)
            return
        self._settled[event.name] = scheduled
        if verdict:
            self._fire(event, scheduled)

    def turn(self, event: EventRule) -> None:
        """Follow the conditions of an event without a moment, and fire when they have turned."""
        look, before = self._look, self._turns.get(event.name)
        look.turn_to(before.held if before else NOTHING_HELD)
        verdict = tested(event.conditions, look)
        held = frozenset(look.holding)
        if verdict is None:
            before = before or TurnMemory(holds=True, since=look.now, done=True)
            self._turns[event.name] = replace(before, held=held)
            return
        if before is None or before.holds is not verdict:
            # True at the very first look is no turn: nobody saw it false.
            before = TurnMemory(verdict, look.now, held, done=before is None)
        turn = TurnMemory(verdict, before.since, held, before.done)
        if verdict and not turn.done:
            ready = turn.since + event.hold_for
            if look.now >= ready:
                turn = TurnMemory(verdict, turn.since, held, done=True)
                self._settled[event.name] = turn.since
                self._fire(event, turn.since)
            else:
                look.stands_until(ready)
        self._turns[event.name] = turn

    def _fire(self, event: EventRule, scheduled: datetime) -> None:
        limit = event.at_most
        if limit is not None:
            begin = self._look.now - limit.span
            counted = tuple(at for at in self._fired.get(event.name, ()) if at > begin)
            if len(counted) >= limit.count:
                self._fired[event.name] = counted
                return
            self._fired[event.name] = (*counted, self._look.now)
        self._tell(event, scheduled, Happened.FIRED)

    def _tell(self, event: EventRule, scheduled: datetime, happened: Happened) -> None:
        self.found.append(Occurrence(event.name, event.action, scheduled, happened))
