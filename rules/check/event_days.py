"""On which days each event fires: never, or with a silence that nobody may have meant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendar import ONE_DAY, Almanac, Calendar, Moments
from rules.check.findings import Code, Finding, Place
from rules.check.months import remembers, state_conditions
from rules.check.never import last_date
from rules.check.search import Be, Goal, Goals, TooManySteps, possible
from rules.check.situations import Situations, Unit
from rules.check.space import Leaf, Space
from rules.check.timed import NOTHING_SEEN, timed_conditions
from rules.engine import Condition, Context, EventRule, OpenNow, RuleSet, Verdict
from rules.inputs import NO_INPUTS

LONG_SILENCE = timedelta(days=60)
"""So long without a firing is told where the rule itself names no season, months or dates."""


@dataclass(frozen=True, slots=True)
class EventDays:
    """When a moment of an event can fire: on how many days of the first 365, and its silence.

    `silence` is the longest time without one, from its first day to its last.
    """

    rule: str
    days: int
    silence: tuple[date, date] | None


def event_days(rules: RuleSet, first: date, days: int, *, priced: bool) -> list[EventDays]:
    """How often each event with a moment comes."""
    found = []
    for event in rules.event_rules:
        if event.moments is not None:
            on = _days_of(event, rules.almanac, first, days, priced=priced)
            found.append(
                EventDays(event.name, _within_a_year(on, first), _silence(on, first, days))
            )
    return found


def events(rules: RuleSet, first: date, days: int, *, priced: bool) -> Iterator[Finding]:
    """Events that never fire, and long silences."""
    told = {each.rule: each for each in event_days(rules, first, days, priced=priced)}
    for event in rules.event_rules:
        if event.moments is None:
            if not _can_turn(event, rules, first, days, priced=priced):
                text = f'"{event.name}" can never fire: its clause never turns true'
                yield Finding(Code.NEVER_FIRES, text, (Place(event.name, ("when",)),))
            continue
        known = told[event.name]
        if known.days:
            silence = known.silence
            named = event.moments.day
            if silence and not (named.season or named.months or named.dates or named.eve_of):
                text = (
                    f'"{event.name}" never comes from {_day(silence[0])} to {_day(silence[1])}'
                    f"{_relative(event.moments)}"
                )
                yield Finding(Code.LONG_SILENCE, text, (_moment_place(event),))
            continue
        last = last_date(event.moments.day)
        if last is not None and last < first:
            text = f'the dates of "{event.name}" have passed; the last was {last:%d %b %Y}'
            yield Finding(Code.DATES_PASSED, text, (Place(event.name, ("when", "dates")),))
        elif not _days_of(event, rules.almanac, first, days, priced=priced):
            text = f'"{event.name}" can never fire: {_why_never(event, rules.almanac, first, days)}'
            yield Finding(Code.NEVER_FIRES, text, (_moment_place(event),))


def _days_of(
    event: EventRule, almanac: Almanac, first: date, days: int, *, priced: bool
) -> list[date]:
    """The days with a moment at which the other keys can hold."""
    found = []
    leaves = [Leaf(0, each) for each in state_conditions(event.conditions, priced=priced)]
    space = Space(leaves, {})
    known: dict[object, bool] = {}
    for day in (first + after * ONE_DAY for after in range(days)):
        for at in event.moments.of(day, almanac) if event.moments else ():
            verdicts = _verdicts(event, almanac, at, priced=priced)
            key = tuple(verdicts.values())
            if key not in known:
                goal = Goals(space, verdicts.__getitem__).clause(0, event.conditions, Be.TRUE)
                known[key] = _possible(space, goal)
            if known[key]:
                found.append(day)
                break
    return found


def _possible(space: Space, goal: Goal) -> bool:
    """Some state meets the goal, or nobody could refute it."""
    try:
        return possible(space.everything, [goal])
    except TooManySteps:
        return True


def _verdicts(
    event: EventRule, almanac: Almanac, at: datetime, *, priced: bool
) -> dict[Condition, Verdict]:
    """What time says to the other keys at a moment."""
    context = Context(NOTHING_SEEN, NO_INPUTS, almanac, at)
    context.begin(frozenset())
    return {each: each.test(context) for each in timed_conditions(event.conditions, priced=priced)}


def _within_a_year(on: Sequence[date], first: date) -> int:
    return sum(1 for day in on if day < first + timedelta(days=365))


def _silence(on: Sequence[date], first: date, days: int) -> tuple[date, date] | None:
    """The longest time without a firing, if it is long; from its first day to its last."""
    edges = [first - ONE_DAY, *on, first + days * ONE_DAY]
    gaps = [(after - before, before, after) for before, after in itertools.pairwise(edges)]
    longest = max(gaps, key=lambda each: each[0])
    if longest[0] <= LONG_SILENCE:
        return None
    return longest[1] + ONE_DAY, longest[2] - ONE_DAY


def _can_turn(event: EventRule, rules: RuleSet, first: date, days: int, *, priced: bool) -> bool:
    """The clause of an event without a moment can become true, for as long as its `for`."""
    opening = next((each for each in event.conditions if isinstance(each, OpenNow)), None)
    calendar = opening.calendar if opening else Calendar()
    unit = Unit(calendar, event.conditions, event.hold_for, remembers(event.conditions))
    situations = Situations(rules.almanac, [unit], first, days, priced=priced)
    leaves = [Leaf(0, each) for each in state_conditions(event.conditions, priced=priced)]
    space = Space(leaves, {})
    for situation in situations.seen:
        if not situation.open or (event.hold_for and not situation.ripe):
            continue
        told = dict(situation.verdicts)
        goals = Goals(space, lambda each, told=told: told[situations.timed[each]])  # type: ignore[misc]  # bound per turn
        goal = goals.clause(0, event.conditions, Be.TRUE)
        if _possible(space, goal):
            return True
    return False


def _why_never(event: EventRule, almanac: Almanac, first: date, days: int) -> str:
    moments = event.moments
    whole = (first + after * ONE_DAY for after in range(days))
    if moments is not None and any(moments.of(day, almanac) for day in whole):
        return "its other keys cannot hold at its moment"
    period = moments and (moments.before or moments.after)
    return f'"{period}" is on none of its days' if period else "none of its days comes"


def _moment_place(event: EventRule) -> Place:
    moments = event.moments
    key = "at"
    if moments is not None and moments.before is not None:
        key = "before"
    elif moments is not None and moments.after is not None:
        key = "after"
    return Place(event.name, ("when", key))


def _relative(moments: Moments) -> str:
    """A way out where a period is missing for a part of the year."""
    if moments.before not in (None, "peak") or moments.after not in (None, "peak"):
        return '; "peak" is the dearest period of each day'
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
