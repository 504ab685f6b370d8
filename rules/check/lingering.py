"""Conflicts that come of what a rule remembers: its reserve, its `keep`, a value that went missing.

Two looks are enough to show one: at the first a rule takes hold, at the second it lingers while the
other is active and wants something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice, product

from rules.check.history import (
    A_MOMENT,
    History,
    States,
    afterwards,
    easiest,
    from_anywhere,
    histories,
    what_matters,
)
from rules.check.pair import Pair
from rules.check.search import IMPOSSIBLE, Be, Goal, Search
from rules.check.situations import Seen, Situation
from rules.check.space import Box, Key, Space
from rules.domain import Quantity
from rules.resolve import resolve

MOST_BOXES = 3
"""Boxes of each look that are tried."""

MOST_PLAYS = 100
"""Histories of one pair in one situation that are played on the engine."""

SECOND_LOOK, PLAY = 2_000, 50
"""The effort of looking for a second look; of playing a history, for each rule."""

SOE = Key("quantity", Quantity.SOE)


class By(Enum):
    """What a rule goes on by at the second look."""

    CLAUSE = "its clause, with the reserve that it took before"
    KEEP = "its keep"
    MISSING = "a value that is missing"


LingeringBy = Mapping[int, By]
"""The rules that took hold at the first look, each with what it goes on by."""


@dataclass(slots=True)
class Lingering:
    """Looks for two looks after which a pair wants different things in a situation."""

    pair: Pair
    situation: Situation
    seen: Seen
    plays: int = 0

    def history(self) -> History | None:
        """One that the engine confirms. Raises `TooManySteps`, or `OutOfEffort`."""
        pair = self.pair.one, self.pair.other
        for lingering in ((pair[0],), (pair[1],), pair):
            for ways in product(*(tuple(self._ways(each)) for each in lingering)):
                found = self._after_first(dict(zip(lingering, ways, strict=True)))
                if found is not None:
                    return found
        return None

    def _ways(self, rule: int) -> Iterator[By]:
        found = self.pair.months.rules[rule]
        if found.want.looks_at_soe:
            yield By.CLAUSE
        if found.keep:
            yield By.KEEP
        if found.stale and found.conditions:
            yield By.MISSING

    # --- the first look ----------------------------------------------------------------------

    def _after_first(self, by: LingeringBy) -> History | None:
        months = self.pair.months
        for situation, seen in self._firsts(by):
            space = months.space(situation)
            for goals in self._first_goals(situation, by):
                if IMPOSSIBLE in goals:
                    continue
                for box in islice(
                    Search(self.pair.months.effort).solutions(space.everything, goals), MOST_BOXES
                ):
                    for states in self._spread(space, box, by):
                        found = self._after(situation, seen, by, states)
                        if found is not None:
                            return found
        return None

    def _firsts(self, by: LingeringBy) -> Iterator[tuple[Situation, Seen]]:
        """Where the first look may be: in the same situation, or just before it."""
        yield self.situation, self.seen
        for situation, span in self.seen.after.items():
            if set(by) <= set(situation.open):
                yield situation, Seen(max(span.start, span.end - timedelta(minutes=1)), span.end)

    def _first_goals(self, situation: Situation, by: LingeringBy) -> Iterator[tuple[Goal, ...]]:
        """The rules take hold; if it can be, without a rule above them that would linger too."""
        months, rules = self.pair.months, self.pair.months.rules
        goals = [months.may_be_active(situation, each) for each in by]
        goals += [
            months.may_be_inactive(situation, each)
            for each in (self.pair.one, self.pair.other)
            if each not in by and each in situation.open and rules[each].want.looks_at_soe
        ]
        above = [each for each in situation.open if self.pair.takes_it(each)]
        quiet = [months.goal(situation, each, Be.NOT_TRUE) for each in above]
        yield (*goals, *quiet)
        short = min((rules[each].stale for each in by), default=timedelta(0))
        yield (
            *goals,
            *(
                goal
                for each, goal in zip(above, quiet, strict=True)
                if rules[each].keep or rules[each].stale >= short
            ),
        )
        yield tuple(goals)

    def _spread(self, space: Space, box: Box, by: LingeringBy) -> Iterator[States]:
        """States of a box; with several states of energy where a reserve depends on it."""
        states = easiest(space, box)
        yield states
        number = space.number(SOE)
        if number is None or not any(self.pair.months.rules[each].want.looks_at_soe for each in by):
            return
        known = [
            state
            for bit, state in enumerate(space.dimensions[number].states)
            if box[number] >> bit & 1 and state.value is not None and not state.way
        ]
        for state in (min(known, key=_value, default=None), max(known, key=_value, default=None)):
            if state is not None and state != states[SOE]:
                yield {**states, SOE: state}

    def _after(
        self, situation: Situation, seen: Seen, by: LingeringBy, states: States
    ) -> History | None:
        """Go on from the first look to a second."""
        months = self.pair.months
        months.effort.spend(SECOND_LOOK)
        hold = max(months.rules[each].hold_for for each in by)
        openings = months.openings(situation, seen)
        almanac = months.plan.rules.almanac
        seconds = list(self._seconds(by, states))
        if not seconds:
            return None
        for first in histories(almanac, seen, openings, states, (), hold):
            for before in self._alone(situation, seen, by, first):
                for (space, box), gap in product(seconds, self._gaps(by)):
                    at = max(before.at + gap, self.seen.first)
                    found = self._at(space, box, before, at, by)
                    if found is not None:
                        return found
        return None

    def _alone(
        self, situation: Situation, seen: Seen, by: LingeringBy, first: History
    ) -> Iterator[History]:
        """The first look, and where both would take a reserve then, a look at one of them alone."""
        yield first
        months, pair = self.pair.months, self.pair
        others = [each for each in (pair.one, pair.other) if each not in by]
        others = [each for each in others if each in situation.open]
        if not any(months.rules[each].want.looks_at_soe for each in others):
            return
        space = months.space(situation)
        goals = [months.goal(situation, each, Be.TRUE) for each in by]
        goals += [months.goal(situation, each, Be.NOT_TRUE) for each in others]
        if IMPOSSIBLE in goals:
            return
        at = first.at + timedelta(minutes=1)
        for box in islice(Search(self.pair.months.effort).solutions(space.everything, goals), 1):
            for states in from_anywhere(space, box):
                almanac = months.plan.rules.almanac
                found = afterwards(almanac, first, states, (), at, timedelta(0))
                if found is not None and at < seen.until:
                    yield found

    def _at(
        self, space: Space, box: Box, before: History, at: datetime, by: LingeringBy
    ) -> History | None:
        """The second look at an instant."""
        months = self.pair.months
        for states in from_anywhere(space, box):
            if self.plays >= MOST_PLAYS or at >= self.seen.until:
                return None
            said = what_matters(space, box, states)
            history = afterwards(
                months.plan.rules.almanac, before, states, said, at, self._hold(by)
            )
            if history is not None:
                self.plays += 1
                months.effort.spend(PLAY * len(months.rules))
                if self.pair.shown_by(history):
                    return history
        return None

    # --- the second look ---------------------------------------------------------------------

    def _seconds(self, by: LingeringBy, before: States) -> Iterator[tuple[Space, Box]]:
        """What to see at the second look, after these states at the first."""
        months, situation = self.pair.months, self.situation
        space = months.space(situation)
        goals: list[Goal] = [self._different(space, by, before)]
        for each in (self.pair.one, self.pair.other):
            match by.get(each):
                case None:
                    goals.append(months.may_be_active(situation, each))
                case By.CLAUSE:
                    goals.append(months.goal(situation, each, Be.TRUE))
                case By.MISSING:
                    goals.append(months.goal(situation, each, Be.NOT_TRUE))
                    goals.append(months.goal(situation, each, Be.NOT_FALSE))
        goals += self.pair.quiet_above(situation)
        if IMPOSSIBLE not in goals:
            for box in islice(
                Search(self.pair.months.effort).solutions(space.everything, goals), MOST_BOXES
            ):
                yield space, box

    def _different(self, space: Space, by: LingeringBy, before: States) -> Goal:
        """Where the two set different values, with the reserves that were taken before."""
        months = self.pair.months
        soe = before[SOE].value if SOE in before else None
        taken = {
            each: resolve(months.rules[each].want, months.plan.levers, _number(soe), None).captured
            for each in by
        }

        def differ(at: float | None) -> bool:
            return self.pair.values_differ(
                [
                    resolve(
                        months.rules[each].want, months.plan.levers, at, taken.get(each)
                    ).setting
                    for each in (self.pair.one, self.pair.other)
                ]
            )

        return self.pair.where(space, tuple(sorted(taken.items(), key=repr)), differ)

    def _gaps(self, by: LingeringBy) -> list[timedelta]:
        """Times between the looks: short, or just before what lingers ends."""
        rules, hold = self.pair.months.rules, self._hold(by)
        ends = [rules[each].keep for each, way in by.items() if way is By.KEEP]
        ends += [rules[each].stale for each, way in by.items() if way is By.MISSING]
        last = min(ends, default=timedelta(hours=1)) - A_MOMENT
        others = [
            span + A_MOMENT
            for each in self.situation.open
            if self.pair.takes_it(each)
            for span in (rules[each].keep, rules[each].stale)
        ]
        found = {hold + A_MOMENT, last, *(hold + each for each in others)}
        return sorted(each for each in found if timedelta(0) < each <= last)

    def _hold(self, by: LingeringBy) -> timedelta:
        """How long the second look must last: for a rule that takes hold only then."""
        rules, pair = self.pair.months.rules, (self.pair.one, self.pair.other)
        return max((rules[each].hold_for for each in pair if each not in by), default=timedelta(0))


def _value(state: object) -> float:
    return _number(getattr(state, "value", None)) or 0.0


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
