"""Which events fire at a moment, and when each would be due next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.domain import Observation
from rules.engine.conditions import NOTHING_HELD, Context, Verdict, conjunction
from rules.engine.decision import Decision
from rules.engine.events import Happened
from rules.engine.explain import ClauseTrace
from rules.engine.plan import Plan
from rules.engine.rule_set import Action, EventRule
from rules.inputs import Inputs

WEEK = timedelta(days=7)
WEEKS_AHEAD = 57
"""How far ahead the next moment is sought: 13 months, and so every holiday once."""


@dataclass(frozen=True, slots=True)
class EventTrace:
    """One event rule: whether it fires now, when it is due next, and its clauses.

    `due` is `None` for an event without a moment, which fires when its clauses turn true after
    they were known to be false, and for one that is not due within 13 months; `timed` tells which.
    """

    name: str
    action: Action
    timed: bool
    fires: bool
    due: datetime | None
    clauses: tuple[ClauseTrace, ...]
    verdict: Verdict


def explain_events(
    plan: Plan, decision: Decision, observation: Observation, inputs: Inputs, now: datetime
) -> tuple[EventTrace, ...]:
    """Every event rule beside a decision of the same arguments, in the order of the files."""
    fired = {each.rule for each in decision.occurrences if each.happened is Happened.FIRED}
    due = _due(plan, now)
    return tuple(
        _trace(plan, event, observation, inputs, now, event.name in fired, due.get(event.name))
        for event in plan.rules.event_rules
    )


def _trace(
    plan: Plan,
    event: EventRule,
    observation: Observation,
    inputs: Inputs,
    now: datetime,
    fires: bool,
    due: datetime | None,
) -> EventTrace:
    context = Context(observation, inputs, plan.rules.almanac, now)
    context.begin(NOTHING_HELD)
    clauses = tuple(
        ClauseTrace(each.key, each.wanted(context), each.got(context), each.test(context))
        for each in event.conditions
    )
    verdict = conjunction(event.conditions, context)
    return EventTrace(
        event.name, event.action, event.moments is not None, fires, due, clauses, verdict
    )


def _due(plan: Plan, now: datetime) -> Mapping[str, datetime]:
    """The next moment of each event that has one, at or after an instant."""
    timed = {event.name for event in plan.rules.event_rules if event.moments is not None}
    found: dict[str, datetime] = {}
    for week in range(WEEKS_AHEAD):
        if len(found) == len(timed):
            break
        start = now + week * WEEK
        for at, event in plan.moments.between(start, start + WEEK):
            found.setdefault(event.name, at)
    return found
