"""What must be true of every rule set and every course of events."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from amounts import few
from hypothesis import given
from hypothesis import strategies as st
from random_rules import plan_of, plans, rule_files
from random_walks import Look, Step, decided, follow, walks

from rules.calendar.local_time import merged
from rules.engine import Plan, explain, explain_winners, memory_from_json, memory_to_json

MICROSECOND = timedelta(microseconds=1)


@few
@given(plans, walks())
def test_explain_finds_the_decision_and_the_memory_of_decide(
    plan: Plan, walk: Sequence[Step]
) -> None:
    for look in follow(plan, walk):
        step = look.step
        explained = explain(plan, step.observation, look.before, step.inputs, step.at)
        assert explained.decision == look.decision
        assert explained.memory == look.after
        assert explained.reason()
        won = explain_winners(
            plan, look.decision, step.observation, look.before, step.inputs, step.at
        )
        assert won.reason() == explained.reason()


@few
@given(plans, walks())
def test_nothing_changes_while_a_decision_stands(plan: Plan, walk: Sequence[Step]) -> None:
    """Deciding only where the last decision no longer stands is deciding at every look."""
    last: Look | None = None
    for look in follow(plan, walk):
        step = look.step
        if last is None or not last.decision.stands(step.observation, step.inputs, step.at):
            last = look
            continue
        assert look.decision.wants_as(last.decision)
        assert look.decision.insists == last.decision.insists
        assert look.decision.occurrences == ()
        assert look.after is look.before


@few
@given(plans, walks())
def test_a_decision_stands_to_the_very_edge(plan: Plan, walk: Sequence[Step]) -> None:
    """Up to the last moment, and at both ends of each bound, another look would change nothing."""
    for look in follow(plan, walk):
        decision, last = look.decision, look.decision.until - MICROSECOND
        if decision.occurrences or decision.waiting:
            continue
        seen = replace(look.step.observation, at=last)
        edges = [seen]
        for name, low, high in decision.validity.bounds:
            inner = (math.nextafter(low, math.inf), low, math.nextafter(high, -math.inf))
            edges += [replace(seen, **{name: value}) for value in inner if abs(value) < 1e9]
        for edge in edges:
            assert decision.stands(edge, look.step.inputs, last)
            again, after = decided(plan, Step(edge, look.step.inputs), look.after)
            assert again.wants_as(decision)
            assert again.occurrences == ()
            assert after is look.after


@few
@given(plans, walks())
def test_looks_that_changed_nothing_may_be_forgotten(plan: Plan, walk: Sequence[Step]) -> None:
    looks = follow(plan, walk)
    telling = [
        look
        for before, look in zip([None, *looks], looks, strict=False)
        if before is None or look.after != look.before or look.decision != before.decision
    ]
    again = follow(plan, [look.step for look in telling])
    assert [(look.decision, look.after) for look in again] == [
        (look.decision, look.after) for look in telling
    ]


@few
@given(plans, walks())
def test_nothing_is_remembered_across_a_closed_calendar(plan: Plan, walk: Sequence[Step]) -> None:
    for look in follow(plan, walk):
        for name, kept in look.after.rules.items():
            rule, now = plan.rule(name), look.step.at
            assert rule is not None
            zone = plan.rules.almanac.zone
            first, last = kept.since.astimezone(zone).date(), now.astimezone(zone).date()
            days = (first + timedelta(days=n) for n in range((last - first).days + 1))
            opened = merged(
                span for day in days for span in rule.calendar.spans(day, plan.rules.almanac)
            )
            assert any(span.start <= kept.since <= now < span.end for span in opened)


@few
@given(plans, walks())
def test_the_memory_survives_being_written_down(plan: Plan, walk: Sequence[Step]) -> None:
    for look in follow(plan, walk):
        restored = memory_from_json(json.loads(json.dumps(memory_to_json(look.before))))
        assert restored == look.before
        assert decided(plan, look.step, restored) == (look.decision, look.after)


@few
@given(rule_files(), walks(), st.randoms(use_true_random=False))
def test_what_was_asked_before_makes_no_difference(
    text: str, walk: Sequence[Step], random: Random
) -> None:
    looks = follow(plan_of(text), walk)
    plan, shuffled = plan_of(text), list(looks)
    random.shuffle(shuffled)
    for look in shuffled:
        decision, after = decided(plan, look.step, look.before)
        assert (decision, after) == (look.decision, look.after)
        assert decision.validity == look.decision.validity


@few
@given(plans, walks())
def test_the_memory_stays_the_same_object_while_it_says_the_same(
    plan: Plan, walk: Sequence[Step]
) -> None:
    for look in follow(plan, walk):
        assert (look.after is look.before) == (look.after == look.before)
