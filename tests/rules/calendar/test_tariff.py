"""Tariffs: every minute has one price, and the shipped prices are those of the tariff sheets."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomli

from rules.calendar import CHEAPEST, PEAK, Tariff
from rules.errors import RuleProblems
from rules.language import load_tariff, shipped

TRANSCRIBED = Path(__file__).parents[4] / "shared/data/tariffs/sce_toud.toml"
DAY = 1440

# On sheets and in transcriptions the legacy options are called A and B.
SHEETS = {
    "TOU-D-4-9PM": "sce-tou-d-4-9pm",
    "TOU-D-5-8PM": "sce-tou-d-5-8pm",
    "TOU-D-PRIME": "sce-tou-d-prime",
    "TOU-D-A": "sce-tou-d-a",
    "TOU-D-B": "sce-tou-d-b",
}


def tariff(name: str) -> Tariff:
    return load_tariff(shipped()[name])


def said(error: pytest.ExceptionInfo[RuleProblems]) -> list[str]:
    return [problem.text for problem in error.value.problems]


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_tariff_prices_every_minute_once(name: str) -> None:
    found = tariff(name)
    for offset in range(731):
        day = date(2027, 1, 1) + timedelta(offset)
        periods = found.day(day)
        edges = [edge for each in periods for edge in (each.start, each.end)]
        assert edges[0] == 0
        assert edges[-1] == DAY
        assert edges[1:-1:2] == edges[2::2]
        assert all(each.start < each.end for each in periods)
        assert all(each.price > 0 for each in periods)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_tariff_names_its_sources(name: str) -> None:
    found = tariff(name)
    assert found.name == name
    assert re.search(r"20\d\d-\d\d-\d\d", found.source)
    assert found.currency == "USD"


@pytest.mark.skipif(not TRANSCRIBED.exists(), reason="needs the transcription of the tariff sheets")
@pytest.mark.parametrize(("sheet", "name"), SHEETS.items())
def test_shipped_prices_are_those_of_the_sheets(sheet: str, name: str) -> None:
    sheets = tomli.loads(TRANSCRIBED.read_text(encoding="utf-8"))
    shipped_prices = {
        (version.effective, season, period): price
        for version in tariff(name).versions
        for season, prices in version.prices.items()
        for period, price in prices.items()
    }
    transcribed = {
        (date.fromisoformat(version["effective"]), season, period.replace("_", "-")): total(
            version, parts
        )
        for version in sheets["version"]
        if sheet in version["plan"]
        for season in ("summer", "winter")
        for period, parts in version["plan"][sheet].get(season, {}).items()
    }
    assert shipped_prices == pytest.approx(transcribed, abs=1e-9)


def total(version: dict[str, Any], parts: list[float]) -> float:
    adders = float(version["fixed_recovery_charge"] + version["state_energy_surcharge"])
    return sum(parts) + adders


@pytest.mark.parametrize(
    ("name", "day", "peak", "cheapest"),
    [
        # A summer workday, weekend and holiday, and the Monday after a holiday on a Sunday.
        ("sce-tou-d-prime", "2026-07-01", "16-21 on-peak", "0-16 off-peak, 21-24 off-peak"),
        ("sce-tou-d-prime", "2026-07-05", "16-21 mid-peak", "0-16 off-peak, 21-24 off-peak"),
        ("sce-tou-d-prime", "2026-09-07", "16-21 mid-peak", "0-16 off-peak, 21-24 off-peak"),
        ("sce-tou-d-prime", "2027-07-05", "16-21 mid-peak", "0-16 off-peak, 21-24 off-peak"),
        # In PRIME's winter two periods cost the same, and both are the cheapest.
        (
            "sce-tou-d-prime",
            "2026-12-01",
            "16-21 mid-peak",
            "0-8 off-peak, 8-16 super-off-peak, 21-24 off-peak",
        ),
        ("sce-tou-d-4-9pm", "2026-12-01", "16-21 mid-peak", "8-16 super-off-peak"),
        ("sce-tou-d-4-9pm", "2026-12-25", "16-21 mid-peak", "8-16 super-off-peak"),
        # The season changes at midnight.
        ("sce-tou-d-4-9pm", "2026-09-30", "16-21 on-peak", "0-16 off-peak, 21-24 off-peak"),
        ("sce-tou-d-4-9pm", "2026-10-01", "16-21 mid-peak", "8-16 super-off-peak"),
        (
            "sce-tou-d-a",
            "2026-07-01",
            "14-20 on-peak",
            "0-8 super-off-peak, 22-24 super-off-peak",
        ),
        (
            "sce-tou-d-a",
            "2026-07-04",
            "8-22 off-peak",
            "0-8 super-off-peak, 22-24 super-off-peak",
        ),
    ],
)
def test_peak_and_cheapest_are_those_of_the_day(
    name: str, day: str, peak: str, cheapest: str
) -> None:
    found, when = tariff(name), date.fromisoformat(day)
    for word, expected in ((PEAK, peak), (CHEAPEST, cheapest)):
        minutes = found.minutes(when, word)
        names = {each.start: each.name for each in found.day(when)}
        shown = [f"{start // 60}-{end // 60} {names[start]}" for start, end in minutes]
        assert ", ".join(shown) == expected


def test_a_period_by_name_is_there_at_its_hours_only() -> None:
    found = tariff("sce-tou-d-4-9pm")
    assert found.minutes(date(2026, 7, 1), "on-peak") == [(960, 1260)]
    assert found.minutes(date(2026, 7, 4), "on-peak") == []
    assert found.minutes(date(2026, 12, 1), "on-peak") == []
    assert found.minutes(date(2026, 12, 1), "off-peak") == [(0, 480), (1260, 1440)]


@pytest.mark.parametrize(
    ("instant", "period", "price"),
    [
        ("2026-07-01T22:59", "off-peak", 0.27347),  # 15:59 in California
        ("2026-07-01T23:00", "on-peak", 0.59940),
        ("2026-07-02T03:59", "on-peak", 0.59940),
        ("2026-07-02T04:00", "off-peak", 0.27347),
        # Prices change by date: winter's of June 2025, January 2026 and June 2026.
        ("2026-01-01T07:59", "off-peak", 0.24360),
        ("2026-01-01T08:00", "off-peak", 0.25392),
        ("2026-10-01T07:00", "off-peak", 0.25282),
        # Summer 2025's hold until summer has others, and serve for what is before them.
        ("2026-05-31T00:00", "mid-peak", 0.57229),
        ("2024-07-02T00:00", "on-peak", 0.56238),
    ],
)
def test_what_a_kilowatt_hour_costs(instant: str, period: str, price: float) -> None:
    found = tariff("sce-tou-d-prime").at(datetime.fromisoformat(instant).replace(tzinfo=UTC))
    assert (found.name, found.price) == (period, price)


GOOD = """
title = "Mine"
source = "the sheet on my desk"
timezone = "America/Los_Angeles"
currency = "USD"
[seasons]
year = "01-01..12-31"
[[periods.year]]
period = "day"
time = "08:00-20:00"
[[periods.year]]
period = "night"
time = "20:00-08:00"
[[prices]]
effective = "2026-01-01"
year = { day = 0.3, night = 0.1 }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tariff_of_ones_own(tmp_path: Path) -> None:
    found = load_tariff(written(tmp_path, GOOD))
    assert found.name == "mine"
    assert found.minutes(date(2026, 7, 1), PEAK) == [(480, 1200)]
    assert found.holidays == type(found.holidays)()


