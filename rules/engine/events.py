"""Which events are due: each occurrence is settled once, and none is settled twice.

An event with moments is settled at each of them: fired, not then (a condition was known to be
false), or missed (it stayed unknown, or nobody evaluated it, for `catch_up`). An event without a
moment fires when its conditions turn true after they were known to be false; unknown never fires
it. The identity of an occurrence is its rule and its instant: the scheduled one, or that of the
first reading on the far side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rules.calendar import MomentTable
from rules.engine.conditions import FOREVER, NOTHING_HELD, Context, conjunction
from rules.engine.memory import EventMemory, TurnMemory
from rules.engine.rule_set import Action, EventRule

LOOK_BACK = timedelta(days=7)
"""How far back missed events are told: a scheduler that was off for a month lists one week."""

LOOK_AHEAD = timedelta(days=2)
"""How far ahead the next event is sought; rules open or close before that anyway."""


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


class Book:
    """Settles events at one evaluation."""

    def __init__(self, memory: EventMemory, context: Context) -> None:
        self._before = memory
        self._context = context
        self._settled = dict(memory.settled)
        self._turns = dict(memory.turns)
        self._fired = dict(memory.fired)
        self.found: list[Occurrence] = []
        self.waiting = False

    def memory(self) -> EventMemory:
        """What is to be remembered; the same object when nothing changed."""
        after = EventMemory(self._settled, self._turns, self._fired)
        return self._before if after == self._before else after

    def moments(self, table: MomentTable[EventRule], since: datetime) -> datetime:
        """Settle the moments that are due, from `since` on; until when there is nothing to settle.

        One that waits for a missing value leaves the book `waiting`.
        """
        now = self._context.now
        until = now + LOOK_AHEAD
        for scheduled, event in table.between(now - LOOK_BACK, until):
            if scheduled > now:
                return min(scheduled, until)
            last = self._settled.get(event.name)
            if scheduled >= since and (last is None or scheduled > last):
                until = min(until, self._moment(event, scheduled))
        return until

    def _moment(self, event: EventRule, scheduled: datetime) -> datetime:
        """Settle a due moment, or leave it for as long as `catch_up` lasts; until when it waits."""
        context, expiry = self._context, scheduled + event.catch_up
        if context.now >= expiry:
            self._settled[event.name] = scheduled
            self._tell(event, scheduled, Happened.MISSED)
            return FOREVER
        context.begin(NOTHING_HELD)
        verdict = conjunction(event.conditions, context)
        if verdict is None:
            self.waiting = True
            return min(expiry, context.until)
        self._settled[event.name] = scheduled
        if verdict:
            self._fire(event, scheduled)
        return FOREVER

    def turn(self, event: EventRule) -> tuple[datetime, frozenset[str]]:
        """Follow the conditions of an event without a moment, and fire when they have turned.

        Until when the answer stands, and which thresholds hold.
        """
        context, before = self._context, self._turns.get(event.name)
        context.begin(before.held if before else NOTHING_HELD)
        verdict = conjunction(event.conditions, context)
        held = frozenset(context.holding)
        if verdict is None:
            before = before or TurnMemory(holds=True, since=context.now, done=True)
            self._turns[event.name] = replace(before, held=held)
            return context.until, held
        if before is None or before.holds is not verdict:
            # True at the very first evaluation is no turn: nobody saw it false.
            before = TurnMemory(verdict, context.now, held, done=before is None)
        turn = TurnMemory(verdict, before.since, held, before.done)
        if verdict and not turn.done:
            ready = turn.since + event.hold_for
            if context.now >= ready:
                turn = TurnMemory(verdict, turn.since, held, done=True)
                self._settled[event.name] = turn.since
                self._fire(event, turn.since)
            else:
                context.stands_until(ready)
        self._turns[event.name] = turn
        return context.until, held

    def _fire(self, event: EventRule, scheduled: datetime) -> None:
        limit = event.at_most
        if limit is not None:
            begin = self._context.now - limit.span
            counted = tuple(at for at in self._fired.get(event.name, ()) if at > begin)
            if len(counted) >= limit.count:
                self._fired[event.name] = counted
                return
            self._fired[event.name] = (*counted, self._context.now)
        self._tell(event, scheduled, Happened.FIRED)

    def _tell(self, event: EventRule, scheduled: datetime, happened: Happened) -> None:
        self.found.append(Occurrence(event.name, event.action, scheduled, happened))
