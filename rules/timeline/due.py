"""The events of the coming hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.engine import Context, EventRule, Memory, Plan
from rules.inputs import Inputs
from rules.timeline.also import NOTHING_SEEN, verdict_by_time, waited_for
from rules.timeline.words import condition_in_words


@dataclass(frozen=True, slots=True)
class Due:
    """An event that acts at an instant, if its `conditions` (in words) hold then.

    `at` is `None` for one without a moment, which acts when they turn true.
    """

    event: EventRule
    at: datetime | None
    conditions: tuple[str, ...]


def due_events(
    plan: Plan, start: datetime, end: datetime, inputs: Inputs, memory: Memory | None = None
) -> tuple[Due, ...]:
    """The events from `start` to before `end` in order, then those that have no moment.

    What the memory has as settled is over.
    """
    settled = {} if memory is None else memory.events.settled
    found: list[Due] = []
    for at, event in plan.moments.between(start, end):
        context = Context(NOTHING_SEEN, inputs, plan.rules.almanac, at)
        verdicts = [verdict_by_time(each, context) for each in event.conditions]
        done = event.name in settled and at <= settled[event.name]
        if not done and False not in verdicts:
            found.append(Due(event, at, waited_for(event.conditions, context)))
    context = Context(NOTHING_SEEN, inputs, plan.rules.almanac, start)
    for event in plan.rules.event_rules:
        if event.moments is None:
            said = tuple(condition_in_words(each, context) for each in event.conditions)
            found.append(Due(event, None, said))
    return tuple(found)
