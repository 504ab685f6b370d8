"""What the rules want: who wins, what is kept while values are missing, what is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pictured import BASE, DOWN, MINUTE, UP, Watch, plan, rule, seen, setting, told, wall

from rules.domain import GridStatus, Mode, Part, Quantity, Setting
from rules.engine import DEFAULT, Memory, decide, quantities
from rules.inputs import NO_INPUTS

ALL_DAY = 'time = "00:00-24:00"'
LOW = 'time = "00:00-24:00", soe_below = 30'
LEAVE = 'language = 1\ntimezone = "America/Los_Angeles"\n[default]\nleave = true\n'
BY_DEFAULT = "self_consumption, reserve 20 % <- mode=default reserve=default"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            (rule("a", ALL_DAY, 'mode = "backup", reserve = 50'),),
            "backup, reserve 50 % <- mode=a reserve=a",
        ),
        # Each part goes its own way.
        (
            (rule("a", ALL_DAY, 'mode = "backup"'),),
            "backup, reserve 20 % <- mode=a reserve=default",
        ),
        (
            (rule("a", ALL_DAY, "reserve = 50"),),
            "self_consumption, reserve 50 % <- reserve=a mode=default",
        ),
        (
            (
                rule("a", ALL_DAY, "reserve = 50"),
                rule("b", ALL_DAY, 'mode = "backup", reserve = 60'),
            ),
            "backup, reserve 50 % <- reserve=a mode=b",
        ),
        # The highest priority wins, wherever it stands; among equals the first.
        (
            (
                rule("a", ALL_DAY, "reserve = 50"),
                rule("b", ALL_DAY, "reserve = 60", "priority = 1"),
            ),
            "self_consumption, reserve 60 % <- reserve=b mode=default",
        ),
        (
            (
                rule("a", ALL_DAY, "reserve = 50", "priority = -1"),
                rule("b", ALL_DAY, "reserve = 60"),
            ),
            "self_consumption, reserve 60 % <- reserve=b mode=default",
        ),
        (
            (rule("a", ALL_DAY, "reserve = 50"), rule("b", ALL_DAY, "reserve = 60")),
            "self_consumption, reserve 50 % <- reserve=a mode=default",
        ),
        # Leaving alone is a word as well: nobody below has one.
        (
            (rule("a", ALL_DAY, 'battery = "leave"'), rule("b", ALL_DAY, "reserve = 60")),
            "nothing <- mode=a reserve=a",
        ),
        (
            (rule("a", ALL_DAY, 'battery = "use"'), rule("b", ALL_DAY, "reserve = 60")),
            "self_consumption, reserve 60 % <- mode=a reserve=b",
        ),
        (
            (rule("a", ALL_DAY, 'battery = "hold"'), rule("b", ALL_DAY, "reserve = 60")),
            "self_consumption, reserve 50 % <- mode=a reserve=a",
        ),
        # What is not open, or whose condition is false, wants nothing.
        ((rule("a", 'time = "10:00-12:00"', "reserve = 50"),), BY_DEFAULT),
        ((rule("a", "soe_below = 50", "reserve = 50"),), BY_DEFAULT),
        ((rule("a", 'soe_above = 50, grid = "down"', "reserve = 50"),), BY_DEFAULT),
        (
            (rule("a", 'soe_above = 50, grid = "up"', "reserve = 50"),),
            "self_consumption, reserve 50 % <- reserve=a mode=default",
        ),
    ],
)
def test_who_wins(rules: tuple[str, ...], expected: str) -> None:
    watch = Watch.since(plan(*rules), "2026-07-01 12:00")
    assert setting(watch.look("2026-07-01 12:00")) == expected


def test_where_the_default_leaves_alone_nothing_is_wanted() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50"), base=LEAVE), "2026-07-01 12:00")
    assert setting(watch.look("2026-07-01 12:00", soe=50)) == "nothing"
    assert setting(watch.look("2026-07-01 12:01", soe=20)) == "reserve 50 % <- reserve=a"


def test_active_rules_are_named_even_if_they_win_nothing() -> None:
    decision = Watch.since(
        plan(rule("a", ALL_DAY, "reserve = 50"), rule("b", LOW, "reserve = 60")),
        "2026-07-01 12:00",
    ).look("2026-07-01 12:00", soe=20)
    assert decision.active == ("a", "b")
    assert decision.winners == {Part.RESERVE: "a", Part.MODE: DEFAULT}


# --- margins ---------------------------------------------------------------------------------


def active(watch: Watch, when: str, soe: float | None, grid: GridStatus | None = UP) -> bool:
    return "a" in watch.look(when, soe, grid).active


def test_a_threshold_lets_go_beyond_its_margin_only() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50", "margin = 5")), "2026-07-01 12:00")
    course = [(30, False), (29.9, True), (34.9, True), (35, False), (34.9, False), (29.9, True)]
    for minute, (soe, expected) in enumerate(course):
        assert active(watch, f"2026-07-01 12:{minute:02}", soe) is expected


def test_a_margin_is_forgotten_when_the_calendar_closes() -> None:
    evening = rule("a", 'time = "16:00-21:00", soe_below = 30', "reserve = 50", "margin = 5")
    watch = Watch.since(plan(evening), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 20:59", 29)
    assert not active(watch, "2026-07-01 21:00", 29)
    assert not active(watch, "2026-07-02 16:00", 32)


def test_a_margin_is_forgotten_even_if_nobody_looked_while_it_was_closed() -> None:
    evening = rule("a", 'time = "16:00-21:00", soe_below = 30', "reserve = 50", "margin = 5")
    watch = Watch.since(plan(evening), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 20:59", 29)
    assert not active(watch, "2026-07-02 16:00", 32)


def test_a_margin_outlives_midnight() -> None:
    night = rule("a", 'time = "22:00-06:00", soe_below = 30', "reserve = 50", "margin = 5")
    watch = Watch.since(plan(night), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 23:59", 29)
    assert active(watch, "2026-07-02 05:59", 32)


# --- missing values --------------------------------------------------------------------------


def test_a_verdict_is_kept_for_stale_and_then_let_go() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50", 'stale = "5m"')), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 12:00", 20)
    assert active(watch, "2026-07-01 12:01", None)
    decision = watch.look("2026-07-01 12:05", None)
    assert decision.active == ("a",)
    assert decision.until == wall("2026-07-01 12:06")
    assert not active(watch, "2026-07-01 12:06", None)
    assert not active(watch, "2026-07-01 12:07", None)


def test_what_comes_back_in_time_starts_the_patience_anew() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50", 'stale = "5m"')), "2026-07-01 12:00")
    for minute, soe in enumerate((20, None, None, 20, None, None, None, None)):
        assert active(watch, f"2026-07-01 12:0{minute}", soe)


def test_a_margin_outlives_a_short_silence_and_no_long_one() -> None:
    low = rule("a", LOW, "reserve = 50", 'stale = "5m"', "margin = 5")
    watch = Watch.since(plan(low), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 12:00", 29)
    assert active(watch, "2026-07-01 12:01", None)
    assert active(watch, "2026-07-01 12:02", 32)
    assert active(watch, "2026-07-01 12:03", None)
    assert not active(watch, "2026-07-01 12:08", None)
    assert not active(watch, "2026-07-01 12:09", 32)


def test_unknown_from_the_first_look_is_not_active() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50")), "2026-07-01 12:00")
    assert not active(watch, "2026-07-01 12:00", None)
    assert active(watch, "2026-07-01 12:01", 20)


def test_a_false_condition_decides_whatever_is_missing() -> None:
    both = rule("a", 'soe_below = 30, grid = "up"', "reserve = 50")
    watch = Watch.since(plan(both), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 12:00", 20)
    assert active(watch, "2026-07-01 12:01", None)
    assert not active(watch, "2026-07-01 12:02", None, DOWN)


def test_with_no_patience_unknown_lets_go_at_once() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50", 'stale = "0s"')), "2026-07-01 12:00")
    assert active(watch, "2026-07-01 12:00", 20)
    assert not active(watch, "2026-07-01 12:01", None)


# --- holding and charging ----------------------------------------------------------------------


def test_a_hold_is_captured_raised_and_never_lowered() -> None:
    watch = Watch.since(plan(rule("a", ALL_DAY, 'battery = "hold"')), "2026-07-01 12:00")
    course = [(63.4, 63), (60, 63), (72.9, 63), (73.2, 73), (70, 73), (None, 73), (83, 83)]
    for minute, (soe, reserve) in enumerate(course):
        decision = watch.look(f"2026-07-01 12:{minute:02}", soe)
        assert decision.setting == Setting(Mode.SELF_CONSUMPTION, reserve)


def test_a_hold_is_captured_when_the_state_of_energy_is_known() -> None:
    watch = Watch.since(plan(rule("a", ALL_DAY, 'battery = "hold"')), "2026-07-01 12:00")
    assert setting(watch.look("2026-07-01 12:00", None)) == "nothing <- mode=a reserve=a"
    assert watch.look("2026-07-01 12:01", 44).setting.reserve == 44


@pytest.mark.parametrize("looks_between", [True, False])
def test_a_hold_is_forgotten_when_the_calendar_closes(*, looks_between: bool) -> None:
    """A reserve held yesterday would buy energy today, where the battery is emptier."""
    hold = rule("a", 'time = "12:00-14:00"', 'battery = "hold"')
    watch = Watch.since(plan(hold), "2026-07-01 10:00")
    assert watch.look("2026-07-01 13:00", 90).setting.reserve == 90
    if looks_between:
        assert setting(watch.look("2026-07-01 14:00", 90)) == BY_DEFAULT
    assert watch.look("2026-07-02 13:00", 30).setting.reserve == 30


def test_a_hold_that_is_always_open_is_kept_over_days_without_a_look() -> None:
    watch = Watch.since(plan(rule("a", ALL_DAY, 'battery = "hold"')), "2026-07-01 10:00")
    assert watch.look("2026-07-01 13:00", 90).setting.reserve == 90
    assert watch.look("2026-07-05 13:00", 30).setting.reserve == 90


def test_a_hold_is_captured_anew_when_its_condition_returns() -> None:
    hold = rule("a", 'grid = "up"', 'battery = "hold"')
    watch = Watch.since(plan(hold), "2026-07-01 10:00")
    assert watch.look("2026-07-01 13:00", 90).setting.reserve == 90
    assert setting(watch.look("2026-07-01 13:01", 90, DOWN)) == BY_DEFAULT
    assert watch.look("2026-07-01 15:00", 30).setting.reserve == 30


def test_charging_ends_in_a_hold() -> None:
    charge = rule("a", 'time = "12:00-15:00"', 'battery = "charge", to = 60')
    watch = Watch.since(plan(charge), "2026-07-01 10:00")
    buying, holding = Setting(Mode.BACKUP, 60), Setting(Mode.SELF_CONSUMPTION, 60)
    assert watch.look("2026-07-01 12:00", 40).setting == buying
    assert watch.look("2026-07-01 12:30", 59.9).setting == buying
    assert watch.look("2026-07-01 13:00", 60.1).setting == holding
    assert watch.look("2026-07-01 13:01", 59.0).setting == holding
    assert setting(watch.look("2026-07-01 15:00", 59.0)) == BY_DEFAULT
    assert watch.look("2026-07-02 12:00", 40).setting == buying


# --- how long a decision stands ------------------------------------------------------------------


def test_a_decision_says_within_what_it_stands() -> None:
    low = rule("a", 'time = "16:00-21:00", soe_below = 30', "reserve = 50", "margin = 5")
    watch = Watch.since(plan(low), "2026-07-01 12:00")
    decision = watch.look("2026-07-01 16:00", 29)
    assert decision.until == wall("2026-07-01 21:00")
    for when, soe, stands in (
        ("2026-07-01 16:01", 0, True),
        ("2026-07-01 20:59", 34.9, True),
        ("2026-07-01 20:59", 35, False),
        ("2026-07-01 20:59", None, False),
        ("2026-07-01 21:00", 29, False),
    ):
        assert decision.stands(seen(wall(when), soe), NO_INPUTS, wall(when)) is stands


@pytest.mark.parametrize(
    ("want", "soe", "stands"),
    [
        ('battery = "hold"', 0, True),
        ('battery = "hold"', 72.9, True),
        ('battery = "hold"', 73, False),
        ('battery = "hold"', None, False),
        ('battery = "charge", to = 70', 69.9, True),
        ('battery = "charge", to = 70', 70, False),
        ('battery = "charge", to = 70', None, False),
        ('battery = "charge", to = 100', 100, True),
        ('battery = "charge", to = 100', None, True),
    ],
)
def test_a_hold_or_charge_stands_until_another_reserve_is_due(
    want: str, soe: float | None, *, stands: bool
) -> None:
    watch = Watch.since(plan(rule("a", ALL_DAY, want)), "2026-07-01 12:00")
    decision = watch.look("2026-07-01 12:00", 63.4)
    now = wall("2026-07-01 12:01")
    assert decision.stands(seen(now, soe), NO_INPUTS, now) is stands


def test_what_is_closed_is_not_looked_at() -> None:
    evening = rule("a", 'time = "16:00-21:00", soe_below = 30', "reserve = 50")
    decision = Watch.since(plan(evening), "2026-07-01 12:00").look("2026-07-01 12:00", 50)
    assert (decision.validity.bounds, decision.validity.same) == ((), ())
    assert decision.until == wall("2026-07-01 16:00")
    later = wall("2026-07-01 12:01")
    assert decision.stands(seen(later, None, None), NO_INPUTS, later)


def test_a_decision_with_an_event_never_stands() -> None:
    event = '[[rule]]\nname = "e"\nwhen = { at = "12:00" }\ndo = "firmware-check"\n'
    watch = Watch.since(plan(event), "2026-07-01 11:00")
    assert watch.look("2026-07-01 11:00").until == wall("2026-07-01 12:00")
    decision = watch.look("2026-07-01 12:00")
    assert told(decision) == ["e fired 07-01 12:00"]
    now = wall("2026-07-01 12:00")
    assert not decision.stands(seen(now), NO_INPUTS, now)


def test_a_decision_is_compared_by_what_it_wants() -> None:
    rules = plan(rule("a", LOW, "reserve = 50"))
    early, late = (
        Watch.since(rules, "2026-07-01 12:00").look(when, soe)
        for when, soe in (("2026-07-01 12:00", 20), ("2026-07-02 12:00", 10))
    )
    assert early == late
    assert early.until != late.until
    other = Watch.since(rules, "2026-07-01 12:00").look("2026-07-01 12:00", 90)
    assert not early.wants_as(other)
    assert early.wants_as(late)


def test_the_memory_is_the_same_object_while_nothing_changes() -> None:
    watch = Watch.since(plan(rule("a", LOW, "reserve = 50")), "2026-07-01 12:00")
    watch.look("2026-07-01 12:00", 20)
    before = watch.memory
    assert watch.kept("a").since == wall("2026-07-01 12:00")
    watch.look("2026-07-01 12:01", 21)
    assert watch.memory is before


def test_a_write_relies_on_what_the_winners_look_at() -> None:
    rules = plan(
        rule("a", 'grid = "up"', 'mode = "backup"'),
        rule("b", ALL_DAY, 'battery = "hold"'),
        rule("c", "soe_above = 0", "reserve = 50"),
    )
    now = wall("2026-07-01 12:00")
    decision, _ = decide(rules, seen(now), Memory(now), NO_INPUTS, now)
    assert decision.winners == {Part.MODE: "a", Part.RESERVE: "b"}
    assert quantities(rules, decision) == {Quantity.GRID, Quantity.SOE}
    later = now + timedelta(hours=1)
    down, _ = decide(rules, seen(later, grid=DOWN), Memory(now), NO_INPUTS, later)
    assert quantities(rules, down) == {Quantity.SOE}


@pytest.mark.parametrize(
    ("when", "second", "expected"),
    [
        # From 1:00 to 2:00 happens twice in autumn, and from 2:00 to 3:00 not at all in spring.
        ("2026-11-01 01:30", False, True),
        ("2026-11-01 01:30", True, True),
        ("2026-11-01 02:00", False, False),
    ],
)
def test_windows_on_the_autumn_night(when: str, *, second: bool, expected: bool) -> None:
    rules = plan(rule("a", 'time = "01:00-02:00"', "reserve = 50"))
    watch = Watch.since(rules, "2026-10-31 12:00")
    assert ("a" in watch.look(wall(when, second=second)).active) is expected


def test_a_window_in_the_missing_hour_is_skipped() -> None:
    rules = plan(rule("a", 'time = "02:00-03:00"', "reserve = 50"), base=BASE)
    watch = Watch.since(rules, "2026-03-07 12:00")
    before, after = wall("2026-03-08 01:59"), wall("2026-03-08 03:00")
    assert after - before == MINUTE
    assert watch.look(before).active == watch.look(after).active == ()
