"""Rules without a clause, clauses that all must hold, and margins of inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pictured import DOWN, UP, Watch, plan, rule, setting, wall

from rules.inputs import NO_INPUTS, DatedValue, Inputs

NOON = "2026-07-01 12:00"
ALWAYS = """
[[rule]]
name = "floor"
set = { reserve_at_least = 40 }
"""


def test_a_rule_without_while_holds_at_every_moment() -> None:
    watch = Watch.since(plan(ALWAYS), NOON)
    for hours in range(0, 24 * 366, 7):
        decision = watch.look(wall(NOON) + timedelta(hours=hours), soe=None, grid=None)
        assert decision.active == ("floor",)
        assert decision.setting.reserve == 40


def test_a_rule_without_while_is_explained() -> None:
    watch = Watch.since(plan(ALWAYS), NOON)
    assert 'reserve 40 % by "floor", reserve at least 40 %: always' in (
        watch.explained(NOON).reason()
    )


def test_another_rule_stands_above_one_that_always_holds() -> None:
    night = rule("night", 'time = "22:00-06:00"', "reserve = 60", "priority = 1")
    watch = Watch.since(plan(ALWAYS.replace("_at_least", ""), night), NOON)
    assert "reserve=floor" in setting(watch.look(NOON))
    assert "reserve=night" in setting(watch.look("2026-07-01 23:00"))
    assert "reserve=floor" in setting(watch.look("2026-07-02 06:00"))


BOTH_FLAGS = '{ flag = "storm" }, { flag = "away" }'


@pytest.mark.parametrize(
    ("flags", "all_of", "any_of", "none_of"),
    [
        ((), False, False, True),
        (("storm",), False, True, False),
        (("away",), False, True, False),
        (("storm", "away"), True, True, False),
    ],
)
def test_two_flags(flags: tuple[str, ...], *, all_of: bool, any_of: bool, none_of: bool) -> None:
    inputs = Inputs(flags=dict.fromkeys(flags))
    for key, holds in (("all", all_of), ("any", any_of), ("none", none_of)):
        watch = Watch.since(plan(rule("a", f"{key} = [{BOTH_FLAGS}]", "reserve = 50")), NOON)
        assert ("a" in watch.look(NOON, inputs=inputs).active) is holds


@pytest.mark.parametrize(
    ("soe", "grid", "holds"),
    [(25, UP, True), (25, DOWN, False), (35, UP, False), (None, DOWN, False), (None, UP, False)],
)
def test_what_stands_in_all_is_as_if_it_stood_outside(
    soe: float | None, grid: object, *, holds: bool
) -> None:
    for clause in (
        'soe_below = 30, grid = "up"',
        'all = [{ soe_below = 30, grid = "up" }]',
        'soe_below = 30, all = [{ grid = "up" }]',
        'all = [{ soe_below = 30 }, { grid = "up", time = "11:00-13:00" }]',
    ):
        watch = Watch.since(plan(rule("a", clause, "reserve = 50")), NOON)
        decision = watch.look(NOON, soe, grid)  # type: ignore[arg-type]
        assert ("a" in decision.active) is holds


def course(clause: str, values: list[float], *more: str) -> str:
    watch = Watch.since(plan(rule("a", clause, "reserve = 50", *more)), NOON)
    found = ""
    for minute, value in enumerate(values):
        now = wall(NOON) + timedelta(minutes=minute)
        inputs = Inputs(values={"sun": DatedValue(value, now), "carbon": DatedValue(200, now)})
        found += "X" if "a" in watch.look(now, inputs=inputs).active else "."
    return found


def test_an_input_has_a_margin_of_its_own() -> None:
    values = [24, 25, 23, 22, 21.9, 24]
    assert course('input = "sun", above = 25', values) == ".X...."
    assert course('input = "sun", above = 25, margin = 3', values) == ".XXX.."
    assert course('input = "sun", below = 25, margin = 3', [25, 24, 27.9, 28, 26]) == ".XX.."


def test_the_margin_of_a_rule_is_not_for_its_inputs() -> None:
    clause = 'input = "sun", above = 25, soe_below = 60'
    assert course(clause, [25, 24], "margin = 5") == "X."


def test_two_inputs_have_a_margin_each() -> None:
    sun, carbon = 'input = "sun", above = 25, margin = 3', 'input = "carbon", below = 300'
    assert course(f"all = [{{ {sun} }}, {{ {carbon} }}]", [25, 22, 21]) == "XX."


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        ("2026-12-19", False),
        ("2026-12-20", True),
        ("2026-12-31", True),
        ("2027-01-06", True),
        ("2027-01-07", False),
        ("2027-12-25", False),
    ],
)
@pytest.mark.parametrize("dates", ['"2026-12-20..2027-01-06"', '"holidays-at-sea"'])
def test_a_range_of_dates_with_years(day: str, dates: str, *, holds: bool) -> None:
    named = '\n[dates]\nholidays-at-sea = ["2026-12-20..2027-01-06"]\n'
    watch = Watch.since(plan(rule("a", f"dates = {dates}", "reserve = 50"), named), NOON)
    now = datetime.fromisoformat(f"{day}T20:00").replace(tzinfo=UTC)
    assert ("a" in watch.look(now, inputs=NO_INPUTS).active) is holds
