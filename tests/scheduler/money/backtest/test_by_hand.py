"""Days whose outcome follows by arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from backtesting import HOUR, MINUTE, ONE_WAY, backtested, data_of, kwh, rules_of, steady
from four_levers import FOUR_LEVERS
from house import local

from rules.battery import POWERWALL_2, POWERWALL_3
from rules.domain import Export, Mode, Setting
from rules.inputs import DatedValue, PriceSeries, PriceSlot
from scheduler.domain import Cause, Safety
from scheduler.money.backtest import (
    Backtest,
    Outage,
    Outside,
    Raised,
    Site,
    kept_fresh,
    self_consumption,
    without_battery,
)

NOON = local(7, 15, "12:00")
EVERYDAY = Setting(Mode.SELF_CONSUMPTION, 20)
FILL = """
[[rule]]
name = "fill"
while = { time = "13:00-15:00" }
set = { mode = "backup", reserve = 100 }
"""
HOLD = """
[[rule]]
name = "hold"
while = { time = "12:00-18:00" }
set = { battery = "hold" }
"""
NEVER = """
[[rule]]
name = "never"
while = { soe_below = 1 }
set = { reserve = 30 }
"""


def settings(found: Backtest) -> list[tuple[str, Mode | None, int | None]]:
    """What was in effect from when on, by the wall clock."""
    zone = found.flows.site.data.zone
    return [
        (f"{at.astimezone(zone):%H:%M}", each.mode, each.reserve)
        for at, each in found.flows.settings
    ]


def test_the_battery_serves_the_home_down_to_its_reserve() -> None:
    found = backtested(NEVER, steady(NOON, 6 * HOUR), soe=50.0).flows
    given = 0.30 * 13.5 * ONE_WAY
    assert kwh(found.energies.discharged) == pytest.approx(given)
    assert kwh(found.energies.imported) == pytest.approx(6 - given)
    assert found.soe_at_end == pytest.approx(20)
    assert found.cycles == pytest.approx(0.30)
    assert found.self_sufficiency == pytest.approx(given / 6)
    assert found.highest_import_w == pytest.approx(1_000)


def test_backup_buys_3_3_kilowatts_beside_the_load_for_as_long_as_it_holds() -> None:
    found = backtested(FILL, steady(NOON, 4 * HOUR), soe=20.0)
    assert kwh(found.flows.energies.imported) == pytest.approx(4.0 - 1.0 + 2 * 3.3, abs=1e-9)
    assert kwh(found.flows.energies.charged) == pytest.approx(6.6)
    assert found.flows.energies.stored[3 * 12 - 1] == pytest.approx(2_700 + 6_600 * ONE_WAY)
    assert settings(found) == [
        ("12:00", Mode.SELF_CONSUMPTION, 20),
        ("13:00", Mode.BACKUP, 100),
        ("15:00", Mode.SELF_CONSUMPTION, 20),
    ]
    assert [write.cause for write in found.writes] == [Cause.TIME, Cause.TIME]


def test_two_powerwalls_buy_twice_as_much() -> None:
    found = backtested(FILL, steady(NOON, 4 * HOUR), soe=20.0, battery=POWERWALL_2.scaled(2))
    assert kwh(found.flows.energies.charged) == pytest.approx(13.2)


def test_a_powerwall_3_carries_what_a_powerwall_2_cannot() -> None:
    for battery, import_w in ((POWERWALL_2, 3_000), (POWERWALL_3, 0)):
        found = backtested(NEVER, steady(NOON, HOUR, load=8_000), soe=100.0, battery=battery)
        assert found.flows.highest_import_w == pytest.approx(import_w)


def test_without_permission_nothing_is_bought_for_the_battery() -> None:
    safety = Safety(0, EVERYDAY, grid_charging=False)
    found = backtested(FILL, steady(NOON, 4 * HOUR), soe=20.0, safety=safety)
    assert kwh(found.flows.energies.charged) == 0
    assert kwh(found.flows.energies.imported) == pytest.approx(4.0)


def test_what_is_held_stays_in_the_battery() -> None:
    for site in ({}, {"levers": FOUR_LEVERS}):
        found = backtested(HOLD, steady(NOON, 6 * HOUR), soe=50.0, **site)
        assert found.flows.soe_at_end == pytest.approx(50)
        assert kwh(found.flows.energies.imported) == pytest.approx(6)


def test_a_charge_ends_at_its_target_within_one_interval() -> None:
    rules = FILL.replace('mode = "backup", reserve = 100', 'battery = "charge", to = 60')
    for minutes, end in ((5, "13:30"), (1, "13:26")):
        # 1.35 kWh into the battery at 3.3 kW take 25.9 minutes.
        data = steady(NOON, 4 * HOUR, step=minutes * MINUTE, load=0.0)
        found = backtested(rules, data, soe=50.0)
        assert [each[:2] for each in settings(found)[:3]] == [
            ("12:00", Mode.SELF_CONSUMPTION),
            ("13:00", Mode.BACKUP),
            (end, Mode.SELF_CONSUMPTION),
        ]


def test_a_time_within_an_interval_is_kept_to_the_second() -> None:
    rules = FILL.replace("13:00-15:00", "13:07-14:01")
    found = backtested(rules, steady(NOON, 4 * HOUR, step=HOUR), soe=20.0)
    assert [each[0] for each in settings(found)] == ["12:00", "13:07", "14:01"]
    assert kwh(found.flows.energies.charged) == pytest.approx(3.3 * 54 / 60)
    assert found.flows.energies.charged[2] == pytest.approx(3_300 / 60)


@pytest.mark.parametrize(
    ("start", "hours", "length"),
    [
        pytest.param(local(11, 1, "00:00"), 3.0, 25, id="back: one o'clock comes twice"),
        pytest.param(local(3, 8, "00:00"), 1.0, 23, id="forward: two o'clock does not come"),
        pytest.param(local(7, 15, "00:00"), 2.0, 24, id="an ordinary night"),
    ],
)
def test_a_window_of_the_night_is_as_long_as_the_clock_makes_it(
    start: datetime, hours: float, length: int
) -> None:
    rules = FILL.replace("13:00-15:00", "01:00-03:00")
    found = backtested(rules, steady(start, length * HOUR), soe=20.0)
    assert found.hours_by_rule == {"fill": hours, "default": length - hours}
    expected = length + (3.3 * hours if hours < 3 else kwh(found.flows.energies.charged))
    served = kwh(found.flows.energies.discharged)
    assert kwh(found.flows.energies.imported) == pytest.approx(expected - served)
    assert settings(found)[-1] == ("03:00", Mode.SELF_CONSUMPTION, 20)


def test_sun_that_may_not_be_sold_is_lost() -> None:
    data = steady(NOON, 2 * HOUR, load=1_000, solar=4_000)
    safety = Safety(0, EVERYDAY, export=Export.NEVER)
    sold, kept = (
        backtested(NEVER, data, soe=100.0),
        backtested(NEVER, data, soe=100.0, safety=safety),
    )
    assert kwh(sold.flows.energies.exported) == pytest.approx(6)
    assert kwh(kept.flows.energies.exported) == 0
    assert kwh(kept.flows.energies.solar) == pytest.approx(2)


def test_an_outage_empties_the_battery_below_its_reserve_and_then_it_is_dark() -> None:
    outage = Outage(NOON + HOUR, 8 * HOUR)
    found = backtested(
        NEVER, steady(NOON, 12 * HOUR, load=2_000), soe=50.0, outages=(outage,)
    ).flows
    before = 6_750 - 2_000 / ONE_WAY
    (endured,) = found.endured
    assert endured.outage == outage
    assert endured.soe == pytest.approx(before / 135)
    stood = before * ONE_WAY / 2_000
    assert endured.stood / HOUR == pytest.approx(stood)
    # And for a minute more, while the gateway watches the grid.
    assert endured.unserved_wh == pytest.approx(2_000 * (8 + 1 / 60 - stood))
    assert kwh(found.energies.imported[12:108]) == pytest.approx(0.0)


def test_an_outage_that_the_battery_stands_leaves_nothing_unserved() -> None:
    outage = Outage(NOON + 7 * MINUTE, timedelta(minutes=90))
    found = backtested(NEVER, steady(NOON, 12 * HOUR), soe=50.0, outages=(outage,)).flows
    assert [(each.stood, each.unserved_wh) for each in found.endured] == [(outage.length, 0.0)]


def test_what_an_inverter_cannot_give_is_not_served() -> None:
    outage = Outage(NOON, HOUR)
    data = data_of(NOON, [1_000.0] * 6 + [9_000.0] * 6)
    (endured,) = backtested(NEVER, data, soe=100.0, outages=(outage,)).flows.endured
    assert endured.stood == 30 * MINUTE + (5 / 9) * 5 * MINUTE
    assert endured.unserved_wh == pytest.approx(4_000 * 0.5)


def test_rules_see_an_outage_and_its_end() -> None:
    rules = """
