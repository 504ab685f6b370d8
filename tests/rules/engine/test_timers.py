"""`for`, `keep`, events without a moment, and limits to how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pictured import DOWN, UP, Watch, event, plan, rule, seen, told, wall

from rules.domain import AppPercent, GridStatus
from rules.engine import Memory, decide, explain
from rules.inputs import NO_INPUTS, Inputs

START = wall("2026-07-01 12:00")
T, F, U = UP, DOWN, None
"""The rules below ask for the grid: up is true, down is false, unknown is unknown."""


def courses(*rows: tuple[str, str, str]) -> pytest.MarkDecorator:
    """What the clause says at each minute, and whether the rule is then active."""
    return pytest.mark.parametrize(("more", "clause", "active"), rows)


def verdicts(course: str) -> list[GridStatus | None]:
    return [{"T": T, "F": F, "?": U}[letter] for letter in course]


@courses(
    # Active only after it has held so long without a break.
    ('for = "3m"', "FTTTTT", "....XX"),
    ('for = "3m"', "TTTTTT", "...XXX"),
    ('for = "3m"', "TTFTTTT", "......X"),
    # It lets go at once.
    ('for = "3m"', "TTTTFTT", "...X..."),
    # What is unknown keeps its verdict, and so the time runs on; but not for longer than stale.
    ('for = "3m"', "TT?TT", "...XX"),
    ('for = "3m"', "TT??", "...X"),
    ('for = "3m"\nstale = "1m"', "TT?????", "......."),
    ('for = "3m"\nstale = "1m"', "TT??TTTT", ".......X"),
    ('for = "3m"', "??TTTT", ".....X"),
    # Still active so long after it no longer holds, counted from then.
    ('keep = "3m"', "TFFFFF", "XXXX.."),
    ('keep = "3m"', "TTTFFFF", "XXXXXX."),
    ('keep = "3m"', "TFFTFFFF", "XXXXXXX."),
    ('keep = "3m"', "FFFF", "...."),
    # Unknown while it is kept is no new hold, and stale comes before keep.
    ('keep = "3m"', "TF????", "XXXX.."),
    ('keep = "2m"\nstale = "2m"', "T??????", "XXXXX.."),
    # Both: slow to begin and slow to end.
    ('for = "2m"\nkeep = "2m"', "TTTFFFF", "..XXX.."),
    # A pause shorter than keep need not be waited for again.
    ('for = "2m"\nkeep = "2m"', "TTTFTTT", "..XXXXX"),
    ('for = "2m"\nkeep = "2m"', "TFTF", "...."),
)
def test_for_and_keep(more: str, clause: str, active: str) -> None:
    watch = Watch.since(plan(rule("a", 'grid = "up"', "reserve = 50", more)), "2026-07-01 12:00")
    found = ""
    for minute, grid in enumerate(verdicts(clause)):
        decision = watch.look(START + timedelta(minutes=minute), grid=grid)
        found += "X" if "a" in decision.active else "."
    assert found == active


@pytest.mark.parametrize(
    ("more", "grids", "until"),
    [
        ('for = "90m"', [T], "13:30"),
        ('keep = "90m"', [T, F], "13:31"),
        ('for = "90m"\nstale = "5m"', [T, U], "12:06"),
        ('for = "3m"\nstale = "5m"', [T, U], "12:03"),
    ],
)
def test_a_decision_stands_no_longer_than_its_timers(
    more: str, grids: list[GridStatus | None], until: str
) -> None:
    watch = Watch.since(plan(rule("a", 'grid = "up"', "reserve = 50", more)), "2026-07-01 12:00")
    decisions = [
        watch.look(START + timedelta(minutes=minute), grid=grid)
        for minute, grid in enumerate(grids)
    ]
    assert decisions[-1].until == wall(f"2026-07-01 {until}")


def test_a_rule_that_is_all_calendar_may_begin_late() -> None:
    late = rule("a", 'time = "12:00-14:00"', "reserve = 50", 'for = "30m"')
    watch = Watch.since(plan(late), "2026-07-01 11:00")
    for when, active in (("12:00", False), ("12:29", False), ("12:30", True), ("14:00", False)):
        assert ("a" in watch.look(f"2026-07-01 {when}").active) is active


def test_keep_ends_with_the_calendar() -> None:
    kept = rule("a", 'time = "12:00-14:00", grid = "up"', "reserve = 50", 'keep = "2h"')
    watch = Watch.since(plan(kept), "2026-07-01 11:00")
    for when, grid, active in (
        ("13:30", T, True),
        ("13:31", F, True),
        ("13:59", F, True),
        ("14:00", F, False),
    ):
        assert ("a" in watch.look(f"2026-07-01 {when}", grid=grid).active) is active
    assert "a" not in watch.look("2026-07-02 12:00", grid=F).active


def test_a_hold_that_is_kept_holds_what_it_has_taken() -> None:
    kept = rule("a", 'grid = "up"', 'battery = "hold"', 'keep = "10m"')
    watch = Watch.since(plan(kept), "2026-07-01 12:00")
    assert watch.look("2026-07-01 12:00", 60).setting.reserve == 60
    assert watch.look("2026-07-01 12:05", 55, DOWN).setting.reserve == 60
    assert watch.look("2026-07-01 12:15", 50, DOWN).setting.reserve == 20


def turns(more: str, clause: str) -> str:
    """At which minutes an event without a moment fires."""
    watch = Watch.since(plan(event("e", 'grid = "up"', more)), "2026-07-01 12:00")
    found = ""
    for minute, grid in enumerate(verdicts(clause)):
        decision = watch.look(START + timedelta(minutes=minute), grid=grid)
        found += "X" if decision.occurrences else "."
    return found


@pytest.mark.parametrize(
    ("more", "clause", "fires"),
    [
        # When it turns true after it was known to be false.
        ("", "FTTT", ".X.."),
        ("", "FTFTT", ".X.X."),
        ("", "TTT", "..."),
        ("", "TFT", "..X"),
        ("", "?TT", "..."),
        ("", "F??T", "...X"),
        ("", "FT?T", ".X.."),
        ("", "FT??FT", ".X...X"),
        # And stayed true.
        ('for = "2m"', "FTTTT", "...X."),
        ('for = "2m"', "FTTFTTT", "......X"),
        ('for = "2m"', "TTTT", "...."),
        ('for = "2m"', "FT?TT", "...X."),
        ('for = "2m"', "FTT?T", "....X"),
        # No more often than so often, whatever it does; what was too often does not come later.
        ('at_most = "1/5m"', "FTFTFTFT", ".X.....X"),
        ('at_most = "2/5m"', "FTFTFTFT", ".X.X...X"),
        ('at_most = "1/4m"', "FTFTTTTTT", ".X......."),
    ],
)
def test_an_event_without_a_moment(more: str, clause: str, fires: str) -> None:
    assert turns(more, clause) == fires


def test_a_turn_is_known_by_the_first_look_on_the_far_side() -> None:
    watch = Watch.since(plan(event("e", "soe_below = 30", 'for = "10m"')), "2026-07-01 12:00")
    watch.look("2026-07-01 12:00", 31)
    waiting = watch.look("2026-07-01 12:07", 29)
    assert waiting.until == wall("2026-07-01 12:17")
    # Within the margin it still holds.
    assert told(watch.look("2026-07-01 12:20", 31.9)) == ["e fired 07-01 12:07"]
    assert told(watch.look("2026-07-01 12:21", 29)) == []


def test_a_turn_is_no_turn_before_the_margin_is_left() -> None:
    watch = Watch.since(plan(event("e", "soe_below = 30", "margin = 5")), "2026-07-01 12:00")
    course = [(31, []), (29, ["e"]), (34, []), (29, []), (35, []), (29, ["e"])]
    for minute, (soe, fired) in enumerate(course):
        decision = watch.look(START + timedelta(minutes=minute), soe)
        assert [each.rule for each in decision.occurrences] == fired


def test_what_holds_while_the_rest_is_unknown_keeps_its_margin() -> None:
    """A look that stands is skipped, and so the margin it relied on must be remembered."""
    rules = plan(event("e", 'soe_below = 30, grid = "up"'))
    watch = Watch.since(rules, "2026-07-01 12:00")
    unknown = watch.look("2026-07-01 12:00", 29, None)
    now = wall("2026-07-01 12:01")
    assert unknown.stands(seen(now, 31, None), NO_INPUTS, now)
    before = watch.memory
    watch.look(now, 31, None)
    assert watch.memory is before
    # In its margin it is true with the grid up, and nobody had seen it false.
    assert told(watch.look("2026-07-01 12:02", 31)) == []
    assert told(watch.look("2026-07-01 12:03", 32)) == []
    assert told(watch.look("2026-07-01 12:04", 29)) == ["e fired 07-01 12:04"]


def test_a_long_silence_forgets_the_margin_of_what_is_missing_only() -> None:
    both = rule("a", "soe_below = 30, load_above = 1000", "reserve = 50", 'stale = "5m"')
    watch = Watch.since(plan(both), "2026-07-01 12:00")
    assert watch.look("2026-07-01 12:00", 29, load_power=1500.0).active == ("a",)
    watch.look("2026-07-01 12:01", 29)
    assert watch.look("2026-07-01 12:06", 29).active == ()
    assert watch.kept("a").held == {"while.soe_below"}
    assert watch.look("2026-07-01 12:07", 31, load_power=900.0).active == ()
    assert watch.look("2026-07-01 12:08", 31, load_power=1000.0).active == ("a",)


def test_a_turn_of_the_clock() -> None:
    watch = Watch.since(plan(event("e", 'time = "16:00-21:00"')), "2026-07-01 12:00")
    assert watch.look("2026-07-01 12:00").until == wall("2026-07-01 16:00")
    assert told(watch.look("2026-07-01 16:00")) == ["e fired 07-01 16:00"]
    assert told(watch.look("2026-07-01 20:59")) == []
    assert told(watch.look("2026-07-01 21:00")) == []
    # One that nobody saw end is no new one.
    assert told(watch.look("2026-07-02 16:05")) == ["e fired 07-02 16:05"]
    assert told(watch.look("2026-07-03 16:05")) == []


def test_a_turn_of_a_flag() -> None:
    watch = Watch.since(plan(event("e", 'flag = "storm"')), "2026-07-01 12:00")
    storm = Inputs({"storm": wall("2026-07-01 13:00")})
    calm = watch.look("2026-07-01 12:00")
    now = wall("2026-07-01 12:01")
    assert calm.stands(seen(now), NO_INPUTS, now)
    assert not calm.stands(seen(now), storm, now)
    assert told(watch.look(now, inputs=storm)) == ["e fired 07-01 12:01"]
    assert watch.look("2026-07-01 12:02", inputs=storm).until == wall("2026-07-01 13:00")
    assert told(watch.look("2026-07-01 13:00", inputs=storm)) == []


def test_a_moment_counts_against_a_limit_too() -> None:
    rules = plan(event("e", 'at = "07:15"', 'at_most = "1/30h"'))
    watch = Watch.since(rules, "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15")) == ["e fired 07-01 07:15"]
    assert told(watch.look("2026-07-02 07:15")) == []
    assert told(watch.look("2026-07-03 07:15")) == ["e fired 07-03 07:15"]


def test_what_was_missed_does_not_count_against_a_limit() -> None:
    rules = plan(event("e", 'at = "07:15"', 'at_most = "1/30h"'))
    watch = Watch.since(rules, "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 08:00")) == ["e missed 07-01 07:15"]
    assert told(watch.look("2026-07-02 07:15")) == ["e fired 07-02 07:15"]


@pytest.mark.parametrize(
    ("clause", "course"),
    [
        # Either is enough; not known and false together are not known, and the verdict is kept.
        (
            'any = [{ soe_below = 30 }, { grid = "down" }]',
            [(20, UP, T), (50, DOWN, T), (50, UP, F), (U, UP, F), (U, DOWN, T), (U, UP, T)],
        ),
        (
            'none = [{ soe_below = 30 }, { grid = "down" }]',
            [(20, UP, F), (50, DOWN, F), (50, UP, T), (U, UP, T), (U, DOWN, F), (U, UP, F)],
        ),
        # An alternative is a clause of its own, and what stands beside the group holds as well.
        (
            'soe_above = 10, any = [{ soe_below = 30, grid = "up" }, { soe_above = 80 }]',
            [(20, UP, T), (20, DOWN, F), (80, DOWN, T), (5, UP, F)],
        ),
        (
            'none = [{ time = "12:02-12:04" }, { soe_below = 30 }]',
            [(50, UP, T), (50, UP, T), (50, UP, F), (50, UP, F), (50, UP, T), (20, UP, F)],
        ),
    ],
)  # fmt: skip
def test_any_and_none(
    clause: str, course: list[tuple[float | None, GridStatus, GridStatus]]
) -> None:
    watch = Watch.since(plan(rule("a", clause, "reserve = 50")), "2026-07-01 12:00")
    for minute, (soe, grid, active) in enumerate(course):
        decision = watch.look(START + timedelta(minutes=minute), soe, grid)
        assert ("a" in decision.active) is (active is T), minute


def test_a_window_inside_a_group_ends_a_decision() -> None:
    rules = plan(rule("a", 'none = [{ time = "16:00-21:00" }]', "reserve = 50"))
    watch = Watch.since(rules, "2026-07-01 12:00")
    assert watch.look("2026-07-01 12:00").until == wall("2026-07-01 16:00")
    assert watch.look("2026-07-01 16:00").until == wall("2026-07-01 21:00")
    assert watch.look("2026-07-01 21:00").active == ("a",)


def test_a_margin_inside_a_group_outlives_the_other_alternative() -> None:
    rules = plan(rule("a", 'any = [{ soe_below = 30 }, { grid = "down" }]', "reserve = 50"))
    watch = Watch.since(rules, "2026-07-01 12:00")
    course = [(29, DOWN, True), (31, DOWN, True), (31, UP, True), (32, UP, False), (31, UP, False)]
    for minute, (soe, grid, active) in enumerate(course):
        decision = watch.look(START + timedelta(minutes=minute), soe, grid)
        assert ("a" in decision.active) is active


def test_reserve_at_least_raises_what_wins() -> None:
    rules = plan(
        rule("floor", 'flag = "storm"', "reserve_at_least = 60"),
        rule("high", 'grid = "down"', "reserve_at_least = 80"),
        rule("much", "soe_above = 85", "reserve = 60"),
        rule("use", "soe_above = 50", "reserve = 30"),
    )
    watch = Watch.since(rules, "2026-07-01 12:00")
    storm = Inputs({"storm": None})
    for minute, (soe, grid, inputs, reserve, winner) in enumerate(
        [
            (40, UP, NO_INPUTS, 20, "default"),
            (40, UP, storm, 60, "floor"),
            (60, UP, storm, 60, "floor"),
            (60, DOWN, storm, 80, "high"),
            (60, UP, NO_INPUTS, 30, "use"),
            # What is high enough stays whose it is.
            (90, UP, storm, 60, "much"),
        ]
    ):
        decision = watch.look(START + timedelta(minutes=minute), soe, grid, inputs)
        assert decision.setting.reserve == reserve
        assert {str(part): by for part, by in decision.winners.items()}["reserve"] == winner


LEAVING = """
language = 1
timezone = "America/Los_Angeles"
default = { leave = true }
"""
ALONE = rule("alone", "load_above = 1000", 'battery = "leave"', "priority = 5")


@pytest.mark.parametrize(
    ("rank", "load", "reserve", "wanted"),
    [
        # rank of the floor, load, reserve that is set: the reserve that is wanted
        (0, 0.0, 10.0, 15),
        (0, 0.0, 14.9, 15),
        (0, 0.0, 15.0, None),
        (0, 0.0, 20.0, None),  # it never lowers
        (0, 0.0, None, None),  # what is set is not known yet
        (0, 2000.0, 10.0, None),  # a rule of a higher rank leaves the battery alone
        (9, 2000.0, 10.0, 15),
        (9, 2000.0, 20.0, None),
    ],
)
def test_reserve_at_least_only_raises_what_is_set(
    rank: int, load: float, reserve: float | None, wanted: int | None
) -> None:
    floor = rule("floor", "soe_above = 10", "reserve_at_least = 15", f"priority = {rank}")
    watched = plan(floor, ALONE, base=LEAVING)
    at = wall("2026-07-01 12:00")
    observation = replace(
        seen(at, 50, load_power=load), reserve=None if reserve is None else AppPercent(reserve)
    )
    decision, memory = decide(watched, observation, Memory(at), NO_INPUTS, at)
    assert decision.setting.reserve == wanted
    assert explain(watched, observation, Memory(at), NO_INPUTS, at).decision == decision
    for other in (5.0, 14.9, 15.0, 30.0):
        changed = replace(observation, reserve=AppPercent(other))
        again, _ = decide(watched, changed, replace(memory, cache=None), NO_INPUTS, at)
        if decision.stands(changed, NO_INPUTS, at):
            assert again.wants_as(decision)
