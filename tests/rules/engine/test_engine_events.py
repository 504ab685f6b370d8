"""Events happen once, at their moment or not at all, and what was missed is told."""

from __future__ import annotations

import pytest
from pictured import DOWN, UP, Watch, event, plan, seen, told, wall

from rules.domain import GridStatus
from rules.inputs import NO_INPUTS

MORNING = event("check", 'at = "07:15"')
FILLED = event("check", 'at = "07:15", soe_above = 50, grid = "up"', 'catch_up = "15m"')


def test_an_event_fires_once_at_its_moment() -> None:
    watch = Watch.since(plan(MORNING), "2026-07-01 00:00")
    for when, expected in (
        ("07-01 07:14", []),
        ("07-01 07:15", ["check fired 07-01 07:15"]),
        ("07-01 07:15", []),
        ("07-01 07:16", []),
        ("07-02 07:14", []),
        ("07-02 07:29", ["check fired 07-02 07:15"]),
        ("07-02 07:30", []),
    ):
        assert told(watch.look(f"2026-{when}")) == expected


def test_nothing_is_told_of_the_time_before_the_first_start() -> None:
    watch = Watch.since(plan(MORNING), "2026-07-03 07:16")
    assert told(watch.look("2026-07-03 07:16")) == []
    assert told(watch.look("2026-07-04 07:15")) == ["check fired 07-04 07:15"]


def test_an_event_at_the_very_start_fires() -> None:
    assert told(Watch.since(plan(MORNING), "2026-07-03 07:15").look("2026-07-03 07:16")) == [
        "check fired 07-03 07:15"
    ]


def test_what_is_false_at_its_moment_does_not_fire_later() -> None:
    watch = Watch.since(plan(FILLED), "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15", soe=49)) == []
    assert told(watch.look("2026-07-01 07:16", soe=51)) == []
    assert told(watch.look("2026-07-02 07:15", soe=51)) == ["check fired 07-02 07:15"]


def test_what_is_unknown_at_its_moment_waits() -> None:
    watch = Watch.since(plan(FILLED), "2026-07-01 00:00")
    waiting = watch.look("2026-07-01 07:15", soe=None)
    assert told(waiting) == []
    assert waiting.until == wall("2026-07-01 07:30")
    assert told(watch.look("2026-07-01 07:29", soe=51)) == ["check fired 07-01 07:15"]


def test_what_stays_unknown_is_missed() -> None:
    watch = Watch.since(plan(FILLED), "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15", soe=None)) == []
    assert told(watch.look("2026-07-01 07:29", soe=None)) == []
    assert told(watch.look("2026-07-01 07:30", soe=None)) == ["check missed 07-01 07:15"]
    assert told(watch.look("2026-07-01 07:31", soe=51)) == []


def test_a_false_condition_ends_the_waiting() -> None:
    watch = Watch.since(plan(FILLED), "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15", soe=None)) == []
    assert told(watch.look("2026-07-01 07:16", soe=None, grid=DOWN)) == []
    assert told(watch.look("2026-07-01 07:17", soe=51)) == []


def test_an_event_has_no_margin() -> None:
    """It is looked at once, so nothing held before: below the threshold is false."""
    watch = Watch.since(plan(FILLED), "2026-07-01 00:00")
    waiting = watch.look("2026-07-01 07:15", soe=50, grid=None)
    now = wall("2026-07-01 07:16")
    assert not waiting.stands(seen(now, 49.5, None), NO_INPUTS, now)
    assert told(watch.look("2026-07-01 07:16", soe=49.5, grid=None)) == []
    assert told(watch.look("2026-07-01 07:17", soe=50)) == []


def test_what_was_missed_while_nobody_looked_is_told_once() -> None:
    watch = Watch.since(plan(MORNING), "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15")) == ["check fired 07-01 07:15"]
    assert told(watch.look("2026-07-04 07:20")) == [
        "check missed 07-02 07:15",
        "check missed 07-03 07:15",
        "check fired 07-04 07:15",
    ]
    assert told(watch.look("2026-07-04 07:21")) == []


def test_of_a_long_absence_the_last_week_is_told() -> None:
    watch = Watch.since(plan(MORNING), "2026-07-01 00:00")
    missed = told(watch.look("2026-08-01 12:00"))
    assert missed[0] == "check missed 07-26 07:15"
    assert len(missed) == 7


def test_an_event_is_missed_from_the_end_of_its_patience() -> None:
    short = event("check", 'at = "07:15"', 'catch_up = "45s"')
    for seconds, expected in (("44", "fired"), ("45", "missed")):
        watch = Watch.since(plan(short), "2026-07-01 00:00")
        assert told(watch.look(f"2026-07-01 07:15:{seconds}")) == [f"check {expected} 07-01 07:15"]


def test_an_event_in_the_doubled_hour_fires_the_first_time_only() -> None:
    watch = Watch.since(plan(event("check", 'at = "01:30"')), "2026-11-01 00:00")
    first, second = (wall("2026-11-01 01:30", second=fold) for fold in (False, True))
    assert (second - first).total_seconds() == 3600
    assert told(watch.look(first)) == ["check fired 11-01 01:30"]
    assert told(watch.look(second)) == []


def test_an_event_in_the_missing_hour_fires_at_the_next_instant() -> None:
    watch = Watch.since(plan(event("check", 'at = "02:30"')), "2026-03-08 00:00")
    assert told(watch.look("2026-03-08 01:59")) == []
    assert told(watch.look("2026-03-08 03:00")) == ["check fired 03-08 03:00"]
    assert told(watch.look("2026-03-08 03:30")) == []


def test_events_before_a_period_follow_the_tariff() -> None:
    rules = plan(event("check", 'before = "on-peak", lead = "1h"'))
    watch = Watch.since(rules, "2026-07-03 00:00")
    assert told(watch.look("2026-07-03 15:00")) == ["check fired 07-03 15:00"]
    assert told(watch.look("2026-07-06 15:10")) == ["check fired 07-06 15:00"]


def test_two_events_at_one_moment_are_told_by_name() -> None:
    rules = plan(event("b", 'at = "07:15"'), event("a", 'at = "07:15"'), event("c", 'at = "07:14"'))
    watch = Watch.since(rules, "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15")) == [
        "c fired 07-01 07:14",
        "a fired 07-01 07:15",
        "b fired 07-01 07:15",
    ]


@pytest.mark.parametrize("grid", [UP, DOWN, None])
def test_an_event_without_conditions_asks_for_nothing(grid: GridStatus | None) -> None:
    watch = Watch.since(plan(MORNING), "2026-07-01 00:00")
    assert told(watch.look("2026-07-01 07:15", soe=None, grid=grid)) == ["check fired 07-01 07:15"]
