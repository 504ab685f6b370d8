"""What the example rule files for other owners do, at moments that a person can picture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from four_levers import FOUR_LEVERS

from rules.domain import GridStatus, Mode, Observation
from rules.engine import Decision, Memory, Plan, decide, explain
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot
from rules.language import load_rules
from rules.resolve import Levers

EXAMPLES = Path(__file__).parents[3] / "examples"
UP, DOWN = GridStatus.CONNECTED, GridStatus.ISLANDED
SELF = "self_consumption"
LOCAL = Levers(frozenset(Mode))
CLOUD = FOUR_LEVERS


@dataclass
class House:
    """Looks one after the other on the wall clock of the rules, each with the memory before it."""

    plan: Plan
    memory: Memory
    inputs: Inputs = field(default_factory=Inputs)

    @classmethod
    def of(cls, *names: str, start: str, levers: Levers = LOCAL) -> House:
        plan = Plan.of(load_rules([EXAMPLES / name for name in names]), levers)
        house = cls(plan, Memory(datetime.min.replace(tzinfo=UTC)))
        house.memory = Memory(house.wall(start))
        return house

    def wall(self, text: str) -> datetime:
        zone = self.plan.rules.almanac.zone
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)

    def decide(self, when: str, **seen: Any) -> Decision:
        now = self.wall(when)
        observation = Observation(now, **({"soe": 50.0, "grid": UP} | seen))
        told = explain(self.plan, observation, self.memory, self.inputs, now).decision
        decision, self.memory = decide(self.plan, observation, self.memory, self.inputs, now)
        assert told == decision
        return decision

    def look(self, when: str, **seen: Any) -> str:
        """The setting, in words."""
        return str(self.decide(when, **seen).setting)

    def events(self, when: str, **seen: Any) -> list[str]:
        """The names of the events that fire."""
        return [each.rule for each in self.decide(when, **seen).occurrences]

    def flag(self, name: str, expiry: str | None = None) -> None:
        until = None if expiry is None else self.wall(expiry)
        self.inputs = replace(self.inputs, flags={name: until})

    def value(self, name: str, number: float, at: str) -> None:
        self.inputs = replace(self.inputs, values={name: DatedValue(number, self.wall(at))})


def setting(mode: str, reserve: int, more: str = "") -> str:
    return f"{mode}, reserve {reserve} %{more}"


# --- ev_night.toml ---------------------------------------------------------------------------


def test_the_battery_stays_out_of_the_car() -> None:
    house = House.of("ev_night.toml", start="2026-07-01 21:00")
    plain, held = setting(SELF, 20), setting(SELF, 64)
    for clock, load, wanted in (
        ("23:00", 600.0, plain),
        ("23:01", 7400.0, plain),  # might be an oven
        ("23:02", 7400.0, plain),
        ("23:03", 7400.0, held),
        ("03:00", 3100.0, held),  # nearly full
        ("03:10", 700.0, held),  # a pause
        ("03:15", 7400.0, held),
        ("04:00", 700.0, held),
        ("04:09", 700.0, held),
        ("04:10", 700.0, plain),
    ):
        day = "2026-07-01" if clock > "12" else "2026-07-02"
        assert house.look(f"{day} {clock}", soe=64.5, load_power=load) == wanted, clock


def test_by_day_the_battery_serves_whatever_the_home_uses() -> None:
    house = House.of("ev_night.toml", start="2026-07-01 12:00")
    assert house.look("2026-07-01 12:00", load_power=7400.0) == setting(SELF, 20)
    assert house.look("2026-07-01 12:10", load_power=7400.0) == setting(SELF, 20)


def test_a_car_in_the_peak_is_told_of_once_a_day() -> None:
    house = House.of("ev_night.toml", start="2026-07-01 15:00")
    told = [
        house.events(f"2026-07-01 {clock}", load_power=load)
        for clock, load in (
            ("15:50", 7000.0),  # no peak yet
            ("16:00", 7000.0),
            ("16:09", 7000.0),
            ("16:10", 7000.0),
            ("17:00", 500.0),
            ("18:00", 7000.0),
            ("18:30", 7000.0),
        )
    ]
    assert told == [[], [], [], ["the car in the peak"], [], [], []]


# --- storm.toml ------------------------------------------------------------------------------


def test_a_storm_fills_the_battery_until_the_flag_expires() -> None:
    house = House.of("storm.toml", start="2026-09-01 08:00")
    assert house.look("2026-09-01 08:00") == setting(SELF, 50)
    house.flag("storm", "2026-09-02 20:00")
    coming = house.decide("2026-09-01 09:00")
    assert str(coming.setting) == setting("backup", 100)
    assert coming.insists
    assert [each.rule for each in coming.occurrences] == ["say that the storm rules hold"]
    assert house.events("2026-09-01 14:59", soe=80.0) == []
    assert house.events("2026-09-01 15:00", soe=80.0) == ["say that the battery is not full"]
    assert house.look("2026-09-02 19:59") == setting("backup", 100)
    assert house.look("2026-09-02 20:00") == setting(SELF, 50)


def test_outside_the_season_a_fifth_is_kept_back() -> None:
    house = House.of("storm.toml", start="2026-11-30 12:00")
    assert house.look("2026-11-30 23:59") == setting(SELF, 50)
    assert house.look("2026-12-01 00:00") == setting(SELF, 20)


# --- critical_peak.toml ----------------------------------------------------------------------


def test_the_night_before_a_critical_peak_fills_the_battery() -> None:
    house = House.of("critical_peak.toml", start="2026-07-15 12:00")
    assert house.events("2026-07-15 18:00") == ["the evening before"]
    for when, soe, wanted in (
        ("2026-07-15 21:29", 40.0, setting(SELF, 20)),
        ("2026-07-15 21:30", 40.0, setting("backup", 100)),
        ("2026-07-16 05:59", 100.0, setting("backup", 100)),
        ("2026-07-16 06:00", 100.0, setting(SELF, 100)),
        ("2026-07-16 15:54", 100.0, setting(SELF, 100)),
        ("2026-07-16 15:55", 100.0, setting(SELF, 5)),
        ("2026-07-16 20:59", 12.0, setting(SELF, 5)),
        ("2026-07-16 21:00", 8.0, setting(SELF, 20)),
        ("2026-07-16 22:00", 20.0, setting(SELF, 20)),  # the day after is like any other
    ):
        assert house.look(when, soe=soe) == wanted, when


def test_two_critical_peaks_in_a_row_have_a_night_between_them() -> None:
    house = House.of("critical_peak.toml", start="2026-08-12 20:00")
    assert house.look("2026-08-12 20:59") == setting(SELF, 5)
    assert house.look("2026-08-12 21:00") == setting(SELF, 20)
    assert house.look("2026-08-12 21:30") == setting("backup", 100)
    assert house.look("2026-08-13 16:00") == setting(SELF, 5)


def test_firmware_is_looked_for_on_the_day_only() -> None:
    house = House.of("critical_peak.toml", start="2026-07-15 12:00")
    assert house.events("2026-07-15 13:00") == []
    house.decide("2026-07-15 18:00")
    assert house.events("2026-07-16 13:00") == ["firmware before the critical peak"]


# --- half_hourly.toml ------------------------------------------------------------------------

CHEAP_HOURS = {"02:00": 0.05, "02:30": 0.06, "04:00": 0.07, "04:30": 0.08, "05:00": 0.11}
DEAR_HOURS = dict.fromkeys(("17:00", "17:30", "18:00", "18:30", "19:00", "19:30"), 0.45)


def priced(house: House, first: str, prices: dict[str, float]) -> None:
    """Half hours of two days from a date on: 0.20, but for these, which are so on both."""
    start = house.wall(f"{first} 00:00")
    slots = []
    for number in range(96):
        begin = start + number * timedelta(minutes=30)
        clock = f"{begin.astimezone(house.plan.rules.almanac.zone):%H:%M}"
        end = begin + timedelta(minutes=30)
        slots.append(PriceSlot(begin, end, prices.get(clock, 0.20)))
    house.inputs = Inputs(prices=PriceSeries(slots))


def test_the_cheapest_half_hours_of_a_night_fill_the_battery() -> None:
    house = House.of("half_hourly.toml", start="2026-01-14 12:00")
    priced(house, "2026-01-14", CHEAP_HOURS | DEAR_HOURS)
    for when, soe, wanted in (
        ("2026-01-14 22:00", 30.0, setting(SELF, 15)),
        ("2026-01-15 01:59", 20.0, setting(SELF, 15)),
        ("2026-01-15 02:00", 20.0, setting("backup", 80)),
        ("2026-01-15 03:00", 45.0, setting(SELF, 15)),  # not in a row
        ("2026-01-15 04:00", 44.0, setting("backup", 80)),
        ("2026-01-15 05:00", 70.0, setting(SELF, 70)),  # the fifth: too cheap to wear the battery
        ("2026-01-15 05:30", 70.0, setting(SELF, 15)),
    ):
        assert house.look(when, soe=soe) == wanted, when


def test_the_dear_hours_of_an_evening_get_the_last_of_it() -> None:
    house = House.of("half_hourly.toml", start="2026-01-14 11:00")
    priced(house, "2026-01-14", CHEAP_HOURS | DEAR_HOURS)
    assert house.look("2026-01-14 12:00", soe=45.0) == setting(SELF, 45)
    assert house.look("2026-01-14 15:00", soe=45.0) == setting(SELF, 15)
    assert house.look("2026-01-14 17:00", soe=45.0) == setting(SELF, 5)
    assert house.look("2026-01-14 20:00", soe=12.0) == setting(SELF, 15)


def test_who_is_paid_to_take_it_takes_it() -> None:
    house = House.of("half_hourly.toml", start="2026-01-14 11:00")
    priced(house, "2026-01-14", {"12:00": -0.02})
    assert house.look("2026-01-14 12:00", soe=45.0) == setting("backup", 100)


def test_without_tomorrows_prices_the_night_is_like_any_other() -> None:
    house = House.of("half_hourly.toml", start="2026-01-14 12:00")
    priced(house, "2026-01-13", CHEAP_HOURS)
    assert house.look("2026-01-14 22:00", soe=30.0) == setting(SELF, 15)
    assert house.look("2026-01-15 02:00", soe=30.0) == setting(SELF, 15)


# --- export_limited.toml ---------------------------------------------------------------------


def test_the_night_before_a_sunny_day_makes_room() -> None:
    house = House.of("export_limited.toml", start="2026-01-14 12:00", levers=CLOUD)
    solar = ", export pv_only"
    house.value("sun", 38.0, "2026-01-14 16:30")
    assert house.look("2026-01-14 16:59") == setting(SELF, 30, solar)
    assert house.look("2026-01-14 17:00") == setting(SELF, 5, solar)
    assert house.look("2026-01-15 02:00") == setting(SELF, 5, solar)
    assert house.look("2026-01-15 09:00") == setting(SELF, 30, solar)


def test_before_a_dull_day_a_little_is_bought() -> None:
    house = House.of("export_limited.toml", start="2026-06-14 12:00", levers=CLOUD)
    house.value("sun", 6.0, "2026-06-14 16:30")
    assert house.look("2026-06-15 00:59", soe=40.0) == setting(SELF, 30, ", export pv_only")
    assert house.look("2026-06-15 01:00", soe=40.0) == setting("backup", 60, ", export pv_only")
    assert house.look("2026-06-15 03:00", soe=60.0) == setting(SELF, 60, ", export pv_only")


def test_a_forecast_of_yesterday_is_none() -> None:
    house = House.of("export_limited.toml", start="2026-06-14 12:00")
    house.value("sun", 38.0, "2026-06-13 16:30")
    assert house.look("2026-06-14 17:00") == setting(SELF, 30)


def test_nobody_pays_for_exporting() -> None:
    house = House.of("export_limited.toml", start="2026-01-14 12:00", levers=CLOUD)
    noon, hour = house.wall("2026-01-14 12:00"), timedelta(hours=1)
    slots = [
        PriceSlot(noon, noon + hour, exported=-0.01),
        PriceSlot(noon + hour, noon + 2 * hour, exported=0.0),
    ]
    house.inputs = Inputs(prices=PriceSeries(slots))
    assert house.look("2026-01-14 12:30") == setting(SELF, 30, ", export never")
    assert house.look("2026-01-14 13:00") == setting(SELF, 30, ", export pv_only")


def test_a_roof_at_its_limit_is_told_of_after_ten_minutes() -> None:
    house = House.of("export_limited.toml", start="2026-01-14 10:00")
    full = {"soe": 99.5}
    assert house.events("2026-01-14 11:00", site_power=-3000.0, **full) == []
    assert house.events("2026-01-14 11:01", site_power=-4950.0, **full) == []
    assert house.events("2026-01-14 11:11", site_power=-4800.0, **full) == [
        "the roof is at its limit"
    ]


# --- outage_prone.toml -----------------------------------------------------------------------


def test_after_an_outage_the_battery_is_filled_for_six_hours() -> None:
    house = House.of("outage_prone.toml", start="2026-03-01 08:00")
    assert house.look("2026-03-01 08:00", soe=70.0) == setting(SELF, 30)
    assert house.look("2026-03-01 09:00", soe=70.0, grid=DOWN) == setting("backup", 100)
    assert house.look("2026-03-01 13:00", soe=40.0) == setting("backup", 100)
    assert house.look("2026-03-01 18:59", soe=99.0) == setting("backup", 100)
    assert house.look("2026-03-01 19:00", soe=99.0) == setting(SELF, 30)


def test_in_the_season_of_outages_more_is_kept_back() -> None:
    house = House.of("outage_prone.toml", start="2026-05-31 08:00")
    assert house.look("2026-05-31 23:59") == setting(SELF, 30)
    assert house.look("2026-06-01 00:00") == setting(SELF, 60)


def test_an_outage_is_told_of_as_it_goes() -> None:
    house = House.of("outage_prone.toml", start="2026-03-01 08:00")
    told = [
        house.events(f"2026-03-01 {clock}", grid=grid, soe=soe)
        for clock, grid, soe in (
            ("08:00", UP, 60.0),
            ("08:10", DOWN, 60.0),
            ("08:11", DOWN, 60.0),
            ("11:00", DOWN, 29.9),
            ("12:00", DOWN, 25.0),
            ("12:30", UP, 25.0),
            ("12:40", UP, 26.0),
        )
    ]
    assert told == [
        [],
        [],
        ["the grid is down"],
        ["the battery runs low in an outage"],
        [],
        [],
        ["the grid is back"],
    ]


# --- several_sites ---------------------------------------------------------------------------


def site(name: str, start: str) -> House:
    return House.of("several_sites/base.toml", f"several_sites/{name}.toml", start=start)


def test_one_house_keeps_the_sun_and_the_other_buys() -> None:
    noon = "2026-07-01 14:00"
    assert site("home", noon).look(noon, soe=55.0) == setting(SELF, 55)
    assert site("cabin", noon).look(noon, soe=55.0) == setting("backup", 100)


def test_at_the_cabin_nothing_is_kept_for_the_night_but_something_for_the_fridge() -> None:
    wednesday, friday = "2026-07-01 22:00", "2026-07-03 22:00"
    assert site("home", wednesday).look(wednesday, soe=27.0) == setting(SELF, 27)
    assert site("cabin", wednesday).look(wednesday, soe=27.0) == setting(SELF, 40)
    assert site("cabin", friday).look(friday, soe=27.0) == setting(SELF, 20)


def test_each_house_looks_for_firmware_before_the_peak_of_its_own_tariff() -> None:
    for name, found in (("home", ["14:30"]), ("cabin", ["15:30"])):
        house = site(name, "2026-07-01 14:00")
        looks = {clock: house.events(f"2026-07-01 {clock}") for clock in ("14:30", "15:30")}
        assert [clock for clock, events in looks.items() if events] == found


# --- first_steps.toml ------------------------------------------------------------------------


def test_the_first_steps_write_nothing_whatever_happens() -> None:
    house = House.of("first_steps.toml", start="2026-07-01 12:00")
    for when, soe, grid in (
        ("2026-07-01 12:00", 5.0, UP),
        ("2026-07-01 15:30", 100.0, UP),
        ("2026-07-01 20:00", 50.0, DOWN),
        ("2026-07-01 23:00", 0.0, UP),
    ):
        assert house.decide(when, soe=soe, grid=grid).setting.empty


def test_the_first_steps_tell_what_they_see() -> None:
    house = House.of("first_steps.toml", start="2026-07-01 12:00")
    assert house.events("2026-07-01 15:30", soe=49.0, site_power=0.0) == ["low before the evening"]
    assert house.events("2026-07-02 15:30", soe=51.0, site_power=0.0) == []
    assert house.events("2026-07-02 17:00", soe=15.0, site_power=-1500.0) == []
    assert house.events("2026-07-02 17:15", soe=15.0, site_power=-1500.0) == [
        "selling while the battery is empty"
    ]
