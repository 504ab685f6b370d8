"""The timeline of rules that a person can picture, entry by entry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pictured import BASE, DOWN, LOS_ANGELES, Watch, base_in, event, plan, rule, wall

from rules.domain import Mode, Part, Setting
from rules.engine import Plan
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot
from rules.resolve import Levers
from rules.timeline import Entry, Hold, House, due_events, prices_between, timeline
from rules.timeline.cases import FULL

BOTH = (Part.MODE, Part.RESERVE)
HOUR = timedelta(hours=1)
UNTIL_ONE = rule("noon", 'time = "12:00-13:00"', "reserve = 60")
LOW = rule("low", "soe_below = 30", 'mode = "backup"')
HOLD = rule("hold", 'time = "12:00-13:00"', 'battery = "hold"')


def of(
    watched: Plan, start: str, hours: float, house: House | None = None, **more: object
) -> list[Entry]:
    """The entries from an instant of the wall clock on."""
    at = wall(start)
    inputs = more.pop("inputs", NO_INPUTS)
    assert isinstance(inputs, Inputs)
    found = timeline(
        watched,
        at,
        at + hours * HOUR,
        house=house or House(),
        inputs=inputs,
        **more,  # type: ignore[arg-type]
    )
    return list(found)


def clock(entry: Entry) -> str:
    """When an entry begins and ends, on the wall."""
    start, end = (each.astimezone(LOS_ANGELES) for each in (entry.start, entry.end))
    return f"{start:%H:%M}-{end:%H:%M}"


def cases(entry: Entry) -> list[str]:
    """The cases of an entry: from where, what, and by whom the mode and the reserve."""
    return [
        f"{case.low:g}: "
        + "; ".join(
            f"{f'after {step.after}: ' if step.after else ''}{step.outcome.setting}"
            f"{', reserve at the SOE' if step.outcome.at_soe else ''}"
            f" <- {' '.join(dict.fromkeys(step.outcome.winners[part] for part in BOTH))}"
            for step in case.steps
        )
        for case in entry.cases
    ]


def test_entries_begin_and_end_at_the_boundaries_of_the_rules() -> None:
    found = of(plan(UNTIL_ONE), "2026-07-15T11:00", 4)
    assert [(clock(each), cases(each)) for each in found] == [
        ("11:00-12:00", ["0: self_consumption, reserve 20 % <- default"]),
        ("12:00-13:00", ["0: self_consumption, reserve 60 % <- default noon"]),
        ("13:00-15:00", ["0: self_consumption, reserve 20 % <- default"]),
    ]


def test_a_threshold_divides_the_state_of_energy_where_it_stands() -> None:
    (found,) = of(plan(LOW), "2026-07-15T11:00", 4)
    assert cases(found) == [
        "0: backup, reserve 20 % <- low default",
        "30: self_consumption, reserve 20 % <- default",
    ]
    assert [(case.low, case.high) for case in found.cases] == [(0.0, 30.0), (30.0, FULL)]
    assert 29.999 in found.case(29.999)
    assert found.case(30.0) is found.cases[1]
    assert found.case(100.0) is found.cases[1]


def test_what_is_bought_is_held_from_there_on() -> None:
    charge = rule("buy", 'time = "12:00-13:00"', 'battery = "charge", to = 60')
    (found,) = of(plan(charge), "2026-07-15T12:10", 0.5)
    assert cases(found) == [
        "0: backup, reserve 60 % <- buy",
        "60: self_consumption, reserve at the SOE <- buy",
    ]
    levers = Levers(reserve_ceiling=80)
    outcome = found.case(90.0).steps[0].outcome
    assert outcome.setting_at(90.0, levers).reserve == 80
    assert outcome.setting_at(66.6, levers).reserve == 66


def test_a_floor_that_no_threshold_names_divides_what_is_held() -> None:
    floor = rule("floor", 'time = "12:00-13:00"', "reserve_at_least = 33")
    (found,) = of(plan(HOLD, floor), "2026-07-15T12:00", 1)
    assert cases(found) == [
        "0: self_consumption, reserve 33 % <- hold floor",
        "33: self_consumption, reserve at the SOE <- hold",
    ]


def test_a_floor_of_its_own_raises_what_a_rule_holds() -> None:
    both = rule("both", 'time = "12:00-13:00"', 'battery = "hold", reserve_at_least = 60')
    (found,) = of(plan(both), "2026-07-15T12:00", 1)
    assert cases(found) == [
        "0: self_consumption, reserve 60 % <- both",
        "60: self_consumption, reserve at the SOE <- both",
    ]


def test_a_timer_of_a_rule_is_a_step_of_its_case() -> None:
    slow = rule("slow", "soe_below = 30", 'mode = "backup"', 'for = "10m"')
    slower = rule("slower", "soe_below = 20", "reserve = 50", 'for = "1h"')
    (found,) = of(plan(slow, slower), "2026-07-15T11:00", 4)
    assert cases(found) == [
        (
            "0: self_consumption, reserve 20 % <- default"
            "; after 0:10:00: backup, reserve 20 % <- slow default"
            "; after 1:00:00: backup, reserve 50 % <- slow slower"
        ),
        (
            "20: self_consumption, reserve 20 % <- default"
            "; after 0:10:00: backup, reserve 20 % <- slow default"
        ),
        "30: self_consumption, reserve 20 % <- default",
    ]
    assert found.cases[0].steps[0].outcome.pending == ("slow", "slower")
    assert found.cases[2].steps[0].outcome.pending == ()


def test_what_a_rule_buys_later_divides_the_state_of_energy_as_well() -> None:
    charge = rule("buy", "soe_below = 90", 'battery = "charge", to = 60', 'for = "10m"')
    (found,) = of(plan(charge), "2026-07-15T12:00", 1)
    assert [(case.low, len(case.steps)) for case in found.cases] == [(0, 2), (60, 2), (90, 1)]


def test_what_the_engine_remembers_goes_on_until_its_timers_end() -> None:
    outage = rule("outage", 'grid = "down"', 'mode = "backup"', 'keep = "2h"')
    watch = Watch.since(plan(outage), "2026-07-15T10:00")
    watch.look("2026-07-15T10:00", grid=DOWN)
    watch.look("2026-07-15T10:30")
    found = of(watch.plan, "2026-07-15T11:00", 4, memory=watch.memory)
    assert [(clock(each), cases(each)) for each in found] == [
        ("11:00-12:30", ["0: backup, reserve 20 % <- outage default"]),
        ("12:30-15:00", ["0: self_consumption, reserve 20 % <- default"]),
    ]


def test_a_reserve_that_is_held_already_stays_and_a_fuller_battery_raises_it() -> None:
    watch = Watch.since(plan(HOLD), "2026-07-15T12:00")
    watch.look("2026-07-15T12:00", soe=45.5)
    found = of(watch.plan, "2026-07-15T12:10", 1, memory=watch.memory)
    assert cases(found[0]) == [
        "0: self_consumption, reserve 45 % <- hold",
        "55: self_consumption, reserve at the SOE <- hold",
    ]


def test_the_memory_of_a_rule_that_looks_at_what_nobody_will_know_is_left_out() -> None:
    car = rule("car", 'load_above = "5 kW"', 'battery = "hold"', 'keep = "1h"')
    watch = Watch.since(plan(car), "2026-07-15T12:00")
    watch.look("2026-07-15T12:00", load_power=7_000.0)
    (found,) = of(watch.plan, "2026-07-15T12:10", 3, memory=watch.memory)
    assert cases(found) == ["0: self_consumption, reserve 20 % <- default"]
    assert [(each.rule, each.conditions) for each in found.also] == [
        ("car", ("load at least 5000 W",))
    ]


def test_a_value_that_is_missing_already_is_kept_to_for_as_long_as_the_rule_says() -> None:
    sun = rule("sun", 'input = "sun", above = 25', 'mode = "backup"', 'stale = "30m"')
    watch = Watch.since(plan(sun), "2026-07-15T11:30")
    known = Inputs({}, {"sun": DatedValue(30.0, wall("2026-07-15T11:30"))})
    watch.look("2026-07-15T11:30", inputs=known)
    watch.look("2026-07-15T11:40")
    found = of(watch.plan, "2026-07-15T11:50", 4, memory=watch.memory)
    assert [(clock(each), cases(each)) for each in found] == [
        ("11:50-12:10", ["0: backup, reserve 20 % <- sun default"]),
        ("12:10-15:50", ["0: self_consumption, reserve 20 % <- default"]),
    ]


def test_a_value_that_goes_missing_ends_what_it_had_begun() -> None:
    windy = rule(
        "windy", 'any = [{ flag = "storm" }, { input = "wind", above = 9 }]', "reserve = 90"
    )
    watch = Watch.since(plan(windy), "2026-07-15T11:00")
    inputs = Inputs({"storm": wall("2026-07-15T12:00")})
    watch.look("2026-07-15T11:00", inputs=inputs)
    found = of(watch.plan, "2026-07-15T11:10", 4, memory=watch.memory, inputs=inputs)
    assert [(clock(each), cases(each)) for each in found] == [
        ("11:10-12:00", ["0: self_consumption, reserve 90 % <- default windy"]),
        ("12:00-15:10", ["0: self_consumption, reserve 20 % <- default"]),
    ]


def test_the_owner_holds_above_all_rules_and_the_rules_come_back() -> None:
    hold = Hold(Setting(Mode.BACKUP, 80), wall("2026-07-15T12:30"))
    found = of(plan(UNTIL_ONE, LOW), "2026-07-15T11:00", 3, hold=hold)
    assert [(clock(each), cases(each)) for each in found] == [
        ("11:00-12:30", ["0: backup, reserve 80 % <- owner"]),
        (
            "12:30-13:00",
            [
                "0: backup, reserve 60 % <- low noon",
                "30: self_consumption, reserve 60 % <- default noon",
            ],
        ),
        (
            "13:00-14:00",
            [
                "0: backup, reserve 20 % <- low default",
                "30: self_consumption, reserve 20 % <- default",
            ],
        ),
    ]


def test_a_hold_of_some_parts_leaves_the_others_to_the_rules() -> None:
    (found,) = of(plan(HOLD), "2026-07-15T12:00", 1, hold=Hold(Setting(reserve=70)))
    assert cases(found) == ["0: self_consumption, reserve 70 % <- hold owner"]


def test_a_flag_ends_when_it_expires_and_a_value_stays_as_fresh_as_it_is() -> None:
    storm = rule("storm", 'flag = "storm"', 'mode = "backup"')
    sun = rule("sun", 'input = "sun", above = 25, oldest = "30m"', "reserve = 50")
    start = wall("2026-07-15T11:00")
    inputs = Inputs({"storm": start + HOUR}, {"sun": DatedValue(30.0, start - 9 * HOUR)})
    found = of(plan(storm, sun), "2026-07-15T11:00", 24, inputs=inputs)
    assert [(clock(each), cases(each)) for each in found] == [
        ("11:00-12:00", ["0: backup, reserve 50 % <- storm sun"]),
        ("12:00-11:00", ["0: self_consumption, reserve 50 % <- default sun"]),
    ]


def test_on_what_else_it_depends_is_told_of_rules_that_could_win() -> None:
    outage = rule("outage", 'grid = "down", time = "12:00-13:00"', 'mode = "backup"')
    storm = rule("storm", 'any = [{ flag = "storm" }, { soe_below = 10 }]', "reserve = 90")
    found = of(plan(outage, storm), "2026-07-15T11:00", 3)
    assert [(clock(each), [(a.rule, a.conditions) for a in each.also]) for each in found] == [
        ("11:00-12:00", []),
        ("12:00-13:00", [("outage", ("grid down",))]),
        ("13:00-14:00", []),
    ]
    # The storm rule wins by the state of energy as well: it is among the cases.
    assert cases(found[0])[0] == "0: self_consumption, reserve 90 % <- default storm"


def test_a_rule_that_nothing_could_let_win_is_not_told_of() -> None:
    strong = rule("strong", 'time = "12:00-13:00"', 'battery = "hold"', "priority = 9")
    weak = rule("weak", 'grid = "down"', 'mode = "backup"')
    other_time = rule(
        "other time", 'grid = "down", any = [{ time = "01:00-02:00" }]', 'mode = "backup"'
    )
    found = of(plan(strong, weak, other_time), "2026-07-15T12:00", 2)
    assert [[each.rule for each in entry.also] for entry in found] == [[], ["weak"]]


def test_with_the_grid_down_the_rules_for_that_win() -> None:
    outage = rule("outage", 'grid = "down"', 'mode = "backup"')
    (found,) = of(plan(outage), "2026-07-15T12:00", 2, House(grid=DOWN))
    assert cases(found) == ["0: backup, reserve 20 % <- outage default"]
    assert found.also == ()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # 02:00 to 03:00 does not exist.
        ("2026-03-08T00:00", [("00:00-01:30", 1.5), ("01:30-03:30", 1.0), ("03:30-06:00", 2.5)]),
        # 01:00 to 02:00 comes twice, and the window is open both times.
        (
            "2026-11-01T00:00",
            [
                ("00:00-01:30", 1.5),
                ("01:30-01:00", 0.5),
                ("01:00-01:30", 0.5),
                ("01:30-03:30", 2.0),
                ("03:30-04:00", 0.5),
            ],
        ),
    ],
)
def test_on_a_night_on_which_clocks_change(start: str, expected: list[tuple[str, float]]) -> None:
    night = rule("night", 'time = "01:30-03:30"', "reserve = 60")
    found = of(plan(night), start, 5)
    assert [(clock(each), (each.end - each.start) / HOUR) for each in found] == expected


def test_prices_are_those_of_the_tariff_or_of_the_series() -> None:
    almanac = plan().rules.almanac
    start = wall("2026-07-15T15:00")
    found = prices_between(almanac, None, start, start + 8 * HOUR)
    assert [(each.period, each.start, each.end) for each in found] == [
        ("off-peak", start, start + HOUR),
        ("on-peak", start + HOUR, start + 6 * HOUR),
        ("off-peak", start + 6 * HOUR, start + 8 * HOUR),
    ]
    slots = [
        PriceSlot(start + number * HOUR, start + (number + 1) * HOUR, price)
        for number, price in ((0, 0.1), (1, 0.1), (2, 0.3), (4, None))
    ]
    given = prices_between(almanac, PriceSeries(slots), start + HOUR / 2, start + 9 * HOUR)
    assert [(each.start, each.end, each.imported, each.period) for each in given] == [
        (start + HOUR / 2, start + 2 * HOUR, 0.1, ""),
        (start + 2 * HOUR, start + 3 * HOUR, 0.3, ""),
        (start + 4 * HOUR, start + 5 * HOUR, None, ""),
    ]
    assert prices_between(plan(base=base_in("UTC")).rules.almanac, None, start, start + HOUR) == ()


def test_events_are_told_with_their_instants_and_conditions() -> None:
    peak = event("before the peak", 'before = "peak", lead = "60m"')
    low = event("low at nine", 'at = "21:00", soe_below = 30')
    never = event("not now", 'at = "22:00", price_above = 0.9')
    outage = event("outage", 'grid = "down"')
    watched = plan(peak, low, never, outage, base=BASE)
    start = wall("2026-07-15T15:00")
    found = due_events(watched, start, start + 24 * HOUR, NO_INPUTS)
    assert [(each.event.name, each.at, each.conditions) for each in found] == [
        ("before the peak", start, ()),
        ("low at nine", start + 6 * HOUR, ("SOE below 30 %",)),
        ("outage", None, ("grid down",)),
    ]


def test_an_event_that_is_settled_is_over() -> None:
    watch = Watch.since(plan(event("noon", 'at = "12:00"')), "2026-07-15T11:59")
    start = wall("2026-07-15T12:00")
    assert [each.at for each in due_events(watch.plan, start, start + HOUR, NO_INPUTS)] == [start]
    watch.look(start)
    found = due_events(watch.plan, start, start + 25 * HOUR, NO_INPUTS, watch.memory)
    assert [each.at for each in found] == [start + 24 * HOUR]
