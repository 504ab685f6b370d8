"""What the power flows show of a setting, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flows import (
    AUTONOMOUS,
    FULL,
    HALF,
    MUTE,
    NO,
    OFF,
    ON,
    POLL,
    SELF_20,
    SELF_80,
    SETTLED,
    SINCE,
    YES,
    seen,
)

from rules.domain import Export, GridStatus, Mode, Observation, Quantity, Setting
from scheduler.control.effect import READINGS, WatchedWrite, advice, fits, judge
from scheduler.domain import Caveat, Effect


@pytest.mark.parametrize(
    ("setting", "soe", "battery", "load", "solar", "fit"),
    [
        # self-consumption, energy above the reserve: the battery carries the home
        (SELF_20, 60, 1_000, 1_000, 0, YES),
        (SELF_20, 60, 600, 1_000, 0, YES),  # the better half of it
        (SELF_20, 60, 400, 1_000, 0, NO),
        (SELF_20, 60, 0, 1_000, 0, NO),
        (SELF_20, 60, -3_000, 1_000, 0, NO),  # it fills from the grid
        (SELF_20, 60, 5_000, 12_000, 0, YES),  # all that one battery can
        (SELF_20, 60, 2_000, 12_000, 0, NO),
        (SELF_20, 60, 0, 1_000, 800, MUTE),  # the sun leaves next to nothing to carry
        (SELF_20, 60, -2_000, 1_000, 3_000, MUTE),
        (SELF_20, 60, 0, 400, 0, MUTE),  # noise
        (SELF_20, 60, 0, 401, 0, NO),
        # at the reserve, on neither side for certain
        (SELF_20, 22, 0, 1_000, 0, MUTE),
        (SELF_20, 22.1, 0, 1_000, 0, NO),
        (SELF_20, 18, 1_000, 1_000, 0, MUTE),
        (SELF_20, 17.9, 1_000, 1_000, 0, NO),
        (SELF_20, 18.1, 1_000, 1_000, 0, MUTE),
        # under the reserve it does not discharge
        (SELF_80, 60, 0, 1_000, 0, YES),
        (SELF_80, 60, 399, 1_000, 0, YES),
        (SELF_80, 60, 400, 1_000, 0, NO),
        (SELF_80, 60, -2_000, 1_000, 3_000, YES),
        # backup does not discharge, whatever its reserve
        (FULL, 60, 0, 1_000, 0, YES),
        (FULL, 60, -3_300, 1_000, 0, YES),
        (FULL, 60, 1_000, 1_000, 0, NO),
        (HALF, 60, 0, 1_000, 0, YES),
        (HALF, 60, 1_000, 1_000, 0, NO),
        # autonomous follows a forecast of its own
        (AUTONOMOUS, 60, 1_000, 1_000, 0, MUTE),
        (AUTONOMOUS, 60, 0, 1_000, 0, MUTE),
        # but its reserve is for an outage
        (AUTONOMOUS, 17.9, 400, 1_000, 0, NO),
        (AUTONOMOUS, 17.9, 399, 1_000, 0, MUTE),
        (AUTONOMOUS, 18, 1_000, 1_000, 0, MUTE),
        (Setting(Mode.AUTONOMOUS), 10, 1_000, 1_000, 0, MUTE),
        # parts that were not written are not judged by
        (Setting(Mode.SELF_CONSUMPTION), 60, 0, 1_000, 0, MUTE),
        (Setting(reserve=20), 60, 0, 1_000, 0, MUTE),
        (Setting(grid_charging=False), 60, -3_000, 1_000, 0, MUTE),
        (Setting(), 60, 0, 1_000, 0, MUTE),
        # what is not known tells nothing
        (SELF_20, None, 0, 1_000, 0, MUTE),
        (SELF_20, 60, None, 1_000, 0, MUTE),
        (SELF_20, 60, 0, None, 0, MUTE),
        (FULL, 60, None, 1_000, 0, MUTE),
        (SELF_20, 60, 0, 1_000, None, NO),  # a home without a meter at its panels
    ],
)
def test_whether_a_reading_is_one_of_the_setting(
    setting: Setting,
    soe: float | None,
    battery: float | None,
    load: float | None,
    solar: float | None,
    fit: bool | None,
) -> None:
    assert fits(setting, seen(battery, load=load, solar=solar, soe=soe)) is fit


def test_without_the_meter_at_the_grid_nothing_is_said_of_self_consumption() -> None:
    assert fits(SELF_20, replace(seen(0), site_power=None)) is None


@pytest.mark.parametrize(
    "never",
    [
        {"grid": GridStatus.ISLANDED},
        {"grid": GridStatus.TRANSITION_TO_GRID},
        {"grid": None},
        {"grid_services": True},
        {"running": False},
    ],
)
@pytest.mark.parametrize(("setting", "battery"), [(SELF_20, 0.0), (FULL, 1_000.0)])
def test_off_the_grid_for_the_utility_or_stopped_is_never_judged(
    never: dict[str, object], setting: Setting, battery: float
) -> None:
    reading = seen(battery, setting=setting)
    assert fits(setting, reading) is False
    assert fits(setting, replace(reading, **never)) is None  # type: ignore[arg-type]


# --- readings in a row ------------------------------------------------------------------------


def watched(
    readings: list[Observation],
    wanted: Setting = SELF_20,
    previous: Setting = FULL,
    *,
    first: datetime = SETTLED,
    settling: timedelta = timedelta(0),
    disturbed: bool = False,
) -> list[Effect | None]:
    """What each reading settles, one a poll."""
    after, found = WatchedWrite(7, wanted, previous, SINCE), []
    for number, reading in enumerate(readings):
        now = first + number * POLL
        after, verdict = judge(after, replace(reading, at=now), now, settling, disturbed=disturbed)
        found.append(verdict.effect if verdict else None)
    return found


CARRIES, RESTS, QUIET = seen(1_000), seen(0), seen(0, load=200)
CONFIRMED, CONTRADICTED = Effect.CONFIRMED, Effect.CONTRADICTED


@pytest.mark.parametrize(
    ("readings", "verdicts"),
    [
        ([CARRIES, CARRIES, CARRIES], [None, None, CONFIRMED]),
        ([RESTS, RESTS, RESTS], [None, None, CONTRADICTED]),
        ([RESTS, RESTS, CARRIES, RESTS, RESTS], [None] * 5),
        ([RESTS, RESTS, QUIET, RESTS, RESTS], [None] * 5),
        ([CARRIES] * 6, [None, None, CONFIRMED, None, None, None]),  # told once
        (
            [CARRIES] * 3 + [RESTS] * 3,
            [None, None, CONFIRMED, None, None, CONTRADICTED],
        ),
        ([QUIET] * 9, [None] * 9),
    ],
)
def test_three_in_a_row_settle_it(
    readings: list[Observation], verdicts: list[Effect | None]
) -> None:
    assert READINGS == 3
    assert watched(readings) == verdicts


@pytest.mark.parametrize(
    ("wanted", "previous", "reading", "verdict"),
    [
        (SELF_20, FULL, CARRIES, CONFIRMED),
        (SELF_20, SELF_80, CARRIES, CONFIRMED),
        (SELF_20, Setting(Mode.SELF_CONSUMPTION, 10), CARRIES, None),  # it did so before, too
        (FULL, SELF_80, seen(0, setting=FULL), None),
        (FULL, SELF_20, seen(0, setting=FULL), CONFIRMED),
        (FULL, SELF_20, seen(0, load=200, setting=FULL), None),  # neither would show
        (FULL, AUTONOMOUS, seen(0, setting=FULL), None),
        (FULL, Setting(), seen(0, setting=FULL), None),
        (FULL, SELF_20, seen(1_000, setting=FULL), CONTRADICTED),
        (FULL, Setting(), seen(1_000, setting=FULL), CONTRADICTED),
        (SELF_20, FULL, RESTS, CONTRADICTED),
    ],
)
def test_what_the_setting_before_explains_as_well_proves_nothing(
    wanted: Setting,
    previous: Setting,
    reading: Observation,
    verdict: Effect | None,
) -> None:
    assert watched([reading] * READINGS, wanted, previous)[-1] is verdict


@pytest.mark.parametrize(
    ("settling", "first", "verdict"),
    [
        (timedelta(0), SINCE, None),
        (timedelta(0), SETTLED - timedelta(seconds=1), None),
        (timedelta(0), SETTLED, CONTRADICTED),
        (timedelta(minutes=30), SETTLED, None),  # a slow route
        (timedelta(minutes=30), SINCE + timedelta(minutes=30), CONTRADICTED),
    ],
)
def test_a_setting_may_take_its_time_to_show(
    settling: timedelta, first: datetime, verdict: Effect | None
) -> None:
    assert watched([RESTS] * READINGS, first=first, settling=settling)[-1] is verdict


def test_nothing_is_judged_during_an_update() -> None:
    assert watched([RESTS] * 9, disturbed=True) == [None] * 9


def test_against_a_setting_speaks_only_a_reading_that_shows_it_still_there() -> None:
    elsewhere = seen(0, setting=SELF_80)
    assert watched([elsewhere] * 9) == [None] * 9
    long_ago = replace(RESTS, earlier={Quantity.RESERVE: SINCE})
    assert watched([long_ago] * 9) == [None] * 9
    assert watched([long_ago, long_ago, RESTS])[-1] is CONTRADICTED


def test_for_a_setting_speaks_any_reading_of_its_flows() -> None:
    long_ago = replace(CARRIES, earlier={Quantity.RESERVE: SINCE})
    assert watched([long_ago] * 3)[-1] is CONFIRMED


@pytest.mark.parametrize("then", [QUIET, replace(RESTS, grid=None)])
def test_a_reading_that_tells_nothing_takes_the_doubt_away(then: Observation) -> None:
    after, _ = judge(
        WatchedWrite(7, SELF_20, FULL, SINCE), RESTS, SETTLED, timedelta(0), disturbed=False
    )
    assert after.doubtful
    later = SETTLED + POLL
    after, _ = judge(after, replace(then, at=later), later, timedelta(0), disturbed=False)
    assert (after.doubtful, after.run) == (False, 0)


@pytest.mark.parametrize(
    ("site", "battery", "fit"),
    [
        (500, 499, YES),  # the better half does not come from the grid
        (501, 500, YES),  # the battery gives the better half
        (501, 499, NO),
        (0, 0, YES),  # another source carries it
    ],
)
def test_against_self_consumption_speak_the_grid_and_the_battery_together(
    site: float, battery: float, fit: bool
) -> None:
    assert fits(SELF_20, replace(seen(battery), site_power=site)) is fit


@pytest.mark.parametrize(
    ("held", "battery", "site", "said"),
    [
        (SELF_20, 0, 1_000, "rests, 1000 W come from the grid"),
        (SELF_20, 399, 601, "rests, 601 W come from the grid"),
        (FULL, 400, 0, "discharges 400 W"),
        (ON, -399, 1_399, "rests, 1399 W come from the grid"),
        (OFF, -400, 1_400, "charges 400 W, 1400 W come from the grid"),
        (OFF, -3_000, None, "charges 3000 W"),
    ],
)
def test_a_verdict_says_what_was_seen(
    held: Setting, battery: float, site: float | None, said: str
) -> None:
    before = WatchedWrite(7, held, Setting(), SINCE, shown=False, run=2)
    reading = replace(seen(battery, setting=held), site_power=site)
    _, verdict = judge(before, reading, SETTLED, timedelta(0), disturbed=False)
    assert verdict is not None
    assert verdict.detail == f"at SOE 60.0 % and 1000 W of load the battery {said}"


@pytest.mark.parametrize("gap", [timedelta(0), timedelta(seconds=1), timedelta(hours=1)])
def test_the_same_reading_never_counts_twice(gap: timedelta) -> None:
    """However often it is looked at, a reading is one."""
    after = WatchedWrite(7, SELF_20, FULL, SINCE)
    for number in range(9):
        after, verdict = judge(after, RESTS, SETTLED + number * gap, timedelta(0), disturbed=False)
        assert (after.run, verdict) == (1, None)


@pytest.mark.parametrize(
    ("wanted", "previous", "reading", "verdict"),
    [
        (OFF, ON, seen(0, setting=OFF), CONFIRMED),
        (ON, OFF, seen(0, setting=ON), CONTRADICTED),
        (ON, OFF, seen(-3_300, setting=ON), CONFIRMED),
        (OFF, SELF_80, seen(0, setting=OFF), None),  # nor did it discharge before
        (OFF, FULL, seen(0, setting=OFF), None),  # nobody knows whether it bought before
        (OFF, ON, seen(-3_300, setting=OFF), CONTRADICTED),
        # against grid charging speaks only a reading that still shows it to be so
        (OFF, ON, seen(-3_300, setting=ON), None),
    ],
)
def test_what_shows_of_grid_charging(
    wanted: Setting, previous: Setting, reading: Observation, verdict: Effect | None
) -> None:
    assert watched([reading] * READINGS, wanted, previous)[-1] is verdict


def test_a_reading_of_the_power_alone_says_nothing_against_export() -> None:
    never, sold = Setting(export=Export.NEVER), replace(seen(0), site_power=-3_000.0)
    both = Setting(export=Export.BATTERY)
    shows = replace(sold, export=Export.NEVER)
    assert watched([shows] * 3, never, both)[-1] is CONTRADICTED
    old = replace(shows, earlier={Quantity.EXPORT: SINCE})
    assert watched([old] * 3, never, both)[-1] is None
    changed = replace(sold, export=Export.BATTERY)
    assert watched([changed] * 3, never, both)[-1] is None


def test_without_the_load_nothing_is_said_of_self_consumption() -> None:
    assert fits(SELF_20, replace(seen(0), load_power=None)) is None


def test_a_verdict_says_what_is_not_known() -> None:
    never = Setting(export=Export.NEVER)
    before = WatchedWrite(7, never, Setting(), SINCE, shown=False, run=2)
    sold = replace(seen(0, setting=never), soe=None, load_power=None, site_power=-900.0)
    _, verdict = judge(before, sold, SETTLED, timedelta(0), disturbed=False)
    assert verdict is not None
    assert verdict.detail.startswith("at an unknown SOE and 0 W of load the battery rests")


TARIFF, APP = Caveat.TARIFF_MAY_WIN, Caveat.DONE_BY_THE_APP
RATE_PLAN, OPEN, LOOK = "Utility Rate Plan", "open the app", "look at the battery in the app"


@pytest.mark.parametrize(
    ("setting", "battery", "caveats", "said"),
    [
        (SELF_80, 1_000, {TARIFF}, {RATE_PLAN}),
        (replace(AUTONOMOUS, reserve=80), 1_000, {TARIFF}, {RATE_PLAN}),
        (SELF_80, 399, {TARIFF}, {LOOK}),  # it rests
        (SELF_20, 1_000, {TARIFF}, {LOOK}),  # above its reserve
        (FULL, 1_000, {TARIFF}, {LOOK}),  # backup spares it whatever the reserve
        (SELF_80, 1_000, set(), {LOOK}),
        (SELF_80, 1_000, {APP}, {OPEN}),
        (SELF_20, 0, {APP}, {OPEN}),
        (SELF_80, 1_000, {APP, TARIFF}, {OPEN, RATE_PLAN}),
        (FULL, None, {TARIFF}, {LOOK}),
    ],
)
def test_what_the_owner_is_told_to_do(
    setting: Setting, battery: float | None, caveats: set[Caveat], said: set[str]
) -> None:
    text = advice(setting, seen(battery, setting=setting), frozenset(caveats))
    assert {each for each in (RATE_PLAN, OPEN, LOOK) if each in text} == said
