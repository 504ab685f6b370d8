"""What must be true of the timeline of every rule set: it says what the engine says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from amounts import few
from hypothesis import given
from hypothesis import strategies as st
from random_rules import PERCENTS, STARTS, plans
from random_walks import inputs_at

from rules.domain import GridStatus, Observation
from rules.engine import Memory, Plan, decide, explain
from rules.inputs import Inputs
from rules.timeline import Entry, House, timeline
from rules.timeline.cases import FULL
from rules.timeline.walk import _fresh

HOURS = timedelta(hours=30)
MICROSECOND = timedelta(microseconds=1)

starts = st.sampled_from(STARTS)
given_inputs = starts.flatmap(lambda at: st.tuples(st.just(at), inputs_at(at)))
houses = st.builds(
    House,
    grid=st.sampled_from((GridStatus.CONNECTED, GridStatus.ISLANDED, None)),
    grid_services=st.sampled_from((False, True, None)),
    load_power=st.sampled_from((None, 500.0, 2_500.0)),
    reserve=st.sampled_from((None, 20.0)),
)


def moments(entry: Entry, chance: Random) -> tuple[datetime, ...]:
    """Both ends of an entry and an instant between."""
    between = entry.start + chance.random() * (entry.end - entry.start)
    return entry.start, between, entry.end - MICROSECOND


def energies(entry: Entry, chance: Random) -> set[float]:
    """Both ends of each case, limits with their margins, and something between."""
    edges = {case.low for case in entry.cases}
    edges |= {case.high - 0.001 for case in entry.cases}
    edges |= {float(each) for each in PERCENTS} | {100.0, chance.uniform(0, 100)}
    return edges | {float(chance.randrange(101)), chance.randrange(101) - 1e-9} - {-1e-9}


def of_what_is_known(
    plan: Plan, seen: Observation, memory: Memory, inputs: Inputs, at: datetime
) -> Memory:
    """The memory without the rules that a value goes missing for just now."""
    _, after = decide(plan, seen, memory, inputs, at)
    kept = {
        name: each
        for name, each in memory.rules.items()
        if each.unknown_since is not None
        or name not in after.rules
        or after.rules[name].unknown_since is None
    }
    return Memory(memory.since, kept, memory.events)


def expect_the_engine(
    plan: Plan, entry: Entry, house: House, inputs: Inputs, memory: Memory, chance: Random
) -> None:
    """At instants and states of energy of an entry the engine wants what it says."""
    for at in moments(entry, chance):
        now = _fresh(inputs, at)
        for soe in energies(entry, chance):
            seen = house.seen(at, soe)
            known = of_what_is_known(plan, seen, memory, now, at)
            decision, _ = decide(plan, seen, known, now, at)
            outcome = entry.case(soe).steps[0].outcome
            assert outcome.setting_at(soe, plan.levers) == decision.setting
            assert outcome.winners == decision.winners
            told = explain(plan, seen, known, now, at).decision
            assert (told.setting, told.winners) == (decision.setting, decision.winners)


@few
@given(plans, given_inputs, houses, st.randoms(use_true_random=False))
def test_at_every_moment_and_soe_it_wants_what_the_engine_wants(
    plan: Plan, given_at: tuple[datetime, Inputs], house: House, chance: Random
) -> None:
    start, inputs = given_at
    entries = timeline(plan, start, start + HOURS, house=house, inputs=inputs)
    for entry in chance.sample(entries, min(len(entries), 4)):
        expect_the_engine(plan, entry, house, inputs, Memory(start), chance)


@few
@given(plans, given_inputs, houses, st.randoms(use_true_random=False))
def test_it_goes_on_from_what_the_engine_remembers(
    plan: Plan, given_at: tuple[datetime, Inputs], house: House, chance: Random
) -> None:
    start, inputs = given_at
    memory, at = Memory(start), start
    for _ in range(5):
        at += timedelta(seconds=chance.choice((0, 60, 300, 600)))
        seen = house.seen(at, chance.choice((15.0, 20.0, 50.0, 54.0, 81.0)))
        _, memory = decide(plan, seen, memory, _fresh(inputs, at), at)
    entries = timeline(plan, at, at + HOURS, house=house, inputs=inputs, memory=memory)
    for entry in (entries[0], *chance.sample(entries, min(len(entries), 3))):
        expect_the_engine(plan, entry, house, inputs, memory, chance)


@few
@given(plans, given_inputs, houses)
def test_it_covers_all_of_the_time_and_every_soe_with_as_few_words_as_it_can(
    plan: Plan, given_at: tuple[datetime, Inputs], house: House
) -> None:
    start, inputs = given_at
    entries = timeline(plan, start, start + HOURS, house=house, inputs=inputs)
    assert entries[0].start == start
    assert entries[-1].end == start + HOURS
    for one, other in pairwise(entries):
        assert one.end == other.start
        assert (one.cases, one.also) != (other.cases, other.also)
    for entry in entries:
        assert entry.start < entry.end
        assert (entry.cases[0].low, entry.cases[-1].high) == (0.0, FULL)
        for low, high in pairwise(entry.cases):
            assert low.high == high.low
            assert low.steps != high.steps
