"""Why a decision is what it is, in words for the owner."""

from __future__ import annotations

import pytest
from pictured import BASE, DOWN, UP, Watch, event, plan, rule

from rules.domain import GridStatus, Part

PEAK = rule("peak", 'period = "peak", days = "workdays"', 'battery = "use"')
NIGHT = rule("night", 'time = "21:00-06:00", soe_below = 30', 'battery = "hold"')
FULL = rule("full", 'time = ["12:00-15:55"], season = "summer"', 'battery = "charge", to = 60')
INSET = rule("cheap", 'period = "super-off-peak"', 'mode = "backup"', 'inset = "5m"')
OUTAGE = rule("outage", 'grid = "down"', "reserve = 0", "priority = 10")
LEFT = rule("alone", 'time = "10:00-11:00"', 'battery = "leave"')
RULES = plan(PEAK, NIGHT, FULL, INSET, OUTAGE, LEFT, event("check", 'at = "07:15"'))

BY_DEFAULT = "self_consumption and reserve 20 % by default"


@pytest.mark.parametrize(
    ("when", "soe", "grid", "reason"),
    [
        ("2026-07-01 09:00", 50, UP, BY_DEFAULT),
        (
            "2026-07-01 17:30",
            50,
            UP,
            (
                'self_consumption by "peak", use the battery: days Wed 01 Jul (workdays), '
                "period on-peak (peak); reserve 20 % by default"
            ),
        ),
        # A holiday is no workday.
        ("2026-09-07 17:30", 50, UP, BY_DEFAULT),
        (
            "2026-07-01 21:00",
            29.94,
            UP,
            (
                'self_consumption and reserve 29 % by "night", hold the battery: '
                "time Wed 21:00 (21:00-06:00), soe_below 29.9 % (below 30 %)"
            ),
        ),
        (
            "2026-07-02 05:59",
            10,
            UP,
            (
                'self_consumption and reserve 10 % by "night", hold the battery: '
                "time Thu 05:59 (21:00-06:00), soe_below 10.0 % (below 30 %)"
            ),
        ),
        (
            "2026-07-01 12:30",
            55,
            UP,
            (
                'backup and reserve 60 % by "full", charge to 60 %: '
                "time Wed 12:30 (12:00-15:55), season Wed 01 Jul (summer)"
            ),
        ),
        # The name of the outage's part comes first: it has the higher priority.
        (
            "2026-07-01 12:30",
            55,
            DOWN,
            (
                'reserve 0 % by "outage": grid SystemIslandedActive (down); '
                'backup by "full", charge to 60 %: time Wed 12:30 (12:00-15:55), '
                "season Wed 01 Jul (summer)"
            ),
        ),
        (
            "2026-12-01 10:30",
            50,
            None,
            (
                'backup by "cheap": period super-off-peak (super-off-peak), inset 10:30 (5m); '
                'reserve left alone by "alone", leave the battery alone: time Tue 10:30 '
                "(10:00-11:00)"
            ),
        ),
        (
            "2026-07-01 10:30",
            50,
            UP,
            (
                'mode left alone and reserve left alone by "alone", leave the battery alone: '
                "time Wed 10:30 (10:00-11:00)"
            ),
        ),
    ],
)
def test_reasons(when: str, soe: float, grid: GridStatus | None, reason: str) -> None:
    explained = Watch.since(RULES, "2026-07-01 00:00").explained(when, soe, grid)
    assert explained.reason() == reason


def test_the_reason_of_what_is_kept_and_of_a_margin() -> None:
    watch = Watch.since(plan(rule("low", "soe_below = 30", "reserve = 50")), "2026-07-01 00:00")
    watch.look("2026-07-01 12:00", 29)
    assert watch.explained("2026-07-01 12:01", 31).reason() == (
        'reserve 50 % by "low": soe_below 31.0 % (below 32 % (30 % to become active)); '
        "self_consumption by default"
    )
    assert watch.explained("2026-07-01 12:01", None).reason() == (
        'reserve 50 % by "low": soe_below unknown (below 32 % (30 % to become active)); '
        "a value is missing, the rule stays active until 12:11; self_consumption by default"
    )


