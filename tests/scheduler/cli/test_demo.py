"""`pwsched demo` before it plays: its day, its home, and what is given from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commanding import Command

from rules.inputs import DatedValue, Inputs
from scheduler.cli.demo import Given, Play, home_of
from scheduler.inputs import InputFolder

START = datetime(2026, 7, 15, tzinfo=UTC)
PRICES = '[{"start": "2026-07-15T00:00Z", "end": "2026-07-16T00:00Z", "import": 0.05}]'


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def play(inputs: Inputs, prices: Path | None = None) -> Play:
    return Play((), START, START + timedelta(days=1), 60, 24, 35, inputs, prices)


def test_the_home_stands_where_the_rules_zone_is() -> None:
    home = home_of(play(Inputs()), ZoneInfo("Australia/Sydney"))
    midnight = datetime(2026, 7, 15, tzinfo=home.household.timezone)
    noon = midnight + timedelta(hours=12)
    assert home.household.solar_w(noon.astimezone(UTC)) > 0
    assert home.household.solar_w(midnight.astimezone(UTC)) == 0


def test_what_is_given_is_there_all_day_and_never_grows_old(tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(PRICES, encoding="utf-8")
    given = Given(
        tmp_path / "inputs",
        play(Inputs({"away": None}, {"sun": DatedValue(25, START)}), prices),
    )
    folder, problems = InputFolder(given.folder), list[str]()
    at = START
    while at < START + timedelta(days=1):
        given.refresh(at)
        found = folder.read(problems.append)
        assert at - found.values["sun"].at <= timedelta(hours=1)
        at += timedelta(minutes=10)
    assert found.values["sun"].value == 25
    assert found.flags == {"away": None}
    assert found.prices is not None
    assert found.prices.at(START) is not None
    assert problems == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--day", "soon"], '--day: must be a date like "2026-07-15" or "tomorrow", got "soon"'),
        (
            ["--prices", "PRICES", "--day", "2026-07-20"],
            (
                "--prices: the file has no price of that day; say a --day from 2026-07-14 to"
                " 2026-07-14"
            ),
        ),
        (["--prices", "EMPTY"], "--prices: the file has no price"),
        (["--input", "sun"], '--input: must be like "sun=25", got "sun"'),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_played(
    pwsched: Command, tmp_path: Path, options: list[str], problem: str
) -> None:
    (tmp_path / "PRICES").write_text(PRICES, encoding="utf-8")
    (tmp_path / "EMPTY").write_text("[]", encoding="utf-8")
    words = [str(tmp_path / each) if each.isupper() else each for each in options]
    assert pwsched("demo", *words) == (2, "", f"pwsched: {problem}\n")


@pytest.mark.parametrize("route", ["fleet", "v1r"])
def test_a_route_without_its_library_says_what_to_install(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    sentence = (
        "pwsched: this route needs pypowerwall, which is not installed:"
        ' pip install "powerwall-scheduler[pypowerwall]"\n'
    )
    assert pwsched("demo", "--route", route) == (2, "", sentence)
