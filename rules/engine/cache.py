"""What the last evaluation came to, so that the next one need not begin anew.

Every rule's answer stands until something that the rule reads has changed: a quantity has passed a
threshold, the grid status or the inputs have changed, an instant has come. Only then is the rule
evaluated again, and only when an answer has changed are the winners found again. A rule without
timers repeats the answer that it gave when all its values were on the same sides of its thresholds.

A cache may be thrown away at any time: a new one evaluates every open rule from its memory, and
comes to the same decision. It belongs to one memory and one caller, and is of no use to a clock
that has gone back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from rules.calendar import Segment
from rules.domain import Observation, Quantity
from rules.engine.activation import Answer, activation
from rules.engine.conditions import FOREVER, Context
from rules.engine.contest import Contest
from rules.engine.decision import Decision
from rules.engine.events import Book
from rules.engine.gauge import Gauge, Watch
from rules.engine.index import WORDS
from rules.engine.memory import Memory, RuleMemory
from rules.engine.plan import Plan
from rules.engine.validity import Validity
from rules.inputs import Inputs

LONG_AGO = datetime.min.replace(tzinfo=UTC)

MOST_ANSWERS = 1_000
"""How many answers of a rule are kept for when its values are on the same sides again."""

MOST_OPENINGS = 100
"""For how many sets of open rules is kept what follows from them: a year has some dozens."""

NO_ANSWERS: Mapping[int, Answer] = {}

Remembered = Mapping[str, RuleMemory]


class _Opening(NamedTuple):
    """What follows from certain rules being open.

    `units` are they and the events without a moment, `rules` they alone as bits, `read` the places
    of the `WORDS` that any of the units reads, `watches` what there is to watch for them.
    """

    units: frozenset[int]
    rules: int
    read: tuple[int, ...]
    watches: tuple[Watch, ...]


class Cache:
    """The answers of the open rules as of the last evaluation, and what may end them.

    Rules, and events without a moment, are units as in the plan's index.
    """

    def __init__(self, plan: Plan, memory: Memory) -> None:
        self._plan, self._memory, self._now = plan, memory, LONG_AGO
        self._index, self._rules = plan.index, plan.rules.state_rules
        self._decision: Decision | None = None
        self._segment: Segment[int] = Segment(LONG_AGO, LONG_AGO, ())
        self._open: frozenset[int] = frozenset()
        self._openings: dict[tuple[int, ...], _Opening] = {}
        self._answers: dict[int, Answer] = {}
        self._repeated: dict[int, dict[int, Answer]] = {}
        self._contest = Contest(plan)
        # What may end an answer beside a change of what the rule reads: an instant, an SOE.
        self._deadlines: dict[int, datetime] = {}
        self._steps: dict[int, float] = {}
        self._next_moment, self._waiting = FOREVER, False
        # What was there, and for each unit on which side of its thresholds.
        self._inputs: Inputs | None = None
        self._words: tuple[object, ...] = (None, None)
        self._read: tuple[int, ...] = ()
        self._gauges = [Gauge(scale) for scale in plan.index.scales]
        self._sides = [0] * len(plan.index.marks)

    def continues(self, plan: Plan, memory: Memory, now: datetime) -> bool:
        """Whether the last evaluation left this memory, under this plan, not after `now`."""
        return self._memory is memory and self._plan is plan and self._now <= now

    def decide(
        self, observation: Observation, inputs: Inputs, now: datetime
    ) -> tuple[Decision, Memory]:
        """The decision, and the new memory."""
        last = self._decision
        if last is not None and last.stands(observation, inputs, now):
            return last, self._memory
        self._now = FOREVER  # an evaluation that is broken off half-way is not continued
        context = Context(observation, inputs, self._plan.rules.almanac, now)
        remembered, outdated = self._memory.rules, set[int]()
        opening = now >= self._segment.end
        if opening:
            remembered, outdated = self._open_and_close(now)
        outdated |= self._outdated(context)
        passed = self._passed(observation, outdated)
        changed = self._evaluate(outdated, passed, remembered, context)
        if opening:
            remembered = self._of_the_open()
        elif changed:
            remembered = {**remembered, **changed}
        book = self._settle(outdated, passed, context, opening=opening)
        self._remember(remembered, book)
        self._now = now
        self._decision = self._decided(context, book)
        return self._decision, self._memory

    # --- what has to be evaluated ----------------------------------------------------------------

    def _open_and_close(self, now: datetime) -> tuple[Remembered, set[int]]:
        """Go on to the segment around `now`: what is still known, and the units to evaluate."""
        before, self._segment = self._segment, self._plan.timetable.segment(now)
        opening = self._opening(self._segment.open)
        was_open, self._open = self._open, opening.units
        for unit in was_open - self._open:
            self._close(unit)
        for gauge, watch in zip(self._gauges, opening.watches, strict=True):
            gauge.watch = watch
        self._read = opening.read
        self._contest.open(opening.rules)
        if self._segment.start == before.end:
            return self._memory.rules, set(self._open - was_open)
        # What was skipped is not known: a rule that is open may have been closed in between.
        names, unbroken, remembered = self._index.names, self._plan.timetable.unbroken, {}
        for unit in self._segment.open:
            memory = self._memory.rules.get(names[unit])
            if memory is not None and unbroken(unit, memory.since, now):
                remembered[names[unit]] = memory
        return remembered, set(self._open)

    def _opening(self, rules: tuple[int, ...]) -> _Opening:
        """What follows from these rules being open."""
        found = self._openings.get(rules)
        if found is None:
            if len(self._openings) >= MOST_OPENINGS:
                self._openings.clear()
            units = frozenset((*rules, *self._index.turns))
            found = self._openings[rules] = _Opening(
                units,
                sum(1 << unit for unit in rules),
                tuple(n for n, readers in enumerate(self._index.words) if readers & units),
                tuple(gauge.watch_over(units) for gauge in self._gauges),
            )
        return found

    def _close(self, unit: int) -> None:
        self._answers.pop(unit, None)
        self._repeated.pop(unit, None)
        self._deadlines.pop(unit, None)
        self._steps.pop(unit, None)

    def _outdated(self, context: Context) -> set[int]:
        """The units whose answer has ended, for anything but a threshold that was passed."""
        observation, index = context.observation, self._index
        found: set[int] = set()
        if context.inputs is not self._inputs:
            self._inputs = context.inputs
            found |= index.outside & self._open
        words = observation.grid, observation.grid_services  # as WORDS has them
        if words != self._words:
            for number, readers in enumerate(index.words):
                if words[number] != self._words[number]:
                    found |= readers & self._open
            self._words = words
        now, soe = context.now, observation.soe
        if self._deadlines and min(self._deadlines.values()) <= now:
            found.update(unit for unit, until in self._deadlines.items() if until <= now)
        if self._steps and soe is not None:
            found.update(unit for unit, below in self._steps.items() if soe >= below)
        return found

    def _passed(self, observation: Observation, outdated: set[int]) -> set[int]:
        """The units with a threshold that was passed. Readers of a missing value are outdated."""
        found: set[int] = set()
        for gauge in self._gauges:
            value = getattr(observation, gauge.attribute)
            if value is None or gauge.missing:
                if gauge.missing is not (value is None):
                    gauge.missing = value is None
                    outdated |= gauge.watch.readers
                continue
            passed = gauge.move(value)
            while passed:
                bit = passed & -passed
                passed ^= bit
                unit, own_bit = gauge.owners[bit]
                self._sides[unit] ^= own_bit
                found.add(unit)
        return found

    # --- evaluating ------------------------------------------------------------------------------

    def _evaluate(
        self, outdated: set[int], passed: set[int], remembered: Remembered, context: Context
    ) -> dict[str, RuleMemory]:
        """Find the answers of these units, as far as they are rules; the memories that are new."""
        changed: dict[str, RuleMemory] = {}
        rules = self._rules
        for unit in outdated:
            if unit < len(rules) and not rules[unit].timeless:
                name = rules[unit].name
                before = remembered.get(name)
                answer = activation(self._plan, rules[unit], before, context)
                self._take_sides(unit, answer.memory.held)
                self._repeated.pop(unit, None)
                self._store(unit, answer)
                if answer.memory is not before:
                    changed[name] = answer.memory
        for unit in passed - outdated:
            if unit < len(rules):
                repeated = self._repeated.get(unit, NO_ANSWERS).get(self._sides[unit])
                if repeated is not None:
                    answer = self._answers[unit] = repeated
                    self._contest.enter(unit, active=answer.memory.active)
                    self._expect(unit, answer.until)
                else:
                    before = self._answers[unit].memory
                    answer = activation(self._plan, rules[unit], before, context)
                    self._store(unit, answer)
                changed[self._index.names[unit]] = answer.memory
        return changed

    def _store(self, unit: int, answer: Answer) -> None:
        memory, rule = answer.memory, self._rules[unit]
        self._answers[unit] = answer
        self._contest.enter(unit, active=memory.active)
        self._expect(unit, answer.until)
        if memory.unknown_since is not None:
            self._repeated.pop(unit, None)  # what is held may be let go of
        elif rule.settled:
            answers = self._repeated.setdefault(unit, {})
            if len(answers) >= MOST_ANSWERS:
                answers.clear()
            answers[self._sides[unit]] = answer
        if memory.active and rule.want.looks_at_soe:
            self._steps[unit] = answer.soe_below
        else:
            self._steps.pop(unit, None)

    def _take_sides(self, unit: int, held: frozenset[str]) -> None:
        """Take from what is held on which side of its thresholds a unit has its values."""
        sides = 0
        for number, mark in self._index.marks[unit]:
            upper = (mark.threshold.key in held) is mark.threshold.upper
            self._gauges[number].put(mark, upper=upper)
            if upper:
                sides |= mark.own_bit
        self._sides[unit] = sides

    def _of_the_open(self) -> Remembered:
        """What is remembered of the open rules, in order; the same object if nothing is new."""
        answers, names = self._answers, self._index.names
        found = {
            names[unit]: answers[unit].memory for unit in self._segment.open if unit in answers
        }
        return self._memory.rules if found == self._memory.rules else found

    def _settle(
        self, outdated: set[int], passed: set[int], context: Context, *, opening: bool
    ) -> Book | None:
        """Settle the events that are due, and follow those whose conditions may have turned."""
        if not self._plan.rules.event_rules:
            return None
        due = opening or self._waiting or context.now >= self._next_moment
        turned = sorted((outdated | passed) & self._index.turns.keys())
        if not due and not turned:
            return None
        book = Book(self._memory.events, context)
        if due:
            self._next_moment = book.moments(self._plan.moments, self._memory.since)
            self._waiting = book.waiting
        for unit in turned:
            until, held = book.turn(self._index.turns[unit])
            self._take_sides(unit, held)
            self._expect(unit, until)
        return book

    def _expect(self, unit: int, until: datetime) -> None:
        """Until when time alone does not change an answer."""
        if until is not FOREVER:
            self._deadlines[unit] = until
        elif self._deadlines:
            self._deadlines.pop(unit, None)

    # --- the decision ----------------------------------------------------------------------------

    def _remember(self, remembered: Remembered, book: Book | None) -> None:
        before = self._memory
        events = before.events if book is None else book.memory()
        if remembered is not before.rules or events is not before.events:
            self._memory = Memory(before.since, remembered, events, self)
        elif before.cache is not self:
            # No part of what a memory says: it may be put there, and thrown away, at any time.
            object.__setattr__(before, "cache", self)

    def _decided(self, context: Context, book: Book | None) -> Decision:
        reserve = context.observation.reserve
        result = self._contest.result(self._answers, reserve)
        return Decision(
            result.setting,
            result.winners,
            result.active,
            tuple(book.found) if book else (),
            result.insists,
            self._waiting,
            validity=self._validity(context, result.compared_with),
        )

    def _validity(self, context: Context, compared_with: int | None) -> Validity:
        observation = context.observation
        reserve = observation.reserve
        bounds: list[tuple[str, float, float]] = []
        same: list[tuple[str, object]] = [(WORDS[n].value, self._words[n]) for n in self._read]
        for gauge in self._gauges:
            if gauge.watch.readers:
                if gauge.missing:
                    same.append((gauge.attribute, None))
                else:
                    bounds.append(gauge.bounds(getattr(observation, gauge.attribute)))
        if self._steps and bounds and bounds[0][0] == Quantity.SOE:
            soe, low, high = bounds[0]
            bounds[0] = soe, low, min(high, *self._steps.values())
        if compared_with is not None:
            if reserve is None:
                same.append((Quantity.RESERVE.value, None))
            elif reserve < compared_with:
                bounds.append((Quantity.RESERVE.value, -math.inf, compared_with))
            else:
                bounds.append((Quantity.RESERVE.value, compared_with, math.inf))
        until = min(self._segment.end, self._next_moment, *self._deadlines.values())
        return Validity(until, context.inputs, tuple(bounds), tuple(same))