[[rule]]
name = "refill"
while = { grid = "down" }
keep = "1h"
set = { mode = "backup", reserve = 100 }
"""
    outage = Outage(NOON + HOUR, HOUR)
    found = backtested(rules, steady(NOON, 6 * HOUR), soe=80.0, outages=(outage,))
    assert found.hours_by_rule["refill"] == 2.0
    assert max(found.flows.energies.imported) == pytest.approx(4_300 / 12)


def test_home_and_roof_alone() -> None:
    data = data_of(NOON, [1_000.0, 3_000.0], [2_500.0, 0.0], HOUR)
    found = without_battery(Site(data, outages=(Outage(NOON + 1.5 * HOUR, HOUR / 2),)))
    assert list(found.metered.imported_wh) == [0, 1_500]
    assert list(found.metered.exported_wh) == [1_500, 0]
    assert kwh(found.energies.discharged) == kwh(found.energies.charged) == 0
    assert [each.stood for each in found.endured] == [timedelta(0)]
    assert [each.unserved_wh for each in found.endured] == [3_000 / 2]


def test_a_battery_left_to_itself_is_one_under_rules_that_never_win() -> None:
    day = data_of(NOON, [500.0, 4_000.0] * 40, [3_000.0, 0.0, 0.0, 6_000.0] * 20, 15 * MINUTE)
    under_rules, alone = backtested(NEVER, day).flows, self_consumption(Site(day), 20)
    assert list(under_rules.energies.stored) == list(alone.energies.stored)
    assert under_rules.metered == alone.metered


def test_flags_values_and_prices_come_from_outside() -> None:
    rules = """
