"""How often each rule was active and won on the readings of a past. Reads only.

The rules alone are counted: what the owner held, and what guards kept from being written, is left
out. The readings are those of the house as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.domain import Part
from rules.engine import Decision, Happened, RuleSet
from scheduler.control import Step
from scheduler.domain import EventRecord
from scheduler.history.context import ReplayContext
from scheduler.history.replay import LONGEST_UNSEEN, led
from scheduler.journal import PastEvent, PastReading, Standing

NO_TIME = timedelta(0)


@dataclass(slots=True)
class RuleTally:
    """What one rule came to.

    `won` is for how long it decided any part of the setting, from `first` to `last` with breaks.
    """

    active: timedelta = NO_TIME
    won: timedelta = NO_TIME
    first: datetime | None = None
    last: datetime | None = None


@dataclass(slots=True)
class EventTally:
    """How many occurrences of an event were acted on, and how many were missed."""

    fired: int = 0
    missed: int = 0


@dataclass(slots=True)
class Tally:
    """What a rule set came to on a past. `default` is what no rule decided.

    `seen` is the time that has readings, `from_means` how many of them are means. `composed` says
    for how long the mode came of one rule and the reserve of another.
    """

    rules: dict[str, RuleTally]
    events: dict[str, EventTally]
    default: RuleTally = field(default_factory=RuleTally)
    composed: dict[tuple[str, str], timedelta] = field(
        default_factory=lambda: defaultdict(timedelta)
    )
    seen: timedelta = NO_TIME
    readings: int = 0
    from_means: int = 0


def tallied(past: Iterable[PastEvent], before: Standing, rules: RuleSet, start: datetime) -> Tally:
    """Lead rules along the past after `before`; what comes from `start` on is counted."""
    tally = Tally(
        {rule.name: RuleTally() for rule in rules.state_rules},
        {rule.name: EventTally() for rule in rules.event_rules},
    )
    context = ReplayContext(None, before.engine_inputs, holds=False)
    decided: Decision | None = None
    at: datetime | None = None
    for each, step in led(past, context, rules):
        if not isinstance(each, PastReading) or step is None:
            continue
        if at is not None and decided is not None:
            _add_span(tally, decided, max(at, start), each.at)
        if each.at >= start:
            tally.readings += 1
            tally.from_means += each.mean
            _add_events(tally.events, step)
        decided, at = step.state.decisions.last, each.at
    return tally


def _add_span(tally: Tally, decided: Decision, start: datetime, end: datetime) -> None:
    """What was decided at one reading stands until the next, unless that is long in coming."""
    lasted = end - start
    if not NO_TIME < lasted <= LONGEST_UNSEEN:
        return
    tally.seen += lasted
    for name in decided.active:
        tally.rules[name].active += lasted
    for name in set(decided.winners.values()):
        rule = tally.rules.get(name, tally.default)
        rule.won += lasted
        rule.first = rule.first or start
        rule.last = end
    _add_composed(tally.composed, decided.winners, lasted)


def _add_composed(
    composed: dict[tuple[str, str], timedelta], winners: Mapping[Part, str], lasted: timedelta
) -> None:
    mode, reserve = winners.get(Part.MODE), winners.get(Part.RESERVE)
    if mode is not None and reserve is not None and mode != reserve:
        composed[mode, reserve] += lasted


def _add_events(events: Mapping[str, EventTally], step: Step) -> None:
    for row in step.rows:
        if isinstance(row.record, EventRecord):
            fired = row.record.state is Happened.FIRED
            events[row.record.rule].fired += fired
            events[row.record.rule].missed += not fired
