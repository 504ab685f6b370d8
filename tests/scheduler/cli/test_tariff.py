"""`pwsched tariff`: what it tells of a tariff is what the tariff says, to the minute."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from rules.calendar import CHEAPEST, PEAK, Tariff
from rules.language import forms, load_tariff, shipped
from scheduler.cli.tariff import app

ROOT = Path(__file__).parents[3]
FIVE_EIGHT = "sce-tou-d-5-8pm"
OWN_FILE = "(a file of your own ends in .toml)"

OWN = """
title = "Mine"
source = "the sheet on my desk"
timezone = "Europe/London"
currency = "GBP"
[seasons]
year = "01-01..12-31"
[[periods.year]]
period = "day"
time = "05:30-00:30"
[[periods.year]]
period = "night"
time = "00:30-05:30"
[[prices]]
effective = "2026-01-01"
year = { day = 0.3, night = 0.1 }
"""
QUARTERS = OWN.replace("05:30", "05:15")

PART_OF_DAY = """
title = "Mine"
source = "the sheet on my desk"
timezone = "America/Los_Angeles"
currency = "USD"
[seasons]
year = "01-01..12-31"
[holidays]
days = ["1st-mon-sep", "4th-thu-nov"]
[[periods.year]]
period = "high"
days = {high}
time = "00:00-24:00"
[[periods.year]]
period = "low"
days = {low}
time = "00:00-24:00"
[[prices]]
effective = "2026-01-01"
year = {{ high = 0.3, low = 0.1 }}
"""

MORNINGS = """
[[periods.year]]
period = "low"
days = "mon"
time = "00:00-12:00"
[[periods.year]]
period = "high"
days = "tue..sun"
time = "00:00-12:00"
[[prices]]
"""


def shown(*arguments: str, width: int = 80) -> str:
    ended = CliRunner(env={"COLUMNS": str(width)}).invoke(app, list(arguments))
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def as_json(*arguments: str) -> Any:
    return json.loads(shown(*arguments, "--json"))


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def five_eight() -> Tariff:
    return load_tariff(shipped()[FIVE_EIGHT])


@pytest.mark.parametrize(
    ("day", "peak", "cheapest"),
    [
        # A summer workday, a Saturday holiday, the Friday before it, and Labor Day.
        ("2026-07-01", "17-20 on-peak", "0-17 off-peak, 20-24 off-peak"),
        ("2026-07-04", "17-20 mid-peak", "0-17 off-peak, 20-24 off-peak"),
        ("2026-07-03", "17-20 on-peak", "0-17 off-peak, 20-24 off-peak"),
        ("2026-09-07", "17-20 mid-peak", "0-17 off-peak, 20-24 off-peak"),
        # The Monday after a holiday on a Sunday.
        ("2027-07-05", "17-20 mid-peak", "0-17 off-peak, 20-24 off-peak"),
        # Winter is the same every day, and begins at midnight.
        ("2026-09-30", "17-20 on-peak", "0-17 off-peak, 20-24 off-peak"),
        ("2026-10-01", "17-20 mid-peak", "8-17 super-off-peak"),
        ("2026-12-25", "17-20 mid-peak", "8-17 super-off-peak"),
    ],
)
def test_peak_and_cheapest_of_5_8pm(day: str, peak: str, cheapest: str) -> None:
    found, when = five_eight(), date.fromisoformat(day)
    names = {each.start: each.name for each in found.day(when)}
    for word, expected in ((PEAK, peak), (CHEAPEST, cheapest)):
        said = [f"{a // 60}-{b // 60} {names[a]}" for a, b in found.minutes(when, word)]
        assert ", ".join(said) == expected


@pytest.mark.parametrize(
    ("day", "prices"),
    [
        # Delivery + generation + fixed recovery charge + state energy surcharge.
        ("2025-07-01", {"on-peak": 0.34719 + 0.38001 + 0.00198 + 0.0003,
                        "off-peak": 0.29994 + 0.06184 + 0.00198 + 0.0003}),
        ("2025-07-05", {"mid-peak": 0.34719 + 0.19646 + 0.00198 + 0.0003,
                        "off-peak": 0.29994 + 0.06184 + 0.00198 + 0.0003}),
        ("2025-12-01", {"mid-peak": 0.34719 + 0.25432 + 0.00198 + 0.0003,
                        "off-peak": 0.29994 + 0.09466 + 0.00198 + 0.0003,
                        "super-off-peak": 0.27435 + 0.06852 + 0.00198 + 0.0003}),
        ("2026-01-01", {"mid-peak": 0.33150 + 0.27710 + 0.00619 + 0.0003,
                        "off-peak": 0.28277 + 0.09955 + 0.00619 + 0.0003,
                        "super-off-peak": 0.25638 + 0.06937 + 0.00619 + 0.0003}),
        # Rounded consumer figures, and the two charges.
        ("2026-07-01", {"on-peak": 0.74 + 0.00619 + 0.0003, "off-peak": 0.34 + 0.00619 + 0.0003}),
        ("2026-07-04", {"mid-peak": 0.54 + 0.00619 + 0.0003, "off-peak": 0.34 + 0.00619 + 0.0003}),
        ("2026-12-01", {"mid-peak": 0.60 + 0.00619 + 0.0003, "off-peak": 0.38 + 0.00619 + 0.0003,
                        "super-off-peak": 0.32 + 0.00619 + 0.0003}),
    ],
)  # fmt: skip
def test_prices_of_5_8pm(day: str, prices: dict[str, float]) -> None:
    found = {each.name: each.price for each in five_eight().day(date.fromisoformat(day))}
    assert found == pytest.approx(prices, abs=1e-9)


def test_the_list_tells_name_zone_dates_and_periods() -> None:
    found = {each["name"]: each for each in as_json("list")}
    assert list(found) == [*shipped(), *forms()]
    assert found[FIVE_EIGHT] == {
        "name": FIVE_EIGHT,
        "title": "SCE TOU-D-5-8PM",
        "timezone": "America/Los_Angeles",
        "currency": "USD",
        "since": "2025-06-01",
        "last": "2026-06-01",
        "periods": ["on-peak", "mid-peak", "off-peak", "super-off-peak"],
        "regions": [
            f"{region}{kind}"
            for region in (5, 6, 8, 9, 10, 13, 14, 15, 16)
            for kind in ("", "-all-electric")
        ],
        "export": ["nem1", "nem2"],
    }
    assert found["octopus-agile"]["since"] is None
    rows = lines(shown("list"))
    at = rows.index("sce-tou-d-5-8pm SCE TOU-D-5-8PM 2025-06-01 on-peak, mid-peak, off-peak,")
    assert rows[at + 1] == "America/Los_Angeles 2026-06-01 super-off-peak"


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("year", [2024, 2026, 2027])
def test_the_json_is_what_the_tariff_says_of_each_day(name: str, year: int) -> None:
    told = as_json("show", name, "--year", str(year))
    tariff = load_tariff(shipped()[name])
    day = date(year, 1, 1)
    for each in told["days"]:
        assert each["date"] == day.isoformat()
        assert each["holiday"] == (day in tariff.holidays)
        periods = [(p["start"], p["end"], p["period"], p["price"]) for p in each["periods"]]
        assert periods == [(clock(p.start), clock(p.end), p.name, p.price) for p in tariff.day(day)]
        for word in (PEAK, CHEAPEST):
            marked = [(p["start"], p["end"]) for p in each["periods"] if p[word]]
            assert marked == [(clock(a), clock(b)) for a, b in tariff.minutes(day, word)]
        [version] = [v for v in told["versions"] if v["effective"] == each["prices_of"]]
        prices = version["prices"][each["season"]]
        assert all(prices[p["period"]] == p["price"] for p in each["periods"])
        day += timedelta(days=1)
    assert day == date(year + 1, 1, 1)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def test_the_json_of_a_month_is_that_month() -> None:
    told = as_json("show", FIVE_EIGHT, "--year", "2027", "--month", "7")
    assert [each["date"] for each in told["days"]] == [f"2027-07-{day:02}" for day in range(1, 32)]
    assert told["holidays"] == [
        {"date": "2027-07-04", "instead_of": None},
        {"date": "2027-07-05", "instead_of": "2027-07-04"},
    ]


def test_a_year_is_drawn_by_season_and_kind_of_day() -> None:
    told = lines(shown("show", FIVE_EIGHT, "--year", "2026"))
    winter = "f" * 16 + "s" * 18 + "m" * 6 + "f" * 8
    kinds = [
        "winter 1 Jan - 31 May prices of 2026-01-01",
        f"every day {winter}",
        "summer 1 Jun - 30 Sep prices of 2026-06-01",
        "workdays " + "f" * 34 + "o" * 6 + "f" * 8,
        "weekends and holidays " + "f" * 34 + "m" * 6 + "f" * 8,
        "winter 1 Oct - 31 Dec prices of 2026-06-01",
        f"every day {winter}",
    ]
    assert [line for line in told if line in kinds] == kinds
    at = told.index(kinds[3])
    assert told[at + 1] == "▼" * 34 + "▲" * 6 + "▼" * 8
    assert told[at + 2] == "o on-peak 0.74649 17-20 ▲ peak"
    assert told[at + 3] == "f off-peak 0.34649 0-17, 20-24 ▼ cheapest"
    for said in (
        "Thu 1 Jan Mon 16 Feb Mon 25 May Sat 4 Jul Mon 7 Sep Wed 11 Nov",
        "Sun 8 Mar: 2-3 does not exist",
        "Sun 1 Nov: 1-2 comes twice",
        "2026-01-01 winter mid-peak 0.61509, off-peak 0.38881, super-off-peak 0.33224",
    ):
        assert said in told
    assert "Advice 5555-E" in told[told.index("Source") + 1]


def test_seasons_of_one_price_are_drawn_once() -> None:
    told = lines(shown("show", FIVE_EIGHT, "--year", "2027"))
    assert "winter 1 Jan - 31 May, 1 Oct - 31 Dec prices of 2026-06-01" in told


def test_days_before_the_first_known_prices_are_said_to_borrow_them() -> None:
    told = " ".join(lines(shown("show", FIVE_EIGHT, "--year", "2024")))
    assert "summer 1 Jun - 30 Sep prices of 2025-06-01, the first known, stand in" in told
    assert "stand in" not in shown("show", FIVE_EIGHT, "--year", "2026")


def test_a_month_is_drawn_day_by_day() -> None:
    told = lines(shown("show", FIVE_EIGHT, "--year", "2027", "--month", "7"))
    workday, weekend = ("f" * 34 + letter * 6 + "f" * 8 for letter in "om")
    start = told.index(f"Thu 1 {workday} 17-20 0-17, 20-24")
    assert told[start + 1 : start + 6] == [
        f"Fri 2 {workday} 17-20 0-17, 20-24",
        f"Sat 3 {weekend} 17-20 0-17, 20-24",
        f"Sun 4 * {weekend} 17-20 0-17, 20-24",
        f"Mon 5 * {weekend} 17-20 0-17, 20-24",
        f"Tue 6 {workday} 17-20 0-17, 20-24",
    ]
    assert told[start + 30].startswith("Sat 31 ")
    assert told[told.index("Holidays *") + 1] == "Sun 4 Jul Mon 5 Jul (observed, for Sun 4 Jul)"


@pytest.mark.parametrize(
    ("text", "width", "bar", "slash"),
    [
        (OWN, 80, "d" + "n" * 10 + "d" * 37, False),
        # A quarter of an hour needs cells of its own, and room for them.
        (QUARTERS, 132, "dd" + "n" * 19 + "d" * 75, False),
        (QUARTERS, 131, "d" + "n" * 9 + "/" + "d" * 37, True),
        (QUARTERS, 40, "d" + "n" * 9 + "/" + "d" * 37, True),
        (OWN.replace("05:30", "05:20"), 132, "dd" + "n" * 19 + "/" + "d" * 74, True),
    ],
)
@pytest.mark.parametrize("month", [(), ("--month", "5")])
def test_a_change_inside_an_hour_is_drawn_where_it_is_or_as_a_slash(
    tmp_path: Path, text: str, width: int, bar: str, month: tuple[str, ...], *, slash: bool
) -> None:
    told = shown("show", written(tmp_path, text), "--year", "2026", *month, width=width)
    assert bar in told.split()
    assert ("/ the period changes within this cell" in told) == slash


@pytest.mark.parametrize("end", ["05:30", "05:15", "05:20"])
def test_the_legend_gives_the_exact_times(tmp_path: Path, end: str) -> None:
    told = lines(shown("show", written(tmp_path, OWN.replace("05:30", end)), "--year", "2026"))
    assert f"d day 0.30000 0-0:30, {end[1:]}-24 ▲ peak" in told
    assert f"n night 0.10000 0:30-{end[1:]} ▼ cheapest" in told


@pytest.mark.parametrize(
    ("high", "low", "kinds"),
    [
        ('["workdays"]', '["weekends", "holidays"]', ["workdays", "weekends and holidays"]),
        ('["weekdays"]', '["weekends"]', ["weekdays", "weekends"]),
        ('["mon..thu", "sat"]', '["fri", "sun"]', ["Mon-Thu, Sat", "Fri, Sun"]),
        ('["workdays", "weekends"]', '["holidays"]', ["all but holidays", "holidays"]),
    ],
)
def test_a_kind_of_day_is_named_after_its_days(
    tmp_path: Path, high: str, low: str, kinds: list[str]
) -> None:
    text = PART_OF_DAY.format(high=high, low=low)
    told = shown("show", written(tmp_path, text), "--year", "2026").splitlines()
    bars = re.compile(f"(.*?) +({'h' * 48}|{'l' * 48}) *")
    assert [found[1] for line in told if (found := bars.fullmatch(line))] == kinds


def test_holidays_of_different_kinds_are_told_apart_by_date(tmp_path: Path) -> None:
    text = PART_OF_DAY.format(high='["workdays", "weekends"]', low='["holidays"]')
    text = text.replace("00:00-24:00", "12:00-24:00").replace("[[prices]]", MORNINGS)
    told = lines(shown("show", written(tmp_path, text), "--year", "2026"))
    low, high = "l" * 24, "h" * 24
    kinds = [
        f"Mon {low}{high}",
        f"Tue-Sun {high}{high}",
        f"7 Sep {low}{low}",
        f"26 Nov {high}{low}",
    ]
    assert [line for line in told if line in kinds] == kinds


def test_a_day_of_one_price_has_no_marks(tmp_path: Path) -> None:
    told = lines(shown("show", written(tmp_path, OWN.replace("0.3", "0.1")), "--year", "2026"))
    assert "d day 0.10000 0-0:30, 5:30-24" in told
    assert "n night 0.10000 0:30-5:30" in told
    assert told[told.index("Holidays") + 1] == "none"


def test_a_file_cannot_drive_the_terminal(tmp_path: Path) -> None:
    path = written(tmp_path, OWN.replace('"Mine"', '"Mine\\u001b[2J"').replace("desk", "\\u009b"))
    told = shown("show", path, "--year", "2026")
    assert "Mine\\x1b[2J" in told
    assert not {"\x1b", "\x9b"} & set(told)


@pytest.mark.parametrize("month", [(), ("--month", "7")])
def test_the_picture_shows_the_bars_and_fetches_nothing(
    tmp_path: Path, month: tuple[str, ...]
) -> None:
    picture = tmp_path / "year.svg"
    arguments = ("show", FIVE_EIGHT, "--year", "2026", *month, "--picture", str(picture))
    shown(*arguments, width=200)
    drawn = picture.read_text("utf-8")
    texts = {"".join(each.itertext()) for each in ET.fromstring(drawn).iter()}  # noqa: S314 -- our own file
    assert {"f" * 34, "o" * 6, "m" * 6} <= texts
    assert "@font-face" not in drawn
    assert "url(http" not in drawn


def test_the_picture_of_quarter_hours_is_wide_enough_for_them(tmp_path: Path) -> None:
    picture = tmp_path / "year.svg"
    path = written(tmp_path, QUARTERS)
    shown("show", path, "--year", "2026", "--picture", str(picture), width=80)
    texts = {
        "".join(each.itertext())
        for each in ET.fromstring(picture.read_text("utf-8")).iter()  # noqa: S314 -- our own file
    }
    assert {"n" * 19, "d" * 75} <= texts


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("show", "sce-tou-d-5-8"),
            f'unknown tariff "sce-tou-d-5-8"; did you mean "{FIVE_EIGHT}"? {OWN_FILE}',
        ),
        (
            ("show", "xyz"),
            f'unknown tariff "xyz"; shipped are {", ".join(shipped() | forms())} {OWN_FILE}',
        ),
        (
            ("show", "absent.toml"),
            "absent.toml: cannot be read: no such file or directory",
        ),
        (
            ("show", FIVE_EIGHT, "--picture", "absent/year.svg"),
            "absent/year.svg: cannot save the picture: no such file or directory",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pwsched", "tariff", *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (2, f"pwsched: {sentence}\n")


@pytest.mark.parametrize("option", [("--month", "13"), ("--month", "0"), ("--year", "1969")])
def test_there_is_no_such_month_or_year(option: tuple[str, str]) -> None:
    assert CliRunner().invoke(app, ["show", FIVE_EIGHT, *option]).exit_code == 2


def test_what_a_bill_needs_is_shown_too() -> None:
    told = lines(shown("show", "sce-tou-d-4-9pm", "--year", "2026"))
    for heading, said in (
        ("Adders in every price", "2025-06-01 fixed-recovery 0.00198, state-surcharge 0.00030"),
        ("Charges", "2025-06-01 0.03100 a day, at least 0.34600"),
        ("Baseline, kWh a day", "5 summer 17, winter 18.4"),
        ("Export", "nem1 SCE on net energy metering: credit at the rate at which the energy would"),
    ):
        assert told[told.index(heading) + 1] == said
    for said in (
        "baseline credit 0.09250 a kWh",
        "climate credit 56.00 in Apr, Oct",
        "10 summer 19.3, winter 12.1",
    ):
        assert said in told
    assert "Charges" not in lines(shown("show", "sce-tou-d-4-9pm", "--month", "7"))


def test_the_json_tells_what_a_bill_needs() -> None:
    told = as_json("show", "pge-e-elec", "--year", "2026")
    assert told["export"]["nbt"]["buckets"] == "apart"
    assert told["export"]["nbt"]["acc_plus"]["2025"] == 0.0132
    assert told["charges"][1]["fixed_per_day"] == 0.79343
    assert told["charges"][1]["non_bypassable"]["wildfire-fund"] == 0.00591
    assert told["adders"][0] == {"effective": "2026-01-01", "adders": {"state-surcharge": 0.0003}}


def test_a_form_is_shown_without_hours() -> None:
    told = " ".join(lines(shown("show", "octopus-agile")))
    assert "Its prices come from a price file" in told
    assert "Published: https://api.octopus.energy" in told
    assert as_json("show", "octopus-agile")["series"]["step_s"] == 1800


RATE = {
    "utility": "Valley Light and Power",
    "name": "TOU-R",
    "startdate": 1772323200,
    "energyratestructure": [[{"rate": 0.2}], [{"rate": 0.5}]],
    "energyweekdayschedule": [[0] * 16 + [1] * 5 + [0] * 3] * 12,
    "energyweekendschedule": [[0] * 24] * 12,
}


def test_an_imported_tariff_can_be_shown(tmp_path: Path) -> None:
    source, made = tmp_path / "rate.json", tmp_path / "made.toml"
    source.write_text(json.dumps(RATE))
    options = ("--timezone", "America/Los_Angeles", "--holidays", "us", "--effective", "2026-05-01")
    printed = shown("import", str(source), *options)
    assert shown("import", str(source), *options, "--out", str(made)).startswith(str(made))
    assert made.read_text() == printed
    told = as_json("show", str(made), "--year", "2026")
    assert told["since"] == "2026-05-01"
    days = {each["date"]: each for each in told["days"]}
    assert [len(days[day]["periods"]) for day in ("2026-07-02", "2026-07-03")] == [3, 1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "the file does not say the zone of its hours"),
        (("--timezone", "Mars/Olympus", "--holidays", "none"), "unknown time zone"),
        (
            ("--timezone", "America/Los_Angeles", "--holidays", "none", "--out", "rate.json"),
            "rate.json: cannot be written: file exists",
        ),
    ],
)
def test_what_an_import_lacks_is_one_sentence_and_exit_2(
    tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "rate.json").write_text(json.dumps(RATE))
    ended = subprocess.run(
        [sys.executable, "-m", "pwsched", "tariff", "import", "rate.json", *options],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("pwsched: rate.json: ")
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