def test_what_was_held_yesterday_explains_nothing_today() -> None:
    rules = plan(rule("a", 'time = "12:00-14:00", soe_below = 95', 'battery = "hold"'))
    watch = Watch.since(rules, "2026-07-01 00:00")
    watch.look("2026-07-01 13:00", 94)
    explained = watch.explained("2026-07-02 13:00", 30)
    assert explained.decision == watch.look("2026-07-02 13:00", 30)
    assert explained.reason() == (
        'self_consumption and reserve 30 % by "a", hold the battery: '
        "time Thu 13:00 (12:00-14:00), soe_below 30.0 % (below 95 %)"
    )


def test_nothing_wanted_needs_no_reason() -> None:
    base = 'language = 1\ntimezone = "America/Los_Angeles"\n[default]\nleave = true\n'
    watch = Watch.since(plan(OUTAGE, base=base), "2026-07-01 00:00")
    assert watch.explained("2026-07-01 12:00").reason() == "nothing is wanted"


@pytest.mark.parametrize(
    ("when", "verdicts"),
    [
        # 4 September 2026 is a Friday, the 7th a holiday, 30 September the last day of summer.
        ("2026-09-04 21:59", "time F, days T, season T, soe_above U"),
        ("2026-09-04 22:00", "time T, days T, season T, soe_above U"),
        # After midnight it is still Friday's window, or summer's.
        ("2026-09-05 05:59", "time T, days T, season T, soe_above U"),
        ("2026-09-05 22:00", "time T, days F, season T, soe_above U"),
        ("2026-09-07 22:00", "time T, days F, season T, soe_above U"),
        ("2026-09-08 05:00", "time T, days F, season T, soe_above U"),
        ("2026-10-01 05:59", "time T, days T, season T, soe_above U"),
        ("2026-10-01 22:00", "time T, days T, season F, soe_above U"),
    ],
)
def test_clauses_one_by_one(when: str, verdicts: str) -> None:
    rules = plan(
        rule(
            "a",
            'time = "22:00-06:00", days = "workdays", season = "summer", soe_above = 50',
            'mode = "backup"',
        )
    )
    (trace,) = Watch.since(rules, "2026-07-01 00:00").explained(when, None).rules
    letters = {True: "T", False: "F", None: "U"}
    said = [f"{each.key.rpartition('.')[2]} {letters[each.verdict]}" for each in trace.clauses]
    assert ", ".join(said) == verdicts
    assert trace.open == (" F" not in verdicts)


def test_every_rule_is_traced_winners_first() -> None:
    watch = Watch.since(RULES, "2026-07-01 00:00")
    traces = watch.explained("2026-07-01 12:30", 55, DOWN).rules
    assert [trace.name for trace in traces] == [
        "outage", "peak", "night", "full", "cheap", "alone",
    ]  # fmt: skip
    shown = {trace.name: (trace.open, trace.active, trace.won) for trace in traces}
    assert shown == {
        "outage": (True, True, (Part.RESERVE,)),
        "peak": (False, False, ()),
        "night": (False, False, ()),
        "full": (True, True, (Part.MODE,)),
        "cheap": (False, False, ()),
        "alone": (False, False, ()),
    }


def test_a_zone_without_a_tariff_explains_too() -> None:
    base = BASE.replace('tariff = "sce-tou-d-4-9pm"', 'timezone = "America/Los_Angeles"')
    rules = plan(rule("a", 'days = "fri..mon"', "reserve = 50"), base=base)
    watch = Watch.since(rules, "2026-07-01")
    assert watch.explained("2026-07-05 12:00").reason() == (
        'reserve 50 % by "a": days Sun 05 Jul (fri..mon); self_consumption by default'
    )