[[rule]]
name = "storm"
priority = 2
while = { flag = "storm" }
set = { reserve = 80 }
[[rule]]
name = "sun"
priority = 1
while = { input = "sun", above = 25 }
set = { reserve = 50 }
[[rule]]
name = "dear"
while = { price_above = 0.5 }
set = { reserve = 30 }
"""
    hours = [NOON + number * HOUR for number in range(9)]
    slots = [
        PriceSlot(start, end, 0.6 if start >= hours[6] else 0.1) for start, end in pairwise(hours)
    ]
    outside = Outside.of(
        {"storm": (Raised(hours[1], hours[2]), Raised(hours[3], hours[4]))},
        {"sun": (DatedValue(30.0, hours[2]), DatedValue(20.0, hours[5]))},
        PriceSeries(slots),
    )
    found = backtested(rules, steady(NOON, 8 * HOUR), soe=100.0, outside=outside)
    assert found.hours_by_rule == {"storm": 2, "sun": 2, "dear": 2, "default": 8}
    wins = [(each.start, *set(each.winners.values()) - {"default"}) for each in found.holdings]
    assert wins == [
        (hours[0],), (hours[1], "storm"), (hours[2], "sun"), (hours[3], "storm"),
        (hours[4], "sun"), (hours[5],), (hours[6], "dear"),
    ]  # fmt: skip


def test_a_value_that_stays_is_never_too_old() -> None:
    text = """
[[rule]]
name = "sun"
while = { input = "sun", above = 25, oldest = "2h" }
set = { reserve = 50 }
"""
    data = steady(NOON, 24 * HOUR)
    rules = rules_of(text)
    values = {"sun": kept_fresh(rules, "sun", 30.0, data.start, data.end)}
    assert len(values["sun"]) == 12
    found = backtested(text, data, outside=Outside.of(values=values))
    assert found.hours_by_rule["sun"] == 24
    once = {"sun": (DatedValue(30.0, data.start),)}
    assert backtested(text, data, outside=Outside.of(values=once)).hours_by_rule["sun"] < 3


def test_rules_that_never_won_are_named() -> None:
    found = backtested(FILL + NEVER, steady(NOON, 4 * HOUR))
    assert found.never_won == ("never",)
    leaving = 'language = 1\ntimezone = "America/Los_Angeles"\n[default]\nleave = true\n'
    assert backtested("", steady(NOON, 4 * HOUR), leaving).never_won == ()


def test_caps_hold_back_what_a_flapping_rule_wants() -> None:
    rules = """
