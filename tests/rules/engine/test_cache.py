"""What a cache saves changes nothing: with one, and without, the same is decided."""

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
from random_rules import inline, plans
from random_walks import Look, Step, decided, follow, walks

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import GridIs, Memory, Plan, decide, memory_from_json, memory_to_json
from rules.inputs import NO_INPUTS, DatedValue, Inputs

WORDS = ("soe", "solar", "load", "import", "export", "charging", "discharging")
LIMITS = {"soe": (20, 50, 55)} | dict.fromkeys(WORDS[1:], (0, 500, 800))
FIELDS = ("solar_power", "load_power", "site_power", "battery_power")

thresholds = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(("above", "below")), st.integers(0, 2)),
    min_size=1,
    max_size=2,
    unique_by=lambda said: said[:2],
).map(lambda all_said: {f"{word}_{side}": LIMITS[word][n] for word, side, n in all_said})
clauses = st.one_of(
    thresholds,
    thresholds,
    thresholds.map(lambda clause: {**clause, "grid": "up"}),
    thresholds.map(lambda clause: {**clause, "time": "06:00-12:00"}),
    thresholds.map(lambda clause: {**clause, "time": "21:00-06:00"}),
    st.tuples(thresholds, thresholds).map(
        lambda both: {**both[0], "any": [both[1], {"grid": "down"}]}
    ),
    st.lists(thresholds, min_size=2, max_size=2).map(lambda both: {"none": both}),
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
        {
            "while": {"soe_above": 20, "input": "sun", "above": 25, "oldest": "10m"},
            "set": {"reserve": 45},
            "stale": "0s",
        },
        {"while": {"any": [{"time": "06:00-12:00"}, {"soe_below": 20}]}, "set": {"reserve": 70}},
        {"while": {"soe_above": 20, "price_above": 0.4}, "set": {"reserve": 30}},
        {"when": {"at": "12:00", "soe_above": 50}, "do": "firmware-check"},
        {"when": {"load_above": 500}, "do": "notify", "message": "look"},
    )
)
wants = st.sampled_from(
    ({"mode": "backup"}, {"reserve": 50}, {"reserve": 30}, {"reserve_at_least": 40})
)
ordinary_rules = st.fixed_dictionaries(
    {"while": clauses, "set": wants},
    optional={"priority": st.integers(0, 2), "stale": st.sampled_from(("0s", "10m"))},
)
mixed = st.tuples(
    st.lists(ordinary_rules, min_size=1, max_size=5),
    st.lists(others, max_size=4),
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


NOON = "2026-07-01 12:00"


def assert_same_without_a_cache(plan: Plan, look: Look) -> None:
    decision, after = decided(plan, look.step, replace(look.before, cache=None))
    assert (look.decision, look.after) == (decision, after)
    assert look.decision.validity == decision.validity
    assert (look.after is look.before) == (look.after == look.before)


@few
@given(mixed, st.integers(0, 1_000_000))
def test_noise_is_decided_as_without_a_cache(said: Sequence[dict[str, object]], seed: int) -> None:
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
        assert_same_without_a_cache(rules, look)


@few
@given(plans, walks())
def test_anything_is_decided_as_without_a_cache(plan: Plan, walk: Sequence[Step]) -> None:
    for look in follow(plan, walk):
        assert_same_without_a_cache(plan, look)


@pytest.mark.parametrize(
    ("clause", "sensed"),
    [
        ("soe_below = 50", {"soe": AppPercent(40)}),
        ("solar_above = 800", {"solar_power": 900.0}),
        ("export_above = 500", {"site_power": -600.0}),
        ('grid = "down"', {"grid": DOWN}),
        ("grid_services = true", {"grid_services": True}),
    ],
)
def test_a_rule_is_evaluated_again_when_what_it_reads_has_changed(
    clause: str, sensed: dict[str, object]
) -> None:
    at = wall("2026-07-01 12:00")
    quiet = Observation(at, AppPercent(60), 0.0, 0.0, 500.0, 0.0, UP, grid_services=False)
    rules = plan(rule("a", clause, "reserve = 50"))
    _, memory = decide(rules, quiet, Memory(at), NO_INPUTS, at)
    later = at + timedelta(minutes=1)
    for changes, active in ((sensed, ("a",)), ({}, ()), (sensed, ("a",))):
        decision, memory = decide(rules, replace(quiet, **changes), memory, NO_INPUTS, later)
        assert decision.active == active


def test_what_nothing_has_changed_is_the_same_decision() -> None:
    at = wall("2026-07-01 12:00")
    rules = plan(rule("a", "soe_below = 50", "reserve = 50"))
    first, memory = decide(rules, seen(at, 40), Memory(at), NO_INPUTS, at)
    later = at + timedelta(minutes=1)
    again, after = decide(rules, seen(later, 41), memory, NO_INPUTS, later)
    assert again is first
    assert after is memory


def test_a_clock_that_has_gone_back_is_decided_anew() -> None:
    rules = plan(rule("a", 'time = "12:00-14:00", soe_below = 50', "reserve = 50"))
    at, earlier = wall("2026-07-01 12:30"), wall("2026-07-01 11:30")
    _, memory = decide(rules, seen(at, 40), Memory(earlier), NO_INPUTS, at)
    decision, _ = decide(rules, seen(earlier, 40), memory, NO_INPUTS, earlier)
    assert decision.active == ()


def test_other_rules_do_not_answer_for_these() -> None:
    at = wall("2026-07-01 12:00")
    one, other = (plan(rule("a", "soe_below = 50", f"reserve = {n}")) for n in (50, 60))
    _, memory = decide(one, seen(at, 40), Memory(at), NO_INPUTS, at)
    assert decide(other, seen(at, 40), memory, NO_INPUTS, at)[0].setting.reserve == 60


def test_a_memory_that_was_gone_on_from_is_gone_on_from_again() -> None:
    rules = plan(rule("a", "soe_below = 50", "reserve = 50"))
    at = wall("2026-07-01 12:00")
    _, low = decide(rules, seen(at, 40), Memory(at), NO_INPUTS, at)
    decide(rules, seen(at, 60), low, NO_INPUTS, at)
    # At 51 % the rule holds on where it held before, and only there.
    assert decide(rules, seen(at, 51), low, NO_INPUTS, at)[0].active == ("a",)


def test_an_evaluation_that_is_broken_off_is_not_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = plan(
        rule("a", "soe_below = 50", "reserve = 50"), rule("b", 'grid = "up"', "reserve = 30")
    )
    at = wall("2026-07-01 12:00")
    _, memory = decide(rules, seen(at, 40, DOWN), Memory(at), NO_INPUTS, at)
    with monkeypatch.context() as patch:
        patch.setattr(GridIs, "test", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            decide(rules, seen(at, 60, UP), memory, NO_INPUTS, at)
    assert decide(rules, seen(at, 60, UP), memory, NO_INPUTS, at)[0].active == ("b",)


def test_always_open_is_open_since_any_time() -> None:
    watch = Watch.since(plan(rule("a", "soe_below = 30", "reserve = 50", "margin = 5")), NOON)
    watch.look(NOON, 29)
    assert watch.look(datetime(2036, 1, 1, tzinfo=UTC), 34).active == ("a",)
