"""From a state in which something goes wrong to a history that leads there.

Proofs are about sets of states; what is reported is always one history, played on the engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from rules.calendar import ONE_DAY, Almanac, Calendar
from rules.check.looks import Look, in_words, look
from rules.check.situations import Seen
from rules.check.space import Box, Key, Space
from rules.check.states import State
from rules.engine import Decision, Explanation, Memory, Plan, decide, explain

PAUSE = timedelta(minutes=1)
"""Between two looks of a history, where there is time."""

A_MOMENT = timedelta(seconds=1)

States = Mapping[Key, State]
"""The state of every value that is looked at."""


@dataclass(frozen=True, slots=True)
class History:
    """Looks in their order; the last one shows what is told of.

    `said` are the values that matter then, in words: "SOE 18 %", "grid up". What goes on for a
    while is `told_from` its beginning.
    """

    looks: tuple[Look, ...]
    said: tuple[str, ...]
    told_from: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it happens, or begins."""
        return self.told_from or self.looks[-1].at

    def play(self, plan: Plan) -> Explanation:
        """What the engine makes of it: the last decision with its reasons."""
        last = self.looks[-1]
        return explain(plan, last.observation, self._before(plan), last.inputs, last.at)

    def decided(self, plan: Plan) -> tuple[Decision, Memory]:
        """The last decision without its reasons, and what is remembered then."""
        last = self.looks[-1]
        return decide(plan, last.observation, self._before(plan), last.inputs, last.at)

    def _before(self, plan: Plan) -> Memory:
        """What is remembered before the last look."""
        memory = Memory(self.looks[0].at)
        for each in self.looks[:-1]:
            _, memory = decide(plan, each.observation, memory, each.inputs, each.at)
        return memory


def easiest(space: Space, box: Box) -> States:
    """The state in a box that is the easiest to picture."""
    return {
        dimension.key: dimension.states[(left & -left).bit_length() - 1]
        for dimension, left in zip(space.dimensions, box, strict=True)
    }


def from_anywhere(space: Space, box: Box) -> Iterator[States]:
    """States of a box with ways that lead there from any other: the simplest first.

    From its lowest or its highest value on, a threshold no longer knows what was before.
    """
    sure = tuple(
        left & dimension.sure for dimension, left in zip(space.dimensions, box, strict=True)
    )
    if all(sure):
        yield easiest(space, sure)
    states = easiest(space, box)
    yield states
    for end in (min, max):
        ways: dict[Key, State] = {}
        for dimension in space.dimensions:
            state = states[dimension.key]
            known = [each.value for each in dimension.states if isinstance(each.value, float)]
            last = max((group for each in dimension.states for group, _ in each.way), default=0)
            if known and not dimension.sure >> dimension.states.index(state) & 1:
                state = replace(state, way=((last, end(known)),))
            ways[dimension.key] = state
        yield ways


def what_matters(space: Space, box: Box, states: States) -> tuple[str, ...]:
    """The values in words, those left out that may be anything."""
    return tuple(
        in_words(dimension.key, states[dimension.key])
        for dimension, left in zip(space.dimensions, box, strict=True)
        if left != dimension.everything
    )


def histories(
    almanac: Almanac,
    seen: Seen,
    openings: Sequence[datetime],
    states: States,
    said: tuple[str, ...],
    hold: timedelta,
) -> Iterator[History]:
    """Ways to come into some states while a situation lasts, the simplest moment first.

    `openings` are when the groups of rules opened. The states last for `hold` before the end.
    """
    steps = _steps(states, len(openings))
    needed = hold + PAUSE * (1 + sum(map(len, steps)))
    lasts = seen.until - seen.first
    moments = [seen.first, seen.first + needed, seen.first + lasts / 2, seen.until - A_MOMENT]
    for at in dict.fromkeys(each for each in moments if seen.first <= each < seen.until):
        looks = _dated(almanac, steps, [*openings[1:], at - hold], openings)
        if looks is None:
            continue
        if hold:
            looks.append(look(almanac, at, states))
        yield History(tuple(looks), said)


def afterwards(
    almanac: Almanac,
    before: History,
    states: States,
    said: tuple[str, ...],
    at: datetime,
    hold: timedelta,
) -> History | None:
    """A history that goes on to other states, seen at an instant and for `hold` before it.

    `None`: there is no time for it.
    """
    last = max((g for each in states.values() for g, _ in each.way), default=0)
    steps = _steps(states, last + 1)[-1]
    end = at - hold
    pause = min(PAUSE, (end - before.at) / (len(steps) + 1))
    first = end - pause * (len(steps) - 1)
    if first <= before.at:
        return None
    looks = [look(almanac, first + pause * number, each) for number, each in enumerate(steps)]
    if hold:
        looks.append(look(almanac, at, states))
    return History((*before.looks, *looks), said)


def _steps(states: States, groups: int) -> list[list[States]]:
    """What to see one after the other while only so many groups are open.

    A value whose last state every first look finds is in it all the time.
    """
    last = {key: State(each.way[0][1]) if each.way else each for key, each in states.items()}
    found: list[list[States]] = []
    for group in range(max(1, groups)):
        ways = {
            key: [value for number, value in each.way if number == group]
            for key, each in states.items()
        }
        steps: list[States] = []
        for number in range(max(map(len, ways.values()), default=0)):
            last |= {key: State(way[number]) for key, way in ways.items() if number < len(way)}
            steps.append(dict(last))
        found.append(steps)
    found[-1].append(states)
    return found


def _dated(
    almanac: Almanac,
    steps: Sequence[Sequence[States]],
    ends: Sequence[datetime],
    openings: Sequence[datetime],
) -> list[Look] | None:
    """The steps with instants; those of a group lie at the end of its time. `None`: no time."""
    looks: list[Look] = []
    for number, (group, end) in enumerate(zip(steps, ends, strict=True)):
        final = number == len(steps) - 1
        before = len(group) - 1 if final else len(group)
        start = openings[number] if openings else end - PAUSE * before
        if before and start >= end:
            return None
        pause = min(PAUSE, (end - start) / (before or 1))
        first = end - pause * before
        looks += [look(almanac, first + pause * index, each) for index, each in enumerate(group)]
    return looks if all(one.at < other.at for one, other in pairwise(looks)) else None


def opened(calendar: Calendar, at: datetime, almanac: Almanac, earliest: datetime) -> datetime:
    """When the open time around an instant began, or the `earliest` instant that matters."""
    if calendar.always:
        return earliest
    day = at.astimezone(almanac.zone).date()
    start = next(each.start for each in calendar.spans(day, almanac) if each.start <= at < each.end)
    while start > earliest:
        day = start.astimezone(almanac.zone).date() - ONE_DAY
        before = calendar.spans(day, almanac)
        if not before or before[-1].end < start:
            break
        start = before[-1].start
    return max(start, earliest)