[[rule]]
name = "busy"
while = { load_above = 2000 }
set = { reserve = 60 }
"""
    data = data_of(NOON, [500.0, 4_000.0] * 144)
    safety = Safety(0, EVERYDAY, writes_an_hour=4, writes_a_day=12, dwell=timedelta(0))
    found = backtested(rules, data, soe=90.0, safety=safety)
    at = [write.at for write in found.writes]
    assert len(at) == 12
    assert max(sum(each <= other < each + HOUR for other in at) for each in at) == 4


def test_the_owner_s_floor_holds_from_the_first_moment() -> None:
    found = backtested(
        NEVER, steady(NOON, 6 * HOUR), safety=Safety(35, replace(EVERYDAY, reserve=35))
    )
    assert found.flows.soe_at_end == pytest.approx(35)
    assert {each.reserve for _, each in found.flows.settings} == {35}


def test_a_firmware_check_takes_its_course() -> None:
    rules = """
[[rule]]
name = "look"
when = { at = "13:00" }
do = "firmware-check"
"""
    found = backtested(rules, steady(NOON, 4 * HOUR))
    assert {each.rule for each in found.occurrences} == {"look"}
    assert found.occurrences[0].at == NOON + HOUR


def test_settings_are_in_effect_from_their_instants() -> None:
    flows = backtested(FILL, steady(NOON, 4 * HOUR, step=30 * MINUTE)).flows
    assert [(at - NOON, setting.mode) for at, setting in flows.settings] == [
        (0 * HOUR, Mode.SELF_CONSUMPTION),
        (1 * HOUR, Mode.BACKUP),
        (3 * HOUR, Mode.SELF_CONSUMPTION),
    ]


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ({"soe": 101.0}, "a state of energy is 0 to 100 %, got 101"),
        ({"outages": (Outage(NOON - HOUR, HOUR),)}, "within the data"),
        ({"outages": (Outage(NOON + 3 * HOUR, 2 * HOUR),)}, "within the data"),
        ({"outages": (Outage(NOON, HOUR), Outage(NOON, HOUR))}, "a minute after the other"),
        ({"outages": (Outage(NOON, timedelta(0)),)}, "last a second"),
    ],
)
def test_a_site_that_cannot_be(site: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        backtested(NEVER, steady(NOON, 4 * HOUR), **site)


def test_no_interval_is_no_site() -> None:
    with pytest.raises(ValueError, match="no interval"):
        Site(data_of(NOON, []))


def test_a_home_that_is_dark_at_the_end_of_an_outage_waits_a_minute_for_the_grid() -> None:
    outage = Outage(NOON, HOUR)
    (endured,) = backtested(NEVER, steady(NOON, 2 * HOUR), soe=0.0, outages=(outage,)).flows.endured
    assert endured.unserved_wh == pytest.approx(1_000 * 61 / 60)
    assert endured.stood == timedelta(0)


def test_rules_know_the_prices_of_yesterday_today_and_tomorrow() -> None:
    hours = [NOON + number * HOUR for number in range(-48, 97)]
    slots = [PriceSlot(start, end, 0.1) for start, end in pairwise(hours)]
    outside = Outside.of(prices=PriceSeries(slots))
    for hour in (NOON, NOON + 30 * HOUR):
        prices = outside.at(hour).prices
        assert prices is not None
        assert prices.covering(hour - 12 * HOUR, hour + 24 * HOUR) is not None
        assert prices.at(hour + 72 * HOUR) is None
    late = NOON + 300 * HOUR
    known = outside.at(late).prices
    assert known is None or known.at(late) is None


def test_rules_see_that_the_home_has_become_dark() -> None:
    rules = """
[[rule]]
name = "dark"
while = { grid = "SystemWaitForUser" }
set = { reserve = 60 }
"""
    outage = Outage(NOON, 4 * HOUR)
    found = backtested(rules, steady(NOON, 6 * HOUR), soe=10.0, outages=(outage,))
    (endured,) = found.flows.endured
    # At the next look: 77 minutes after the grid went.
    assert endured.stood / HOUR == pytest.approx(1_350 * ONE_WAY / 1_000)
    assert found.hours_by_rule["dark"] == pytest.approx(4 - 80 / 60)
