"""`pwsched autonomous`: what a journal metered under Tesla's own control, beside rules."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from backtesting import BASE, data_of, rules_of
from commanding import Command, Said
from lived import Lived, journal_of
from simulated import LOS_ANGELES

from rules.battery import POWERWALL_2
from rules.domain import AppPercent, GridStatus, Mode, Observation
from scheduler.money.backtest import Flows, Site, backtest, self_consumption, without_battery

START = datetime(2026, 7, 6, tzinfo=LOS_ANGELES)  # a Monday
DAY = timedelta(days=1)
LOAD = [600.0] * 8 + [400.0] * 8 + [1_500.0] * 5 + [900.0] * 3
SUN = [0.0] * 8 + [2_200.0] * 8 + [0.0] * 8
RULES = """
[[rule]]
name = "keep it for the peak"
while = { time = "21:00-15:55" }
set = { battery = "hold" }
"""
FLAT = ("--export", "flat", "--export-price", "0.05")
TARIFF = 'tariff = "sce-tou-d-prime"\n'


class Weeks(NamedTuple):
    """Flows of a week in self-consumption, and of the two after it by rules."""

    alone: Flows
    ruled: Flows


def site(day: int, days: int, soe: float) -> Site:
    load, sun = ([watts for watts in hours for _ in range(12)] * days for hours in (LOAD, SUN))
    return Site(data_of(START + day * DAY, load, sun), soe=soe)


@pytest.fixture(scope="module")
def weeks() -> Weeks:
    alone = self_consumption(site(0, 7, 50.0), 20)
    return Weeks(alone, backtest(site(7, 14, alone.soe_at_end), rules_of(RULES)).flows)


@pytest.fixture
def pwsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(BASE.replace("timezone", TARIFF + "timezone") + RULES)
    Path("plain.toml").write_text(BASE.replace("timezone", TARIFF + "timezone"))
    return Command(monkeypatch, capsys)


def asked(pwsched: Command, rules: str, *more: str) -> Said:
    return pwsched("autonomous", rules, "--journal", "journal.db", *FLAT, *more)


def told(pwsched: Command, rules: str, *more: str) -> dict[str, Any]:
    said = asked(pwsched, rules, "--json", *more)
    assert said.code in {0, 1}, said.error
    found: dict[str, Any] = json.loads(said.out)
    return found


def controls(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in found["controls"]}


def journal(*lived: Lived, strange: tuple[Observation, ...] = ()) -> None:
    journal_of(Path("journal.db"), *lived, strange=strange)


def test_what_did_the_same_as_the_rules_cost_the_same(pwsched: Command, weeks: Weeks) -> None:
    journal(Lived(Mode.SELF_CONSUMPTION, weeks.alone), Lived(Mode.AUTONOMOUS, weeks.ruled))
    found = told(pwsched, "mine.toml")
    assert (found["days"], len(found["stretches"])) == (14, 1)
    by_name = controls(found)
    assert list(by_name) == ["measured", "mine", "self-consumption", "no battery"]
    assert by_name["mine"]["bill"] == by_name["measured"]["bill"]
    assert by_name["mine"]["imported_kwh"] == by_name["measured"]["imported_kwh"]
    assert by_name["mine"]["stored_kwh"] == pytest.approx(by_name["measured"]["stored_kwh"])
    assert found["less_than_measured"] == 0
    bare = without_battery(weeks.ruled.site)
    assert by_name["no battery"]["imported_kwh"] == pytest.approx(
        sum(bare.energies.imported) / 1000, abs=0.001
    )
    # The model is checked against the week in self-consumption, which was the model's.
    check = found["check_in_self_consumption"]
    assert check["days"] == 7
    assert check["controls"][0]["bill"] == check["controls"][1]["bill"]


def test_the_answer_in_words(pwsched: Command, weeks: Weeks) -> None:
    journal(Lived(Mode.SELF_CONSUMPTION, weeks.alone), Lived(Mode.AUTONOMOUS, weeks.ruled))
    said = asked(pwsched, "plain.toml")
    words = " ".join(said.out.split())
    assert max(map(len, said.lines)) <= 80
    assert "14 whole days in the mode autonomous between 2026-07-13 and 2026-07-27" in words
    assert "plain would have cost" in words
    assert "in the battery than was measured, worth" in words
    assert "checked on 7 whole days in self-consumption: the model comes to" in words
    assert said.code == (1 if "MORE than was measured" in words else 0)


def test_rules_that_would_have_cost_more_end_with_1(pwsched: Command, weeks: Weeks) -> None:
    text = Path("plain.toml").read_text().replace("reserve = 20", "reserve = 100")
    Path("full.toml").write_text(text)
    journal(Lived(Mode.AUTONOMOUS, weeks.ruled))
    found = told(pwsched, "full.toml")
    full, measured = (controls(found)[name] for name in ("full", "measured"))
    assert found["less_than_measured"] == pytest.approx(measured["bill"] - full["bill"], abs=0.011)
    assert found["less_than_measured"] < 0
    low, high = found["less_than_measured_may_be"]
    assert low <= high <= found["less_than_measured"]
    assert asked(pwsched, "full.toml").code == 1
    # It bought to be full, and that is still in the battery.
    more_kwh = full["stored_kwh"] - measured["stored_kwh"]
    worth = full["more_than_measured_is_worth"]
    assert more_kwh > 5
    assert 0.2 * more_kwh < worth[0] < worth[1] < 0.7 * more_kwh


def test_days_with_two_reserves_do_not_check_the_model(pwsched: Command, weeks: Weeks) -> None:
    read = {each.at: each for each in Lived(Mode.SELF_CONSUMPTION, weeks.alone).observations()}
    other = replace(read[START + timedelta(hours=12)], reserve=AppPercent(30))
    journal(
        Lived(Mode.SELF_CONSUMPTION, weeks.alone),
        Lived(Mode.AUTONOMOUS, weeks.ruled),
        strange=(other,),
    )
    assert told(pwsched, "mine.toml")["check_in_self_consumption"] is None


def test_days_that_tell_nothing_of_it_are_left_out_and_told(pwsched: Command, weeks: Weeks) -> None:
    noon = START + 7 * DAY + timedelta(hours=12)
    read = {each.at: each for each in Lived(Mode.AUTONOMOUS, weeks.ruled).observations()}

    def at(day: int, **changed: Any) -> Observation:
        return replace(read[noon + day * DAY], **changed)

    strange = (
        at(1, mode=Mode.BACKUP),
        at(3, grid=GridStatus.ISLANDED),
        at(5, grid_services=True),
        at(7, running=False),
        at(9, load_power=None),
    )
    journal(Lived(Mode.AUTONOMOUS, weeks.ruled), strange=strange)
    found = told(pwsched, "mine.toml")
    assert (found["days"], len(found["stretches"])) == (9, 6)
    assert {each["date"]: each["reason"] for each in found["left_out"]} == {
        "2026-07-14": "the mode changed",
        "2026-07-16": "the grid was gone",
        "2026-07-18": "grid services decided",
        "2026-07-20": "the battery stood still",
        "2026-07-22": "something was not read",
    }
    # Each stretch begins with what was in the battery then.
    assert controls(found)["mine"]["bill"] == pytest.approx(
        controls(found)["measured"]["bill"], abs=0.5
    )
    notes = " ".join(found["notes"])
    assert "fewer than 14 days" in notes
    assert "1: the mode changed" in notes
    assert "no whole day in self-consumption is there to check the model with" in notes


def test_a_credit_that_is_left_counts_as_money(pwsched: Command, weeks: Weeks) -> None:
    sunny = without_battery(replace(weeks.ruled.site, data=replace(
        weeks.ruled.site.data, solar_w=[3 * watts for watts in weeks.ruled.site.data.solar_w]
    )))  # fmt: skip
    journal(Lived(Mode.AUTONOMOUS, sunny))
    said = pwsched(
        "autonomous", "plain.toml", "--journal", "journal.db", "--export", "nem2-by-interval",
        "--baseline", "none", "--non-bypassable", "0.02", "--json",
    )  # fmt: skip
    found = json.loads(said.out)
    by_name = controls(found)
    assert by_name["measured"]["bill"] == by_name["no battery"]["bill"] < 0
    assert by_name["plain"]["bill"] < by_name["measured"]["bill"]
    assert not any("credit of" in each for each in found["notes"])


def thinned(every: int) -> None:
    """As after 30 days: means in place of all readings but one in so many."""
    with closing(sqlite3.connect("journal.db")) as connection:
        rows = connection.execute(
            "SELECT id, at, soe, site_power, battery_power, load_power, solar_power"
            " FROM observation ORDER BY at"
        ).fetchall()
        means = [("home", row[0], row[1], 1, *row[2:]) for row in rows]
        connection.executemany("INSERT INTO mean VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", means)
        gone = [(row[0],) for n, row in enumerate(rows[:-1]) if n % every]
        connection.executemany("DELETE FROM observation WHERE id = ?", gone)
        connection.execute("DELETE FROM mean WHERE id IN (SELECT id FROM observation)")
        connection.commit()


def test_thinned_readings_tell_the_mode_as_long_as_they_are_near(
    pwsched: Command, weeks: Weeks
) -> None:
    journal(Lived(Mode.AUTONOMOUS, weeks.ruled))
    whole = told(pwsched, "mine.toml")
    thinned(every=50)  # a reading of the mode every four hours
    found = told(pwsched, "mine.toml")
    assert found["days"] == whole["days"]
    assert controls(found)["measured"]["bill"] == controls(whole)["measured"]["bill"]
    with closing(sqlite3.connect("journal.db")) as connection:
        connection.execute("DELETE FROM observation WHERE at = (SELECT max(at) FROM observation)")
        connection.commit()
    # Nobody knows whether the mode was changed after the last reading.
    assert told(pwsched, "mine.toml")["days"] == whole["days"] - 1
    thinned(every=6)  # one a day
    said = asked(pwsched, "mine.toml")
    assert said.code == 2
    assert "the mode was not read" in said.error


def test_a_journal_without_such_a_day_says_how_to_get_one(pwsched: Command, weeks: Weeks) -> None:
    journal(Lived(Mode.SELF_CONSUMPTION, weeks.alone))
    said = asked(pwsched, "mine.toml")
    assert (said.code, said.out) == (2, "")
    assert said.error == (
        "pwsched: journal.db: has no whole day in the mode autonomous: of 7 whole days 7 had"
        " another mode; run the daemon with --dry-run while Tesla's control decides\n"
    )


def test_another_battery_than_was_said_is_told(pwsched: Command, weeks: Weeks) -> None:
    two = replace(weeks.ruled.site, battery=POWERWALL_2.scaled(2))
    two = replace(two, data=replace(two.data, load_w=[4 * watts for watts in two.data.load_w]))
    journal(Lived(Mode.AUTONOMOUS, self_consumption(two, 20)))
    said = asked(pwsched, "mine.toml")
    assert said.code == 2
    assert "kW of the battery, and the one that is meant has 5 kW; say how many" in said.error
    assert asked(pwsched, "mine.toml", "--powerwalls", "2").code in {0, 1}


def test_a_negative_load_is_asked(pwsched: Command, weeks: Weeks) -> None:
    at = START + 8 * DAY
    read = {each.at: each for each in Lived(Mode.AUTONOMOUS, weeks.ruled).observations()}
    journal(Lived(Mode.AUTONOMOUS, weeks.ruled), strange=(replace(read[at], load_power=-400.0),))
    said = asked(pwsched, "mine.toml")
    assert said.code == 2
    assert "a negative load: 1 row (2026-07-14 07:00 UTC)" in said.error
    found = told(pwsched, "mine.toml", "--drop-negative")
    assert found["repairs"] == ["1 negative value of load counted as 0"]
