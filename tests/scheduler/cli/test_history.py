"""`pwsched history`: what a file holds, and whether it can be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commanding import Command
from histories import HOUR, LOS_ANGELES, hours, kw, written

from scheduler.household import HomeKind, Household
from scheduler.money.intervals import (
    Instructions,
    csv_lines,
    read_history,
    synthetic,
    synthetic_year,
)

ZONE = ("--timezone", "America/Los_Angeles")


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("COLUMNS", "80")
    return Command(monkeypatch, capsys)


def two_days(load: Callable[[int], object] = lambda hour: 1 + hour % 24 / 10) -> list[list[object]]:
    rows = hours(48, load)
    for hour, row in enumerate(rows):
        row[2] = 3 if 8 <= hour % 24 < 18 else 0
    return rows


def test_a_sound_history(pwsched: Command, tmp_path: Path) -> None:
    path = written(tmp_path, kw(two_days()))
    said = pwsched("history", str(path), *ZONE)
    assert (said.code, said.error) == (0, "")
    assert said.lines[:7] == [
        "home.csv  CSV: home.csv",
        "2026-05-04 00:00 to 2026-05-06 00:00, America/Los_Angeles: 2 days, 48 intervals ",
        "of 60 minutes",
        "",
        "      kWh  kWh a year  mean W  highest W  lowest W",
        "load  103      18,847   2,150      3,300     1,000",
        "sun    60      10,958   1,250      3,000         0",
    ]
    assert "May 3 3 3 3 4 4 4 5 5 5 6 6 6 6 7 7 7 8 8 8 9 9 9 9 " in said.lines
    assert "May 0 0 0 0 0 0 0 0 9 9 9 9 9 9 9 9 9 9 0 0 0 0 0 0 " in said.lines
    assert "Told" not in said.out
    assert max(map(len, said.lines)) <= 80


def test_a_doubtful_one_ends_with_1_and_writes_nothing(pwsched: Command, tmp_path: Path) -> None:
    path = written(tmp_path, kw(two_days(lambda hour: -1 if hour == 7 else 1.25)))
    out = tmp_path / "clean.csv"
    said = pwsched("history", str(path), *ZONE, "--out", str(out))
    assert said.code == 1
    assert "Must be mended before it is used" in said.out
    assert "a negative load: 1 row (row 9)" in said.out
    assert not out.exists()


def test_repaired_as_asked_it_is_written_and_says_so(pwsched: Command, tmp_path: Path) -> None:
    path = written(tmp_path, kw(two_days(lambda hour: -1 if hour == 7 else 1.25)))
    out = tmp_path / "clean.csv"
    said = pwsched("history", str(path), *ZONE, "--drop-negative", "-o", str(out), "--step", "30m")
    assert said.code == 0
    assert "Repaired, as asked" in said.out
    clean = read_history([out], Instructions())
    assert (clean.step, len(clean), clean.load_w[14]) == (timedelta(minutes=30), 96, 0.0)
    assert clean.source == "CSV: home.csv; means of 60 minutes held constant within them"
    again = pwsched("history", str(out))
    assert again.code == 0
    assert "1 negative value of load counted as 0" in again.out


def test_for_a_script(pwsched: Command, tmp_path: Path) -> None:
    rows = two_days()
    del rows[10:12]
    said = pwsched("history", str(written(tmp_path, kw(rows))), *ZONE, "--json")
    assert said.code == 1
    summary = json.loads(said.out)
    assert summary["start"] == "2026-05-04T07:00:00+00:00"
    assert (summary["step_minutes"], summary["intervals"]) == (60, 48)
    assert summary["gaps"] == [
        {"start": "2026-05-04T10:00:00-07:00", "end": "2026-05-04T12:00:00-07:00"}
    ]
    (finding,) = summary["findings"]
    assert (finding["mistake"], finding["places"]) == ("gap", ["2026-05-04 10:00 for 2 h"])
    assert summary["flows"]["sun"]["highest_w"] == 3000
    assert summary["mean_w_by_month_and_hour"]["sun"][4][10] == 3000
    assert summary["mean_w_by_month_and_hour"]["sun"][0] == [None] * 24


def test_a_picture(pwsched: Command, tmp_path: Path) -> None:
    picture = tmp_path / "home.svg"
    path = written(tmp_path, kw(two_days()))
    assert pwsched("history", str(path), *ZONE, "--json", "--picture", str(picture)).code == 0
    assert "<svg" in picture.read_text("utf-8")


def test_a_sun_at_night_is_odd(pwsched: Command, tmp_path: Path) -> None:
    rows = two_days()
    for row in rows:
        row[0] = str(row[0])[:16]
    said = pwsched("history", str(written(tmp_path, kw(rows))), "--timezone", "UTC")
    assert "zone right" not in said.out
    for row in rows:
        row[0] = datetime.fromisoformat(f"{row[0]}+00:00").isoformat()
    said = pwsched("history", str(written(tmp_path, kw(rows))), *ZONE)
    assert (said.code, said.out.count("is the zone right?")) == (0, 2)
    assert "30% of the sun is between 22:00 and 4:00" in said.out


def test_nothing_is_odd_in_readings_of_counters(pwsched: Command, tmp_path: Path) -> None:
    rows = [[row[0], n + 1, n / 2] for n, row in enumerate(two_days())]
    text = kw(rows).replace("kW", "kWh")
    said = pwsched("history", str(written(tmp_path, text)), *ZONE)
    assert (said.code, "say --counters" in said.out, "Told" in said.out) == (1, True, False)


def test_days_without_load_and_panels_without_sun_are_odd(pwsched: Command, tmp_path: Path) -> None:
    rows = [[row[0], 0 if 10 <= hour < 60 else 2, 0] for hour, row in enumerate(hours(96))]
    said = pwsched("history", str(written(tmp_path, kw(rows))), *ZONE)
    assert said.code == 0
    assert "the load is 0 for 2.08 days from 2026-05-04 10:00: was it measured?" in said.out
    assert "the panels never give anything" in said.out


def test_columns_of_other_names(pwsched: Command, tmp_path: Path) -> None:
    text = kw(two_days()).replace("load_kW,solar_kW", "Verbrauch (kW),Ertrag")
    path = written(tmp_path, text)
    said = pwsched(
        "history", str(path), *ZONE, "--unit", "kW",
        "--columns", "load=Verbrauch (kW),solar=Ertrag",
    )  # fmt: skip
    assert said.code == 0


def test_the_sun_of_another_file(pwsched: Command, tmp_path: Path) -> None:
    meter = written(
        tmp_path, kw(two_days()).replace("load_kW,solar_kW", "Bezug,export_kWh"), "m.csv"
    )
    sun = written(tmp_path, kw(two_days()).replace("load_kW,solar_kW", "x,PV gen (kW)"), "s.csv")
    said = pwsched(
        "history", str(meter), *ZONE, "--unit", "kWh", "--solar", str(sun),
        "--columns", "imported=Bezug,exported=export_kWh", "--columns", "solar=PV gen (kW)",
    )  # fmt: skip
    assert (said.code, said.error) == (0, "")
    assert "the load follows from grid and sun" in said.out


def test_a_household_that_never_was(pwsched: Command, tmp_path: Path) -> None:
    kind = HomeKind.GAS_HEATED
    out = tmp_path / "home.csv"
    said = pwsched(
        "history", "--household", kind, *ZONE, "--panels", "4 kW", "--seed", "5",
        "--year", "2025", "--step", "60m", "-o", str(out),
    )  # fmt: skip
    assert said.code == 0
    assert f"{kind}, 4 kW of panels" in " ".join(said.out.split())
    home = Household.in_zone(5, LOS_ANGELES)
    home = type(home)(5, LOS_ANGELES, home.latitude, home.longitude, 4_000, kind=kind)
    assert read_history([out], Instructions()).interval_data() == synthetic_year(home, 2025, HOUR)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "give a file, or --household KIND for one that never was"),
        (["no.csv"], "no.csv: cannot be read: no such file or directory"),
        (["--household", "tent", *ZONE], "--household: must be one of all-electric, gas-heated,"),
        (["--household", "all-electric"], "--household: say where it stands with --timezone"),
        (["--household", "all-electric", *ZONE, "--panels", "x"], "--panels: must be watts"),
        (["x", "--timezone", "Mars/Phobos"], "--timezone: unknown time zone"),
        (["x", "--step", "7m"], '--step: must be 1 to 60 minutes and divide the hour, got "7m"'),
        (["x", "--step", "0m"], '--step: must be 1 to 60 minutes and divide the hour, got "0m"'),
        (["x", "--fill-gaps", "long"], '--fill-gaps: must be a duration like "45m", got "long"'),
        (["x", "--columns", "watts=a"], '--columns: must be like "load=Home,solar=PV", got "watts'),
        (["x", "--columns", "load"], '--columns: must be like "load=Home,solar=PV", got "load"'),
    ],
)
def test_a_wrong_call_is_one_sentence(
    pwsched: Command, arguments: list[str], expected: str
) -> None:
    said = pwsched("history", *arguments)
    assert said.code == 2
    assert said.error.startswith(f"pwsched: {expected}")
    assert said.error.count("\n") == 1


def test_a_file_that_cannot_be_written(pwsched: Command, tmp_path: Path) -> None:
    path = written(tmp_path, kw(two_days()))
    said = pwsched("history", str(path), *ZONE, "-o", str(tmp_path / "no" / "x.csv"))
    assert said.code == 2
    assert said.error.endswith("cannot be written: no such file or directory\n")


def test_shorter_than_the_step_that_is_wanted(pwsched: Command, tmp_path: Path) -> None:
    start = datetime(2026, 5, 4, tzinfo=UTC)
    data = synthetic(Household(1, LOS_ANGELES), start, start + HOUR / 2, timedelta(minutes=5))
    path = written(tmp_path, "".join(csv_lines(data)))
    said = pwsched("history", str(path), "--step", "60m", "-o", str(tmp_path / "x.csv"))
    assert said.code == 2
    assert "--step: the data are shorter than one interval" in said.error


def test_a_file_and_a_household_are_one_too_many(pwsched: Command, tmp_path: Path) -> None:
    path = written(tmp_path, kw(two_days()))
    said = pwsched("history", str(path), "--household", "gas-heated", *ZONE)
    assert (said.code, said.out) == (2, "")
    assert "give a file or --household, not both" in said.error


def test_panels_give_nothing_less_than_nothing(pwsched: Command) -> None:
    said = pwsched("history", "--household", "gas-heated", "--panels", "-3 kW", *ZONE)
    assert said.code == 2
    assert "--panels: must be 0 or more" in said.error


def test_a_folder_is_named_where_a_file_should_be(
    pwsched: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = pwsched("history", ".", *ZONE)
    assert said.error == "pwsched: .: cannot be read: is a directory\n"
