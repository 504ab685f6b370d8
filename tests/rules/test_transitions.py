"""What is found again is what would have been evaluated: a plan with a past against a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from amounts import few
from hypothesis import given
from hypothesis import strategies as st
from pictured import DOWN, UP, Watch, plan, rule, seen, wall
from random_rules import Look, Step, decided, follow, inline, plans, walks

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Memory, Plan, memory_from_json, memory_to_json, transitions
from rules.inputs import NO_INPUTS, DatedValue, Inputs

WORDS = ("soe", "solar", "load", "import", "export", "charging", "discharging")
LIMITS = {"soe": (20, 50, 55)} | dict.fromkeys(WORDS[1:], (0, 500, 800))
FIELDS = ("solar_power", "load_power", "site_power", "battery_power")

plain = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(("above", "below")), st.integers(0, 2)),
    min_size=1,
    max_size=2,
    unique_by=lambda said: said[:2],
).map(lambda all_said: {f"{word}_{side}": LIMITS[word][n] for word, side, n in all_said})
clauses = st.one_of(
    plain,
    plain,
    plain.map(lambda clause: {**clause, "grid": "up"}),
    plain.map(lambda clause: {**clause, "time": "06:00-12:00"}),
    plain.map(lambda clause: {**clause, "time": "21:00-06:00"}),
    st.tuples(plain, plain).map(lambda both: {**both[0], "any": [both[1], {"grid": "down"}]}),
    st.lists(plain, min_size=2, max_size=2).map(lambda both: {"none": both}),
    st.sampled_from(({"time": "12:00-16:00"}, {"time": "16:00-21:00"})),
)
others = st.sampled_from(
    (
        {"while": {"soe_below": 50}, "set": {"reserve": 60}, "for": "5m"},
        {"while": {"soe_below": 50}, "set": {"reserve": 60}, "keep": "5m"},
        {"while": {"soe_above": 20}, "set": {"battery": "hold"}},
        {"while": {"load_above": 500}, "set": {"battery": "charge", "to": 55}},
        {"while": {"flag": "storm"}, "set": {"reserve": 80}},
        {"while": {"input": "sun", "above": 25, "oldest": "10m"}, "set": {"mode": "backup"}},
        {"while": {"any": [{"time": "06:00-12:00"}, {"soe_below": 20}]}, "set": {"reserve": 70}},
        {"while": {"soe_above": 20, "price_above": 0.4}, "set": {"reserve": 30}},
        {"when": {"at": "12:00", "soe_above": 50}, "do": "firmware-check"},
        {"when": {"load_above": 500}, "do": "notify", "message": "look"},
    )
)
wants = st.sampled_from(
    ({"mode": "backup"}, {"reserve": 50}, {"reserve": 30}, {"reserve_at_least": 40})
)
plain_rules = st.fixed_dictionaries(
    {"while": clauses, "set": wants},
    optional={"priority": st.integers(0, 2), "stale": st.sampled_from(("0s", "10m"))},
)
mixed = st.tuples(
    st.lists(plain_rules, min_size=1, max_size=5),
    st.one_of(st.just([]), st.just([]), st.lists(others, max_size=1)),
).map(lambda both: [*both[0], *both[1]])


def rules_of(said: Sequence[dict[str, object]]) -> Plan:
    texts = []
    for number, each in enumerate(said):
        lines = [f"{key} = {inline(value)}" for key, value in each.items()]
        texts.append("\n".join(["[[rule]]", f'name = "rule {number}"', *lines, ""]))
    return plan(*texts)


def noise(chance: Random, count: int) -> Iterator[Step]:
    """Looks at a home whose powers never rest: few values, so that the same comes again."""
    grid: GridStatus | None = UP
    at, inputs = wall("2026-07-01 05:00"), NO_INPUTS
    for _ in range(count):
        at += timedelta(seconds=chance.choice((1, 60, 60, 300, 300, 1800, 1800, 20_000, 90_000)))
        if chance.random() < 0.05:
            grid = chance.choice((UP, UP, DOWN, None))
        if chance.random() < 0.05:
            flags = {"storm": at + timedelta(minutes=7)} if chance.random() < 0.5 else {}
            inputs = Inputs(flags, {"sun": DatedValue(chance.choice((20.0, 30.0)), at)})
        powers = {
            field: chance.choice((-900.0, -600.0, -400.0, 0.0, 400.0, 600.0, 900.0))
            for field in FIELDS
        }
        observation = Observation(
            at, soe=AppPercent(chance.choice((15.0, 30.0, 51.0, 54.0, 80.0))), grid=grid, **powers
        )
        if chance.random() < 0.04:
            observation = replace(observation, **{chance.choice(("soe", "grid", *FIELDS)): None})
        yield Step(observation, inputs)


def assert_same_as_new(plan_with_past: Plan, look: Look) -> None:
    new = Plan.of(plan_with_past.rules, plan_with_past.route, plan_with_past.limits)
    decision, after = decided(new, look.step, look.before)
    assert (look.decision, look.after) == (decision, after)
    assert (look.decision.until, look.decision.inputs) == (decision.until, decision.inputs)
    assert (look.decision.bounds, look.decision.sames) == (decision.bounds, decision.sames)
    assert (look.after is look.before) == (after is look.before) == (after == look.before)


@few
@given(mixed, st.integers(0, 1_000_000))
def test_noise_is_decided_as_by_a_plan_without_a_past(
    said: Sequence[dict[str, object]], seed: int
) -> None:
    chance = Random(seed)
    rules = rules_of(said)
    looks: list[Look] = []
    memory = Memory(wall("2026-07-01 04:00"))
    for step in noise(chance, 60):
        if looks and chance.random() < 0.1:
            # Somebody asks in between, as `explain` does: on another memory, of another time.
            past = chance.choice(looks)
            decided(rules, chance.choice((past.step, step)), past.before)
        if chance.random() < 0.05:
            memory = memory_from_json(memory_to_json(memory))
        decision, after = decided(rules, step, memory)
        looks.append(Look(step, decision, memory, after))
        memory = after
    for look in looks:
        assert_same_as_new(rules, look)


@few
@given(plans, walks())
def test_anything_is_decided_as_by_a_plan_without_a_past(plan: Plan, walk: Sequence[Step]) -> None:
    for look in follow(plan, walk):
        assert_same_as_new(plan, look)


LOW = rule("low", "soe_below = 30", "reserve = 50")
BUSY = rule("busy", "load_above = 1000", "reserve = 40")
NOON = "2026-07-01 12:00"
MINUTES = tuple(wall(NOON) + timedelta(minutes=minute) for minute in range(12 * 60))


def watched(*rules: str) -> Watch:
    """A home that has been low and not low, busy and not busy, in each way there is."""
    watch = Watch.since(plan(*rules), NOON)
    for minute in range(40):
        soe = (20, 20, 60, 60, 20, 60)[minute % 6]
        watch.look(MINUTES[minute], soe, load_power=(0.0, 2000.0)[minute // 2 % 2])
    return watch


def is_known(watch: Watch, observation: Observation) -> bool:
    """What such a look comes to need not be evaluated."""
    found = watch.plan.transitions.after(watch.memory.rules, observation, observation.at)
    return found is not None


@pytest.mark.parametrize("soe", [0.0, 31.9, 32.0, 100.0])
@pytest.mark.parametrize("load", [0.0, 799.0, 1000.0, 5000.0])
def test_what_was_gone_through_before_is_known(soe: float, load: float) -> None:
    watch = watched(LOW, BUSY)
    assert is_known(watch, seen(MINUTES[40], soe, load_power=load))


@pytest.mark.parametrize(
    "more",
    [
        rule("other", "soe_below = 20", "reserve = 60", 'for = "5m"'),
        rule("other", "soe_below = 20", "reserve = 60", 'keep = "5m"'),
        rule("other", "soe_below = 20", 'battery = "hold"'),
        rule("other", 'flag = "storm"', "reserve = 60"),
        rule("other", 'input = "sun", above = 20', "reserve = 60"),
        rule("other", "price_above = 0.2", "reserve = 60"),
        rule("other", 'any = [{ time = "12:30-13:30" }]', "reserve = 60"),
    ],
)
def test_what_time_or_the_outside_has_a_part_in_is_evaluated(more: str) -> None:
    watch = watched(LOW, BUSY, more)
    assert not is_known(watch, seen(MINUTES[40], 20, load_power=0.0))


@pytest.mark.parametrize(
    "observation",
    [
        seen(MINUTES[40], None, load_power=0.0),
        seen(MINUTES[40], 20.0, load_power=None),
        seen(MINUTES[40], 20.0, DOWN, load_power=0.0),
        seen(wall("2026-07-02 00:00"), 20.0, load_power=0.0),
        seen(wall("2026-07-01 11:59"), 20.0, load_power=0.0),
    ],
)
def test_a_missing_value_another_grid_and_another_day_are_evaluated(
    observation: Observation,
) -> None:
    assert not is_known(watched(LOW, BUSY), observation)


def test_another_memory_is_evaluated() -> None:
    watch = watched(LOW, BUSY)
    watch.memory = memory_from_json(memory_to_json(watch.memory))
    assert not is_known(watch, seen(MINUTES[40], 20.0, load_power=0.0))


def test_a_state_outlives_midnight_but_not_its_opening() -> None:
    evening = rule("evening", 'time = "16:00-21:00", soe_below = 30', "reserve = 50")
    for rules, known in ((LOW, True), (evening, False)):
        watch = Watch.since(plan(rules), NOON)
        for day, clock in ((1, "17:00"), (1, "17:01"), (1, "17:02"), (1, "17:03"), (2, "17:00")):
            watch.look(f"2026-07-0{day} {clock}", 20 if clock[-1] in "02" else 60)
        assert is_known(watch, seen(wall("2026-07-02 17:01"), 60.0)) is known


def test_what_the_clock_alone_opens_is_part_of_a_state() -> None:
    noon = rule("noon", 'time = "12:00-16:00"', 'mode = "backup"')
    late = rule("late", 'time = "16:00-20:00"', 'mode = "self_consumption"')
    watch = Watch.since(plan(LOW, noon, late), NOON)
    for hour, name in ((15, "noon"), (16, "late")):
        for minute, soe in enumerate((20, 60, 20, 60, 20, 60)):
            decision = watch.look(f"2026-07-01 {hour}:0{minute}", soe)
            assert decision.active == (("low", name) if soe == 20 else (name,))


def test_a_verdict_that_is_only_kept_makes_no_state() -> None:
    up = rule("up", 'grid = "up"', "reserve = 50", 'stale = "10m"')
    watch = Watch.since(plan(up, LOW), NOON)
    for minute, soe in enumerate((20, 60, 20, 60, *(20, 60) * 8)):
        grid = UP if minute < 4 else None
        kept = "up" in watch.look(MINUTES[minute], soe, grid).active
        assert kept is (minute < 14)


def test_states_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "KEPT_STATES", 2)
    ways = [seen(MINUTES[40], soe, load_power=load) for soe in (20, 60) for load in (0.0, 2000.0)]
    assert sum(is_known(watched(LOW, BUSY), way) for way in ways) <= 2


def test_always_open_is_open_since_any_time() -> None:
    watch = Watch.since(plan(rule("a", "soe_below = 30", "reserve = 50", "margin = 5")), NOON)
    watch.look(NOON, 29)
    assert watch.look(datetime(2036, 1, 1, tzinfo=UTC), 34).active == ("a",)
