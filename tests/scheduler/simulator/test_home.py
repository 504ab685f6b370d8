"""The simulated home: meters, outages and the minute grid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import SteadyHousehold

from rules.domain import Export, GridStatus, Mode, Setting
from scheduler.household import Household
from scheduler.simulator.home import GridChange, Home, Outage

START = datetime(2026, 7, 1, 19, tzinfo=UTC)
SELF_POWERED = Setting(Mode.SELF_CONSUMPTION, 20)


def after(**span: float) -> datetime:
    return START + timedelta(**span)


def test_it_uses_the_battery_down_to_the_reserve_and_then_the_grid() -> None:
    home = Home(SteadyHousehold(load=2_000), START, soe=40)
    home.advance_to(after(minutes=30))
    assert home.flow.site_w == pytest.approx(0)
    home.advance_to(after(hours=2))
    assert home.soe == pytest.approx(20)
    assert home.flow.site_w == pytest.approx(2_000)
    assert home.meters.load == pytest.approx(4_000)
    assert home.meters.battery_discharged + home.meters.site_imported == pytest.approx(4_000)


def test_a_new_setting_acts_from_its_moment_on() -> None:
    home = Home(SteadyHousehold(load=1_000), START, soe=50)
    home.advance_to(after(seconds=90))
    home.put_in_effect(Setting(Mode.BACKUP, 20))
    assert home.flow.battery_w == pytest.approx(-3_300)
    home.advance_to(after(seconds=90, hours=1))
    assert home.meters.battery_discharged == pytest.approx(25)
    assert home.meters.battery_charged == pytest.approx(3_300, rel=0.01)


def test_what_is_absent_from_a_setting_stays_as_it_is() -> None:
    home = Home(SteadyHousehold(), START, setting=Setting(reserve=30))
    assert home.setting == Setting(
        Mode.SELF_CONSUMPTION, 30, grid_charging=True, export=Export.SOLAR
    )
    for part in (
        Setting(mode=Mode.BACKUP),
        Setting(reserve=0),
        Setting(grid_charging=False),
        Setting(export=Export.NEVER),
    ):
        before = home.setting
        home.put_in_effect(part)
        assert home.setting == part.over(before) != before
    home.put_in_effect(Setting())
    assert home.setting == Setting(Mode.BACKUP, 0, grid_charging=False, export=Export.NEVER)


def test_backup_without_grid_charging_holds_what_is_in_the_battery() -> None:
    home = Home(SteadyHousehold(load=1_000), START, soe=50)
    home.put_in_effect(Setting(Mode.BACKUP, 20, grid_charging=False))
    home.advance_to(after(hours=1))
    assert home.soe == pytest.approx(50)
    assert home.meters.site_imported == pytest.approx(1_000)


def test_where_nothing_may_be_sold_the_sun_is_curtailed() -> None:
    home = Home(SteadyHousehold(load=1_000, solar=3_000), START, soe=100)
    home.put_in_effect(Setting(export=Export.NEVER))
    home.advance_to(after(hours=1))
    assert home.meters.site_exported == 0
    assert home.meters.solar == pytest.approx(1_000)


def test_a_part_set_on_the_way_to_autonomous_does_not_end_the_way() -> None:
    home = Home(SteadyHousehold(load=1_000), START, soe=50)
    home.put_in_effect(Setting(Mode.BACKUP))
    home.put_in_effect(Setting(Mode.AUTONOMOUS))
    home.put_in_effect(Setting(reserve=10))
    home.put_in_effect(Setting(Mode.AUTONOMOUS, 10))
    assert home.flow.battery_w == pytest.approx(-3_300)
    home.advance_to(after(minutes=31))
    assert home.flow.battery_w == pytest.approx(1_000)


def test_all_meters_count() -> None:
    home = Home(SteadyHousehold(load=500, solar=9_000), START, soe=50)
    home.advance_to(after(hours=1))
    meters = home.meters
    assert meters.solar == pytest.approx(9_000)
    assert meters.battery_charged == pytest.approx(5_000, rel=0.01)
    assert meters.site_exported == pytest.approx(9_000 - 500 - meters.battery_charged)
    assert meters.site_imported == meters.battery_discharged == 0


@pytest.mark.parametrize(
    ("seconds", "grid"),
    [
        (0, GridStatus.CONNECTED),
        (599, GridStatus.CONNECTED),
        (600, GridStatus.ISLANDED),
        (1_199, GridStatus.ISLANDED),
        (1_200, GridStatus.TRANSITION_TO_GRID),
        (1_259, GridStatus.TRANSITION_TO_GRID),
        (1_260, GridStatus.CONNECTED),
    ],
)
def test_an_outage_takes_place_at_its_instants(seconds: float, grid: GridStatus) -> None:
    home = Home(
        SteadyHousehold(), START, outages=[Outage(after(seconds=600), after(seconds=1_200))]
    )
    home.advance_to(after(seconds=seconds))
    assert home.grid is grid


def test_off_the_grid_the_home_lives_on_the_battery_below_the_reserve_until_it_is_empty() -> None:
    home = Home(SteadyHousehold(load=4_000), START, soe=30, outages=[Outage(START, after(days=1))])
    home.advance_to(after(minutes=40))
    assert home.soe < 20
    assert home.flow.load_w == 4_000
    home.advance_to(after(hours=3))
    assert home.grid is GridStatus.WAIT_FOR_USER
    assert home.flow.load_w == pytest.approx(0, abs=1)
    assert home.meters.site_imported == 0


def test_a_second_outage_during_the_resync_starts_over() -> None:
    outages = [
        Outage(START, after(seconds=100)),
        Outage(after(seconds=130), after(seconds=150)),
    ]
    home = Home(SteadyHousehold(), START, outages=outages)
    seen = []
    for seconds in (165, 209, 210):
        home.advance_to(after(seconds=seconds))
        seen.append(home.grid)
    syncing = GridStatus.TRANSITION_TO_GRID
    assert seen == [syncing, syncing, GridStatus.CONNECTED]


def test_changes_of_the_grid_are_told() -> None:
    told: list[GridChange] = []
    home = Home(SteadyHousehold(), START, outages=[Outage(after(minutes=1), after(minutes=2))])
    home.on_grid_change(told.append)
    home.advance_to(after(hours=1))
    assert told == [
        GridChange(after(minutes=1), GridStatus.ISLANDED),
        GridChange(after(minutes=2), GridStatus.TRANSITION_TO_GRID),
        GridChange(after(minutes=3), GridStatus.CONNECTED),
    ]


def test_a_grid_that_comes_without_having_gone_changes_nothing() -> None:
    home = Home(SteadyHousehold(), START)
    home.grid_up(after(minutes=1))
    home.advance_to(after(minutes=1))
    assert home.grid is GridStatus.CONNECTED


def test_a_home_never_goes_back() -> None:
    home = Home(SteadyHousehold(), START)
    home.advance_to(after(hours=1))
    energy = home.energy_wh
    home.advance_to(START)
    assert (home.at, home.energy_wh) == (after(hours=1), energy)


def test_a_home_needs_an_aware_start() -> None:
    with pytest.raises(ValueError, match="aware"):
        Home(SteadyHousehold(), datetime(2026, 7, 1))  # noqa: DTZ001 - the mistake on trial


def test_a_stopped_battery_stands_still() -> None:
    home = Home(SteadyHousehold(load=1_000), START, soe=50)
    home.running = False
    home.advance_to(after(hours=1))
    assert home.soe == pytest.approx(50)
    assert home.meters.site_imported == pytest.approx(1_000)


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 1_800), min_size=1, max_size=30),
    st.integers(0, 100),
    st.builds(Setting, st.sampled_from(Mode), st.just(20), st.booleans(), st.sampled_from(Export)),
)
def test_the_meters_always_balance(pauses: list[int], seed: int, setting: Setting) -> None:
    outage = Outage(after(minutes=20), after(minutes=50))
    home = Home(
        Household(seed, ZoneInfo("America/Los_Angeles")),
        START,
        setting=setting,
        outages=[outage],
    )
    for pause in pauses:
        home.advance_to(home.at + timedelta(seconds=pause))
    meters, battery = home.meters, home.battery
    taken = meters.site_imported + meters.battery_discharged + meters.solar
    given_away = meters.site_exported + meters.battery_charged + meters.load
    assert taken == pytest.approx(given_away, abs=1e-3)
    stored = (
        meters.battery_charged * battery.efficiency - meters.battery_discharged / battery.efficiency
    )
    assert home.energy_wh - battery.energy(50) == pytest.approx(stored, abs=1e-3)


def test_how_often_somebody_looks_does_not_matter() -> None:
    homes = [Home(Household(4, ZoneInfo("America/Los_Angeles")), START, soe=90) for _ in range(2)]
    homes[0].advance_to(after(days=1))
    for i in range(1, 24 * 120 + 1):
        homes[1].advance_to(after(seconds=30 * i))
    assert homes[0].energy_wh == pytest.approx(homes[1].energy_wh, rel=1e-4)
    assert homes[0].meters.load == pytest.approx(homes[1].meters.load)
