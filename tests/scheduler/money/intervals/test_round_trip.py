"""Our own CSV gives back what was written, and another step keeps the energy."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.household import HomeKind, Household
from scheduler.money import IntervalData, Repair
from scheduler.money.intervals import (
    Instructions,
    csv_lines,
    read_history,
    resampled,
    synthetic,
    synthetic_year,
)

STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
ZONES = ("America/Los_Angeles", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
HOUR = timedelta(hours=1)

powers = st.floats(0, 90_000).map(lambda watts: watts + 0.0)
words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=20)
quarters = st.integers(0, 4 * 24 * 400).map(
    lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * timedelta(minutes=15)
)


@st.composite
def interval_data(draw: st.DrawFn) -> IntervalData:
    step = timedelta(minutes=draw(st.sampled_from(STEPS)))
    count = draw(st.integers(2, 60))
    series = st.lists(powers, min_size=count, max_size=count)
    repairs = st.lists(st.builds(Repair, quarters, quarters, words), max_size=3).map(tuple)
    start = draw(quarters)
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return IntervalData(start, step, zone, draw(series), draw(series), draw(words), draw(repairs))


@given(interval_data())
def test_reading_gives_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, data: IntervalData
) -> None:
    path = tmp_path_factory.mktemp("own") / "home.csv"
    path.write_text("".join(csv_lines(data)), "utf-8")
    history = read_history([path], Instructions(unit=None))

    assert history.findings == ()
    again = IntervalData(
        history.start, history.step, history.zone, list(history.load_w), list(history.solar_w),
        history.source, history.repairs,
    )  # fmt: skip
    assert again == data


@given(interval_data(), st.sampled_from(STEPS))
def test_another_step_keeps_the_energy_of_the_time_it_covers(
    data: IntervalData, minutes: int
) -> None:
    step = timedelta(minutes=minutes)
    try:
        other = resampled(data, step)
    except ValueError as error:
        assert "shorter than one interval" in str(error)  # noqa: PT017 -- some are
        return
    assert other.step == step
    assert data.start <= other.start < data.start + max(step, data.step)
    assert data.end - max(step, data.step) < other.end <= data.end
    for name in ("load_w", "solar_w"):
        assert energy(other, name, other.start, other.end) == pytest.approx(
            energy(data, name, other.start, other.end)
        )


def energy(data: IntervalData, name: str, start: datetime, end: datetime) -> float:
    """Watt hours between two instants, by the overlap with each interval."""
    total = 0.0
    for at, watts in zip(data.times(), getattr(data, name), strict=True):
        overlap = min(end, at + data.step) - max(start, at)
        total += watts * (max(timedelta(), overlap) / HOUR)
    return total


def test_hours_are_held_constant_and_the_source_says_so() -> None:
    start = datetime(2026, 5, 4, tzinfo=LOS_ANGELES)
    data = IntervalData(start, HOUR, LOS_ANGELES, [600.0, 1200.0], [0.0, 300.0], "a file")
    fine = resampled(data, timedelta(minutes=30))
    assert list(fine.load_w) == [600.0, 600.0, 1200.0, 1200.0]
    assert fine.source == "a file; means of 60 minutes held constant within them"
    back = resampled(fine, HOUR)
    assert (list(back.load_w), list(back.solar_w)) == ([600.0, 1200.0], [0.0, 300.0])
    assert back.source.endswith("; means over 60 minutes of 30 minutes")
    assert resampled(data, HOUR) is data


def test_coarser_intervals_begin_at_full_hours_of_the_clock() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    start = datetime(2026, 5, 4, 10, 45, tzinfo=zone)
    data = IntervalData(start, timedelta(minutes=15), zone, [float(n) for n in range(9)], [0.0] * 9)
    hourly = resampled(data, HOUR)
    assert hourly.start == datetime(2026, 5, 4, 11, tzinfo=zone)
    assert list(hourly.load_w) == [2.5, 6.5]


@pytest.mark.parametrize("step", [timedelta(), timedelta(minutes=7), timedelta(hours=2)])
def test_a_step_that_cannot_be(step: timedelta) -> None:
    data = synthetic(
        Household(1, LOS_ANGELES),
        datetime(2026, 5, 4, tzinfo=UTC),
        datetime(2026, 5, 5, tzinfo=UTC),
        HOUR,
    )
    with pytest.raises(ValueError, match="1 to 60 minutes"):
        resampled(data, step)


# --- a household that never was --------------------------------------------------------------


def test_a_synthetic_year_is_a_year_of_its_clock() -> None:
    data = synthetic_year(Household(3, LOS_ANGELES), 2026, HOUR)
    assert len(data) == 8760
    assert data.start == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert data.source == (
        "a household that never was: all-electric, 6 kW of panels at 34.1, -117.4, seed 3"
    )


def test_means_are_those_of_the_minutes() -> None:
    home = Household(3, LOS_ANGELES)
    start = datetime(2026, 7, 1, tzinfo=UTC)
    minutes = synthetic(home, start, start + HOUR, timedelta(minutes=1))
    assert list(minutes.load_w) == [home.load_w(at) for at in minutes.times()]
    fives = synthetic(home, start, start + HOUR, timedelta(minutes=15))
    assert fives.load_w == array(
        "d", [sum(minutes.load_w[n : n + 15 : 5]) / 3 for n in range(0, 60, 15)]
    )


KWH_A_YEAR = {
    HomeKind.ALL_ELECTRIC: (8_700, 11_700),
    HomeKind.GAS_HEATED: (6_500, 8_500),
    HomeKind.ELECTRIC_CAR: (11_000, 14_100),
    HomeKind.WORKS_FROM_HOME: (9_600, 12_900),
}


@pytest.mark.parametrize("kind", HomeKind)
def test_the_year_of_each_kind_is_of_its_sources(kind: HomeKind) -> None:
    def load(of: HomeKind) -> float:
        home = Household(2, LOS_ANGELES, kind=of)
        return sum(home.load_w(at) for at in times) * 23 / 60 / 1000

    start = datetime(2026, 1, 1, tzinfo=LOS_ANGELES).astimezone(UTC)
    times = [start + n * timedelta(minutes=23) for n in range(365 * 1440 // 23)]
    usual, kwh = load(HomeKind.ALL_ELECTRIC), load(kind)
    low, high = KWH_A_YEAR[kind]
    assert low < kwh < high
    if kind is HomeKind.ELECTRIC_CAR:
        assert kwh - usual == pytest.approx(2_363, rel=0.1)
    if kind is HomeKind.WORKS_FROM_HOME:
        assert kwh / usual == pytest.approx(1.1, abs=0.03)
    if kind is HomeKind.GAS_HEATED:
        assert usual - kwh == pytest.approx(2_706, rel=0.15)