def test_a_day_of_one_price_has_neither_peak_nor_cheapest(tmp_path: Path) -> None:
    flat = load_tariff(written(tmp_path, GOOD.replace("0.3", "0.1")))
    assert flat.minutes(date(2026, 7, 1), PEAK) == []
    assert flat.minutes(date(2026, 7, 1), CHEAPEST) == []


WEEK = ("Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday")


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        (
            '"08:00-20:00"',
            '"08:00-19:30"',
            [f"leaves 19:30-20:00 unpriced on a {day} in year" for day in WEEK],
        ),
        (
            '"20:00-08:00"',
            '"20:00-24:00"',
            [f"leaves 00:00-08:00 unpriced on a {day} in year" for day in WEEK],
        ),
        (
            '"08:00-20:00"',
            '"07:30-20:00"',
            [f"prices 07:30 on a {day} in year twice (day)" for day in WEEK],
        ),
        (
            'time = "08:00-20:00"',
            'time = "08:00-20:00"\ndays = "mon..sat"',
            [
                "leaves 08:00-20:00 unpriced on a Sunday in year",
            ],
        ),
        ('"01-01..12-31"', '"01-01..12-30"', ["12-31 is in no season"]),
        # Only a leap year shows it.
        ('"01-01..12-31"', '"03-01..02-28"', ["02-29 is in no season"]),
        ("day = 0.3, ", "", ["no price for day in year"]),
        (
            "year = { day",
            "summer = { day",
            ["no prices for year", "prices.summer: there is no such season"],
        ),
        (
            "[[periods.year]]",
            "[[periods.summer]]",
            [
                "periods.year is missing",
                "periods.summer: there is no such season",
            ],
        ),
        ('"day"', '"peak"', ['a period may not be called "peak"', "no price for peak in year"]),
        (
            '"night"',
            '"cheapest"',
            [
                'a period may not be called "cheapest"',
                "no price for cheapest in year",
            ],
        ),
    ],
)
def test_a_tariff_that_does_not_price_every_minute_once_is_refused(
    tmp_path: Path, old: str, new: str, problems: list[str]
) -> None:
    with pytest.raises(RuleProblems) as error:
        load_tariff(written(tmp_path, GOOD.replace(old, new)))
    assert said(error) == problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"08:00-20:00"',
            '"8-20"',
            ':10: periods.year[0].time: must be a time of day like "16:00", got "8"',
        ),
        ('"08:00-20:00"', "8", ":10: periods.year[0].time: must be text in quotes, got 8"),
        (
            '"USD"',
            '"dollars"',
            ':5: currency: must be three capital letters like "USD", got "dollars"',
        ),
        (
            '"day"',
            '"Day"',
            (
                ":9: periods.year[0].period: must be small letters and digits like"
                ' "off-peak", got "Day"'
            ),
        ),
        (
            '"01-01..12-31"',
            '"all year"',
            ':7: seasons.year: must be two days of a year like "06-01..09-30", got "all year"',
        ),
        (
            '"2026-01-01"',
            '"soon"',
            ':15: prices[0].effective: must be a date like "2026-06-01", got "soon"',
        ),
        ('effective = "2026-01-01"', "", ":14: prices[0].effective: is missing"),
        ("0.3", '"0.3"', ':16: prices[0].year.day: must be a number, got "0.3"'),
        ("0.3", "nan", ":16: prices[0].year.day: must be a finite number, got nan"),
        (
            '"America/Los_Angeles"',
            '"US/Pacifik"',
            ':4: timezone: unknown time zone "US/Pacifik"; did you mean "US/Pacific"?',
        ),
        ('title = "Mine"', "", ": title: is missing"),
        ('title = "Mine"', 'title = "Mine"\ncolour = "red"', ":3: colour: unknown key"),
        (
            'time = "08:00-20:00"',
            'time = "08:00-20:00"\nday = "mon"',
            ':11: periods.year[0].day: unknown key; did you mean "days"?',
        ),
        (
            'time = "08:00-20:00"',
            'time = "08:00-20:00"\ndays = []',
            ":11: periods.year[0].days: must not be an empty list",
        ),
    ],
)
def test_a_badly_written_tariff_is_refused_with_the_line(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    with pytest.raises(RuleProblems) as error:
        load_tariff(written(tmp_path, GOOD.replace(old, new)))
    assert str(error.value) == f"{tmp_path}/mine.toml{problem}"
